#include "elf/growth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/elf_edits.h"

namespace elf {
namespace {

using namespace support::elf_edits;
using support::ElfBytes;
using support::poke;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Growth, TakesTheSlotOfANoteAndKeepsTheLoadsAscending) {
  ElfBytes file = library();
  const Bytes before = file.build();
  const Rewrite rewrite = rewrite_bytes(before, path(std::string(100, 'x')));
  EXPECT_EQ(rewrite.placement, Placement::kNoteSlot);
  const Image image = parse_bytes(carried_out(rewrite, before));
  EXPECT_EQ(image.segments.size(), 4u);
  EXPECT_EQ(image.segments[0].type, kLoad);
  EXPECT_EQ(image.segments[1].type, kLoad);
  EXPECT_EQ(image.segments[2].type, kDynamic);
  EXPECT_EQ(image.program_headers_offset, 64u);
}

TEST(Growth, PrefersANoteThatThePropertySegmentRepeats) {
  ElfBytes file = library();
  file.notes = 3;
  Bytes bytes = file.build();
  const std::uint64_t last_note = file.at["phdr.NOTE"];
  poke(bytes, file.format, last_note, 4, kProperty);
  poke(bytes, file.format, last_note + 8, 8, 32);
  poke(bytes, file.format, last_note - 56 * 2 + 8, 8, 32);  // the first note is the property's
  const Image image = parse_bytes(edited(bytes, path(std::string(100, 'x'))));
  const auto note = std::ranges::find(image.segments, kNote, &Segment::type);
  ASSERT_NE(note, image.segments.end());
  EXPECT_EQ(note->offset, 0u);
  EXPECT_EQ(std::ranges::count(image.segments, kProperty, &Segment::type), 1);
}

TEST(Growth, ANoteThatNoSectionKeepsStays) {
  ElfBytes file = library();
  file.sections = false;
  const Image image = parse_bytes(edited(file.build(), path(std::string(100, 'x'))));
  EXPECT_EQ(std::ranges::count(image.segments, kNote, &Segment::type), 1);
}

TEST(Growth, WithoutANoteTheProgramHeadersAreCopied) {
  for (const Format format : kFormats) {
    ElfBytes file = library(format);
    file.notes = 0;
    const Bytes before = file.build();
    const Rewrite rewrite = rewrite_bytes(before, path(std::string(100, 'x')));
    EXPECT_EQ(rewrite.placement, Placement::kNewTable);
    const Image image = parse_bytes(carried_out(rewrite, before));
    EXPECT_EQ(image.segments.size(), 4u);
    EXPECT_GE(image.program_headers_offset, before.size());
    EXPECT_EQ(count_loads(image), 2);
  }
}

TEST(Growth, IsCongruentToTheLargestAlignmentWithoutPaddingTheFile) {
  struct Case {
    std::uint16_t machine;
    std::uint64_t align, expected;
  };
  for (const Case& each : {Case{62, 0x1000, 0x1000}, Case{62, 0x200000, 0x200000},
                           Case{183, 0x1000, 0x10000}, Case{183, 0x10000, 0x10000}}) {
    ElfBytes file = library();
    file.machine = each.machine;
    file.align = each.align;
    const Bytes before = file.build();
    const Rewrite rewrite = rewrite_bytes(before, path(std::string(100, 'x')));
    const Segment load = parse_bytes(carried_out(rewrite, before)).segments[1];
    EXPECT_EQ(load.align, each.expected);
    EXPECT_EQ((load.vaddr - load.offset) % each.expected, 0u);
    EXPECT_LT(rewrite.tail.size(), before.size());
  }
}

TEST(Growth, LiesAboveMemoryThatTheFileDoesNotFill) {
  ElfBytes file = library();
  Bytes bytes = file.build();
  poke(bytes, file.format, file.at["phdr.LOAD"] + 40, 8, 1ull << 30);
  const Segment load = parse_bytes(edited(bytes, path(std::string(100, 'x')))).segments[1];
  EXPECT_GE(load.vaddr, file.vaddr + (1ull << 30));
}

TEST(Growth, AFullAddressSpaceIsRefused) {
  ElfBytes file = library({Class::k32, ByteOrder::kLittle});
  file.vaddr = 0xfffff000;
  EXPECT_THAT(refusal(file.build(), path(std::string(100, 'x'))),
              HasSubstr("address space has no room"));
}

TEST(Growth, WhatStandsBehindTheFileStaysWhereItIs) {
  Bytes bytes = library().build();
  bytes.insert(bytes.end(), 1001, std::byte{'y'});
  const Bytes after = edited(bytes, path(std::string(100, 'x')));
  EXPECT_TRUE(std::equal(bytes.end() - 1001, bytes.end(),
                         after.begin() + static_cast<std::ptrdiff_t>(bytes.size()) - 1001));
  EXPECT_EQ(parse_bytes(after).runpath, std::string(100, 'x'));
}

TEST(Growth, AStringTableThatEndsTheFileIsExtended) {
  for (const unsigned padding : {0u, 1u, 15u, 16u, 17u}) {
    ElfBytes file = library();
    file.sections = false;
    file.strings_last = true;
    Bytes bytes = file.build();
    bytes.resize(bytes.size() + padding);
    poke(bytes, file.format, file.at["phdr.LOAD"] + 32, 8, bytes.size());
    poke(bytes, file.format, file.at["phdr.LOAD"] + 40, 8, bytes.size());
    const Rewrite rewrite = rewrite_bytes(bytes, path(std::string(100, 'x')));
    EXPECT_EQ(rewrite.placement, padding < 17 ? Placement::kExtended : Placement::kNewTable);
    if (padding < 17) {
      EXPECT_EQ(rewrite.tail.size(), 101u);
    }
    const Bytes after = carried_out(rewrite, bytes);
    EXPECT_EQ(parse_bytes(after).runpath, std::string(100, 'x'));
    EXPECT_THAT(symbol_names(after, file), ElementsAre("", "puts", "me_run"));
  }
}

TEST(Growth, TheByteThatPatchelfPutsBehindTheSegmentDoesNotHinder) {
  ElfBytes file = library();
  file.sections = false;
  file.strings_last = true;
  Bytes bytes = file.build();
  bytes.push_back(std::byte{0});
  const Rewrite rewrite = rewrite_bytes(bytes, path(std::string(100, 'x')));
  EXPECT_EQ(rewrite.placement, Placement::kExtended);
  const Bytes after = carried_out(rewrite, bytes);
  EXPECT_EQ(parse_bytes(after).segments[0].file_size, after.size());
  EXPECT_EQ(parse_bytes(after).runpath, std::string(100, 'x'));
}

TEST(Growth, PaddingThatSomebodyUsesHinders) {
  ElfBytes file = library();
  file.sections = false;
  file.strings_last = true;
  Bytes bytes = file.build();
  bytes.push_back(std::byte{'x'});
  EXPECT_EQ(rewrite_bytes(bytes, path(std::string(100, 'x'))).placement, Placement::kNewTable);
}

TEST(Growth, ASegmentThatEndsInZeroedMemoryIsNotExtended) {
  ElfBytes file = library();
  file.sections = false;
  file.strings_last = true;
  Bytes bytes = file.build();
  poke(bytes, file.format, file.at["phdr.LOAD"] + 40, 8, bytes.size() + 1);
  EXPECT_EQ(rewrite_bytes(bytes, path(std::string(100, 'x'))).placement, Placement::kNewTable);
}

TEST(Growth, AHundredEditsAddOneSegmentAndOneStringTable) {
  for (const unsigned notes : {0u, 1u}) {
    ElfBytes file = library();
    file.notes = notes;
    Bytes bytes = file.build();
    const std::size_t original = bytes.size();
    for (std::size_t i = 0; i < 100; ++i) {
      const std::string text(100 + i % 7, static_cast<char>('a' + i % 5));
      bytes = edited(bytes, path(text));
      ASSERT_EQ(parse_bytes(bytes).runpath, text);
    }
    EXPECT_EQ(count_loads(parse_bytes(bytes)), 2);
    EXPECT_LT(bytes.size(),
              original + 8 + 56 * 5 + (file.at["strings_end"] - file.at["strings"]) + 1'000);
  }
}

TEST(Growth, IsNeverLongerThanItsBound) {
  for (const Format format : kFormats) {
    for (const unsigned notes : {0u, 1u}) {
      for (const std::size_t length : {1u, 2u, 30u, 1'000u}) {
        ElfBytes file = library(format);
        file.notes = notes;
        const Bytes bytes = file.build();
        Edits edits = path(std::string(length, 'x'));
        edits.add_needed = {"q", "w"};
        EXPECT_LE(rewrite_bytes(bytes, edits).tail.size(),
                  tail_bound(parse_bytes(bytes), length + 2));
      }
    }
  }
}

/// A tiny library in a file of 5 GiB.
class SparseSource final : public Source {
 public:
  explicit SparseSource(const Bytes& bytes) : bytes_(bytes) {}
  std::uint64_t size() const override { return std::uint64_t{5} << 30; }
  void read(std::uint64_t offset, std::span<std::byte> out) override {
    for (std::byte& byte : out)
      byte = offset < bytes_.size() ? bytes_[offset] : std::byte{0}, ++offset;
  }

 private:
  const Bytes& bytes_;
};

TEST(Growth, FilesOfMoreThan4GiBAreRewritten) {
  const Bytes bytes = library().build();
  SparseSource source(bytes);
  const Rewrite rewrite = elf::rewrite(source, parse(source), path(std::string(100, 'x')));
  EXPECT_EQ(rewrite.original_size, std::uint64_t{5} << 30);
  EXPECT_LT(rewrite.tail.size(), 1'000u);
  Bytes patched = bytes;
  rewrite.apply(0, patched);
  const std::uint64_t load = 64 + 56 + 8;      // the second program header's p_offset
  EXPECT_EQ(patched[load + 4], std::byte{1});  // 5 GiB = 0x1'4000'0000
}

}  // namespace
}  // namespace elf
