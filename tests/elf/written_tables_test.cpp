// A table that leads into another, of which one would be written over.
#include "elf/written_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/support/elf_edits.h"
#include "tests/support/random_seed.h"

namespace elf {
namespace {

using namespace support::elf_edits;
using support::ElfBytes;
using support::poke;
using testing::HasSubstr;

TEST(WrittenTables, TablesThatOverlapAreRefused) {
  ElfBytes file = library();
  Bytes bytes = file.build();
  const std::uint64_t size = file.at["dynamic_end"] - file.at["strings"];
  poke(bytes, file.format, file.at["dynamic.STRSZ"] + 8, 8, size);
  EXPECT_EQ(refusal(bytes, path("x")), "the dynamic table overlaps the dynamic string table");
}

TEST(WrittenTables, VersionsThatLeadIntoATableThatChangesAreRefused) {
  ElfBytes file = library();
  Bytes bytes = file.build();
  const std::uint64_t vd_aux = file.at["verdef"] + 12;
  poke(bytes, file.format, vd_aux, 4, file.at["dynamic"] - file.at["verdef"]);
  EXPECT_THAT(refusal(bytes, path("x")),
              HasSubstr("the table of defined versions overlaps the dynamic"));
}

TEST(WrittenTables, SectionHeadersOfWhichThereAreNoneAreNowhere) {
  ElfBytes file = library();
  file.sections = false;
  Bytes bytes = file.build();
  poke(bytes, file.format, 0x28, 8, file.at["strings"] + 1);  // e_shoff
  EXPECT_EQ(refusal(bytes, path("x")), "");
}

/// Damaged files are refused, or rewritten so that they can be read again and say what was asked
/// for.
TEST(WrittenTables, RandomDamageNeverGivesAFileThatCannotBeRead) {
  const unsigned seed = support::random_seed();
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
