// A rewritten library, broken on purpose in one place after the other.
#include "elf/deep_comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <set>

#include "elf/error.h"
#include "tests/support/elf_dump.h"
#include "tests/support/elf_poke.h"
#include "tests/support/specimen.h"

namespace elf {

inline void PrintTo(const DeepDifference& difference, std::ostream* out) {
  *out << difference.part << ": " << difference.what;
}

namespace {

namespace fs = std::filesystem;
using support::ElfPoke;
using support::Specimen;
using testing::Contains;
using testing::IsEmpty;
namespace at = support::at;

std::vector<DeepDifference> differences(const fs::path& before, const fs::path& after) {
  const auto old_bytes = support::read_file(before);
  const auto new_bytes = support::read_file(after);
  MemorySource old_source(std::as_bytes(std::span(old_bytes)));
  MemorySource new_source(std::as_bytes(std::span(new_bytes)));
  return compare_deeply(old_source, new_source);
}

std::set<std::string> parts_of(const std::vector<DeepDifference>& all) {
  std::set<std::string> parts;
  for (const DeepDifference& each : all) {
    parts.insert(each.part);
    EXPECT_FALSE(each.what.empty());
    EXPECT_NE(each.what.back(), '.');
  }
  return parts;
}

// Exports and wants versions; has relocations of all kinds, a TLS segment, notes, static symbols,
// and a string that no edit may change (DT_AUXILIARY).
Specimen library(const Specimen::Preparation& prepare = {}) {
  return Specimen(
      support::Recipe{
          .source = std::string(support::kRichSource) +
                    "__asm__(\".section .note.mine,\\\"a\\\",@note\\n.long 5,4,7\\n"
                    ".asciz \\\"Mine\\\"\\n.balign 4\\n.long 99\\n.previous\");\n",
          .flags = {"-Wl,--version-script,versions", "-Wl,-soname,libmine.so.1", "-Wl,-rpath,/x",
                    "-Wl,-f,libauxiliary.so", "-Wl,--hash-style=both", "-Wl,--build-id",
                    "-Wl,-z,now"},
          .files = {{"versions",
                     "OLD_1 { global: thread_storage; local: helper*; };\nNEW_2 { global: *; } "
                     "OLD_1;\n"}}},
      prepare);
}

Edits short_edit() {
  return {.search_path = "/"};
}
Edits long_edit() {
  return {.search_path = support::long_text(300),
          .soname = "libmine-with-a-name-that-does-not-fit.so.1",
          .replace_needed = {{"libc.so.6", "libc-of-another-name-that-is-longer.so.6"}}};
}

struct Break {
  std::string name;  ///< what is broken
  std::string part;  ///< where it must be told
  std::function<void(ElfPoke&, const support::Dump&)> poke;
};
void PrintTo(const Break& broken, std::ostream* out) {
  *out << broken.name;
}

void flip(ElfPoke& poke, std::uint64_t offset, int bit = 0) {
  poke.put(offset, 1, poke.get(offset, 1) ^ (std::uint64_t{1} << bit));
}

/// Where the value of a dynamic entry stands.
std::uint64_t value_of(const ElfPoke& poke, std::uint64_t tag) {
  return poke.dynamic(tag) + at::kDynamicValue;
}
/// The file bytes that a dynamic entry leads to.
std::uint64_t table_of(const ElfPoke& poke, std::uint64_t tag) {
  return poke.file_offset(poke.get(value_of(poke, tag), 8));
}
constexpr std::uint64_t kSymtab = 6, kRela = 7, kInit = 12, kJmprel = 23, kFlags1 = 0x6ffffffb,
                        kVersym = 0x6ffffff0, kVerdef = 0x6ffffffc, kVerneed = 0x6ffffffe,
                        kAuxiliary = 0x7ffffffd, kGnuHash = 0x6ffffef5, kStrtab = 5;
constexpr std::uint64_t kSymbolSize = 24, kRelaSize = 24, kSectionSize = 64;

/// The last dynamic symbol, which is a defined one.
std::uint64_t last_symbol(const ElfPoke& poke, const support::Dump& dump) {
  return table_of(poke, kSymtab) + dump.section("DYNSYM")->size - kSymbolSize;
}
std::uint64_t section_header(const support::Dump& dump, const std::string& type) {
  return dump.section_headers_offset + dump.section(type)->index * kSectionSize;
}
/// The first Elf_Vernaux.
std::uint64_t vernaux(const ElfPoke& poke) {
  const std::uint64_t verneed = table_of(poke, kVerneed);
  return verneed + poke.get(verneed + 8, 4);
}

using Dump = support::Dump;

std::vector<Break> header_breaks() {
  return {
      {"e_entry", "header", [](ElfPoke& poke, const Dump&) { poke.put(24, 8, 0x1234); }},
      {"e_flags", "header", [](ElfPoke& poke, const Dump&) { poke.put(48, 4, 1); }},
      {"EI_OSABI", "header", [](ElfPoke& poke, const Dump&) { poke.put(7, 1, 9); }},
      {"EI_PAD", "header", [](ElfPoke& poke, const Dump&) { poke.put(12, 1, 9); }},
      {"e_type", "header", [](ElfPoke& poke, const Dump&) { poke.put(at::kType, 2, 2); }},
      {"flags of a PT_LOAD", "segments",
       [](ElfPoke& poke, const Dump&) {
         flip(poke, poke.segment(support::kPtLoad) + at::kSegmentFlags);
       }},
      {"flags of PT_GNU_STACK", "segments",
       [](ElfPoke& poke, const Dump&) {
         flip(poke, poke.segment(support::kPtGnuStack) + at::kSegmentFlags);
       }},
      {"p_paddr", "segments",
       [](ElfPoke& poke, const Dump&) { flip(poke, poke.segment(support::kPtLoad, 1) + 24); }},
      {"size of PT_TLS", "segments",
       [](ElfPoke& poke, const Dump&) { flip(poke, poke.segment(7) + at::kSegmentMemorySize, 3); }},
      {"type of PT_GNU_RELRO", "segments",
       [](ElfPoke& poke, const Dump&) { poke.put(poke.segment(0x6474e552), 4, 0x60000000); }},
      {"sh_flags", "sections",
       [](ElfPoke& poke, const Dump& dump) { flip(poke, section_header(dump, "DYNSYM") + 8, 4); }},
      {"sh_type", "sections",
       [](ElfPoke& poke, const Dump& dump) {
         poke.put(section_header(dump, "INIT_ARRAY") + 4, 4, 1);
       }},
      {"sh_size of .dynstr", "sections",
       [](ElfPoke& poke, const Dump& dump) {
         const std::uint64_t header =
             dump.section_headers_offset + dump.dynamic_strings()->index * kSectionSize;
         poke.put(header + 32, 8, poke.get(header + 32, 8) - 1);
       }},
      {"name of a section", "sections",
       [](ElfPoke& poke, const Dump& dump) { poke.put(section_header(dump, "DYNSYM"), 4, 1); }},
      {"code", "sections", [](ElfPoke& poke, const Dump&) { flip(poke, table_of(poke, kInit)); }},
      {"hash table", "sections",
       [](ElfPoke& poke, const Dump&) { flip(poke, table_of(poke, kGnuHash) + 16, 5); }},
  };
}

std::vector<Break> table_breaks() {
  const auto symbol = [](std::uint64_t field, int bit) {
    return
        [=](ElfPoke& poke, const Dump& dump) { flip(poke, last_symbol(poke, dump) + field, bit); };
  };
  const auto static_symbol = [](std::uint64_t field, int bit) {
    return [=](ElfPoke& poke, const Dump& dump) {
      const auto table = *dump.section("SYMTAB");
      flip(poke, table.offset + table.size - kSymbolSize + field, bit);
    };
  };
  const auto relocation = [](std::uint64_t tag, std::uint64_t field) {
    return [=](ElfPoke& poke, const Dump&) { flip(poke, table_of(poke, tag) + field, 3); };
  };
  return {
      {"st_value", "symbols", symbol(8, 4)},
      {"st_size", "symbols", symbol(16, 0)},
      {"type", "symbols", symbol(4, 0)},
      {"binding", "symbols", symbol(4, 5)},
      {"visibility", "symbols", symbol(5, 1)},
      {"st_shndx", "symbols", symbol(6, 0)},
      {"st_name", "symbols", symbol(0, 0)},
      {"version of a symbol", "symbols",
       [](ElfPoke& poke, const Dump& dump) {
         const std::uint64_t count = dump.section("DYNSYM")->size / kSymbolSize;
         flip(poke, table_of(poke, kVersym) + 2 * (count - 1));
       }},
      {"letter of a symbol's name", "symbols",
       [](ElfPoke& poke, const Dump& dump) {
         const std::uint64_t name = poke.get(last_symbol(poke, dump), 4);
         flip(poke, table_of(poke, kStrtab) + name + 1, 1);
       }},
      {"st_value in .symtab", "symbols", static_symbol(8, 4)},
      {"st_name in .symtab", "symbols", static_symbol(0, 0)},
      {"type in .symtab", "symbols", static_symbol(4, 0)},
      {"vd_flags", "versions",
       [](ElfPoke& poke, const Dump&) { flip(poke, table_of(poke, kVerdef) + 2, 1); }},
      {"vd_hash", "versions",
       [](ElfPoke& poke, const Dump&) { flip(poke, table_of(poke, kVerdef) + 8); }},
      {"vna_hash", "versions", [](ElfPoke& poke, const Dump&) { flip(poke, vernaux(poke)); }},
      {"vna_flags", "versions",
       [](ElfPoke& poke, const Dump&) { flip(poke, vernaux(poke) + 4, 1); }},
      {"vna_other", "versions",
       [](ElfPoke& poke, const Dump&) { flip(poke, vernaux(poke) + 6, 3); }},
      {"vna_name", "versions",
       [](ElfPoke& poke, const Dump&) {
         poke.put(vernaux(poke) + 8, 4, poke.get(vernaux(poke) + 8, 4) + 1);
       }},
      {"vn_file", "versions",
       [](ElfPoke& poke, const Dump&) {
         const std::uint64_t file = table_of(poke, kVerneed) + 4;
         poke.put(file, 4, poke.get(file, 4) + 1);
       }},
      {"r_offset", "relocations", relocation(kRela, 0)},
      {"type of a relocation", "relocations", relocation(kRela, 8)},
      {"symbol of a relocation", "relocations", relocation(kRela, 12)},
      {"addend", "relocations", relocation(kRela, 16)},
      {"r_offset of the PLT", "relocations", relocation(kJmprel, 0)},
      {"n_type", "notes",
       [](ElfPoke& poke, const Dump& dump) { flip(poke, dump.section("NOTE")->offset + 8, 4); }},
      {"description of a note", "notes",
       [](ElfPoke& poke, const Dump& dump) { flip(poke, dump.section("NOTE")->offset + 24); }},
      {"DT_INIT", "dynamic entries",
       [](ElfPoke& poke, const Dump&) { flip(poke, value_of(poke, kInit), 2); }},
      {"DT_FLAGS_1", "dynamic entries",
       [](ElfPoke& poke, const Dump&) { flip(poke, value_of(poke, kFlags1), 3); }},
      {"DT_AUXILIARY", "dynamic entries",
       [](ElfPoke& poke, const Dump&) {
         poke.put(value_of(poke, kAuxiliary), 8, poke.get(value_of(poke, kAuxiliary), 8) + 1);
       }},
      {"what DT_AUXILIARY names", "dynamic entries",
       [](ElfPoke& poke, const Dump&) {
         flip(poke, table_of(poke, kStrtab) + poke.get(value_of(poke, kAuxiliary), 8));
       }},
      {"tag", "dynamic entries",
       [](ElfPoke& poke, const Dump&) { poke.put(poke.dynamic(kInit), 8, 21); }},
      {"number of entries", "dynamic entries",
       [](ElfPoke& poke, const Dump&) { poke.put(poke.dynamic(0), 8, 21); }},
  };
}

class Broken : public testing::TestWithParam<Break> {
 protected:
  void SetUp() override {
    if (!can_compare_deeply()) GTEST_SKIP() << "built without LIEF";
  }
};
INSTANTIATE_TEST_SUITE_P(Headers, Broken, testing::ValuesIn(header_breaks()));
INSTANTIATE_TEST_SUITE_P(Tables, Broken, testing::ValuesIn(table_breaks()));

TEST_P(Broken, IsCaughtWithItsPart) {
  for (const Edits& edits : {Edits{}, short_edit(), long_edit()}) {
    Specimen lib = library();
    lib.edit(edits);
    EXPECT_THAT(differences(lib.before(), lib.file()), IsEmpty());
    ElfPoke poke(lib.file());
    GetParam().poke(poke, support::dump(lib.file()));
    poke.save();
    const auto found = differences(lib.before(), lib.file());
    EXPECT_THAT(parts_of(found), Contains(GetParam().part)) << testing::PrintToString(found);
  }
}

}  // namespace
}  // namespace elf
