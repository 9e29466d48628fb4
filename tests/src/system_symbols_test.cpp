#include "src/system_symbols.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "elf/error.h"
#include "tests/support/compile.h"
#include "tests/support/temp_dir.h"

namespace spokeshave {
namespace {

using testing::Contains;
using testing::IsEmpty;

#define NEEDS_LIEF() \
  if (!elf::can_list_symbols()) GTEST_SKIP() << "built without LIEF"

/// An image of this machine's own ABI.
elf::Image this_machine() {
  const auto file = support::build({.source = "int f(void) { return 1; }"});
  std::ifstream stream(file, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(stream)), {});
  elf::MemorySource source(std::as_bytes(std::span(bytes)));
  return elf::parse(source);
}

std::vector<std::string> names_of(const elf::SymbolListing& listing) {
  std::vector<std::string> names;
  for (const auto& symbol : listing.exports()) names.emplace_back(listing.name(symbol));
  return names;
}

TEST(ReadSystemLibraries, FindsTheCLibraryOfThisMachine) {
  NEEDS_LIEF();
  const elf::Image image = this_machine();
  const auto found = read_system_libraries({{"libc.so.6", &image}, {"libnothere.so.9", &image}});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].soname, "libc.so.6");
  EXPECT_THAT(names_of(found[0].listing), Contains("printf"));
}

TEST(ReadSystemLibraries, PassesOverWhatIsNoLibraryOfThatAbi) {
  NEEDS_LIEF();
  const support::TempDir first;
  const support::TempDir second;
  const auto library = support::build({.source = "int f(void) { return 1; }"});
  std::ofstream(first / "libf.so") << "/* a linker script */ INPUT(libf.so.1)";
  std::filesystem::copy_file(library, second / "libf.so");
  std::filesystem::create_directory(second / "libfolder.so");
  const elf::Image image = this_machine();
  elf::Image other = image;
  other.machine = elf::EM_S390;
  const std::vector<std::string> folders = {first.path().string(), second.path().string()};
  const auto found =
      read_system_libraries({{"libf.so", &image}, {"libfolder.so", &image}}, folders);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(names_of(found[0].listing), Contains("f"));
  EXPECT_THAT(read_system_libraries({{"libf.so", &other}}, folders), IsEmpty());
}

TEST(ReadSystemLibraries, ANameWithASlashLeavesNoFolder) {
  NEEDS_LIEF();
  const support::TempDir folder;
  std::filesystem::create_directory(folder / "inner");
  std::filesystem::copy_file(support::build({.source = "int f(void) { return 1; }"}),
                             folder / "libf.so");
  const elf::Image image = this_machine();
  EXPECT_THAT(read_system_libraries({{"../libf.so", &image}}, {(folder / "inner").string()}),
              IsEmpty());
}

}  // namespace
}  // namespace spokeshave
