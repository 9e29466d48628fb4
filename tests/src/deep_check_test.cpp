#include "src/deep_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>

#include "elf/edited_places.h"
#include "elf/error.h"
#include "elf/rewrite.h"
#include "src/file_source.h"
#include "src/output_file.h"
#include "src/regular_file.h"
#include "tests/support/compile.h"
#include "tests/support/elf_edits.h"
#include "tests/support/random_seed.h"
#include "tests/support/temp_dir.h"
#include "wheel/archive_writer.h"

namespace elf {

inline bool operator==(const DeepDifference& one, const DeepDifference& other) {
  return one.part == other.part && one.what == other.what;
}
inline void PrintTo(const DeepDifference& difference, std::ostream* out) {
  *out << difference.part << ": " << difference.what;
}

}  // namespace elf

namespace spokeshave {
namespace {

using elf::DeepDifference;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

using Differences = std::vector<DeepDifference>;
constexpr ChildLimits kEnough{.memory_bytes = 64 << 20, .seconds = 20};

TEST(DeepCheck, WhatIsFoundComesBackWhole) {
  Differences many;
  for (int i = 0; i < 3'000; ++i) {
    many.push_back({"symbols", "difference " + std::to_string(i) + std::string(100, 'x')});
  }
  for (const Differences& found : {Differences{}, Differences{{"notes", ""}}, many}) {
    EXPECT_EQ(compare_in_child([&] { return found; }, kEnough), found);
  }
}

TEST(DeepCheck, AComparisonThatFailsIsOneDifferenceThatSaysSo) {
  const auto told = [](const std::function<Differences()>& compare) {
    return compare_in_child(compare, kEnough);
  };
  EXPECT_EQ(told([]() -> Differences { throw elf::Error(0x40, "it does not add up"); }),
            (Differences{
                {"comparison", "they could not be compared: it does not add up (offset 0x40)"}}));
  EXPECT_THAT(told([]() -> Differences { std::abort(); }),
              ElementsAre(Field(&DeepDifference::what, HasSubstr("it crashes (Abort"))));
#ifndef __SANITIZE_ADDRESS__
  EXPECT_THAT(told([] {
                std::vector<std::string> taken;
                for (;;) taken.emplace_back(1 << 20, 'x');
                return Differences{};
              }),
              ElementsAre(Field(&DeepDifference::what, HasSubstr("of memory"))));
#endif
}

TEST(DeepCheck, ATextWithoutEndIsCutOff) {
  const auto found = compare_in_child(
      [] {
        return Differences{{"notes", std::string(1 << 20, 'x')}};
      },
      kEnough);
  EXPECT_EQ(found, (Differences{{"notes", std::string(10'000, 'x')}}));
}

// ------------------------------------------------------------------ with LIEF

class DeepCheckOfMembers : public testing::Test {
 protected:
  void SetUp() override {
    if (!elf::can_compare_deeply()) GTEST_SKIP() << "built without LIEF";
  }

  static std::string library() {
    const auto file =
        support::build({.source = "int answer(void) { return 42; }", .flags = {"-Wl,-rpath,/x"}});
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  static std::string rewritten(const std::string& library) {
    const auto bytes = std::as_bytes(std::span(library));
    const auto after = support::elf_edits::edited({bytes.begin(), bytes.end()},
                                                  {.search_path = "/" + std::string(100, 'y')});
    return {reinterpret_cast<const char*>(after.data()), after.size()};
  }

  Differences compare(const std::string& before, const std::string& after) {
    const wheel::Archive old_archive = wheel::Archive::open(archive_of("old.zip", before));
    const wheel::Archive new_archive = wheel::Archive::open(archive_of("new.zip", after));
    return compare_in_child(library_state(old_archive, *old_archive.find("lib.so")),
                            library_state(new_archive, *new_archive.find("lib.so")));
  }

  std::string archive_of(const std::string& name, const std::string& library) const {
    const std::string path = (dir_ / name).string();
    wheel::ArchiveWriter writer;
    writer.add_text({.name = "lib.so"}, library);
    OutputFile file(dir_.path().string());
    writer.write(file.descriptor());
    file.publish(path, false);
    return path;
  }

  support::TempDir dir_;
};

TEST_F(DeepCheckOfMembers, ARewriteGivesNoDifference) {
  EXPECT_THAT(compare(library(), rewritten(library())), IsEmpty());
}

TEST_F(DeepCheckOfMembers, AByteOfTheCodeIsFoundAndItsSectionNamed) {
  std::string broken = rewritten(library());
  const auto code = broken.find(std::string("\xb8\x2a\0\0\0", 5));  // mov $42, %eax
  ASSERT_NE(code, std::string::npos);
  broken[code + 1] = 43;
  EXPECT_EQ(compare(library(), broken),
            (Differences{{"sections", "section `.text`: content differs"}}));
}

TEST_F(DeepCheckOfMembers, AMemberThatIsNoLibraryIsOneDifferenceThatSaysSo) {
  EXPECT_THAT(compare(library(), "text"), ElementsAre(Field(&DeepDifference::part, "comparison")));
}

/// Where a flipped bit is no deep difference: the strings that edits change, and what leads to
/// them.
bool belongs_to_a_name(std::uint64_t offset, const elf::Image& image,
                       const elf::EditedPlaces& places) {
  const auto is_in = [&](std::uint64_t begin, std::uint64_t size) {
    return offset >= begin && offset - begin < size;
  };
  for (const elf::FileRange& old_string : places.old_strings) {
    if (is_in(image.string_table_offset + old_string.offset, old_string.size)) return true;
  }
  const std::uint64_t begin = image.dynamic.front().file_offset;
  return is_in(begin, (image.dynamic.size() + image.spare_dynamic_entries + 1) * 16);
}

TEST_F(DeepCheckOfMembers, AnyBitThatNoEditMayChangeIsGuarded) {
  const unsigned seed = support::random_seed();
  SCOPED_TRACE("SPOKESHAVE_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  const std::string before = library();
  const auto old_bytes = std::as_bytes(std::span(before));
  elf::MemorySource old_source(old_bytes);
  const elf::Image image = elf::parse(old_source);
  const elf::EditedPlaces places = elf::find_edited_places(old_source, image);
  const std::string whole = rewritten(before);
  for (int i = 0; i < 300; ++i) {
    std::string broken = whole;
    const std::size_t offset =
        std::uniform_int_distribution<std::size_t>(0, before.size() - 1)(random);
    // The old string table is read by nobody: the new one is.
    const bool is_old_table = offset - image.string_table_offset < image.string_table_size;
    if (belongs_to_a_name(offset, image, places) || is_old_table) continue;
    broken[offset] = static_cast<char>(broken[offset] ^ (1 << (i % 8)));
    const auto new_bytes = std::as_bytes(std::span(broken));
    const auto found = compare_in_child(
        [&] {
          elf::MemorySource one(old_bytes);
          elf::MemorySource other(new_bytes);
          return elf::compare_deeply(one, other);
        },
        {.memory_bytes = std::uint64_t{1} << 30, .seconds = 20});
    EXPECT_FALSE(found.empty()) << "bit " << i % 8 << " of byte " << offset;
  }
}

TEST_F(DeepCheckOfMembers, FilesOnDiskAreComparedAsWell) {
  std::ofstream(dir_ / "old.so", std::ios::binary) << library();
  std::ofstream(dir_ / "new.so", std::ios::binary) << rewritten(library());
  const RegularFile before((dir_ / "old.so").string());
  const RegularFile after((dir_ / "new.so").string());
  const auto state = [](const RegularFile& file) {
    return LibraryState{static_cast<std::uint64_t>(file.status().st_size),
                        [&file] { return std::make_unique<FileSource>(file.descriptor()); }};
  };
  EXPECT_THAT(compare_in_child(state(before), state(after)), IsEmpty());
}

}  // namespace
}  // namespace spokeshave
