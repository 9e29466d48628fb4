#include "src/text_evidence.h"

#include <gmock/gmock.h>

namespace spokeshave {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const LibraryNames kNames = {"libtorch_cuda.so", "libtorch_global_deps.so", "libcudnn.so.8"};

TEST(EvidenceText, IsPythonCmakeAndPkgConfigOfAFewMegabytes) {
  EXPECT_TRUE(is_evidence_text("torch/__init__.py", 100));
  EXPECT_TRUE(is_evidence_text("torch/share/cmake/Torch.cmake", 100));
  EXPECT_TRUE(is_evidence_text("x/lib/pkgconfig/x.pc", 100));
  EXPECT_FALSE(is_evidence_text("torch/__init__.pyc", 100));
  EXPECT_FALSE(is_evidence_text("torch/lib/libc10.so", 100));
  EXPECT_TRUE(is_evidence_text("torch/a.py", 4u << 20));
  EXPECT_FALSE(is_evidence_text("torch/a.py", (4u << 20) + 1));
}

TEST(LibrariesNamed, AWholeStringOfPythonOpensALibraryByPath) {
  for (const char* text :
       {"ctypes.CDLL('libcudnn.so.8')", "p = \"lib/libcudnn.so.8\"", "p = '''/a/libcudnn.so.8'''",
        "p = r'..\\lib/libcudnn.so.8'", "p = b'libcudnn.so.8'"}) {
    EXPECT_THAT(libraries_named("a.py", text, kNames).opened, ElementsAre("libcudnn.so.8")) << text;
  }
}

TEST(LibrariesNamed, TheOrderIsThatOfTheText) {
  const auto named = libraries_named(
      "a.py", "a = 'libtorch_cuda.so', 'libcudnn.so.8', 'x/libtorch_cuda.so'", kNames);
  EXPECT_THAT(named.opened, ElementsAre("libtorch_cuda.so", "libcudnn.so.8"));
}

TEST(LibrariesNamed, DotSoMayBeLeftToTheCode) {
  const auto named = libraries_named("a.py", "name = 'libtorch_global_deps' + suffix\n", kNames);
  EXPECT_THAT(named.opened, ElementsAre("libtorch_global_deps.so"));
}

TEST(LibrariesNamed, AWordThatIsNoLibrarysNameIsNotOneWithoutDotSo) {
  EXPECT_THAT(libraries_named("a.py", "x = 'core'", {"core.so"}).opened, IsEmpty());
  EXPECT_THAT(libraries_named("a.py", "x = 'core.so'", {"core.so"}).opened, ElementsAre("core.so"));
}

TEST(LibrariesNamed, APatternOpensNothingByNameAndSearchesForWhatItMatchesInOrder) {
  const auto named = libraries_named(
      "a.py", "g = 'x/lib/libcudnn.so.*[0-9]', 'libtorch_*.so', '*.so', 'libcudnn*.so*'", kNames);
  EXPECT_THAT(named.opened, IsEmpty());
  EXPECT_THAT(named.searched,
              ElementsAre("libcudnn.so.8", "libtorch_cuda.so", "libtorch_global_deps.so"));
  EXPECT_THAT(named.linked, IsEmpty());
}

TEST(LibrariesNamed, APartOfAStringOpensNothing) {
  const auto named =
      libraries_named("a.py", "raise OSError('cannot find libcudnn.so.8, sorry')", kNames);
  EXPECT_THAT(named.opened, IsEmpty());
}

TEST(LibrariesNamed, ACommentNamesNothing) {
  const auto named = libraries_named("a.py", "# 'libcudnn.so.8' -ltorch_cuda\n", kNames);
  EXPECT_THAT(named.opened, IsEmpty());
  EXPECT_THAT(named.linked, IsEmpty());
}

TEST(LibrariesNamed, ALinkerFlagInPythonIsALinkNotAnOpening) {
  const auto named = libraries_named("a.py", "flags = ['-ltorch_cuda', '-lm']", kNames);
  EXPECT_THAT(named.linked, ElementsAre("libtorch_cuda.so"));
  EXPECT_THAT(named.opened, IsEmpty());
}

TEST(LibrariesNamed, OtherTextsNameLibrariesByFileAndByFlag) {
  const auto named = libraries_named(
      "T.cmake", "set(L \"${P}/lib/libcudnn.so.8\")\nlink(-ltorch_cuda) # libother.so", kNames);
  EXPECT_THAT(named.linked, ElementsAre("libcudnn.so.8", "libtorch_cuda.so"));
  EXPECT_THAT(named.opened, IsEmpty());
}

TEST(LibrariesNamed, ALongerNameIsAnotherName) {
  const auto named = libraries_named("T.cmake", "libtorch_cuda.so.1 xlibtorch_cuda.so", kNames);
  EXPECT_THAT(named.linked, IsEmpty());
}

}  // namespace
}  // namespace spokeshave
