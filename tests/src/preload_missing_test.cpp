#include "src/preload_missing.h"

#include <gmock/gmock.h>

#include "tests/support/inspection_builder.h"

namespace spokeshave {
namespace {

using support::inspection_of;
using support::WheelSpec;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(DistributionStem, IsWhatTheWheelsOfCudaAreCalledBy) {
  EXPECT_EQ(distribution_stem("libcudart.so.12"), "cuda-runtime");
  EXPECT_EQ(distribution_stem("libnvrtc-builtins.so.12.1"), "cuda-nvrtc");
  EXPECT_EQ(distribution_stem("libcupti.so.12"), "cuda-cupti");
  EXPECT_EQ(distribution_stem("libnvToolsExt.so.1"), "nvtx");
  EXPECT_EQ(distribution_stem("libcublasLt.so.12"), "cublas");
  EXPECT_EQ(distribution_stem("libnvJitLink.so.12"), "nvjitlink");
  EXPECT_EQ(distribution_stem("libcusparseLt.so.0"), "cusparselt");
  EXPECT_EQ(distribution_stem("libcusolverMg.so.11"), "cusolver");
  EXPECT_EQ(distribution_stem("libcudnn_ops.so.9"), "cudnn");
}

TEST(DistributionStem, IsTheNameWithoutPrefixVersionHashAndFolder) {
  EXPECT_EQ(distribution_stem("libfoo_bar-1a2b3c4d.so.1"), "foo-bar");
  EXPECT_EQ(distribution_stem("/opt/lib/libFoo.so"), "foo");
  EXPECT_EQ(distribution_stem("foo.so"), "foo");
  EXPECT_EQ(distribution_stem("libfoo-extra.so"), "foo-extra");
}

std::vector<std::string> named_like(const std::vector<WheelSpec>& wheels, const std::string& needed,
                                    const std::set<std::size_t>& libraries = {}) {
  return requirements_named_like(inspection_of(wheels), needed, libraries);
}

TEST(RequirementsNamedLike, AWholePartOfTheNameGoesBeforeABeginning) {
  const std::vector<WheelSpec> wheels = {
      {.name = "app", .requirements = {"nvidia-cusparselt-cu12", "nvidia-cusparse-cu12"}}};
  EXPECT_THAT(named_like(wheels, "libcusparse.so.12"), ElementsAre("nvidia-cusparse-cu12"));
  EXPECT_THAT(named_like(wheels, "libcuspar.so"),
              ElementsAre("nvidia-cusparse-cu12", "nvidia-cusparselt-cu12"));
}

TEST(RequirementsNamedLike, LettersInsideAWordOrTooFewOfThemTellNothing) {
  const std::vector<WheelSpec> wheels = {{.name = "app", .requirements = {"networkx", "mkl2024"}}};
  EXPECT_THAT(named_like(wheels, "libtwo.so"), IsEmpty());
  EXPECT_THAT(named_like(wheels, "libm.so"), IsEmpty());
  EXPECT_THAT(named_like(wheels, "libmkl.so.2"), ElementsAre("mkl2024"));
}

TEST(RequirementsNamedLike, TheNeedingWheelIsAskedFirstThenTheMainOneThenAll) {
  const std::vector<WheelSpec> wheels = {
      {.name = "app", .requirements = {"blas-main"}},
      {.name = "one", .libraries = {{.path = "one/liba.so"}}, .requirements = {"blas-one"}},
      {.name = "two", .libraries = {{.path = "two/libb.so"}}, .requirements = {"fft-two"}}};
  EXPECT_THAT(named_like(wheels, "libblas.so", {0}), ElementsAre("blas-one"));
  EXPECT_THAT(named_like(wheels, "libblas.so", {1}), ElementsAre("blas-main"));
  EXPECT_THAT(named_like(wheels, "libfft.so", {0}), ElementsAre("fft-two"));
}

TEST(RequirementsNamedLike, WhatIsHereIsNotMissing) {
  EXPECT_THAT(
      named_like({{.name = "app", .requirements = {"blas"}}, {.name = "BLAS"}}, "libblas.so"),
      IsEmpty());
}

TEST(RequirementsNotGiven, AreAllOfTheFirstThatHasAny) {
  EXPECT_THAT(
      requirements_not_given(
          inspection_of({{.name = "app", .requirements = {"b", "a", "one"}}, {.name = "one"}}), {}),
      ElementsAre("a", "b"));
}

TEST(WheelNamedLike, IsOneOfTheSet) {
  const Inspection inspection = inspection_of({{.name = "app"}, {.name = "nvidia_cublas_cu12"}});
  EXPECT_EQ(wheel_named_like(inspection, "libcublasLt.so.12"), 1u);
  EXPECT_EQ(wheel_named_like(inspection, "libfoo.so"), 2u) << "none";
}

}  // namespace
}  // namespace spokeshave
