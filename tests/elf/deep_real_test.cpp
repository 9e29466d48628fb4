// Rewrites of all kinds give no difference, on libraries that linkers made and on odd ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "elf/deep_comparison.h"
#include "elf/error.h"
#include "tests/support/elf_edits.h"
#include "tests/support/elf_poke.h"
#include "tests/support/run_program.h"
#include "tests/support/specimen.h"

namespace elf {

inline void PrintTo(const DeepDifference& difference, std::ostream* out) {
  *out << difference.part << ": " << difference.what;
}

namespace {

namespace fs = std::filesystem;
using support::Specimen;
using support::elf_edits::Bytes;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<DeepDifference> differences(const Bytes& before, const Bytes& after) {
  MemorySource old_source(before);
  MemorySource new_source(after);
  return compare_deeply(old_source, new_source);
}

Bytes bytes_of(const fs::path& file) {
  const auto chars = support::read_file(file);
  const auto bytes = std::as_bytes(std::span(chars));
  return {bytes.begin(), bytes.end()};
}

std::vector<DeepDifference> differences(const Specimen& lib) {
  return differences(bytes_of(lib.before()), bytes_of(lib.file()));
}

std::vector<Edits> all_kinds_of_edits(const Image& image) {
  std::vector<Edits> all = {
      {.search_path = "/"},
      {.search_path = "$ORIGIN/" + support::long_text(200)},
      {.search_path = "/a", .path_kind = PathKind::kRpath},
      {.remove_search_path = true},
      {.soname = "libspecimen-a34b3233.so.7"},
      {.add_needed = {"libadded-by-a-test.so"}},
  };
  if (!image.needed.empty()) {
    const std::string& name = image.needed.front();
    all.push_back({.replace_needed = {{name, "lib.so"}}});
    all.push_back({.search_path = "/" + support::long_text(100),
                   .soname = "libspecimen-a34b3233.so.7",
                   .replace_needed = {{name, "libspecimen-that-is-needed-a34b3233.so.7"}}});
    all.push_back({.remove_needed = {image.needed.back()}});
  }
  return all;
}

/// Each kind of edit by itself, then the same file edited a second time. How many were not refused.
int expect_no_difference(const Bytes& before) {
  int done = 0;
  for (const Edits& edits : all_kinds_of_edits(support::elf_edits::parse_bytes(before))) {
    if (!support::elf_edits::refusal(before, edits).empty()) continue;
    const Bytes once = support::elf_edits::edited(before, edits);
    EXPECT_THAT(differences(before, once), IsEmpty());
    ++done;
    const Edits again{.soname = "libspecimen-with-another-name-again.so.8"};
    if (!support::elf_edits::refusal(once, again).empty()) continue;
    EXPECT_THAT(differences(before, support::elf_edits::edited(once, again)), IsEmpty());
  }
  return done;
}

class DeepComparison : public testing::Test {
 protected:
  void SetUp() override {
    if (!can_compare_deeply()) GTEST_SKIP() << "built without LIEF";
  }
};

TEST_F(DeepComparison, RewritesOfThisMachinesLibrariesGiveNoDifference) {
#ifdef SPOKESHAVE_TEST_TOOLCHAINS
  constexpr std::size_t kStride = 5;
  constexpr std::uint64_t kMostBytes = 20'000'000;
#else
  constexpr std::size_t kStride = 15;
  constexpr std::uint64_t kMostBytes = 5'000'000;
#endif
  std::vector<fs::path> files;
  for (const char* root : {"/usr/lib", "/usr/aarch64-linux-gnu/lib", "/usr/i686-linux-gnu/lib",
                           "/usr/s390x-linux-gnu/lib"}) {
    std::error_code ignored;
    for (fs::recursive_directory_iterator
             entry(root, fs::directory_options::skip_permission_denied, ignored),
         end;
         entry != end; entry.increment(ignored)) {
      const bool is_library = entry->path().string().find(".so") != std::string::npos;
      if (entry->is_regular_file() && !entry->is_symlink() && is_library)
        files.push_back(entry->path());
    }
  }
  std::ranges::sort(files);
  int done = 0;
  for (std::size_t i = 0; i < files.size(); i += kStride) {
    if (fs::file_size(files[i]) > kMostBytes) continue;
    const Bytes bytes = bytes_of(files[i]);
    if (!has_elf_magic(bytes)) continue;
    const Image image = support::elf_edits::parse_bytes(bytes);
    const bool is_x32 = image.machine == EM_X86_64 && !image.format.is_64();
    if (image.dynamic.empty() || is_x32) continue;
    SCOPED_TRACE(files[i]);
    done += expect_no_difference(bytes);
  }
  EXPECT_GT(done, 50);
}

TEST_F(DeepComparison, WithoutSectionHeadersEditsGiveNoDifferenceAndDamageDoes) {
  const support::Recipe recipe{.source = support::kRichSource,
                               .flags = {"-Wl,-soname,libmine.so", "-Wl,--build-id"}};
  Specimen lib(recipe, [](const fs::path& file) {
    support::ElfPoke(file)
        .put(support::at::kShoff, 8, 0)
        .put(support::at::kShnum, 2, 0)
        .put(support::at::kShstrndx, 2, 0)
        .save();
  });
  const Bytes before = bytes_of(lib.before());
  EXPECT_GT(expect_no_difference(before), 4);
  lib.edit({.search_path = support::long_text(200)});
  support::ElfPoke poke(lib.file());
  const std::uint64_t code = poke.file_offset(poke.get(poke.dynamic(12) + 8, 8));
  poke.put(code, 1, poke.get(code, 1) ^ 1).save();
  const auto found = differences(lib);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].part, "segments");
  EXPECT_THAT(found[0].what, HasSubstr("content differs"));
}

TEST_F(DeepComparison, WithoutSectionHeadersANameOfASymbolIsStillGuarded) {
  Specimen lib({.source = support::kRichSource}, [](const fs::path& file) {
    support::ElfPoke(file).put(support::at::kShoff, 8, 0).put(support::at::kShnum, 2, 0).save();
  });
  lib.edit({.search_path = support::long_text(200)});
  auto bytes = support::read_file(lib.file());
  const std::string name = "was_constructed";
  std::size_t count = 0;  // in the old table and in the new one
  for (auto begin = bytes.begin(); ++count < 10;) {
    begin = std::search(begin, bytes.end(), name.begin(), name.end());
    if (begin == bytes.end()) break;
    *begin++ = 'W';
  }
  support::write_file(lib.file(), bytes);
  const auto found = differences(lib);
  ASSERT_FALSE(found.empty());
  EXPECT_THAT(found[0].what, HasSubstr("dynamic string table"));
}

TEST_F(DeepComparison, WhatNothingMapsAndNoSectionTellsOfIsGuardedToo) {
  Specimen lib({.source = support::kRichSource}, [](const fs::path& file) {
    support::ElfPoke poke(file);
    poke.put(support::at::kShoff, 8, 0).put(support::at::kShnum, 2, 0);
    poke.bytes().push_back('x');
    poke.save();
  });
  lib.edit({.search_path = support::long_text(200)});
  support::ElfPoke(lib.file()).put(fs::file_size(lib.before()) - 1, 1, 'y').save();
  const auto found = differences(lib);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].what, "bytes between the sections differ, which nothing maps");
}

// As chrpath and CMake's RPATH_REMOVE leave them: where a name ended, NULs follow.
TEST_F(DeepComparison, ANameMayGrowOverTheNulsBehindItButForTheLast) {
  const std::string name = "libmine-with-a-long-name.so";
  std::uint64_t last_nul = 0;
  Specimen lib({.source = support::kRichSource, .flags = {"-Wl,-soname," + name}},
               [&](const fs::path& file) {
                 support::ElfPoke poke(file);
                 const auto strings = poke.file_offset(poke.get(poke.dynamic(5) + 8, 8));
                 const auto begin = strings + poke.get(poke.dynamic(14) + 8, 8);
                 last_nul = begin + name.size();
                 for (auto at = begin + std::string("libmine").size(); at < last_nul; ++at) {
                   poke.put(at, 1, 0);
                 }
                 poke.save();
               });
  EXPECT_EQ(lib.edit({.soname = "libmine-renamed.so"}).placement, Placement::kInPlace);
  EXPECT_THAT(lib.findings(support::kRichSteps), IsEmpty());
  EXPECT_THAT(differences(lib), IsEmpty());

  support::ElfPoke(lib.file()).put(last_nul, 1, 'x').save();
  EXPECT_THAT(differences(lib), Not(IsEmpty()));
}

TEST_F(DeepComparison, WhatPatchelfMovesIsTold) {
  Specimen lib({.source = support::kRichSource, .flags = {"-Wl,-rpath,/x"}});
  ASSERT_EQ(
      support::run_program({"patchelf", "--set-rpath", support::long_text(200), lib.file()}).status,
      0);
  EXPECT_FALSE(differences(lib).empty());
}

TEST_F(DeepComparison, OfManyDifferencesAHundredAreToldAndHowManyMore) {
  std::string source;
  for (int i = 0; i < 150; ++i) source += "int f" + std::to_string(i) + ";";
  Specimen lib({.source = source, .flags = {"-s"}});
  support::ElfPoke poke(lib.file());
  const std::uint64_t symbols = poke.file_offset(poke.get(poke.dynamic(6) + 8, 8));
  const auto table = support::dump(lib.file()).section("DYNSYM");
  for (std::uint64_t i = 1; i < table->size / 24; ++i) {
    poke.put(symbols + i * 24 + 16, 8, 1234);  // st_size
  }
  poke.save();
  std::size_t told = 0;
  for (const DeepDifference& each : differences(lib)) {
    told += each.part == "symbols" ? 1 : 0;
    if (told == 101) {
      EXPECT_THAT(each.what, testing::MatchesRegex("and [0-9]+ more"));
    }
  }
  EXPECT_EQ(told, 101u);
}

TEST_F(DeepComparison, AnotherNumberOfThingsIsOneDifference) {
  const support::Recipe one{.source = "int f;"};
  const support::Recipe two{.source = "int f; int g;"};
  const auto found = differences(bytes_of(support::build(one)), bytes_of(support::build(two)));
  std::vector<std::string> told;
  for (const DeepDifference& each : found) {
    if (each.what.starts_with("dynamic symbol: there are ")) told.push_back(each.what);
  }
  EXPECT_THAT(told, SizeIs(1));
}

TEST_F(DeepComparison, WhatLiefCannotReadIsAnError) {
  const Bytes text(100, std::byte{'x'});
  EXPECT_THROW(differences(text, text), Error);
  auto x32 = support::elf_edits::library({Class::k32, ByteOrder::kLittle});
  x32.machine = EM_X86_64;
  EXPECT_THROW(differences(x32.build(), x32.build()), Error);
}

}  // namespace
}  // namespace elf
