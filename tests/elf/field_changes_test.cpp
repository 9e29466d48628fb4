// What a reviewer is told of two states of a library, next to what readelf shows of them.
#include "elf/field_changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>

#include "elf/field_names.h"
#include "tests/support/elf_edits.h"
#include "tests/support/elf_poke.h"
#include "tests/support/run_program.h"
#include "tests/support/specimen.h"

namespace elf {

void PrintTo(const FieldChange& change, std::ostream* out) {
  *out << change.field << ": `" << change.before << "` -> `" << change.after << "`";
}
bool operator==(const FieldChange& one, const FieldChange& other) {
  return one.field == other.field && one.before == other.before && one.after == other.after;
}

namespace {

namespace fs = std::filesystem;
using support::Specimen;
using support::elf_edits::library;
using support::elf_edits::parse_bytes;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

using Changes = std::vector<FieldChange>;

Image parse_file(const fs::path& file) {
  const auto bytes = support::read_file(file);
  MemorySource source(std::as_bytes(std::span(bytes)));
  return parse(source);
}

Changes changes_of(const Specimen& lib) {
  return field_changes(parse_file(lib.before()), parse_file(lib.file()));
}

Changes of(const std::string& field, const Changes& changes) {
  Changes found;
  std::ranges::copy_if(changes, std::back_inserter(found),
                       [&](const FieldChange& change) { return change.field == field; });
  return found;
}

support::Recipe recipe(std::vector<std::string> flags = {}) {
  flags.insert(flags.begin(), {"-Wl,-soname,libmine.so.1", "-Wl,-rpath,$ORIGIN/../near",
                               "-Wl,--no-as-needed", "-lm", "-lresolv"});
  return {.source = support::kRichSource, .flags = std::move(flags)};
}

/// What readelf shows of the names, told as changes.
Changes names_that_readelf_sees_change(const Specimen& lib) {
  const auto before = support::names_of(lib.before());
  const auto after = support::names_of(lib.file());
  Changes changes;
  const auto compare = [&](const char* field, const auto& old_name, const auto& new_name) {
    if (old_name != new_name) {
      changes.push_back({field, old_name.value_or(""), new_name.value_or("")});
    }
  };
  compare("SONAME", before.soname, after.soname);
  compare("RPATH", before.rpath, after.rpath);
  compare("RUNPATH", before.runpath, after.runpath);
  for (std::size_t i = 0; i < std::max(before.needed.size(), after.needed.size()); ++i) {
    const std::string old_name = i < before.needed.size() ? before.needed[i] : "";
    const std::string new_name = i < after.needed.size() ? after.needed[i] : "";
    if (old_name != new_name) changes.push_back({"NEEDED", old_name, new_name});
  }
  return changes;
}

Changes names_that_we_see_change(const Specimen& lib) {
  Changes names;
  for (const FieldChange& change : changes_of(lib)) {
    for (const char* field : {"SONAME", "RPATH", "RUNPATH", "NEEDED"}) {
      if (change.field == field) names.push_back(change);
    }
  }
  return names;
}

TEST(FieldChanges, ALibraryDiffersInNothingFromItself) {
  EXPECT_THAT(changes_of(Specimen(recipe())), IsEmpty());
}

TEST(FieldChanges, TheNamesThatPatchelfChangesAreThoseThatReadelfShows) {
  const std::vector<std::vector<std::string>> edits = {
      {"--set-rpath", "/elsewhere"},
      {"--force-rpath", "--set-rpath", "/elsewhere"},
      {"--remove-rpath"},
      {"--set-soname", "libother.so.2"},
      {"--replace-needed", "libresolv.so.2", "libresolv-a34b3233.so.2"},
      {"--remove-needed", support::names_of(support::build(recipe())).needed.back()},
  };
  for (const auto& edit : edits) {
    SCOPED_TRACE(testing::PrintToString(edit));
    Specimen lib(recipe());
    std::vector<std::string> argv{"patchelf"};
    argv.insert(argv.end(), edit.begin(), edit.end());
    argv.push_back(lib.file());
    ASSERT_EQ(support::run_program(argv).status, 0);
    const Changes seen = names_that_readelf_sees_change(lib);
    EXPECT_THAT(seen, Not(IsEmpty()));
    EXPECT_EQ(names_that_we_see_change(lib), seen);
  }
}

TEST(FieldChanges, TheNamesThatWeChangeAreThoseThatReadelfShows) {
  Edits add;
  add.add_needed = {"libadded.so"};
  Edits all{.search_path = "$ORIGIN/../../far/away",
            .path_kind = PathKind::kRpath,
            .soname = "libother.so.2",
            .replace_needed = {{"libresolv.so.2", "libanother.so"}}};
  for (const Edits& edits : {add, all}) {
    Specimen lib(recipe());
    lib.edit(edits);
    const Changes seen = names_that_readelf_sees_change(lib);
    EXPECT_THAT(seen, Not(IsEmpty()));
    EXPECT_EQ(names_that_we_see_change(lib), seen);
  }
}

TEST(FieldChanges, TheFirstLinesAreWhatAReviewerAsksFor) {
  Specimen lib(recipe());
  lib.edit({.search_path = "$ORIGIN/../../far/away", .soname = "libother.so.2"});
  const Changes changes = changes_of(lib);
  ASSERT_GE(changes.size(), 3u);
  EXPECT_EQ(changes[0], (FieldChange{"SONAME", "libmine.so.1", "libother.so.2"}));
  EXPECT_EQ(changes[1], (FieldChange{"RUNPATH", "$ORIGIN/../near", "$ORIGIN/../../far/away"}));
  EXPECT_EQ(changes.back(),
            (FieldChange{"file size", std::to_string(fs::file_size(lib.before())) + " bytes",
                         std::to_string(fs::file_size(lib.file())) + " bytes"}));
}

TEST(FieldChanges, ASearchPathThatIsEmptyIsNotOneThatIsNotThere) {
  Specimen lib(recipe());
  lib.edit({.search_path = ""});
  EXPECT_THAT(of("RUNPATH", changes_of(lib)),
              ElementsAre(FieldChange{"RUNPATH", "$ORIGIN/../near", "\"\""}));
}

std::string shown(const support::DumpedSegment& segment) {
  return hexadecimal(segment.file_size) + " bytes from " + hexadecimal(segment.offset) + " at " +
         hexadecimal(segment.vaddr);
}

TEST(FieldChanges, ANewSegmentIsOneLineAndOneThatGrewIsOneLine) {
  Specimen lib(recipe());
  lib.edit({.soname = "libmine-with-a-name-that-has-no-room-where-it-was.so.1"});
  const auto added = of("PT_LOAD", changes_of(lib));
  ASSERT_THAT(added, SizeIs(1));
  EXPECT_EQ(added[0].before, "");
  EXPECT_THAT(added[0].after, StartsWith("R   " + shown(support::dump(lib.file()).loads().back())));

  const Image grown_before = parse_file(lib.file());
  const std::string before = shown(support::dump(lib.file()).loads().back());
  lib.edit({.soname = "libmine-with-a-name-that-is-longer-still-than-the-one-before.so.1"});
  const auto grown = of("PT_LOAD", field_changes(grown_before, parse_file(lib.file())));
  ASSERT_THAT(grown, SizeIs(1));
  EXPECT_THAT(grown[0].before, StartsWith("R   " + before));
  EXPECT_THAT(grown[0].after, StartsWith("R   " + shown(support::dump(lib.file()).loads().back())));
}

TEST(FieldChanges, ASegmentWhosePlaceWasTakenIsTold) {
  Specimen lib(recipe());
  lib.edit({.soname = "libmine-with-a-name-that-has-no-room-where-it-was.so.1"});
  const auto before = support::dump(lib.before()).segments_of("NOTE");
  const auto after = support::dump(lib.file()).segments_of("NOTE");
  const auto notes = of("PT_NOTE", changes_of(lib));
  ASSERT_EQ(before.size(), after.size() + 1) << "as readelf sees it";
  ASSERT_THAT(notes, SizeIs(1));
  EXPECT_EQ(notes[0].after, "");
}

TEST(FieldChanges, FlagsAreNamedAsReadelfNamesThem) {
  const fs::path lazy = support::build(recipe({"-Wl,-z,lazy"}));
  const fs::path now = support::build(recipe({"-Wl,-z,now,-z,nodelete"}));
  const Changes changes = field_changes(parse_file(lazy), parse_file(now));
  const auto flags = of("FLAGS", changes);
  const auto flags_1 = of("FLAGS_1", changes);
  ASSERT_THAT(flags, SizeIs(1));
  ASSERT_THAT(flags_1, SizeIs(1));
  const support::Dump dump = support::dump(now);
  EXPECT_EQ("DF_" + dump.dynamic_text(30).value_or(""), flags[0].after);
  EXPECT_EQ(dump.dynamic_text(0x6ffffffb), "Flags: NOW NODELETE");
  EXPECT_EQ(flags_1[0].after, "DF_1_NOW DF_1_NODELETE");
  EXPECT_THAT(flags_1[0].before, Not(testing::HasSubstr("DF_1_NOW")));
}

TEST(FieldChanges, EveryDynamicEntryThatReadelfNamesHasTheSameNameHere) {
  const fs::path file = support::build(recipe({"-Wl,-z,now", "-Wl,--hash-style=both"}));
  for (const support::DumpedDynamic& entry : support::dump(file).dynamic) {
    EXPECT_THAT(tag_name(entry.tag), StartsWith("DT_")) << entry.text;
  }
  const std::string text = support::run_program({"readelf", "-dW", file}).out;
  const Image image = parse_file(file);
  for (const DynamicEntry& entry : image.dynamic) {
    EXPECT_THAT(text, testing::HasSubstr("(" + tag_name(entry.tag).substr(3) + ")"));
  }
}

TEST(FieldChanges, AnEntryThatIsGoneIsTold) {
  Specimen lib(recipe({"-Wl,-z,lazy"}), [](const fs::path& file) {
    ASSERT_EQ(support::run_program({"patchelf", "--no-default-lib", file}).status, 0);
  });
  support::ElfPoke(lib.file()).put(support::ElfPoke(lib.file()).dynamic(12), 8, 21).save();
  EXPECT_THAT(of("dynamic entry", changes_of(lib)), SizeIs(1));
  EXPECT_THAT(of("dynamic entry", changes_of(lib))[0].before, StartsWith("DT_INIT 0x"));
  EXPECT_THAT(of("dynamic entry", changes_of(lib))[0].after, StartsWith("DT_DEBUG 0x"));
}

// ------------------------------------------------- images that no compiler makes here

TEST(FieldChanges, AnotherMachineComesFirst) {
  auto one = library();
  auto other = library({Class::k32, ByteOrder::kBig});
  other.machine = EM_PPC;
  other.soname = "libyou.so";
  const Changes changes = field_changes(parse_bytes(one.build()), parse_bytes(other.build()));
  ASSERT_GE(changes.size(), 3u);
  EXPECT_EQ(changes[0], (FieldChange{"e_machine", "EM_X86_64", "EM_PPC"}));
  EXPECT_EQ(changes[1],
            (FieldChange{"class and byte order", "64 bit, little-endian", "32 bit, big-endian"}));
  EXPECT_EQ(changes[2], (FieldChange{"SONAME", "libme.so", "libyou.so"}));
}

TEST(FieldChanges, AVersionNeedThatFollowsItsNeededIsOneLine) {
  auto file = library();
  const Image before = parse_bytes(file.build());
  file.needed = {"libb.so", "liba-a34b3233.so", "libc.so.6"};
  file.version_needs[0].first = "liba-a34b3233.so";
  const Changes changes = field_changes(before, parse_bytes(file.build()));
  EXPECT_THAT(of("NEEDED", changes),
              ElementsAre(FieldChange{"NEEDED", "liba.so", "liba-a34b3233.so"}));
  EXPECT_THAT(of("version need's file", changes),
              ElementsAre(FieldChange{"version need's file", "liba.so", "liba-a34b3233.so"}));
  EXPECT_THAT(of("version need", changes), IsEmpty());
}

TEST(FieldChanges, VersionsThatComeAndGoAreToldOneByOne) {
  auto file = library();
  const Image before = parse_bytes(file.build());
  file.version_needs = {{"liba.so", {"A_2"}}, {"libc.so.6", {"GLIBC_2.17", "GLIBC_2.38"}}};
  file.version_definitions = {"libme.so", "ME_1", "ME_2"};
  const Changes changes = field_changes(before, parse_bytes(file.build()));
  EXPECT_THAT(of("version need", changes), ElementsAre(FieldChange{"version need", "A_1 of liba.so",
                                                                   "GLIBC_2.38 of libc.so.6"}));
  EXPECT_THAT(of("version definition", changes),
              ElementsAre(FieldChange{"version definition", "", "ME_2"}));
}

TEST(FieldChanges, AnotherOrderOfTheNeededIsOneLine) {
  auto file = library();
  const Image before = parse_bytes(file.build());
  std::ranges::reverse(file.needed);
  const Changes changes = field_changes(before, parse_bytes(file.build()));
  EXPECT_THAT(of("NEEDED", changes), IsEmpty());
  EXPECT_THAT(changes, Contains(FieldChange{"NEEDED order", "libb.so, liba.so, libc.so.6",
                                            "libc.so.6, liba.so, libb.so"}));
}

TEST(FieldChanges, OfAMillionNeededAHundredAreTold) {
  Image before;
  Image after;
  for (int i = 0; i < 1'000'000; ++i) after.needed.push_back("lib" + std::to_string(i) + ".so");
  const Changes changes = field_changes(before, after);
  ASSERT_THAT(changes, SizeIs(101));
  EXPECT_EQ(changes[0], (FieldChange{"NEEDED", "", "lib0.so"}));
  EXPECT_EQ(changes.back(), (FieldChange{"NEEDED, and 999900 more", "", ""}));
}

}  // namespace
}  // namespace elf
