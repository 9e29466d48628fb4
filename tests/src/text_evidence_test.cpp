#include "src/text_evidence.h"

#include <fnmatch.h>
#include <gmock/gmock.h>

#include <random>
#include <regex>

#include "tests/support/random_seed.h"

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

// The header taken at its word, with what fnmatch(3) and a regular expression say of one literal.
struct ByDefinition {
  std::set<std::string> opened, searched, linked;
};

ByDefinition by_definition(const std::string& literal, const LibraryNames& names) {
  static const std::regex kFlag("(?:^|[^A-Za-z0-9_.+-])-l([A-Za-z0-9_.+-]*)");
  static const std::regex kPattern(R"(lib.*\.so.*)");
  ByDefinition found;
  const std::string name = literal.substr(literal.rfind('/') + 1);
  for (const std::string& library : names) {
    if (name == library || (name.starts_with("lib") && name + ".so" == library)) {
      found.opened.insert(library);
    }
    if (std::regex_match(name, kPattern) && name.find_first_of("*?[") != std::string::npos &&
        fnmatch(name.c_str(), library.c_str(), 0) == 0) {
      found.searched.insert(library);
    }
    for (std::sregex_iterator flag(literal.begin(), literal.end(), kFlag), end; flag != end;
         ++flag) {
      if ("lib" + (*flag)[1].str() + ".so" == library) {
        found.linked.insert(library);
      }
    }
  }
  return found;
}

TEST(LibrariesNamed, AreThoseThatTheDefinitionFindsInALiteralOfAnyQuoting) {
  const LibraryNames names = {"liba.so", "libb.so.1", "liba.so.so", "c.so", "d.so.2", "lib.so"};
  const std::vector<std::string> parts = {"lib", "a",    "b",    ".so",  ".1", "/",
                                          "-l",  " ",    "*",    "[",    "so", "c",
                                          "?",   "liba", "d.so", "c.so", "-",  ".2"};
  const std::vector<std::pair<std::string, std::string>> quotes = {
      {"'", "'"}, {"\"", "\""}, {"'''", "'''"}, {"f\"", "\""}, {"rb'", "'"}};
  const unsigned seed = support::random_seed();
  SCOPED_TRACE("SPOKESHAVE_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int i = 0; i < 20'000 && !HasFailure(); ++i) {
    std::string literal;
    for (auto count = 1 + random() % 4; count > 0; --count) {
      literal += parts[random() % parts.size()];
    }
    const auto& [open, close] = quotes[random() % quotes.size()];
    const std::string text = open + literal + close;
    SCOPED_TRACE(text);
    const auto expected = by_definition(literal, names);
    const auto named = libraries_named("a.py", text, names);
    EXPECT_THAT(named.opened, testing::UnorderedElementsAreArray(expected.opened));
    EXPECT_THAT(named.searched, testing::UnorderedElementsAreArray(expected.searched));
    EXPECT_EQ(named.linked, expected.linked);
  }
}

}  // namespace
}  // namespace spokeshave
