#include "elf/image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "elf/error.h"
#include "tests/support/elf_bytes.h"
#include "tests/support/random_seed.h"

namespace elf {
namespace {

using support::ElfBytes;
using support::poke;
using testing::ElementsAre;
using testing::HasSubstr;
using Bytes = std::vector<std::byte>;

constexpr Format kFormats[] = {{Class::k32, ByteOrder::kLittle},
                               {Class::k32, ByteOrder::kBig},
                               {Class::k64, ByteOrder::kLittle},
                               {Class::k64, ByteOrder::kBig}};

Image parse_bytes(const Bytes& bytes) {
  MemorySource source(bytes);
  return parse(source);
}

/// What parse says about bytes that it refuses; empty where it does not.
std::string refusal(const Bytes& bytes) {
  try {
    parse_bytes(bytes);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

class ParseInEveryFormat : public testing::TestWithParam<Format> {};
INSTANTIATE_TEST_SUITE_P(Formats, ParseInEveryFormat, testing::ValuesIn(kFormats));

TEST_P(ParseInEveryFormat, ShowsAllThatTheLoaderSees) {
  ElfBytes file;
  file.format = GetParam();
  file.machine = 22;
  file.soname = "libme.so.1";
  file.needed = {"libb.so", "liba.so", "libb.so"};
  file.rpath = "/old";
  file.runpath = "$ORIGIN";
  file.version_needs = {{"liba.so", {"A_1", "A_2"}}, {"libb.so", {"B_1"}}};
  file.version_definitions = {"libme.so.1", "ME_1", "ME_2"};
  file.symbols = {{"puts", false}, {"PyInit_me", true}};
  file.more_entries = {{30, 8}, {0x6ffffffb, 1}};
  const Image image = parse_bytes(file.build());

  EXPECT_EQ(image.format, GetParam());
  EXPECT_EQ(image.machine, 22);
  EXPECT_EQ(image.type, 3);
  EXPECT_EQ(image.soname, "libme.so.1");
  EXPECT_THAT(image.needed, ElementsAre("libb.so", "liba.so", "libb.so"));
  EXPECT_EQ(image.rpath, "/old");
  EXPECT_EQ(image.runpath, "$ORIGIN");
  EXPECT_EQ(image.flags, 8u);
  EXPECT_EQ(image.flags_1, 1u);
  ASSERT_EQ(image.version_needs.size(), 2u);
  EXPECT_EQ(image.version_needs[0].file, "liba.so");
  EXPECT_THAT(image.version_needs[0].names, ElementsAre("A_1", "A_2"));
  EXPECT_THAT(image.version_needs[1].names, ElementsAre("B_1"));
  EXPECT_THAT(image.version_definitions, ElementsAre("ME_1", "ME_2"));
  EXPECT_TRUE(image.exports_python_init);
  EXPECT_FALSE(image.executable_stack);
  EXPECT_TRUE(image.has_section_headers());
  EXPECT_EQ(image.spare_dynamic_entries, 4u);
  EXPECT_EQ(image.segments.size(), 4u);
}

TEST_P(ParseInEveryFormat, EveryPrefixOfAFileIsRefusedOrRead) {
  ElfBytes file;
  file.format = GetParam();
  file.needed = {"liba.so"};
  file.version_needs = {{"liba.so", {"A_1"}}};
  const Bytes whole = file.build();
  for (std::size_t size = 0; size < file.at["end"]; ++size) {
    EXPECT_NE(refusal(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))), "")
        << size;
  }
  EXPECT_EQ(refusal(whole), "");
}

/// Any change of some bytes ends in an image or an elf::Error, under the sanitizers.
TEST_P(ParseInEveryFormat, RandomDamageNeverDoesMoreThanThrow) {
  const unsigned seed = support::random_seed();
  SCOPED_TRACE("SPOKESHAVE_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  ElfBytes file;
  file.format = GetParam();
  file.soname = "libme.so";
  file.needed = {"liba.so", "libc.so.6"};
  file.version_needs = {{"liba.so", {"A_1"}}};
  file.version_definitions = {"libme.so", "ME_1"};
  file.symbols = {{"puts", false}, {"PyInit_me", true}};
  const Bytes whole = file.build();
  constexpr unsigned kWild[] = {0, 1, 2, 0x7f, 0x80, 0xff};
  int refused = 0;
  for (int round = 0; round < 5'000; ++round) {
    Bytes damaged = whole;
    for (unsigned changes = 1 + random() % 4; changes > 0; --changes) {
      const std::size_t width = std::size_t{1} << random() % 4;
      const std::size_t at = random() % (damaged.size() - width);
      const unsigned value = random() % 3 == 0 ? kWild[random() % 6] : random() % 256;
      std::fill_n(damaged.begin() + static_cast<std::ptrdiff_t>(at), width,
                  static_cast<std::byte>(value));
    }
    refused += refusal(damaged) != "";
  }
  EXPECT_GT(refused, 500);
  EXPECT_LT(refused, 5'000);
}

TEST(Parse, AFileOfAnotherKindIsRefused) {
  EXPECT_EQ(refusal({}), "the ELF header reaches past the end of the file");
  EXPECT_EQ(refusal(Bytes(100, std::byte{'x'})), "not an ELF file");
  EXPECT_FALSE(has_elf_magic({}));
}

struct WildField {
  const char* place;
  int more;  ///< bytes behind the place
  unsigned width;
  std::uint64_t value;
  const char* refusal;
};

class ParseAWildField : public testing::TestWithParam<WildField> {};
INSTANTIATE_TEST_SUITE_P(
    Fields, ParseAWildField,
    testing::Values(
        WildField{"e_phoff", 0, 8, ~0ull, "the program header table reaches past the end"},
        WildField{"e_phoff", 0, 8, 1ull << 63, "the program header table reaches past the end"},
        WildField{"e_phentsize", 0, 2, 55, "program headers of an unknown size"},
        WildField{"e_phnum", 0, 2, 0, "a shared library without a PT_LOAD"},
        WildField{"e_phnum", 0, 2, 0xfffe, "the program header table reaches past the end"},
        WildField{"phdr.LOAD", 8, 8, ~0ull, "a PT_LOAD reaches past the end of the file"},
        WildField{"phdr.LOAD", 16, 8, ~0ull - 100,
                  "a PT_LOAD reaches past the end of the address space"},
        WildField{"phdr.LOAD", 16, 8, 0x10001, "something else than whole pages"},
        WildField{"phdr.LOAD", 32, 8, ~0ull, "a PT_LOAD takes more bytes"},
        WildField{"phdr.DYNAMIC", 0, 4, 5, "a shared library without a dynamic table"},
        WildField{"phdr.DYNAMIC", 16, 8, 0, "the dynamic table lies at an address"},
        WildField{"phdr.DYNAMIC", 32, 8, 0, "a shared library without a dynamic table"},
        WildField{"phdr.DYNAMIC", 32, 8, 16, "the dynamic table is not ended by DT_NULL"},
        WildField{"phdr.DYNAMIC", 32, 8, 1u << 30,
                  "the dynamic table reaches past the end of its segment"},
        WildField{"dynamic", 8, 8, ~0ull, "outside the dynamic string table"},
        WildField{"dynamic.STRTAB", 0, 8, 99, "the dynamic table names no string table"},
        WildField{"dynamic.STRTAB", 8, 8, 0, "the dynamic string table lies at an address"},
        WildField{"dynamic.STRSZ", 0, 8, 99, "does not tell the string table's size"},
        WildField{"dynamic.STRSZ", 8, 8, ~0ull, "the dynamic string table reaches past the end"},
        WildField{"dynamic.STRSZ", 8, 8, 0, "the dynamic string table is empty"},
        WildField{"dynamic.VERNEED", 8, 8, 0, "the dynamic table points outside of all segments"},
        WildField{"verneed", 0, 2, 2, "a symbol version record of unknown form"},
        WildField{"verneed", 8, 4, 0xffffffff, "the table of needed versions reaches past the end"},
        WildField{"verneed", 12, 4, 0xfffffff0,
                  "the table of needed versions reaches past the end"},
        WildField{"verneed", 4, 4, 0xffffffff, "outside the dynamic string table"}));

TEST_P(ParseAWildField, IsRefusedWithItsReason) {
  ElfBytes file;
  file.needed = {"liba.so"};
  file.version_needs = {{"liba.so", {"A_1"}}};
  Bytes bytes = file.build();
  ASSERT_EQ(refusal(bytes), "");
  const WildField& wild = GetParam();
  poke(bytes, file.format, file.at.at(wild.place) + wild.more, wild.width, wild.value);
  EXPECT_THAT(refusal(bytes), HasSubstr(wild.refusal));
}

TEST(Parse, ATypeThatTheLoaderDoesNotTakeIsRefused) {
  ElfBytes file;
  file.type = 4;
  EXPECT_THAT(refusal(file.build()), HasSubstr("neither a shared library nor a program"));
}

TEST(Parse, AnAddressThatTheLoaderDoesNotMapIsRefused) {
  for (const std::uint64_t tag : {3u, 12u, 23u, 25u, 0x6ffffef5u, 0x6ffffff0u}) {
    ElfBytes file;
    file.more_entries = {{tag, file.vaddr}};
    EXPECT_EQ(refusal(file.build()), "") << tag;
    file.more_entries = {{tag, file.vaddr - 1}};
    EXPECT_THAT(refusal(file.build()), HasSubstr("points outside of all segments")) << tag;
  }
}

TEST(Parse, AFileThatIsNotForTheLoaderHasNoNames) {
  ElfBytes file;
  file.type = 1;
  Bytes bytes = file.build();
  poke(bytes, file.format, file.at["e_phnum"], 2, 0);
  const Image image = parse_bytes(bytes);
  EXPECT_EQ(image.type, 1);
  EXPECT_TRUE(image.dynamic.empty());
}

TEST(Parse, SectionHeadersAreACourtesy) {
  ElfBytes file;
  file.soname = "libme.so";
  Bytes bytes = file.build();
  poke(bytes, file.format, file.at["e_shoff"], 8, ~0ull);
  EXPECT_FALSE(parse_bytes(bytes).has_section_headers());
  poke(bytes, file.format, file.at["e_shoff"], 8, file.at["sections"]);
  poke(bytes, file.format, file.at["e_shnum"], 2, 0xff00);
  EXPECT_FALSE(parse_bytes(bytes).has_section_headers());
  poke(bytes, file.format, file.at["e_shnum"], 2, 3);
  poke(bytes, file.format, file.at["sections"] + 64, 8, ~0ull);
  EXPECT_EQ(parse_bytes(bytes).soname, "libme.so");
}

TEST(Parse, CountsThatDoNotFitStandInTheFirstSectionHeader) {
  ElfBytes file;
  Bytes bytes = file.build();
  poke(bytes, file.format, file.at["e_shnum"], 2, 0);
  poke(bytes, file.format, file.at["sections"] + 32, 8, 3);  // sh_size
  EXPECT_EQ(parse_bytes(bytes).section_header_count, 3u);
  poke(bytes, file.format, file.at["e_phnum"], 2, 0xffff);
  poke(bytes, file.format, file.at["sections"] + 44, 4, 4);  // sh_info
  EXPECT_EQ(parse_bytes(bytes).segments.size(), 4u);
}

TEST(Parse, OverlappingOrDescendingSegmentsAreRefused) {
  ElfBytes file;
  Bytes bytes = file.build();
  poke(bytes, file.format, file.at["phdr.NOTE"], 4, 1);
  EXPECT_THAT(refusal(bytes), HasSubstr("overlap or are not in ascending order"));
}

TEST(Parse, APythonModuleDefinesItsInitFunction) {
  const auto exports = [](std::string name, bool defined) {
    ElfBytes file;
    file.symbols = {{std::move(name), defined}};
    return parse_bytes(file.build()).exports_python_init;
  };
  EXPECT_TRUE(exports("PyInit_torch", true));
  EXPECT_TRUE(exports("PyInitU_eckzaa", true));  // PEP 489: not ASCII
  EXPECT_FALSE(exports("PyInit_torch", false));
  EXPECT_FALSE(exports("myPyInit_torch", true));
  EXPECT_FALSE(exports("PyInitialize", true));
}

TEST(Parse, TheInitFunctionIsFoundWhereverThePiecesOfTheTableMeet) {
  for (std::size_t fill = 65'520; fill < 65'545; ++fill) {
    ElfBytes file;
    file.symbols = {{std::string(fill, 'x'), false}, {"PyInit_me", true}};
    EXPECT_TRUE(parse_bytes(file.build()).exports_python_init) << fill;
  }
}

TEST(Parse, ALongSearchPathIsRead) {
  ElfBytes file;
  file.runpath = std::string(60'000, 'x');
  EXPECT_EQ(parse_bytes(file.build()).runpath, file.runpath);
}

TEST(Parse, AMillionNeedsAreReadInBoundedTime) {
  ElfBytes file;
  file.needed.assign(1'000'000, "liba.so");
  EXPECT_EQ(parse_bytes(file.build()).needed.size(), 1'000'000u);
}

TEST(Parse, ManyNeedsThatAllNameOneLongStringAreRefused) {
  ElfBytes file;
  file.needed.assign(2'000, std::string(60'000, 'x'));
  EXPECT_THAT(refusal(file.build()), HasSubstr("longer than any loader takes"));
}

TEST(Parse, VersionRecordsThatShareChainsAreBounded) {
  ElfBytes file;
  for (int i = 0; i < 400; ++i) file.version_needs.push_back({"liba.so", {"A_1"}});
  Bytes bytes = file.build();
  // Each record's chain of names runs through all records behind it.
  for (int i = 0; i < 399; ++i) {
    poke(bytes, file.format, file.at["verneed"] + static_cast<unsigned>(32 * i) + 28, 4, 32);
  }
  EXPECT_THAT(refusal(bytes), HasSubstr("does not end"));
}

TEST(Parse, AFileOfDebugInformationHasNoNames) {
  ElfBytes file;
  file.needed = {"liba.so"};
  Bytes bytes = file.build();
  poke(bytes, file.format, file.at["sections"] + 64 + 4, 4, 8);  // SHT_NOBITS
  poke(bytes, file.format, file.at["sections"] + 128 + 4, 4, 8);
  poke(bytes, file.format, file.at["phdr.LOAD"] + 8, 8, 1u << 20);  // what eu-strip -f leaves
  EXPECT_TRUE(parse_bytes(bytes).dynamic.empty());
}

TEST(Image, ExecutablesAreProgramsNotLibraries) {
  Image library;
  library.type = 3;
  EXPECT_FALSE(library.is_executable());
  library.interpreter = "/lib64/ld-linux-x86-64.so.2";
  EXPECT_TRUE(library.is_executable());
  library.soname = "libc.so.6";  // which can be run as well
  EXPECT_FALSE(library.is_executable());
  library.flags_1 = 0x08000000;
  EXPECT_TRUE(library.is_executable());
}

}  // namespace
}  // namespace elf
