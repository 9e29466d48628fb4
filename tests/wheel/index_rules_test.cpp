#include "wheel/index_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <system_error>

#include "tests/support/faulty_wheels.h"
#include "tests/support/temp_dir.h"
#include "tests/support/wheel_maker.h"
#include "wheel/error.h"

namespace {

using support::FaultyWheel;
using support::WheelMaker;
using support::ZipImage;
using testing::ElementsAre;
using wheel::IndexFlaw;
using wheel::IndexRule;

std::vector<IndexFlaw> flaws_of_file(const std::string& path) {
  std::vector<IndexFlaw> flaws;
  wheel::check_index_rules(path, [&](const IndexFlaw& flaw) { flaws.push_back(flaw); });
  return flaws;
}

/// Each as `rule | refused by | member`.
std::vector<std::string> flaws_of(const std::string& file_name, const std::string& bytes) {
  const support::TempDir folder;
  const std::string path = folder / file_name;
  std::ofstream(path, std::ios::binary) << bytes;
  std::vector<std::string> lines;
  for (const IndexFlaw& flaw : flaws_of_file(path)) {
    EXPECT_NE(flaw.flaw.what, "");
    lines.push_back(flaw.flaw.rule + " | " + flaw.refused_by + " | " + flaw.flaw.member);
  }
  return lines;
}

// Whether the rules are those of PyPI, uv and pip: tests/e2e/index_rules_test.py asks them.
TEST(CheckIndexRules, FindWhatIsWrongWithAZipAndNothingElse) {
  for (const FaultyWheel& wheel : support::wheels_with_faulty_zips()) {
    EXPECT_EQ(flaws_of(wheel.file_name, wheel.bytes), wheel.flaws) << wheel.claim;
  }
}

TEST(CheckIndexRules, FindWhatIsWrongWithATextAndNothingElse) {
  for (const FaultyWheel& wheel : support::wheels_with_faulty_texts()) {
    EXPECT_EQ(flaws_of(wheel.file_name, wheel.bytes), wheel.flaws) << wheel.claim;
  }
}

TEST(CheckIndexRules, GoOnBehindEachFlaw) {
  const WheelMaker maker{
      .file_name = "Tiny-1.0-py3-none-linux_x86_64.whl",
      .metadata = "Metadata-Version: 2.1\nName: other\nVersion: 1.0\n",
      .members = {{.name = "tiny/a.py", .content = "x", .comment = "hello"},
                  {.name = "tiny/b.py", .descriptor = support::Descriptor::kSigned}}};
  ZipImage image = maker.make();
  image.bytes += "junk";
  EXPECT_THAT(
      flaws_of(maker.file_name, image.bytes),
      ElementsAre("filename-name | PyPI | ", "platform-tag | PyPI | ",
                  "zip-trailing-data | PyPI and uv | ", "zip-member-comment | PyPI | tiny/a.py",
                  "zip-data-descriptor | PyPI | tiny/b.py",
                  "dist-info-name | PyPI | tiny-1.0.dist-info",
                  "metadata-name | PyPI and uv | tiny-1.0.dist-info/METADATA"));
}

TEST(CheckIndexRules, KeepWhatPyPIPublishesApart) {
  const support::TempDir folder;
  const WheelMaker maker{.file_name = "tiny-1.0-py3-none-linux_x86_64.whl",
                         .unlisted = {{.name = "tiny/a.py"}}};
  const std::string path = folder / maker.file_name;
  std::ofstream(path, std::ios::binary) << maker.make().bytes;
  const auto flaws = flaws_of_file(path);
  ASSERT_EQ(flaws.size(), 2u);
  EXPECT_EQ(flaws[0].kind, IndexRule::kPublication);
  EXPECT_EQ(flaws[1].kind, IndexRule::kForm);
}

TEST(CheckIndexRules, TellAHundredFlawsOfARule) {
  WheelMaker maker;
  for (int i = 0; i < 120; ++i) {
    maker.members.push_back({.name = "tiny/m" + std::to_string(i) + ".py", .comment = "c"});
  }
  const auto flaws = flaws_of(maker.file_name, maker.make().bytes);
  ASSERT_EQ(flaws.size(), 101u);
  EXPECT_EQ(flaws.back(), "zip-member-comment | PyPI | ");
}

/// A file that begins with `bytes` and ends, behind a hole, with the rest of them from `hole` on.
std::string put_sparse(const support::TempDir& folder, const ZipImage& image, std::size_t hole,
                       std::uint64_t hole_bytes) {
  const std::string path = folder / WheelMaker{}.file_name;
  std::ofstream file(path, std::ios::binary);
  file << image.bytes.substr(0, hole);
  file.seekp(static_cast<std::streamoff>(hole + hole_bytes));
  file << image.bytes.substr(hole);
  return path;
}

TEST(CheckIndexRules, KnowPyPIsLimitsOfAFile) {
  const auto with_stored = [](std::uint64_t bytes) {
    const support::TempDir folder;
    WheelMaker maker{.members = {{.name = "tiny/big.bin", .method = 0}}};
    ZipImage image = maker.make();
    for (const std::size_t at :
         {image.local[0] + 18, image.local[0] + 22, image.central[0] + 20, image.central[0] + 24}) {
      image.put32(at, bytes);
    }
    for (std::size_t i = 1; i < image.central.size(); ++i) {
      image.put32(image.central[i] + 42, image.local[i] + bytes);
    }
    image.put32(image.end + 16, image.central[0] + bytes);
    std::vector<std::string> lines;
    for (const IndexFlaw& flaw : flaws_of_file(put_sparse(folder, image, image.data[0], bytes))) {
      lines.push_back(flaw.flaw.rule + ": " + flaw.flaw.what);
    }
    return lines;
  };
  EXPECT_THAT(with_stored(100'000'000), ElementsAre());
  EXPECT_THAT(with_stored(std::uint64_t{100} << 20),
              ElementsAre(testing::StartsWith("file-size-usual: ")));
  EXPECT_THAT(with_stored(std::uint64_t{1} << 30),
              ElementsAre(testing::HasSubstr("PyPI takes none")));
}

TEST(CheckIndexRules, KnowPyPIsLimitOfPacking) {
  const auto declaring = [](std::uint32_t bytes) {
    WheelMaker maker{.members = {{.name = "tiny/a.bin",
                                  .content = support::zlib_deflate("x"),
                                  .packed_by_caller = true,
                                  .size = bytes,
                                  .crc = 1}}};
    return flaws_of(maker.file_name, maker.make().bytes);
  };
  EXPECT_THAT(declaring(60u << 20), ElementsAre());
  EXPECT_THAT(declaring(65u << 20), ElementsAre("zip-ratio | PyPI | "));
}

TEST(CheckIndexRules, OfWhatIsNoArchiveAreAnError) {
  EXPECT_THROW(flaws_of("tiny-1.0-py3-none-any.whl", "not a zip"), wheel::Error);
  EXPECT_THROW(flaws_of("tiny-1.0-py3-none-any.whl", ""), wheel::Error);
  EXPECT_THROW(flaws_of_file("/no/such/tiny-1.0-py3-none-any.whl"), std::system_error);
}

// No field may lead outside the file, nor to an endless walk.
TEST(CheckIndexRules, TakeEveryByteForHostile) {
  const support::TempDir folder;
  const WheelMaker maker;
  const std::string whole =
      make_zip(maker.all_members(), {.zip64_end = true, .comment = "text"}).bytes;
  const support::MemoryFile file(whole);
  const std::string path = folder / maker.file_name;
  std::filesystem::create_symlink(file.path(), path);
  const auto finds_something = [&] {
    try {
      return !flaws_of_file(path).empty();
    } catch (const wheel::Error&) {
      return true;
    }
  };
  const auto put = [&](std::size_t at, char byte) {
    ASSERT_EQ(::pwrite(file.descriptor(), &byte, 1, static_cast<off_t>(at)), 1);
  };
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const char byte : {'\0', '\x7f', '\xff'}) {
      put(at, byte);
      finds_something();  // or not: a time may be any
    }
    put(at, whole[at]);
  }
  EXPECT_FALSE(finds_something());
  for (std::size_t size = whole.size(); size-- > 0;) {
    ASSERT_EQ(::ftruncate(file.descriptor(), static_cast<off_t>(size)), 0);
    EXPECT_TRUE(finds_something()) << size;
  }
}

}  // namespace
