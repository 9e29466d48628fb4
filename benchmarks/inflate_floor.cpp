// usage: inflate_floor [--jobs N] [--only NAME]... [--hash NAME]... [--hash-all] WHEEL...
// Inflates every member of the wheels once with ISA-L, the largest first, on all cores or on N
// threads, and throws the bytes away: whatever reads the wheels' contents takes at least this long.
// --hash has this member hashed with SHA-256 as well, beside the inflating where a core has nothing
// else to do: whatever gives it another row in RECORD does that. --hash-all: whatever holds all
// against RECORD. --only leaves the other members out. Prints the number of bytes that came out.
#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "wheel/archive.h"
#include "wheel/sha256.h"

namespace {

constexpr std::size_t kPiece = 1u << 18;

struct Request {
  std::size_t jobs = std::max(1u, std::thread::hardware_concurrency());
  std::set<std::string> only;  // empty: all
  std::set<std::string> hashed;
  bool hash_all = false;
  std::vector<std::string> wheels;
};

struct Work {
  const wheel::Archive* archive;
  wheel::Member member;
  bool hashed;
};

/// Two pieces: while one is hashed, the other is filled.
struct Buffers {
  std::vector<std::byte> in = std::vector<std::byte>(kPiece);
  std::array<std::vector<std::uint8_t>, 2> out{std::vector<std::uint8_t>(kPiece),
                                               std::vector<std::uint8_t>(kPiece)};
  inflate_state state;
};

/// Hashes at once, or on a thread of its own.
class Hashing {
 public:
  void update(std::span<const std::byte> piece, bool beside) {
    finish();
    if (beside) {
      running_ = std::async(std::launch::async, [this, piece] { hash_.update(piece); });
    } else {
      hash_.update(piece);
    }
  }

  void finish() {
    if (running_.valid()) {
      running_.get();
    }
  }

 private:
  wheel::Sha256 hash_;
  std::future<void> running_;
};

/// `a_core_is_idle` says whether hashing beside the inflating gains anything.
std::uint64_t inflate(const Work& work, const std::function<bool()>& a_core_is_idle,
                      Buffers& buffers) {
  const auto& [archive, member, hashed] = work;
  if (member.method == wheel::Method::kStored) {
    return member.size;
  }
  isal_inflate_init(&buffers.state);
  std::uint64_t read = 0;
  std::uint64_t inflated = 0;
  Hashing hashing;
  for (std::size_t turn = 0; buffers.state.block_state != ISAL_BLOCK_FINISH; ++turn) {
    auto& out = buffers.out[turn % 2];
    buffers.state.next_out = out.data();
    buffers.state.avail_out = kPiece;
    while (buffers.state.avail_out != 0 && buffers.state.block_state != ISAL_BLOCK_FINISH) {
      if (buffers.state.avail_in == 0) {
        const auto size = std::min<std::uint64_t>(kPiece, member.packed_bytes - read);
        archive->read_packed(member, read, std::span(buffers.in).first(size));
        buffers.state.next_in = reinterpret_cast<std::uint8_t*>(buffers.in.data());
        buffers.state.avail_in = static_cast<std::uint32_t>(size);
        read += size;
      }
      if (isal_inflate(&buffers.state) != ISAL_DECOMP_OK || inflated > member.size) {
        throw std::runtime_error("cannot inflate " + member.name);
      }
    }
    const std::size_t size = kPiece - buffers.state.avail_out;
    inflated += size;
    if (hashed) {
      hashing.update(std::as_bytes(std::span(out)).first(size), a_core_is_idle());
    }
  }
  hashing.finish();
  return inflated;
}

std::optional<Request> parse(std::span<char*> arguments) {
  Request request;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    const bool takes_value = argument == "--jobs" || argument == "--only" || argument == "--hash";
    if (takes_value && ++i == arguments.size()) {
      return std::nullopt;
    }
    if (argument == "--jobs") {
      request.jobs = std::max(1ul, std::strtoul(arguments[i], nullptr, 10));
    } else if (argument == "--only") {
      request.only.insert(arguments[i]);
    } else if (argument == "--hash") {
      request.hashed.insert(arguments[i]);
    } else if (argument == "--hash-all") {
      request.hash_all = true;
    } else if (argument.starts_with("--")) {
      return std::nullopt;
    } else {
      request.wheels.emplace_back(argument);
    }
  }
  return request.wheels.empty() ? std::nullopt : std::optional(request);
}

std::vector<Work> work_of(const Request& request, const std::vector<wheel::Archive>& archives) {
  std::vector<Work> all;
  for (const auto& archive : archives) {
    for (const auto& member : archive.members()) {
      if (request.only.empty() || request.only.contains(member.name)) {
        all.push_back({&archive, member, request.hash_all || request.hashed.contains(member.name)});
      }
    }
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.member.packed_bytes > b.member.packed_bytes;
  });
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  const auto request = parse(std::span(argv + 1, static_cast<std::size_t>(argc - 1)));
  if (!request) {
    std::fputs(
        "usage: inflate_floor [--jobs N] [--only NAME]... [--hash NAME]... [--hash-all] WHEEL...\n",
        stderr);
    return 2;
  }
  std::vector<wheel::Archive> archives;
  for (const auto& path : request->wheels) {
    archives.push_back(wheel::Archive::open(path));
  }
  const auto all = work_of(*request, archives);
  std::atomic<std::size_t> next = 0;
  std::atomic<std::uint64_t> total = 0;
  const auto a_core_is_idle = [&] { return request->jobs > 1 && next >= all.size(); };
  std::vector<std::jthread> workers;
  for (std::size_t k = 0; k < request->jobs; ++k) {
    workers.emplace_back([&] {
      const auto buffers = std::make_unique<Buffers>();
      for (std::size_t i = next++; i < all.size(); i = next++) {
        total += inflate(all[i], a_core_is_idle, *buffers);
      }
    });
  }
  workers.clear();  // joins
  std::printf("%llu\n", static_cast<unsigned long long>(total));
  return 0;
}
