#include "wheel/zip_structure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/wheel/zip_support.h"

namespace {

using support::make_zip;
using support::MemoryFile;
using support::refusal_of;
using support::ZipImage;
using support::ZipMember;
using testing::HasSubstr;

const std::vector<ZipMember> kThree = {{.name = "a", .content = "aaaa"},
                                       {.name = "dir/b", .content = "bb", .method = 0},
                                       {.name = "dir/c", .content = "cccccc"}};

TEST(Structure, GivesEveryFactOfAMember) {
  const MemoryFile file(make_zip({{.name = "x", .content = "1"},
                                  {.name = "dir/b", .content = "bb", .method = 0, .mode = 0100755}})
                            .bytes);
  const auto image = make_zip({{.name = "x", .content = "1"},
                               {.name = "dir/b", .content = "bb", .method = 0, .mode = 0100755}});
  const auto members = wheel::read_structure(file.descriptor(), image.bytes.size());
  ASSERT_EQ(members.size(), 2u);
  EXPECT_EQ(members[1].name, "dir/b");
  EXPECT_EQ(members[1].method, wheel::Method::kStored);
  EXPECT_EQ(members[1].packed_bytes, 2u);
  EXPECT_EQ(members[1].size, 2u);
  EXPECT_EQ(members[1].data_offset, image.data[1]);
  EXPECT_EQ(members[1].crc, crc32(0, reinterpret_cast<const Bytef*>("bb"), 2));
  EXPECT_EQ(members[1].mode, 0100755u);
  EXPECT_EQ(members[1].dos_time, 0x6000);
  EXPECT_EQ(members[1].dos_date, 0x5721);
}

TEST(Structure, MayHaveItsDirectoryInAnotherOrder) {
  auto image = make_zip({{.name = "a", .content = "12"}, {.name = "b", .content = "345"}});
  const std::size_t size = image.central[1] - image.central[0];
  const std::string first = image.bytes.substr(image.central[0], size);
  const std::string second = image.bytes.substr(image.central[1], size);
  image.bytes.replace(image.central[0], 2 * size, second + first);
  const MemoryFile file(image.bytes);
  const auto archive = wheel::Archive::open(file.descriptor());
  EXPECT_EQ(archive.members()[0].name, "b");
  EXPECT_EQ(archive.read_text(archive.members()[0]), "345");
}

TEST(Structure, CutAnywhereIsRefused) {
  const std::string whole = make_zip(kThree).bytes;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_NE(refusal_of(whole.substr(0, size)), "taken") << size;
  }
}

/// The members as a line of text each, with what they unpack to: ours, and Python's in kListing.
std::string listing(const std::string& bytes) {
  const MemoryFile file(bytes);
  std::string text;
  try {
    const auto archive = wheel::Archive::open(file.descriptor());
    for (const wheel::Member& member : archive.members()) {
      text += member.name + ' ' + archive.read_text(member) + '\n';
    }
  } catch (const wheel::Error&) {
    return "refused";
  }
  return text;
}

constexpr const char* kListing =
    "import pathlib, sys, zipfile\n"
    "for path in sorted(pathlib.Path(sys.argv[1]).glob('*.zip')):\n"
    "  z = zipfile.ZipFile(path)\n"
    "  text = ''.join(f'{i.filename} {z.read(i).decode()}\\n' for i in z.infolist())\n"
    "  if text != path.with_suffix('.txt').read_text(): print(path.name, ascii(text))\n"
    "print('compared')\n";

// One byte wild, everywhere: never a crash, and what is taken holds for Python what it holds for
// us.
TEST(Structure, WithAnyByteWildIsRefusedOrReadAsPythonReadsIt) {
  const support::TempDir folder;
  int taken = 0;
  for (const bool zip64 : {false, true}) {
    const auto image = make_zip(kThree, {.zip64_end = zip64});
    for (std::size_t at = 0; at < image.bytes.size(); ++at) {
      for (const char value : {'\x00', '\x01', '\x08', '\x7f', '\x80', '\xff'}) {
        std::string other = image.bytes;
        other[at] = value;
        const std::string members = listing(other);
        if (members != "refused") {
          const auto path = folder / std::to_string(++taken);
          std::ofstream(path.string() + ".zip", std::ios::binary) << other;
          std::ofstream(path.string() + ".txt", std::ios::binary) << members;
        }
      }
    }
  }
  EXPECT_GT(taken, 100) << "versions, attributes and times may be anything";
  const auto python = support::run_program({"python3", "-c", kListing, folder.path().string()});
  EXPECT_EQ(python.out, "compared\n") << python.err;
}

TEST(Structure, WithBytesInFrontIsRefused) {
  const auto image = make_zip(kThree);
  EXPECT_NE(refusal_of("#!/bin/sh\n" + image.bytes), "taken");
  // Also where all offsets were moved along, as self-extracting archives have it.
  ZipImage moved = image;
  moved.bytes.insert(0, "MZ");
  for (const std::size_t at : moved.central) {
    moved.put32(at + 2 + 42, moved.get(at + 2 + 42, 4) + 2);
  }
  moved.put32(moved.end + 2 + 16, moved.get(moved.end + 2 + 16, 4) + 2);
  EXPECT_THAT(refusal_of(moved.bytes), HasSubstr("belong to no member"));
}

TEST(Structure, WithBytesBetweenIsRefused) {
  EXPECT_THAT(refusal_of(make_zip(kThree, {.gap_before_directory = "gap"}).bytes),
              HasSubstr("3 bytes belong to no member, before the central directory"));
  auto image = make_zip(kThree);
  image.bytes.insert(image.local[1], "x");
  for (const std::size_t i : {1u, 2u}) {
    image.put32(image.central[i] + 1 + 42, image.local[i] + 1);
  }
  image.put32(image.end + 1 + 16, image.get(image.end + 1 + 16, 4) + 1);
  EXPECT_THAT(refusal_of(image.bytes), HasSubstr("[dir/b] before it"));
}

// A member that only those see who read the local headers.
TEST(Structure, WithAHiddenMemberIsRefused) {
  auto image = make_zip(kThree);
  image.bytes.erase(image.central[1], image.central[2] - image.central[1]);
  const std::size_t end = image.end - (image.central[2] - image.central[1]);
  image.put16(end + 8, 2).put16(end + 10, 2);
  image.put32(end + 12, end - image.central[0]);
  EXPECT_THAT(refusal_of(image.bytes), HasSubstr("belong to no member"));
}

TEST(Structure, WithMembersThatOverlapIsRefused) {
  auto image = make_zip({{.name = "a", .content = "same", .method = 0},
                         {.name = "b", .content = "same", .method = 0}});
  image.put32(image.central[1] + 42, 0);
  EXPECT_NE(refusal_of(image.bytes), "taken");
  // A local header within another member's data (the trick of zip bombs without recursion).
  const std::string inner =
      make_zip({{.name = "b", .content = "x", .method = 0}}).bytes.substr(0, 32);
  auto quoted = make_zip(
      {{.name = "a", .content = inner, .method = 0}, {.name = "b", .content = "x", .method = 0}});
  quoted.put32(quoted.central[1] + 42, quoted.data[0]);
  EXPECT_THAT(refusal_of(quoted.bytes), HasSubstr("within what belongs to another member"));
}

TEST(Structure, WithPackedDataThatReachesTooFarIsRefused) {
  auto image = make_zip({{.name = "a", .content = "aa", .method = 0}});
  for (const std::uint64_t size : {3u, 300u, 0xfffffffeu}) {
    for (const std::size_t field : {18u, 22u}) {
      image.put32(image.local[0] + field, size).put32(image.central[0] + field + 2, size);
    }
    EXPECT_THAT(refusal_of(image.bytes), HasSubstr("reaches into the central directory"));
  }
}

TEST(Structure, WithANameTwiceIsRefused) {
  EXPECT_THAT(
      refusal_of(make_zip({{.name = "a", .content = "1"}, {.name = "a", .content = "2"}}).bytes),
      HasSubstr("stands twice"));
}

ZipImage declaring(std::uint32_t packed_bytes, std::uint32_t size) {
  return make_zip({{.name = "a",
                    .content = std::string(packed_bytes, 'x'),
                    .packed_by_caller = true,
                    .size = size,
                    .crc = 1}});
}

TEST(Structure, DeclaringMoreThanDeflateCanPackIsRefused) {
  EXPECT_EQ(refusal_of(declaring(1000, 1032000).bytes), "taken");
  EXPECT_THAT(refusal_of(declaring(1000, 1033000).bytes), HasSubstr("can't hold that many"));
  EXPECT_THAT(refusal_of(declaring(0, 5000).bytes), HasSubstr("can't hold that many"));
}

TEST(Structure, OfTwentyMiBOfZerosIsTaken) {
  const std::string zeros(20u << 20, '\0');
  const MemoryFile file(make_zip({{.name = "a", .content = zeros}}).bytes);
  const auto archive = wheel::Archive::open(file.descriptor());
  EXPECT_TRUE(archive.read_text(archive.members()[0]) == zeros);
}

TEST(Structure, OfTenGiBOfZerosIsRefused) {
  const std::uint64_t size = std::uint64_t{10} << 30;
  const std::uint64_t packed = size / 1030;
  const std::string local =
      support::le(1, 2) + support::le(16, 2) + support::le(size, 8) + support::le(packed, 8);
  const std::string central = support::le(1, 2) + support::le(8, 2) + support::le(size, 8);
  const auto image = make_zip({{.name = "a",
                                .content = std::string(packed, 'x'),
                                .local_extra = local,
                                .central_extra = central,
                                .packed_by_caller = true,
                                .size = 0xffffffff,
                                .crc = 1}});
  EXPECT_THAT(refusal_of(image.bytes), HasSubstr("10737418240 bytes, 1030 times"));
}

TEST(Structure, OfABombIsRefused) {
  EXPECT_EQ(refusal_of(declaring(1u << 20, 200u << 20).bytes), "taken");
  EXPECT_THAT(refusal_of(declaring(1u << 20, 300u << 20).bytes), HasSubstr("zip bomb"));
}

}  // namespace
