// A table that leads into another, of which one would be written over.
#include "elf/written_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/support/elf_edits.h"
#include "tests/support/random_seed.h"

namespace elf {
namespace {

using namespace support::elf_edits;
using support::ElfBytes;
using support::poke;

ElfBytes with_strings_last() {
  ElfBytes file = library();
  file.sections = false;
  file.strings_last = true;
  return file;
}

/// Makes one section header of what stands there.
void claim_section_header(Bytes& bytes, const ElfBytes& file, std::uint64_t offset) {
  poke(bytes, file.format, file.at.at("e_shoff"), 8, offset);
  poke(bytes, file.format, file.at.at("e_shnum"), 2, 1);
}

TEST(WrittenTables, ADynamicTableInTheStringTableIsRefused) {
  ElfBytes file = library();
  Bytes bytes = file.build();
  const std::uint64_t size = file.at["dynamic_end"] - file.at["strings"];
  poke(bytes, file.format, file.at["dynamic.STRSZ"] + 8, 8, size);
  EXPECT_EQ(refusal(bytes, path("x")), "the dynamic string table and the dynamic table overlap");
}

TEST(WrittenTables, VersionsThatLeadIntoTheDynamicTableAreRefused) {
  ElfBytes file = with_strings_last();
  const Bytes whole = file.build();
  Bytes defined = whole;
  poke(defined, file.format, file.at["verdef"] + 12, 4,  // vd_aux
       file.at["dynamic"] - file.at["verdef"]);
  EXPECT_EQ(refusal(defined, path("x")),
            "the dynamic table and the table of defined versions overlap");
  Bytes needed = whole;
  poke(needed, file.format, file.at["verneed"] + 8, 4,  // vn_aux
       file.at["dynamic"] - file.at["verneed"]);
  EXPECT_EQ(refusal(needed, path("x")),
            "the dynamic table and the table of needed versions overlap");
}

TEST(WrittenTables, SectionHeadersInTheHeadersAreRefused) {
  ElfBytes file = library();
  const Bytes whole = file.build();
  Bytes bytes = whole;
  claim_section_header(bytes, file, 8);
  EXPECT_EQ(refusal(bytes, path("x")), "the ELF header and the section headers overlap");
  bytes = whole;
  claim_section_header(bytes, file, file.at["phdr.LOAD"]);
  EXPECT_EQ(refusal(bytes, path("x")), "the program headers and the section headers overlap");
}

/// The new entry needs one of those that are spare for the end of the table.
TEST(WrittenTables, ASectionHeaderInAnEntryThatIsTakenIsRefused) {
  ElfBytes file = library();
  file.runpath.reset();
  Bytes bytes = file.build();
  const std::uint64_t entries = parse_bytes(bytes).dynamic.size();
  const std::uint64_t record = file.format.is_64() ? 16 : 8;
  claim_section_header(bytes, file, file.at["dynamic"] + (entries + 1) * record);
  EXPECT_EQ(refusal(bytes, path("x")), "the section headers and the dynamic table overlap");
}

/// Two dynamic entries that are a symbol, too: that of the string table's section.
TEST(WrittenTables, ASectionSymbolInTheDynamicTableIsRefused) {
  ElfBytes file = library();
  file.more_entries = {{27, 0x0001'0003'0000'0000}, {30, 8}};  // st_info, st_shndx; st_size
  Bytes bytes = file.build();
  const Image image = parse_bytes(bytes);
  const auto entry = std::ranges::find(image.dynamic, 27u, &DynamicEntry::tag);
  ASSERT_NE(entry, image.dynamic.end());
  const std::uint64_t header = file.at["sections"] + 2 * 64;
  poke(bytes, file.format, header + 4, 4, 2);                        // sh_type
  poke(bytes, file.format, header + 24, 8, entry->file_offset + 8);  // sh_offset
  poke(bytes, file.format, header + 32, 8, 24);                      // sh_size
  poke(bytes, file.format, header + 44, 4, 1);                       // sh_info
  EXPECT_EQ(refusal(bytes, path(std::string(100, 'x'))),
            "the dynamic table and the symbol table overlap");
}

/// As in a stripped file: e_shnum is 0 and e_shoff stale. A first header would count the others.
TEST(WrittenTables, SectionHeadersOfWhichThereAreNoneAreNowhere) {
  ElfBytes file = library();
  file.sections = false;
  Bytes bytes = file.build();
  const std::uint64_t symbol = file.at["symbols"] + 24;
  poke(bytes, file.format, file.at["e_shoff"], 8, symbol);
  poke(bytes, file.format, symbol + 32, 8, 5);  // where sh_size would be
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
