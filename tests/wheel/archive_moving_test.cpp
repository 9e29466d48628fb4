#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/support/run_program.h"
#include "tests/wheel/zip_support.h"
#include "wheel/archive_writer.h"
#include "wheel/error.h"

namespace {

using support::make_zip;
using support::MemoryFile;
using wheel::Archive;
using wheel::ArchiveWriter;
using wheel::FilePart;
using wheel::PackedBytes;

/// Members of these sizes that do not pack, every third of them stored, and what each must hold.
struct OldMembers {
  explicit OldMembers(const std::vector<std::size_t>& sizes) {
    std::mt19937 random(7);
    std::vector<support::ZipMember> members;
    for (const std::size_t size : sizes) {
      std::string bytes(size, ' ');
      std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<char>(random()); });
      contents.push_back(bytes);
      const std::uint16_t method = members.size() % 3 == 2 ? 0 : 8;
      members.push_back(
          {.name = std::to_string(members.size()), .content = std::move(bytes), .method = method});
    }
    file.emplace(make_zip(members).bytes);
  }

  std::vector<std::string> contents;
  std::optional<MemoryFile> file;
};

// The kernel moves what has 64 KiB or more, libzip writes the rest: next to each other in any
// order, also first and last.
TEST(ArchiveMoving, WritesLargeMembersBetweenSmallOnes) {
  constexpr std::size_t kLarge = 64 << 10;
  const OldMembers from(
      {kLarge, 1, kLarge - 1, kLarge + 1, kLarge, 3u << 20, 0, 70000, 5, (40u << 20) + 3});
  const Archive old = Archive::open(from.file->descriptor());
  ArchiveWriter writer;
  for (const auto& member : old.members()) {
    writer.add_member({.name = "of/" + member.name}, old, member);
    writer.add_text({.name = "text/" + member.name}, "text " + member.name);
  }
  const std::uint64_t size = writer.archive_size();
  const MemoryFile out;
  std::uint64_t told = 0;
  writer.write(out.descriptor(), [&](std::uint64_t bytes) {
    EXPECT_LE(told, bytes);
    told = bytes;
  });
  EXPECT_EQ(told, size);
  const auto python = support::run_program(
      {"python3", "-c", "import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).testzip())",
       out.path()});
  EXPECT_EQ(python.out, "None\n") << python.err;
  const Archive archive = Archive::open(out.descriptor());
  EXPECT_EQ(archive.file_size(), size);
  for (std::size_t i = 0; i < from.contents.size(); ++i) {
    const std::string name = std::to_string(i);
    EXPECT_TRUE(archive.read_text(*archive.find("of/" + name)) == from.contents[i]) << name;
    EXPECT_EQ(archive.read_text(*archive.find("text/" + name)), "text " + name);
  }
}

TEST(ArchiveMoving, LeavesThePositionsOfBothFilesAlone) {
  const OldMembers from({100000});
  const Archive old = Archive::open(from.file->descriptor());
  ArchiveWriter writer;
  writer.add_member({.name = "a"}, old, old.members()[0]);
  const MemoryFile out;
  lseek(from.file->descriptor(), 11, SEEK_SET);
  lseek(out.descriptor(), 12, SEEK_SET);
  writer.write(out.descriptor());
  EXPECT_EQ(lseek(from.file->descriptor(), 0, SEEK_CUR), 11);
  EXPECT_EQ(lseek(out.descriptor(), 0, SEEK_CUR), 12);
}

TEST(ArchiveMoving, TellsLargePackedBytesThatAreNotThere) {
  const MemoryFile packed(std::string(100000, 'x'));
  const MemoryFile out;
  ArchiveWriter writer;
  writer.add_packed({.name = "a"}, PackedBytes(FilePart{packed.descriptor(), 1, 100000}),
                    {.packed_bytes = 100000, .size = 100000});
  EXPECT_THROW(writer.write(out.descriptor()), wheel::Error);
}

}  // namespace
