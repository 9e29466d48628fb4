#include "wheel/archive.h"

#include <fcntl.h>

#include <algorithm>

#include "wheel/descriptor.h"
#include "wheel/error.h"
#include "wheel/file_window.h"
#include "wheel/member_name.h"
#include "wheel/member_stream.h"
#include "wheel/zip_descriptor.h"
#include "wheel/zip_structure.h"

namespace wheel {
struct Archive::State {
  /// From a path, or the number of a descriptor, which is taken over.
  template <typename Source>
  explicit State(const Source& source) : descriptor(source) {
    file_size = size_of_file(descriptor.number());
    members = read_structure(descriptor.number(), file_size);
    by_name = order_by_name(members);
    check_against_libzip(descriptor.number(), file_size, members);
  }

  Descriptor descriptor;
  std::uint64_t file_size = 0;
  std::vector<Member> members;
  std::vector<std::uint32_t> by_name;  ///< numbers of members, ordered
};

Archive Archive::open(const std::string& path) {
  return Archive(std::make_unique<State>(path));
}

Archive Archive::open(int descriptor) {
  return Archive(std::make_unique<State>(fcntl(descriptor, F_DUPFD_CLOEXEC, 0)));
}

Archive::Archive(std::unique_ptr<State> state) : state_(std::move(state)) {}
Archive::Archive(Archive&&) noexcept = default;
Archive& Archive::operator=(Archive&&) noexcept = default;
Archive::~Archive() = default;

const std::vector<Member>& Archive::members() const {
  return state_->members;
}

const Member* Archive::find(std::string_view name) const {
  const auto& order = state_->by_name;
  const auto name_of = [this](std::uint32_t i) -> const std::string& {
    return state_->members[i].name;
  };
  const auto found = std::lower_bound(
      order.begin(), order.end(), name,
      [&](std::uint32_t i, std::string_view wanted) { return is_name_before(name_of(i), wanted); });
  return found == order.end() || name_of(*found) != name ? nullptr : &state_->members[*found];
}

std::uint64_t Archive::file_size() const {
  return state_->file_size;
}

FilePart Archive::packed_part(const Member& member) const {
  return {state_->descriptor.number(), member.data_offset, member.packed_bytes};
}

void Archive::read_packed(const Member& member, std::uint64_t offset,
                          std::span<std::byte> out) const {
  if (offset > member.packed_bytes || out.size() > member.packed_bytes - offset) {
    throw Error(member.name, "its packed data ends before what is to be read");
  }
  read_at(state_->descriptor.number(), member.data_offset + offset, out);
}

std::string Archive::read_text(const Member& member, std::uint64_t limit) const {
  if (member.size > limit) {
    throw Error(member.name, "it has " + std::to_string(member.size) + " bytes; more than " +
                                 std::to_string(limit) + " are not read of a text");
  }
  MemberStream stream(*this, member);
  std::string text(static_cast<std::size_t>(member.size), '\0');
  stream.read(0, std::as_writable_bytes(std::span(text)));
  stream.finish();
  return text;
}

ReadPacked packed_reader(const Archive& archive, const Member& member) {
  return [&archive, member](std::uint64_t offset, std::span<std::byte> out) {
    archive.read_packed(member, offset, out);
  };
}

}  // namespace wheel
