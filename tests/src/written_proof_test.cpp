#include "src/written_proof.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <optional>

#include "src/failure.h"
#include "src/output_wheels.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_library.h"
#include "tests/support/wheel_maker.h"
#include "wheel/file_window.h"

namespace spokeshave {
namespace {

using testing::HasSubstr;

constexpr const char* kLibrary = "tiny/liba.so";

/// A wheel of one library, whose RUNPATH is set, written and not yet proved.
class WrittenProof : public testing::Test {
 protected:
  void SetUp() override {
    const std::string path = (folder_.path() / maker_.file_name).string();
    const auto image = maker_.make();
    support::write_file(
        path, std::string(reinterpret_cast<const char*>(image.bytes.data()), image.bytes.size()));
    wheel_ = wheel::open_wheel(path);
    stage_.emplace(folder_.path().string());
    elf::Edits edits;
    edits.search_path = "$ORIGIN";
    stage_->add_libraries(*wheel_, {{kLibrary, edits}}, "", 2, progress_);
    WheelDrafter drafter(*wheel_, std::nullopt);
    for (const auto& member : wheel_->archive.members()) {
      if (member.name == kLibrary) {
        drafter.add_library(member, member.name, *stage_, *stage_->find_library(kLibrary));
      } else if (!member.name.ends_with("/RECORD")) {
        drafter.pass_through(member, member.name);
      }
    }
    drafts_.push_back(drafter.finish(wheel_->dist_info, maker_.file_name));
    outputs_ = write_wheels(folder_.path().string(), drafts_, 2, progress_);
  }

  StagedMember& proved() { return *drafts_.front().written_anew.front().proved; }

  std::string fault() {
    try {
      prove_written(outputs_, drafts_, 2, progress_);
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.what(), "`" + maker_.file_name + "` did not pass its proof");
      EXPECT_THAT(failure.cause(), HasSubstr(kLibrary));
      return failure.cause();
    }
    return "proved";
  }

  support::WheelMaker maker_{
      .members = {{.name = kLibrary, .content = support::bytes_of({.runpath = "$ORIGIN/there"})}}};
  support::TempDir folder_;
  Progress progress_{false};
  std::optional<wheel::WheelFile> wheel_;
  std::optional<Stage> stage_;
  std::vector<WheelDraft> drafts_;
  std::vector<OutputFile> outputs_;
};

TEST_F(WrittenProof, IsOfEveryMemberAndOfThoseWrittenAnew) {
  const WrittenWheels written = prove_written(outputs_, drafts_, 2, progress_);
  EXPECT_EQ(written.members, 4u);
  EXPECT_EQ(written.decoded, 1u);
}

TEST_F(WrittenProof, RefusesARowOfRecordThatIsOfOtherBytes) {
  proved().packed.digest[0] ^= std::byte{1};
  EXPECT_THAT(fault(), HasSubstr("RECORD has another hash"));
}

TEST_F(WrittenProof, RefusesAHeaderThatIsOfOtherBytes) {
  const auto refuses = [&](auto& field) {
    ++field;
    EXPECT_THAT(fault(), HasSubstr("its header is not that"));
    --field;
  };
  refuses(proved().packed.packed_bytes);
  refuses(proved().packed.size);
  refuses(proved().packed.crc);
  EXPECT_EQ(fault(), "proved");
}

TEST_F(WrittenProof, RefusesOtherPackedBytes) {
  const wheel::WheelFile file =
      wheel::open_wheel(outputs_.front().descriptor(), drafts_.front().file_name);
  const wheel::Member& member = *file.archive.find(kLibrary);
  std::array<std::byte, 1> byte{};
  const std::uint64_t at = member.data_offset + member.packed_bytes / 2;
  wheel::read_at(outputs_.front().descriptor(), at, byte);
  byte[0] ^= std::byte{16};
  wheel::write_at(outputs_.front().descriptor(), at, byte);
  EXPECT_THAT(fault(), HasSubstr("its packed bytes are not those that were proved"));
}

}  // namespace
}  // namespace spokeshave
