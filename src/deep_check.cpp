#include "src/deep_check.h"

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <string>
#include <utility>

#include "src/member_source.h"
#include "wheel/member_stream.h"

namespace spokeshave {

namespace {

using Differences = std::vector<elf::DeepDifference>;

/// Parts are few and told at most a hundred times, lines are short: but the sender has read hostile
/// input.
constexpr std::uint64_t kMostDifferences = 10'000;
constexpr std::uint64_t kLongestText = 10'000;  ///< bytes

/// The stream that a source reads goes where the source goes.
class OwnMemberSource final : public elf::Source {
 public:
  OwnMemberSource(const wheel::Archive& archive, const wheel::Member& member)
      : stream_(archive, member), source_(stream_) {}
  std::uint64_t size() const override { return source_.size(); }
  void read(std::uint64_t offset, std::span<std::byte> out) override { source_.read(offset, out); }

 private:
  wheel::MemberStream stream_;
  MemberSource source_;
};

void send_number(std::uint64_t number, const SendBytes& send) {
  send(std::as_bytes(std::span(&number, 1)));
}

void send_text(const std::string& text, const SendBytes& send) {
  const std::uint64_t size = std::min<std::uint64_t>(text.size(), kLongestText);
  send_number(size, send);
  send(std::as_bytes(std::span(text)).first(static_cast<std::size_t>(size)));
}

std::uint64_t receive_number(std::uint64_t most, const ReceiveBytes& receive) {
  std::uint64_t number = 0;
  receive(std::as_writable_bytes(std::span(&number, 1)));
  if (number > most) throw std::runtime_error("what the comparison sent does not add up");
  return number;
}

std::string receive_text(const ReceiveBytes& receive) {
  std::string text(static_cast<std::size_t>(receive_number(kLongestText, receive)), '\0');
  receive(std::as_writable_bytes(std::span(text)));
  return text;
}

void send_differences(const Differences& differences, const SendBytes& send) {
  const std::uint64_t count = std::min<std::uint64_t>(differences.size(), kMostDifferences);
  send_number(count, send);
  for (std::size_t i = 0; i < count; ++i) {
    send_text(differences[i].part, send);
    send_text(differences[i].what, send);
  }
}

Differences receive_differences(const ReceiveBytes& receive) {
  Differences differences;
  for (std::uint64_t left = receive_number(kMostDifferences, receive); left > 0; --left) {
    std::string part = receive_text(receive);
    differences.push_back({std::move(part), receive_text(receive)});
  }
  return differences;
}

}  // namespace

// The states are read one after the other. Of each there are its bytes twice, ours and LIEF's, and
// what LIEF makes of its symbols and relocations; of the first, then, only values.
ChildLimits deep_limits(std::uint64_t size_before, std::uint64_t size_after) {
  constexpr std::uint64_t kLeastMemory = std::uint64_t{1} << 30;
  constexpr unsigned kLeastSeconds = 60;
  constexpr std::uint64_t kSlowest = 10'000'000;  // bytes a second
  const std::uint64_t larger = std::max(size_before, size_after);
  return {kLeastMemory + 4 * larger,
          kLeastSeconds + static_cast<unsigned>((size_before + size_after) / kSlowest)};
}

LibraryState library_state(const wheel::Archive& archive, const wheel::Member& member) {
  return {member.size, [&archive, &member]() -> std::unique_ptr<elf::Source> {
            return std::make_unique<OwnMemberSource>(archive, member);
          }};
}

Differences compare_in_child(const LibraryState& before, const LibraryState& after) {
  const auto compare = [&] {
    const auto old_source = before.open();
    const auto new_source = after.open();
    return elf::compare_deeply(*old_source, *new_source);
  };
  return compare_in_child(compare, deep_limits(before.size, after.size));
}

Differences compare_in_child(const std::function<Differences()>& compare,
                             const ChildLimits& limits) {
  const auto failed = [](const std::string& why) {
    return Differences{{"comparison", "they could not be compared: " + why}};
  };
  Differences differences;
  try {
    const auto error = run_in_child(
        [&](const SendBytes& send) { send_differences(compare(), send); },
        [&](const ReceiveBytes& receive) { differences = receive_differences(receive); }, limits);
    return error ? failed(*error) : differences;
  } catch (const std::runtime_error& error) {  // a bad message, or no child to be had
    return failed(error.what());
  }
}

}  // namespace spokeshave
