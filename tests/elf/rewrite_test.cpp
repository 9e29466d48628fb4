#include "elf/rewrite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "tests/support/elf_edits.h"

namespace elf {
namespace {

using namespace support::elf_edits;
using support::ElfBytes;
using support::poke;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

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

}  // namespace
}  // namespace elf
