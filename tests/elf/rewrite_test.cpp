#include "elf/rewrite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <stdexcept>

#include "elf/error.h"
#include "tests/support/elf_bytes.h"

namespace elf {
namespace {

using support::ElfBytes;
using support::poke;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Bytes = std::vector<std::byte>;

constexpr std::uint32_t kLoad = 1, kDynamic = 2, kNote = 4, kProperty = 0x6474e553;

Image parse_bytes(const Bytes& bytes) {
  MemorySource source(bytes);
  return parse(source);
}

Rewrite rewrite_bytes(const Bytes& bytes, const Edits& edits) {
  MemorySource source(bytes);
  return rewrite(source, parse(source), edits);
}

Bytes carried_out(const Rewrite& rewrite, Bytes bytes) {
  rewrite.apply(0, bytes);
  bytes.insert(bytes.end(), rewrite.tail.begin(), rewrite.tail.end());
  return bytes;
}

Bytes edited(const Bytes& bytes, const Edits& edits) {
  return carried_out(rewrite_bytes(bytes, edits), bytes);
}

std::string refusal(const Bytes& bytes, const Edits& edits) {
  try {
    rewrite_bytes(bytes, edits);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

Edits path(std::string value) {
  Edits edits;
  edits.search_path = std::move(value);
  return edits;
}

std::ptrdiff_t count_loads(const Image& image) {
  return std::ranges::count(image.segments, kLoad, &Segment::type);
}

/// The names of all dynamic symbols, as the loader reads them.
std::vector<std::string> symbol_names(const Bytes& bytes, const ElfBytes& file) {
  const Image image = parse_bytes(bytes);
  const std::size_t size = file.format.is_64() ? 24 : 16;
  std::vector<std::string> names;
  for (std::uint64_t at = file.at.at("symbols"); at < file.at.at("symbols_end"); at += size) {
    std::uint64_t name = 0;
    for (unsigned i = 0; i < 4; ++i) {
      const bool little = file.format.byte_order == ByteOrder::kLittle;
      name |= std::to_integer<std::uint64_t>(bytes[at + (little ? i : 3 - i)]) << (8 * i);
    }
    names.emplace_back(reinterpret_cast<const char*>(&bytes[image.string_table_offset + name]));
  }
  return names;
}

/// A library with every kind of name.
ElfBytes library(Format format = {}) {
  ElfBytes file;
  file.format = format;
  file.soname = "libme.so";
  file.needed = {"libb.so", "liba.so", "libc.so.6"};
  file.runpath = "$ORIGIN/../somewhere";
  file.version_needs = {{"liba.so", {"A_1", "A_2"}}, {"libc.so.6", {"GLIBC_2.17"}}};
  file.version_definitions = {"libme.so", "ME_1"};
  file.symbols = {{"puts", false}, {"me_run", true}};
  return file;
}

constexpr Format kFormats[] = {{Class::k32, ByteOrder::kLittle},
                               {Class::k32, ByteOrder::kBig},
                               {Class::k64, ByteOrder::kLittle},
                               {Class::k64, ByteOrder::kBig}};
class RewriteInEveryFormat : public testing::TestWithParam<Format> {};
INSTANTIATE_TEST_SUITE_P(Formats, RewriteInEveryFormat, testing::ValuesIn(kFormats));

TEST_P(RewriteInEveryFormat, SeveralEditsAtOnceChangeWhatTheySayAndNothingElse) {
  ElfBytes file = library(GetParam());
  const Bytes before = file.build();
  Edits edits = path("$ORIGIN:$ORIGIN/../../a/long/way/to/the/other/wheel");
  edits.soname = "libme-with-a-much-longer-name.so.2";
  edits.replace_needed = {{"liba.so", "libanother.so.1"}};
  edits.add_needed = {"libnew.so"};
  edits.remove_needed = {"libb.so"};
  const Bytes after = edited(before, edits);

  const Image image = parse_bytes(after);
  EXPECT_EQ(image.runpath, edits.search_path);
  EXPECT_EQ(image.rpath, std::nullopt);
  EXPECT_EQ(image.soname, edits.soname);
  EXPECT_THAT(image.needed, ElementsAre("libanother.so.1", "libc.so.6", "libnew.so"));
  EXPECT_EQ(image.version_needs[0].file, "libanother.so.1");
  EXPECT_THAT(image.version_needs[0].names, ElementsAre("A_1", "A_2"));
  EXPECT_EQ(image.version_needs[1].file, "libc.so.6");
  EXPECT_THAT(image.version_definitions, ElementsAre("ME_1"));
  EXPECT_THAT(symbol_names(after, file), ElementsAre("", "puts", "me_run"));
  EXPECT_EQ(count_loads(image), 2);
}

TEST_P(RewriteInEveryFormat, TheSectionHeaderOfTheStringTableFollowsIt) {
  ElfBytes file = library(GetParam());
  const Bytes after = edited(file.build(), path(std::string(300, 'x')));
  const Image image = parse_bytes(after);
  const unsigned word = GetParam().is_64() ? 8 : 4;
  const std::uint64_t header = file.at["sections"] + (GetParam().is_64() ? 64 : 40);
  const auto number = [&](std::uint64_t at) {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < word; ++i) {
      const bool big = GetParam().byte_order == ByteOrder::kBig;
      value |= std::to_integer<std::uint64_t>(after[at + (big ? word - 1 - i : i)]) << (8 * i);
    }
    return value;
  };
  EXPECT_EQ(number(header + 8 + 2 * word), image.string_table_offset);
  EXPECT_EQ(number(header + 8 + 3 * word), image.string_table_size);
}

TEST(RewriteSearchPath, AShorterPathGoesOverTheOldOne) {
  ElfBytes file = library();
  const Bytes before = file.build();
  const Rewrite rewrite = rewrite_bytes(before, path("$ORIGIN"));
  EXPECT_EQ(rewrite.placement, Placement::kInPlace);
  EXPECT_THAT(rewrite.tail, IsEmpty());
  EXPECT_THAT(rewrite.patches, testing::SizeIs(1));
  EXPECT_THAT(rewrite.changes, ElementsAre("RUNPATH `$ORIGIN/../somewhere` -> `$ORIGIN`"));
  EXPECT_EQ(parse_bytes(carried_out(rewrite, before)).runpath, "$ORIGIN");
}

TEST(RewriteSearchPath, ASlotThatWasShortenedTakesALongerPathAgain) {
  ElfBytes file = library();
  const Bytes shorter = edited(file.build(), path("$ORIGIN"));
  const Rewrite again = rewrite_bytes(shorter, path("$ORIGIN/../somewhere"));
  EXPECT_EQ(again.placement, Placement::kInPlace);
  EXPECT_EQ(carried_out(again, shorter), file.build());
}

TEST(RewriteSearchPath, AStringThatASymbolSharesIsLeftAlone) {
  ElfBytes file = library();
  file.runpath = "x/lib";
  file.symbols = {{"lib", true}};
  Bytes bytes = file.build();
  // As a linker that merges tails has it: the symbol's name is the end of the path.
  poke(bytes, file.format, file.at["symbols"] + 24, 4, file.string_offset("x/lib") + 2);
  const Rewrite rewrite = rewrite_bytes(bytes, path("y"));
  EXPECT_NE(rewrite.placement, Placement::kInPlace);
  const Bytes after = carried_out(rewrite, bytes);
  EXPECT_EQ(parse_bytes(after).runpath, "y");
  EXPECT_THAT(symbol_names(after, file), ElementsAre("", "lib"));
}

TEST(RewriteSearchPath, TheEndOfALongerNameIsLeftAlone) {
  ElfBytes file = library();
  file.symbols = {{"my_library", true}};
  Bytes bytes = file.build();
  const std::uint64_t tail = file.string_offset("my_library") + 3;
  poke(bytes, file.format, file.at["dynamic"] + 16 * 4 + 8, 8, tail);  // RUNPATH `library`
  ASSERT_EQ(parse_bytes(bytes).runpath, "library");
  const Bytes after = edited(bytes, path("x"));
  EXPECT_EQ(parse_bytes(after).runpath, "x");
  EXPECT_THAT(symbol_names(after, file), ElementsAre("", "my_library"));
}

TEST(RewriteSearchPath, AnUndefinedSymbolBeyondTheHashTableCountsToo) {
  ElfBytes file = library();
  file.hash_table = false;
  file.runpath = "x/lib";
  file.symbols = {{"lib", false}};
  Bytes bytes = file.build();
  poke(bytes, file.format, file.at["symbols"] + 24, 4, file.string_offset("x/lib") + 2);
  EXPECT_THAT(symbol_names(edited(bytes, path("y")), file), ElementsAre("", "lib"));
}

TEST(RewriteSearchPath, AStringThatAnotherNameSharesIsLeftAlone) {
  for (const std::uint64_t tag :
       {0x7ffffffdu, 0x7fffffffu, 0x6ffffefau, 0x6ffffefbu, 0x6ffffefcu, 14u, 1u}) {
    ElfBytes file;
    file.runpath = "/some/libx.so";
    Bytes bytes = file.build();
    file.more_entries = {{tag, file.string_offset("/some/libx.so") + 6}};
    bytes = file.build();
    const Bytes after = edited(bytes, path("/y"));
    EXPECT_EQ(parse_bytes(after).runpath, "/y");
    const Image image = parse_bytes(after);
    const auto entry = std::ranges::find(image.dynamic, tag, &DynamicEntry::tag);
    EXPECT_STREQ(reinterpret_cast<const char*>(&after[image.string_table_offset + entry->value]),
                 "libx.so")
        << tag;
  }
}

TEST(RewriteSearchPath, AVersionNameThatIsSharedIsLeftAlone) {
  ElfBytes file = library();
  file.runpath = "x/GLIBC_2.17";
  Bytes bytes = file.build();
  const std::uint64_t name = file.at["verneed"] + 16 * 3 + 16 + 8;  // vna_name of the second need
  poke(bytes, file.format, name, 4, file.string_offset("x/GLIBC_2.17") + 2);
  const Image image = parse_bytes(edited(bytes, path("y")));
  EXPECT_THAT(image.version_needs[1].names, ElementsAre("GLIBC_2.17"));
}

TEST(RewriteSearchPath, AnEqualStringIsUsedAgain) {
  ElfBytes file = library();
  file.runpath = "x";
  const Bytes before = file.build();
  const Rewrite rewrite = rewrite_bytes(before, path("ME_1"));
  EXPECT_EQ(rewrite.placement, Placement::kReused);
  EXPECT_THAT(rewrite.tail, IsEmpty());
  EXPECT_EQ(parse_bytes(carried_out(rewrite, before)).runpath, "ME_1");
}

TEST(RewriteSearchPath, AlmostEqualStringsAreSearchedInBoundedTime) {
  ElfBytes file = library();
  file.symbols = {{std::string(1 << 20, 'x'), false}, {std::string(1 << 19, 'x') + "y", false}};
  const std::string almost = std::string(250'000, 'x') + "z";
  EXPECT_EQ(parse_bytes(edited(file.build(), path(almost))).runpath, almost);
}

TEST(RewriteSearchPath, TheFirstPathTakesASpareEntryAndIsARunpath) {
  ElfBytes file = library();
  file.runpath.reset();
  const Image image = parse_bytes(edited(file.build(), path("$ORIGIN")));
  EXPECT_EQ(image.runpath, "$ORIGIN");
  EXPECT_EQ(image.spare_dynamic_entries, 3u);
}

TEST(RewriteSearchPath, WithoutASpareEntryTheFirstPathIsRefused) {
  ElfBytes file = library();
  file.runpath.reset();
  file.spare_entries = 0;
  EXPECT_THAT(refusal(file.build(), path("$ORIGIN")), HasSubstr("no room for another entry"));
}

TEST(RewriteSearchPath, ASpareEntryOutsideTheSectionIsNotSpare) {
  ElfBytes file = library();
  file.runpath.reset();
  Bytes bytes = file.build();
  poke(bytes, file.format, file.at["sections"] + 128 + 32, 8,
       file.at["dynamic.NULL"] + 16 - file.at["dynamic"]);
  EXPECT_THAT(refusal(bytes, path("$ORIGIN")), HasSubstr("no room for another entry"));
}

TEST(RewriteSearchPath, TheKindIsKeptOrTurned) {
  ElfBytes file = library();
  file.runpath.reset();
  file.rpath = "/old/path";
  const Bytes before = file.build();
  EXPECT_EQ(parse_bytes(edited(before, path("/new"))).rpath, "/new");

  Edits edits = path("/new");
  edits.path_kind = PathKind::kRunpath;
  Image image = parse_bytes(edited(before, edits));
  EXPECT_EQ(image.runpath, "/new");
  EXPECT_EQ(image.rpath, std::nullopt);

  edits.search_path.reset();
  const Rewrite turned = rewrite_bytes(before, edits);
  EXPECT_THAT(turned.changes, ElementsAre("RPATH `/old/path` -> RUNPATH `/old/path`"));
  EXPECT_EQ(turned.placement, Placement::kNone);
  EXPECT_EQ(parse_bytes(carried_out(turned, before)).runpath, "/old/path");
}

TEST(RewriteSearchPath, OfBothKindsOneRemains) {
  ElfBytes file = library();
  file.rpath = "/shadowed";
  const Bytes before = file.build();
  Image image = parse_bytes(edited(before, path("/new")));
  EXPECT_EQ(image.runpath, "/new");
  EXPECT_EQ(image.rpath, std::nullopt);
  EXPECT_EQ(image.spare_dynamic_entries, 5u);

  Edits removal;
  removal.remove_search_path = true;
  image = parse_bytes(edited(before, removal));
  EXPECT_EQ(image.runpath, std::nullopt);
  EXPECT_EQ(image.rpath, std::nullopt);
  EXPECT_THAT(image.needed, ElementsAre("libb.so", "liba.so", "libc.so.6"));
}

TEST(RewriteSearchPath, AnEmptyPathIsSet) {
  ElfBytes file = library();
  EXPECT_EQ(parse_bytes(edited(file.build(), path(""))).runpath, "");
}

TEST(RewriteNeeded, ARedundantRpathMakesRoom) {
  ElfBytes file = library();
  file.rpath = "/shadowed";
  file.spare_entries = 0;
  Edits edits;
  edits.add_needed = {"libb.so", "libnew.so"};
  const Image image = parse_bytes(edited(file.build(), edits));
  EXPECT_THAT(image.needed, ElementsAre("libb.so", "liba.so", "libc.so.6", "libnew.so"));
  EXPECT_EQ(image.rpath, std::nullopt);
  EXPECT_EQ(image.runpath, file.runpath);
}

TEST(RewriteNeeded, OneWhoseVersionsAreWantedCannotBeRemoved) {
  Edits edits;
  edits.remove_needed = {"liba.so"};
  EXPECT_EQ(refusal(library().build(), edits),
            "NEEDED `liba.so` cannot be removed: the library wants version `A_1` of it");
}

TEST(RewriteNeeded, NamesThatChangePlacesStayApart) {
  ElfBytes file = library();
  Edits edits;
  edits.replace_needed = {{"liba.so", "libb.so"}, {"libb.so", "liba.so"}};
  const Image image = parse_bytes(edited(file.build(), edits));
  EXPECT_THAT(image.needed, ElementsAre("liba.so", "libb.so", "libc.so.6"));
  EXPECT_EQ(image.version_needs[0].file, "libb.so");
}

TEST(RewriteNeeded, OneThatTheVersionsNameIsShortenedInPlace) {
  ElfBytes file = library();
  Edits edits;
  edits.replace_needed = {{"liba.so", "a.so"}};
  const Bytes before = file.build();
  const Rewrite rewrite = rewrite_bytes(before, edits);
  EXPECT_EQ(rewrite.placement, Placement::kInPlace);
  const Image image = parse_bytes(carried_out(rewrite, before));
  EXPECT_THAT(image.needed, ElementsAre("libb.so", "a.so", "libc.so.6"));
  EXPECT_EQ(image.version_needs[0].file, "a.so");
}

TEST(RewriteSoname, OneIsAddedWhereThereWasNone) {
  ElfBytes file = library();
  file.soname.reset();
  Edits edits;
  edits.soname = "libnamed.so";
  const Rewrite rewrite = rewrite_bytes(file.build(), edits);
  EXPECT_THAT(rewrite.changes, ElementsAre("SONAME added: `libnamed.so`"));
  EXPECT_EQ(parse_bytes(carried_out(rewrite, file.build())).soname, "libnamed.so");
}

TEST(RewriteDynamic, AnEntryThatCountsFromItsOwnPlaceKeepsItsTarget) {
  ElfBytes file = library();
  file.machine = 8;  // EM_MIPS
  file.more_entries = {{0x70000035, 1000}};
  const Bytes before = file.build();
  Edits edits;
  edits.remove_search_path = true;
  const auto target = [](const Image& image) {
    const auto entry = std::ranges::find(image.dynamic, 0x70000035u, &DynamicEntry::tag);
    return entry->file_offset + entry->value;
  };
  const Image after = parse_bytes(edited(before, edits));
  EXPECT_EQ(after.dynamic.size() + 1, parse_bytes(before).dynamic.size());
  EXPECT_EQ(target(after), target(parse_bytes(before)));
}

TEST(Rewrite, AnEditThatChangesNothingIsEmpty) {
  ElfBytes file = library();
  Edits edits = path(*file.runpath);
  edits.soname = file.soname;
  edits.add_needed = {"liba.so"};
  edits.remove_needed = {"libabsent.so"};
  edits.replace_needed = {{"libabsent-too.so", "liby.so"}};
  EXPECT_TRUE(rewrite_bytes(file.build(), edits).empty());
  EXPECT_TRUE(rewrite_bytes(file.build(), {}).empty());
}

TEST(Rewrite, ContradictionsAreRefused) {
  const auto refused = [](const Edits& edits) {
    EXPECT_THROW(rewrite_bytes(library().build(), edits), std::invalid_argument);
  };
  Edits both = path("x");
  both.remove_search_path = true;
  refused(both);
  refused(path(std::string("x\0y", 3)));
  refused({.soname = ""});
  refused({.replace_needed = {{"a", "b"}, {"a", "c"}}});
  refused({.replace_needed = {{"a", "b"}}, .remove_needed = {"a"}});
  refused({.add_needed = {"a"}, .remove_needed = {"a"}});
  refused({.add_needed = {""}});
}

TEST(Rewrite, AFileWithoutADynamicTableIsRefused) {
  ElfBytes file;
  file.type = 1;
  Bytes bytes = file.build();
  poke(bytes, file.format, file.at["e_phnum"], 2, 0);
  EXPECT_THAT(refusal(bytes, path("x")), HasSubstr("not a shared library or a program"));
}

TEST(Rewrite, TablesThatOverlapAreRefused) {
  ElfBytes file = library();
  Bytes bytes = file.build();
  const std::uint64_t size = file.at["dynamic_end"] - file.at["strings"];
  poke(bytes, file.format, file.at["dynamic.STRSZ"] + 8, 8, size);
  EXPECT_THAT(refusal(bytes, path("x")), HasSubstr("overlaps another table"));
}

TEST(RewriteTail, TakesTheSlotOfANoteAndKeepsTheLoadsAscending) {
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

TEST(RewriteTail, PrefersANoteThatThePropertySegmentRepeats) {
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

TEST(RewriteTail, ANoteThatNoSectionKeepsStays) {
  ElfBytes file = library();
  file.sections = false;
  const Image image = parse_bytes(edited(file.build(), path(std::string(100, 'x'))));
  EXPECT_EQ(std::ranges::count(image.segments, kNote, &Segment::type), 1);
}

TEST(RewriteTail, WithoutANoteTheProgramHeadersAreCopied) {
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

TEST(RewriteTail, IsCongruentToTheLargestAlignmentWithoutPaddingTheFile) {
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

TEST(RewriteTail, LiesAboveMemoryThatTheFileDoesNotFill) {
  ElfBytes file = library();
  Bytes bytes = file.build();
  poke(bytes, file.format, file.at["phdr.LOAD"] + 40, 8, 1ull << 30);
  const Segment load = parse_bytes(edited(bytes, path(std::string(100, 'x')))).segments[1];
  EXPECT_GE(load.vaddr, file.vaddr + (1ull << 30));
}

TEST(RewriteTail, AFullAddressSpaceIsRefused) {
  ElfBytes file = library({Class::k32, ByteOrder::kLittle});
  file.vaddr = 0xfffff000;
  EXPECT_THAT(refusal(file.build(), path(std::string(100, 'x'))),
              HasSubstr("address space has no room"));
}

TEST(RewriteTail, WhatStandsBehindTheFileStaysWhereItIs) {
  Bytes bytes = library().build();
  bytes.insert(bytes.end(), 1001, std::byte{'y'});
  const Bytes after = edited(bytes, path(std::string(100, 'x')));
  EXPECT_TRUE(std::equal(bytes.end() - 1001, bytes.end(),
                         after.begin() + static_cast<std::ptrdiff_t>(bytes.size()) - 1001));
  EXPECT_EQ(parse_bytes(after).runpath, std::string(100, 'x'));
}

TEST(RewriteTail, AStringTableThatEndsTheFileIsExtended) {
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

TEST(RewriteTail, TheByteThatPatchelfPutsBehindTheSegmentDoesNotHinder) {
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

TEST(RewriteTail, PaddingThatSomebodyUsesHinders) {
  ElfBytes file = library();
  file.sections = false;
  file.strings_last = true;
  Bytes bytes = file.build();
  bytes.push_back(std::byte{'x'});
  EXPECT_EQ(rewrite_bytes(bytes, path(std::string(100, 'x'))).placement, Placement::kNewTable);
}

TEST(RewriteTail, ASegmentThatEndsInZeroedMemoryIsNotExtended) {
  ElfBytes file = library();
  file.sections = false;
  file.strings_last = true;
  Bytes bytes = file.build();
  poke(bytes, file.format, file.at["phdr.LOAD"] + 40, 8, bytes.size() + 1);
  EXPECT_EQ(rewrite_bytes(bytes, path(std::string(100, 'x'))).placement, Placement::kNewTable);
}

TEST(RewriteTail, AHundredEditsAddOneSegmentAndOneStringTable) {
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

TEST(RewriteTail, IsNeverLongerThanItsBound) {
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

TEST(Apply, PiecesOfAnySizeInAnyOrderGiveTheSameFile) {
  const Bytes before = library().build();
  const Rewrite rewrite = rewrite_bytes(before, path(std::string(100, 'x')));
  Bytes whole = before;
  rewrite.apply(0, whole);
  ASSERT_NE(whole, before);
  for (std::size_t size = 1; size < 200; ++size) {
    Bytes pieces = before;
    for (std::size_t at = (before.size() - 1) / size * size;; at -= size) {
      rewrite.apply(at, std::span(pieces).subspan(at, std::min(size, before.size() - at)));
      if (at == 0) break;
    }
    ASSERT_EQ(pieces, whole) << size;
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

TEST(RewriteTail, FilesOfMoreThan4GiBAreRewritten) {
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

/// Damaged files are refused, or rewritten so that they can be read again and say what was asked
/// for.
TEST(Rewrite, RandomDamageNeverGivesAFileThatCannotBeRead) {
  const char* given = std::getenv("SPOKESHAVE_SEED");
  const unsigned seed = given != nullptr ? static_cast<unsigned>(std::atoi(given)) : 20261122u;
  SCOPED_TRACE("SPOKESHAVE_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  int rewritten = 0;
  for (int round = 0; round < 4'000; ++round) {
    ElfBytes file = library(kFormats[random() % 4]);
    file.notes = random() % 2;
    file.hash_table = random() % 2 == 0;
    file.sections = random() % 2 == 0;
    file.strings_last = !file.sections && random() % 2 == 0;
    Bytes bytes = file.build();
    for (auto changes = random() % 3; changes > 0; --changes) {
      bytes[random() % bytes.size()] = static_cast<std::byte>(random() % 256);
    }
    Edits edits = path(std::string(1 + random() % 40, 'x'));
    if (random() % 2 == 0) edits.soname = "libnew-name.so";
    if (random() % 2 == 0) edits.replace_needed = {{"liba.so", "libreplaced.so"}};
    if (refusal(bytes, edits) != "") continue;
    const Image image = parse_bytes(edited(bytes, edits));
    ASSERT_EQ(image.runpath ? image.runpath : image.rpath, edits.search_path) << round;
    if (edits.soname) {
      ASSERT_EQ(image.soname, edits.soname) << round;
    }
    ++rewritten;
  }
  EXPECT_GT(rewritten, 1'000);
}

}  // namespace
}  // namespace elf
