#include "elf/symbol_listing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "elf/error.h"
#include "elf/symbol_file.h"
#include "tests/support/compile.h"
#include "tests/support/elf_poke.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"

namespace elf {
namespace {

using support::Recipe;
using testing::Contains;
using testing::Not;
using Lines = std::vector<std::string>;

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream bytes;
  bytes << stream.rdbuf();
  return bytes.str();
}

SymbolListing list(const std::string& bytes) {
  MemorySource source(std::as_bytes(std::span(bytes)));
  const Image image = parse(source);
  return list_symbols(source, image);
}

std::string line(const char* kind, const std::string& name, const std::string& version, bool weak) {
  return std::string(kind) + ' ' + name + (version.empty() ? "" : '@' + version) +
         (weak ? " weak" : "");
}

/// Linkers put a symbol into the table for each version that a library defines: absolute, 0.
/// readelf shows it without its version, which is itself.
bool is_version_name(const std::string& index, const std::string& value) {
  return index == "ABS" && value.find_first_not_of('0') == std::string::npos;
}

Lines as_lines(const SymbolListing& listing) {
  Lines lines;
  const auto add = [&](const char* kind, const std::vector<DynamicSymbol>& symbols) {
    for (const auto& symbol : symbols) {
      const auto* version = listing.version(symbol);
      if (version != nullptr && version->name == listing.name(symbol)) continue;
      lines.push_back(line(kind, std::string(listing.name(symbol)),
                           version == nullptr ? "" : version->name, symbol.weak));
    }
  };
  add("import", listing.imports());
  add("export", listing.exports());
  std::ranges::sort(lines);
  return lines;
}

/// The same out of binutils: `Num: Value Size Type Bind Vis Ndx Name`, the name with `@VERSION (n)`
/// or `@@VERSION`. With `-Ds` it finds the table as the loader does, not by its section.
Lines readelf_lines(const std::filesystem::path& file, const std::string& how = "--dyn-syms") {
  const auto result = support::run_program({"readelf", how, "-W", file.string()});
  EXPECT_EQ(result.status, 0) << result.err;
  std::istringstream text(result.out);
  Lines lines;
  for (std::string row; std::getline(text, row);) {
    // Where EI_OSABI does not say that the file is a GNU one, IFUNC and UNIQUE have no name.
    if (const auto at = row.find("<OS specific>: "); at != std::string::npos) row.erase(at, 14);
    std::istringstream fields(row);
    std::string number, value, size, type, bind, visibility, index, name;
    fields >> number >> value >> size >> type >> bind >> visibility >> index >> name;
    if (name.empty() || number == "Num:" || bind == "LOCAL") continue;
    const auto at = name.find('@');
    const std::string version =
        at == std::string::npos ? "" : name.substr(name.find_first_not_of('@', at));
    const bool defined = index != "UND";
    if (defined && (visibility == "HIDDEN" || visibility == "INTERNAL")) continue;
    if (is_version_name(index, value)) continue;
    lines.push_back(
        line(defined ? "export" : "import", name.substr(0, at), version, bind == "WEAK"));
  }
  std::ranges::sort(lines);
  return lines;
}

#define NEEDS_LIEF() \
  if (!can_list_symbols()) GTEST_SKIP() << "built without LIEF"

const char* const kVersionScript =
    "V_1 { global: old; both; local: *; };\nV_2 { global: both; fresh; } V_1;\n";
const char* const kVersionedSource = R"(
int old(void) { return 1; }
int both_1(void) { return 1; }
int both_2(void) { return 2; }
int fresh(void) { return 3; }
int hidden_by_script(void) { return 4; }
__asm__(".symver both_1, both@V_1");
__asm__(".symver both_2, both@@V_2");
)";

Recipe versioned() {
  return {.source = kVersionedSource,
          .flags = {"-Wl,--version-script=versions", "-Wl,-soname,libversioned.so"},
          .files = {{"versions", kVersionScript}}};
}

std::vector<Recipe> recipes() {
  const std::string rich = R"(
#include <stdio.h>
#include <math.h>
extern int maybe(void) __attribute__((weak));
int strong = 3;
__attribute__((weak)) int weak_definition(void) { return 5; }
__attribute__((visibility("hidden"))) int hidden_one = 1;
__attribute__((visibility("protected"))) int protected_one(void) { return hidden_one; }
__thread int in_thread = 4;
int unset[100];
static int pick(void) { return 1; }
static void* resolve(void) { return (void*)pick; }
int indirect(void) __attribute__((ifunc("resolve")));
int run(double x) { if (maybe) maybe(); return puts("x") + (int)sin(x) + in_thread; }
)";
  const std::string cxx = R"(
#include <iostream>
#include <map>
#include <string>
template <typename T> struct Once { static int value; };
template <typename T> int Once<T>::value = sizeof(T);
inline int counter = 7;
inline int& local_static() { static int x = counter; return x; }
int use(std::map<std::string, int>& map) {
  std::cout << map["a"] << Once<double>::value << local_static();
  throw std::string("b");
}
)";
  return {
      {.source = rich, .flags = {"-lm"}},
      {.source = rich, .flags = {"-lm", "-Wl,--hash-style=sysv"}},
      {.source = rich, .flags = {"-lm", "-Wl,--hash-style=both", "-Wl,-z,now", "-s"}},
      {.source = rich, .flags = {"-nostdlib"}},
      {.source = cxx, .compiler = "g++"},
      {.source = cxx, .flags = {"-fvisibility=hidden"}, .compiler = "g++"},
      {.source = "int nothing;",
       .flags = {"-Wl,--version-script=none"},
       .files = {{"none", "{ local: *; };"}}},
      {.source = "extern int a(void); static int b(void) { return a(); } void* p = b;",
       .flags = {"-Wl,--version-script=none", "-Wl,--hash-style=gnu"},
       .files = {{"none", "{ local: *; };"}}},
      versioned(),
  };
}

TEST(ListSymbols, AgreesWithReadelf) {
  NEEDS_LIEF();
  for (const Recipe& recipe : recipes()) {
    const auto file = support::build(recipe);
    EXPECT_EQ(as_lines(list(bytes_of(file))), readelf_lines(file))
        << recipe.source << testing::PrintToString(recipe.flags);
  }
}

TEST(ListSymbols, AgreesWithReadelfOnTheSystemsLibraries) {
  NEEDS_LIEF();
  for (const char* name : {"libc.so.6", "libm.so.6", "libstdc++.so.6", "libgcc_s.so.1"}) {
    auto path = support::run_program({"gcc", std::string("-print-file-name=") + name}).out;
    path.erase(path.find_last_not_of('\n') + 1);
    if (!path.starts_with('/')) continue;
    const Lines lines = readelf_lines(path);
    EXPECT_GT(lines.size(), 100u);
    EXPECT_EQ(as_lines(list(bytes_of(path))), lines) << name;
  }
}

TEST(ListSymbols, ReadsEveryClassAndByteOrder) {
  NEEDS_LIEF();
  NEEDS_PROGRAMS("i686-linux-gnu-gcc", "s390x-linux-gnu-gcc", "aarch64-linux-gnu-gcc");
  for (const char* compiler :
       {"i686-linux-gnu-gcc", "s390x-linux-gnu-gcc", "aarch64-linux-gnu-gcc"}) {
    Recipe recipe = versioned();
    recipe.compiler = compiler;
    const auto file = support::build(recipe);
    EXPECT_EQ(as_lines(list(bytes_of(file))), readelf_lines(file)) << compiler;
  }
}

TEST(ListSymbols, AVersionOfAnImportTellsTheLibraryThatShouldBringIt) {
  NEEDS_LIEF();
  const auto provider = support::build(versioned());
  const auto file =
      support::build({.source = "extern int both(void); int f(void) { return both(); }",
                      .flags = {provider.string()}});
  const SymbolListing listing = list(bytes_of(file));
  const auto& imports = listing.imports();
  const auto both = std::ranges::find_if(
      imports, [&](const auto& symbol) { return listing.name(symbol) == "both"; });
  ASSERT_NE(both, imports.end());
  ASSERT_NE(listing.version(*both), nullptr);
  EXPECT_EQ(listing.version(*both)->name, "V_2");
  EXPECT_EQ(listing.version(*both)->file, "libversioned.so");
}

TEST(ListSymbols, SectionHeadersDoNotMatter) {
  NEEDS_LIEF();
  for (const Recipe& recipe : recipes()) {
    const std::string whole = bytes_of(support::build(recipe));
    std::string stripped = whole;
    std::ranges::fill(stripped.begin() + 40, stripped.begin() + 48, '\0');  // e_shoff
    std::ranges::fill(stripped.begin() + 60, stripped.begin() + 64, '\0');  // e_shnum, e_shstrndx
    EXPECT_EQ(as_lines(list(stripped)), as_lines(list(whole))) << recipe.source;
  }
}

/// A copy of a library as patchelf leaves it: the first PT_LOAD ends at `address`, and one of its
/// own goes on from there, both in memory and in the file. Its header takes the place of PT_NOTE's.
/// Nothing but the program headers tells where things are.
support::ElfPoke split_first_load(const std::filesystem::path& file, std::uint64_t address) {
  namespace at = support::at;
  support::ElfPoke elf(file);
  const std::uint64_t first = elf.segment(support::kPtLoad);
  const std::uint64_t second = first + at::kSegmentSize;
  const std::uint64_t note = elf.segment(support::kPtNote);
  const auto byte = [&](std::uint64_t offset) {
    return elf.bytes().begin() + static_cast<std::ptrdiff_t>(offset);
  };
  std::copy_backward(byte(first), byte(note), byte(note + at::kSegmentSize));
  const std::uint64_t size = address - elf.get(first + at::kSegmentVaddr, 8);
  for (const auto field : {at::kSegmentOffset, at::kSegmentVaddr, at::kSegmentVaddr + 8}) {
    elf.put(second + field, 8, elf.get(first + field, 8) + size);
  }
  for (const auto field : {at::kSegmentFileSize, at::kSegmentMemorySize}) {
    elf.put(second + field, 8, elf.get(first + field, 8) - size);
    elf.put(first + field, 8, size);
  }
  return elf.put(at::kShoff, 8, 0).put(at::kShnum, 2, 0).put(at::kShstrndx, 2, 0);
}

constexpr std::uint64_t kSymbolTable = 6;  // DT_SYMTAB

/// What each dynamic entry of `file` that holds an address of a table of symbols is called.
const std::map<std::string, std::uint64_t> kTables = {
    {"DT_STRTAB", 5},          {"DT_SYMTAB", kSymbolTable}, {"DT_GNU_HASH", 0x6ffffef5},
    {"DT_VERSYM", 0x6ffffff0}, {"DT_VERDEF", 0x6ffffffc},   {"DT_VERNEED", 0x6ffffffe}};

std::uint64_t address_of(const std::filesystem::path& file, std::uint64_t tag) {
  const support::ElfPoke elf(file);
  return elf.get(elf.dynamic(tag) + support::at::kDynamicValue, 8);
}

Image parse_file(const std::filesystem::path& file) {
  const std::string bytes = bytes_of(file);
  MemorySource source(std::as_bytes(std::span(bytes)));
  return parse(source);
}

TEST(ListSymbols, ATableMayRunOnIntoASegmentThatAdjoins) {
  NEEDS_LIEF();
  const support::TempDir folder;
  Recipe recipe = versioned();
  recipe.source += "int puts(const char*); int say(void) { return puts(\"x\"); }\n";
  const auto whole = support::build(recipe);
  const auto split = folder / "split.so";
  for (const auto& [name, tag] : kTables) {
    auto elf = split_first_load(whole, address_of(whole, tag) + 8);
    support::write_file(split, elf.bytes());
    const Lines lines = readelf_lines(split, "-Ds");
    EXPECT_EQ(lines, readelf_lines(whole)) << name;
    EXPECT_EQ(as_lines(list(bytes_of(split))), lines) << name;
    EXPECT_EQ(parse_file(split).soname, "libversioned.so") << name;
  }
}

TEST(ListSymbols, ATableDoesNotRunOnIntoASegmentOfOtherBytes) {
  NEEDS_LIEF();
  const auto whole = support::build(versioned());
  auto elf = split_first_load(whole, address_of(whole, kSymbolTable) + 8);
  const std::uint64_t offset = elf.segment(support::kPtLoad, 1) + support::at::kSegmentOffset;
  const std::string adjoining(elf.bytes().begin(), elf.bytes().end());
  EXPECT_FALSE(as_lines(list(adjoining)).empty());
  elf.put(offset, 8, elf.get(offset, 8) + 0x1000);
  const std::string other(elf.bytes().begin(), elf.bytes().end());
  EXPECT_THROW(list(other), Error);
}

TEST(ListSymbols, WithoutDynamicTableThereAreNone) {
  NEEDS_LIEF();
  const auto file = support::build({.source = "int main(void) { return 0; }",
                                    .flags = {"-static", "-no-pie"},
                                    .executable = true});
  const SymbolListing listing = list(bytes_of(file));
  EXPECT_TRUE(listing.imports().empty());
  EXPECT_TRUE(listing.exports().empty());
}

/// The loader's own word on which export an import without a version takes: the importer is linked
/// against a library without versions, and then meets one that has them.
TEST(Meets, TheLoaderAgreesOnAnImportThatNamesNoVersion) {
  NEEDS_LIEF();
  const auto provider = support::build(versioned());
  const SymbolListing exporter = list(bytes_of(provider));
  for (const std::string name : {"old", "both", "fresh"}) {
    const auto plain = support::build({.source = "int old(void) { return 0; }\nint both(void) "
                                                 "{ return 0; }\nint fresh(void) { return 0; }",
                                       .flags = {"-Wl,-soname,libspecimen.so"}});
    const auto program = support::build(
        {.source = "extern int " + name + "(void); int main(void) { return 10 + " + name + "(); }",
         .flags = {plain.string(), "-Wl,-rpath," + provider.parent_path().string()},
         .name = "program",
         .executable = true});
    const SymbolListing importer = list(bytes_of(program));
    bool met = false;
    for (const auto& wanted : importer.imports()) {
      if (importer.name(wanted) != name) continue;
      EXPECT_EQ(importer.version(wanted), nullptr);
      for (const auto& defined : exporter.exports()) {
        met |= exporter.name(defined) == name && meets(importer, wanted, exporter, defined);
      }
    }
    const int status = support::run_program({program.string()}).status;
    // `fresh` exists in the second version only; it is the default one, so the loader takes it.
    EXPECT_EQ(met, status > 10 && status < 20) << name << ' ' << status;
  }
}

SymbolListing importer_of(const std::string& version) {
  SymbolListing listing;
  listing.set_versions(true, {{version, "lib.so"}});
  listing.add_import("f", version.empty() ? 0 : 1, false);
  return listing;
}

SymbolListing exporter_of(bool has_versions, const std::string& version, bool meets_unversioned) {
  SymbolListing listing;
  listing.set_versions(has_versions, {{version, ""}});
  listing.add_export("f", version.empty() ? 0 : 1, false, meets_unversioned);
  return listing;
}

bool are_met(const SymbolListing& importer, const SymbolListing& exporter) {
  return meets(importer, importer.imports()[0], exporter, exporter.exports()[0]);
}

TEST(Meets, AVersionWantsTheSameVersion) {
  EXPECT_TRUE(are_met(importer_of("V_2"), exporter_of(true, "V_2", true)));
  EXPECT_TRUE(are_met(importer_of("V_1"), exporter_of(true, "V_1", false)));
  EXPECT_FALSE(are_met(importer_of("V_1"), exporter_of(true, "V_2", true)));
}

TEST(Meets, AVersionIsMetByALibraryWithoutVersionsAndByASymbolWithoutOne) {
  EXPECT_TRUE(are_met(importer_of("V_1"), exporter_of(false, "", true)));
  EXPECT_TRUE(are_met(importer_of("V_1"), exporter_of(true, "", true)));
}

TEST(Meets, WithoutAVersionTheHiddenOnesDoNotCount) {
  EXPECT_TRUE(are_met(importer_of(""), exporter_of(true, "V_2", true)));
  EXPECT_FALSE(are_met(importer_of(""), exporter_of(true, "V_2", false)));
}

TEST(ListSymbols, ATableThatReachesPastTheEndIsAnError) {
  NEEDS_LIEF();
  const std::string whole = bytes_of(support::build(versioned()));
  MemorySource source(std::as_bytes(std::span(whole)));
  Image image = parse(source);
  image.string_table_size = whole.size();
  EXPECT_THROW(list_symbols(source, image), Error);
}

TEST(ExtractSymbols, TheSmallFileIsAProperOneWithTheSameSymbols) {
  for (const Recipe& recipe : recipes()) {
    const std::string whole = bytes_of(support::build(recipe));
    MemorySource source(std::as_bytes(std::span(whole)));
    const SymbolFile small = extract_symbols(source, parse(source));
    ASSERT_NE(small.symbol_count, 0u);
    MemorySource small_source(std::as_bytes(std::span(small.bytes)));
    const Image image = parse(small_source);
    const SymbolFile again = extract_symbols(small_source, image);
    EXPECT_EQ(again.symbol_count, small.symbol_count);
    EXPECT_EQ(again.bytes, small.bytes);
  }
}

}  // namespace
}  // namespace elf
