#include "src/placement.h"

#include <gmock/gmock.h>

#include "src/failure.h"
#include "tests/support/inventory_builder.h"

namespace spokeshave {
namespace {

using support::make_wheel;
using testing::ElementsAre;
using testing::HasSubstr;

SplitRequest called(std::optional<std::string> companion) {
  SplitRequest request = support::request();
  request.companion = std::move(companion);
  return request;
}

TEST(CompanionName, IsTheUsersOrTheWheelsWithLibs) {
  const auto wheel = make_wheel("torch", {});
  EXPECT_EQ(companion_name(wheel.outline, called({}), 1), "torch-libs");
  EXPECT_EQ(companion_name(wheel.outline, called({}), 2), "torch-libs-2");
  EXPECT_EQ(companion_name(wheel.outline, called("cudatorch"), 1), "cudatorch");
  EXPECT_EQ(companion_name(wheel.outline, called("cudatorch"), 3), "cudatorch-3");
}

void expect_refused(const support::WheelValues& wheel, const std::string& name,
                    std::size_t parts = 2) {
  try {
    check_companion_name(wheel.outline, called(name), parts);
    ADD_FAILURE() << "`" << name << "` was taken";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), ExitCode::kUsage);
    EXPECT_THAT(failure.what(), HasSubstr(name));
    EXPECT_THAT(failure.hint(), HasSubstr("--companion"));
  }
}

TEST(CompanionName, MustBeAName) {
  const auto wheel = make_wheel("torch", {});
  for (const char* name :
       {"", "-x", "x-", ".x", "a b", "a/b", "../x", "a\nb", "b\xc3\xbc", "a+b"}) {
    expect_refused(wheel, name);
  }
  for (const char* name : {"x", "cuda.torch", "Cuda_Torch-2"}) {
    EXPECT_NO_THROW(check_companion_name(wheel.outline, called(name), 2)) << name;
  }
}

TEST(CompanionName, MustNotBeTheWheelsOwnInAnySpelling) {
  const auto wheel = make_wheel("My_Torch", {});
  for (const char* name : {"My_Torch", "my-torch", "MY.TORCH", "my--torch"}) {
    expect_refused(wheel, name);
  }
}

TEST(CompanionName, MustNotMeetAFolderOfTheWheel) {
  const auto wheel = make_wheel("torch", {}, {{"torch/__init__.py"}, {"torchgen/model.py"}});
  expect_refused(wheel, "torchgen");
  expect_refused(wheel, "TorchGen");
  EXPECT_NO_THROW(check_companion_name(wheel.outline, called("torchge"), 2));
}

TEST(CompanionName, OfALaterCompanionIsCheckedAsWell) {
  const auto wheel = make_wheel("torch", {}, {{"cuda_2/x.py"}});
  EXPECT_NO_THROW(check_companion_name(wheel.outline, called("cuda"), 2));
  try {
    check_companion_name(wheel.outline, called("cuda"), 3);
    ADD_FAILURE() << "was taken";
  } catch (const Failure& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("`cuda-2`"));
  }
}

TEST(CompanionName, DoesNotMatterWhereNothingMoves) {
  const auto wheel = make_wheel("torch", {});
  EXPECT_NO_THROW(check_companion_name(wheel.outline, called("torch"), 1));
}

TEST(NameWheels, TheMainWheelKeepsItsTagsAndBothGetTheVersion) {
  auto wheel = make_wheel("torch", {});
  wheel.outline.filename.build = "7";
  const auto wheels = name_wheels(wheel.outline, called("Cuda-Torch"), 3);
  ASSERT_EQ(wheels.size(), 3u);
  EXPECT_EQ(to_string(wheels[0].filename), "torch-1.0+split.1-7-cp311-cp311-linux_x86_64.whl");
  EXPECT_EQ(wheels[0].package, "");
  EXPECT_EQ(wheels[0].requirement, "torch==1.0+split.1");
  EXPECT_EQ(to_string(wheels[1].filename), "cuda_torch-1.0+split.1-7-py3-none-linux_x86_64.whl");
  EXPECT_EQ(wheels[1].package, "cuda_torch");
  EXPECT_EQ(wheels[1].requirement, "Cuda-Torch==1.0+split.1");
  EXPECT_EQ(wheels[2].package, "cuda_torch_2");
  EXPECT_EQ(wheels[2].requirement, "Cuda-Torch-2==1.0+split.1");
}

std::vector<std::string> places(const std::vector<std::string>& paths) {
  std::vector<Library> libraries;
  for (const auto& path : paths) libraries.push_back(support::make_library({path}));
  return places_in_companion(libraries, std::vector<Mobility>(paths.size()));
}

TEST(PlacesInCompanion, ThePackageGivesWayToTheCompanion) {
  EXPECT_THAT(places({"torch/lib/libc10.so", "torch/a/b/libx.so", "liby.so"}),
              ElementsAre("lib/libc10.so", "a/b/libx.so", "liby.so"));
}

TEST(PlacesInCompanion, AFolderInTheMannerOfAuditwheelStaysWhole) {
  EXPECT_THAT(places({"torch.libs/libgomp.so.1", "torch/lib/libc10.so"}),
              ElementsAre("torch.libs/libgomp.so.1", "lib/libc10.so"));
}

TEST(PlacesInCompanion, WhenTwoWouldMeetAllKeepTheirWholePath) {
  EXPECT_THAT(places({"nvidia/lib/libx.so", "torch/lib/libx.so", "torch/libz.so"}),
              ElementsAre("nvidia/lib/libx.so", "torch/lib/libx.so", "torch/libz.so"));
}

TEST(PlacesInCompanion, OneThatStaysIsInNobodysWay) {
  std::vector<Library> libraries = {support::make_library({"nvidia/lib/libx.so"}),
                                    support::make_library({"torch/lib/libx.so"})};
  std::vector<Mobility> mobility(2);
  mobility[0].place = Place::kMain;
  EXPECT_EQ(places_in_companion(libraries, mobility)[1], "lib/libx.so");
}

}  // namespace
}  // namespace spokeshave
