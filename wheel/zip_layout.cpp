#include "wheel/zip_layout.h"

#include <string>

#include "wheel/error.h"

namespace wheel {
namespace {

constexpr std::uint64_t kExtraHeader = 4;  // id and size of an extra field

bool is_wide(std::uint64_t value) {
  return value > zip::kSentinel32;
}

/// 0xffffffff itself is the sign for "see the zip64 field". libzip 1.7.3 (zip_dirent.c,
/// _zip_dirent_write) writes the sign, and an empty field: no reader could read that.
void check_writable(std::uint64_t value, const std::string& name, const char* what) {
  if (value == zip::kSentinel32) {
    throw Error(name, std::string(what) + " would be 4294967295, which libzip can't write");
  }
}

std::uint64_t local_extra(const Member& member) {
  // The local field holds both sizes or none.
  return is_wide(member.size) || is_wide(member.packed_bytes) ? kExtraHeader + 16 : 0;
}

std::uint64_t central_extra(const Member& member, std::uint64_t offset) {
  const std::uint64_t wide =
      std::uint64_t{is_wide(member.size)} + is_wide(member.packed_bytes) + is_wide(offset);
  return wide == 0 ? 0 : kExtraHeader + 8 * wide;
}

}  // namespace

ZipLayout lay_out(const std::vector<Member>& members) {
  ZipLayout layout;
  layout.places.reserve(members.size());
  std::uint64_t at = 0;
  for (const Member& member : members) {
    check_writable(member.size, member.name, "its size");
    check_writable(member.packed_bytes, member.name, "its packed size");
    check_writable(at, member.name, "its place in the archive");
    const std::uint64_t data = at + zip::local::kBytes + member.name.size() + local_extra(member);
    layout.places.push_back({.local = at, .data = data});
    at = data + member.packed_bytes;
  }
  const std::uint64_t directory = at;
  bool is_zip64 = is_wide(directory) || members.size() > zip::kSentinel16;
  check_writable(directory, "", "the central directory's place");
  for (std::size_t i = 0; i < members.size(); ++i) {
    const std::uint64_t extra = central_extra(members[i], layout.places[i].local);
    layout.places[i].central = at;
    at += zip::central::kBytes + members[i].name.size() + extra;
    is_zip64 = is_zip64 || extra != 0;
  }
  at += zip::end::kBytes + (is_zip64 ? zip::end64::kBytes + zip::locator64::kBytes : 0);
  layout.archive_bytes = at;
  return layout;
}

}  // namespace wheel
