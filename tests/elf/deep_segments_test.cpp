// What may become of program headers: whole tables of them, written out.
#include "elf/deep_segments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "elf/format.h"

namespace elf {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// The loader maps two; notes and the table itself lie in the first.
DeepReading library() {
  DeepReading reading;
  reading.size = 0x3000;
  reading.program_headers_offset = 64;
  reading.segments = {{PT_PHDR, PF_R, 64, 64, 64, 280, 280, 8},
                      {PT_LOAD, PF_R, 0, 0, 0, 0x1000, 0x1000, 0x1000},
                      {PT_LOAD, PF_R | PF_W, 0x2000, 0x2000, 0x2000, 0x800, 0x800, 0x1000},
                      {PT_NOTE, PF_R, 0x200, 0x200, 0x200, 36, 36, 4},
                      {PT_NOTE, PF_R, 0x300, 0x300, 0x300, 32, 32, 4}};
  return reading;
}

Segment tail(std::uint64_t size = 0x500) {
  return {PT_LOAD, PF_R, 0x3000, 0x4000, 0x4000, size, size, 0x1000};
}

/// The new PT_LOAD in the place of the entry at `index`.
DeepReading with_slot_taken(std::size_t index) {
  DeepReading reading = library();
  reading.size = 0x3500;
  reading.segments.insert(reading.segments.begin() + 3, tail());
  reading.segments.erase(reading.segments.begin() +
                         static_cast<std::ptrdiff_t>(index < 3 ? index : index + 1));
  return reading;
}

DeepReading with_moved_table() {
  DeepReading reading = library();
  reading.size = 0x3500;
  reading.program_headers_offset = 0x3000;
  reading.segments.insert(reading.segments.begin() + 3, tail());
  reading.segments[0] = {PT_PHDR, PF_R, 0x3000, 0x4000, 0x4000, 336, 336, 8};
  return reading;
}

TEST(DeepSegments, WhatEditsDoIsNotTold) {
  EXPECT_THAT(broken_segments(library(), library()), IsEmpty());
  for (const std::size_t index : {0u, 3u, 4u}) {
    EXPECT_THAT(broken_segments(library(), with_slot_taken(index)), IsEmpty()) << index;
  }
  EXPECT_THAT(broken_segments(library(), with_moved_table()), IsEmpty());
  DeepReading grown = library();
  grown.size = 0x3500;
  grown.segments[2].file_size = grown.segments[2].memory_size = 0x1500;
  EXPECT_THAT(broken_segments(library(), grown), IsEmpty());
}

TEST(DeepSegments, OnlyAPtNoteThatIsGoneIsOneThatWasTaken) {
  EXPECT_TRUE(took_a_note(library(), with_slot_taken(3)));
  EXPECT_FALSE(took_a_note(library(), with_slot_taken(0)));
  EXPECT_FALSE(took_a_note(library(), library()));
}

TEST(DeepSegments, AnEntryThatSomebodyNeedsMustStay) {
  DeepReading before = library();
  before.segments[4].type = PT_TLS;
  EXPECT_THAT(broken_segments(before, with_slot_taken(4)), testing::Not(IsEmpty()));
}

TEST(DeepSegments, ANewPtLoadMustBeReadOnlyAndBehindAllOthers) {
  const auto told = [](const Segment& load) {
    DeepReading after = with_slot_taken(3);
    after.segments[3] = load;
    return broken_segments(library(), after);
  };
  Segment load = tail();
  EXPECT_THAT(told(load), IsEmpty());
  load.flags = PF_R | PF_W;
  EXPECT_THAT(told(load), ElementsAre(HasSubstr("not read-only")));
  load = tail();
  load.offset = 0x2000;
  EXPECT_THAT(told(load), Contains(HasSubstr("over old bytes")));
  load = tail();
  load.vaddr = load.paddr = 0x2000;
  EXPECT_THAT(told(load), ElementsAre(HasSubstr("at old addresses")));
  load = tail();
  load.memory_size += 8;
  EXPECT_THAT(told(load), ElementsAre(HasSubstr("memory beside the file's")));
  load = tail(0x400);
  EXPECT_THAT(told(load), ElementsAre(HasSubstr("does not end the file")));
  load = tail();
  load.paddr += 0x1000;
  EXPECT_THAT(told(load), ElementsAre(HasSubstr("do not fit its place")));
  load = tail();
  load.align = 0x1001;
  EXPECT_THAT(told(load), ElementsAre(HasSubstr("do not fit its place")));
  load = tail();
  load.vaddr = load.paddr = 0x4010;
  EXPECT_THAT(told(load), ElementsAre(HasSubstr("do not fit its place")));
}

TEST(DeepSegments, OnlyTheLastPtLoadMayGrowAndOnlyOnBothSides) {
  DeepReading first = library();
  first.segments[1].file_size = first.segments[1].memory_size = 0x1800;
  EXPECT_THAT(broken_segments(library(), first),
              ElementsAre("program header 1, PT_LOAD: p_filesz is 0x1800, not 0x1000, p_memsz is "
                          "0x1800, not 0x1000"));
  DeepReading memory = library();
  memory.segments[2].memory_size = 0x900;
  EXPECT_THAT(broken_segments(library(), memory), ElementsAre(HasSubstr("p_memsz")));
  DeepReading beyond = library();
  beyond.segments[2].file_size = beyond.segments[2].memory_size = 0x5000;
  EXPECT_THAT(broken_segments(library(), beyond), ElementsAre(HasSubstr("p_filesz")));
}

TEST(DeepSegments, ATableThatMovedMustBeMappedAndPtPhdrLeadToIt) {
  DeepReading after = with_moved_table();
  after.program_headers_offset = 0x2f00;
  EXPECT_THAT(broken_segments(library(), after), Contains(HasSubstr("nothing maps it")));
  after = with_moved_table();
  after.segments[0].vaddr = 0x4008;
  EXPECT_THAT(broken_segments(library(), after), ElementsAre(HasSubstr("PT_PHDR: p_offset")));
  after = library();
  after.program_headers_offset = 0x100;
  EXPECT_THAT(broken_segments(library(), after), ElementsAre(HasSubstr("nothing maps it")));
}

TEST(DeepSegments, AnotherNumberOfThemIsTold) {
  DeepReading after = library();
  after.segments.pop_back();
  EXPECT_THAT(broken_segments(library(), after), ElementsAre("there are 4 program headers, not 5"));
  after = library();
  after.segments.push_back(tail());
  after.segments.push_back(tail());
  EXPECT_THAT(broken_segments(library(), after), ElementsAre("there are 7 program headers, not 5"));
}

}  // namespace
}  // namespace elf
