#include "src/member_check.h"

#include <vector>

#include "src/workers.h"
#include "wheel/error.h"
#include "wheel/sha256.h"

namespace spokeshave {

void expect_hash_of_record(wheel::MemberStream& stream, const wheel::WheelFile& wheel,
                           const wheel::Member& member) {
  const auto row = wheel.rows.find(member.name);
  if (row && wheel::is_record_hash(row->hash)) {
    stream.expect(row->hash);
  }
}

std::string checked_text(const wheel::WheelFile& wheel, const wheel::Member& member) {
  if (member.size > kMostTextBytes) {
    throw wheel::Error(member.name, "it is larger than 64 MiB, too large for a text");
  }
  std::string text(static_cast<std::size_t>(member.size), '\0');
  wheel::MemberStream stream(wheel.archive, member);
  expect_hash_of_record(stream, wheel, member);
  stream.read(0, std::as_writable_bytes(std::span(text)));
  stream.finish();
  return text;
}

void check_members(const wheel::WheelFile& wheel, unsigned jobs, Progress& progress) {
  std::vector<const wheel::Member*> members;
  std::vector<std::uint64_t> sizes;
  std::uint64_t total = 0;
  for (const auto& member : wheel.archive.members()) {
    if (!member.is_folder()) {
      members.push_back(&member);
      sizes.push_back(member.size);
      total += member.size;
    }
  }
  progress.phase("checking", total);
  run_largest_first(sizes, jobs, [&](std::size_t i, bool outlasts) {
    wheel::MemberStream stream(wheel.archive, *members[i]);
    expect_hash_of_record(stream, wheel, *members[i]);
    stream.observe([&](std::span<const std::byte> piece) { progress.advance(piece.size()); });
    if (outlasts) {
      stream.overlap();
    }
    stream.finish();
  });
}

}  // namespace spokeshave
