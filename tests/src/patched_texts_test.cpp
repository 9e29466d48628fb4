#include "src/patched_texts.h"

#include <gmock/gmock.h>

#include "src/failure.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_library.h"
#include "tests/support/wheel_maker.h"

namespace spokeshave {
namespace {

using support::WheelMaker;
using testing::HasSubstr;
using testing::StartsWith;
using Kind = PatchedMember::Kind;

const std::string kDistInfo = "tiny-1.0.dist-info";
const std::string kBrokenWheel = "Wheel-Version: 1.0\nTag: py3-none-any\n";

/// What is said of a wheel whose `member` becomes another one.
std::string said(const WheelMaker& maker, const PatchedMember& member) {
  const support::TempDir dir;
  const std::string path = dir / maker.file_name;
  support::write_file(path, maker.make().bytes);
  const wheel::WheelFile original = wheel::open_wheel(path);
  PatchPlan plan;
  plan.filename = original.filename;
  plan.dist_info = original.dist_info;
  for (const char* name : {"METADATA", "WHEEL"}) {
    const std::string own = original.dist_info + "/" + name;
    if (own != member.name) {
      plan.members.push_back({.name = own, .from = own});
    }
  }
  plan.members.push_back(member);
  try {
    refuse_faulty_texts(original, plan);
  } catch (const Failure& failure) {
    return std::to_string(static_cast<int>(failure.code())) + " " + to_text(failure);
  }
  return "nothing";
}

PatchedMember text(const std::string& name, const std::string& content) {
  return {.kind = Kind::kText, .name = kDistInfo + "/" + name, .text = content};
}

WheelMaker proper() {
  WheelMaker maker;
  maker.wheel = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n";
  return maker;
}

TEST(RefuseFaultyTexts, LetsProperTextsPass) {
  EXPECT_EQ(said(proper(), text("WHEEL", proper().wheel + "Generator: me\n")), "nothing");
}

TEST(RefuseFaultyTexts, TellsTheFaultAndWhereItIs) {
  EXPECT_EQ(said(proper(), text("WHEEL", kBrokenWheel)),
            "1 error: the patched wheel would be refused\n"
            "  caused by: tiny-1.0.dist-info/WHEEL: it has no field Root-Is-Purelib\n"
            "hint: mend the diff\n");
}

TEST(RefuseFaultyTexts, DoesNotMindWhatTheOriginalHasToo) {
  WheelMaker maker = proper();
  maker.wheel = kBrokenWheel;
  EXPECT_EQ(said(maker, text("WHEEL", kBrokenWheel + "Generator: me\n")), "nothing");
}

TEST(RefuseFaultyTexts, ReadsEntryPointsFromDisk) {
  const support::TempDir dir;
  const std::string path = dir / "points.txt";
  support::write_file(path, "garbage\n");
  const PatchedMember points = {
      .kind = Kind::kFile, .name = kDistInfo + "/entry_points.txt", .file = path};
  EXPECT_THAT(said(proper(), points), StartsWith("1 error: the patched wheel would be refused\n"));
  EXPECT_THAT(said(proper(), points), HasSubstr("hint: mend `" + path + "`"));
}

TEST(RefuseFaultyTexts, LeavesAFileThatCannotBeReadToThePacking) {
  EXPECT_EQ(said(proper(), {.kind = Kind::kFile,
                            .name = kDistInfo + "/entry_points.txt",
                            .file = "/nowhere/at/all"}),
            "nothing");
}

}  // namespace
}  // namespace spokeshave
