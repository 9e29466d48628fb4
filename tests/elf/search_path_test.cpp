#include "elf/search_path.h"

#include <gmock/gmock.h>

#include <random>
#include <stdexcept>

namespace {

using elf::expand_search_path;
using elf::expand_tokens;
using elf::normalise_path;
using elf::relative_origin;
using testing::ElementsAre;
using testing::Optional;

const elf::Tokens kTokens{.origin = "/opt/x", .lib = "lib64", .platform = "x86_64"};

TEST(ExpandSearchPath, TokensAreExpandedWithAndWithoutBraces) {
  EXPECT_THAT(expand_search_path("$ORIGIN:${ORIGIN}/../y:/a/$LIB/b:/${LIB}:$PLATFORM.d/${PLATFORM}",
                                 kTokens),
              ElementsAre("/opt/x", "/opt/x/../y", "/a/lib64/b", "/lib64", "x86_64.d/x86_64"));
}

TEST(ExpandSearchPath, EveryEntryKeepsItsPlaceEmptyOnesToo) {
  EXPECT_THAT(expand_search_path(":/a::/b:", kTokens), ElementsAre("", "/a", "", "/b", ""));
  EXPECT_THAT(expand_search_path("", kTokens), ElementsAre(""));
}

TEST(ExpandMuslSearchPath, OriginIsTheOnlyTokenAndNeedsNoEnd) {
  EXPECT_THAT(elf::expand_musl_search_path("$ORIGIN/a:${ORIGIN}b\n$ORIGINAL::", "/opt/x"),
              Optional(ElementsAre("/opt/x/a", "/opt/xb", "/opt/xAL", "", "")));
  for (const std::string text : {"/a:$LIB", "$ORIGIN:$", "${ORIGIN", "$origin", "$$ORIGIN"}) {
    EXPECT_EQ(elf::expand_musl_search_path(text, "/opt/x"), std::nullopt) << text;
  }
}

TEST(ExpandTokens, WhatOnlyLooksLikeATokenIsText) {
  for (const std::string text :
       {"$ORIGINAL", "$ORIGIN_", "$ORIGIN0", "${ORIGIN", "${ORIGINAL}", "$origin", "$$", "$", "a$",
        "${", "$LIBS", "$PLATFORMx", "ORIGIN", "$ ORIGIN", "${ORIGIN/x}"}) {
    EXPECT_EQ(expand_tokens(text, kTokens), text);
  }
}

TEST(ExpandTokens, ATokenMayStandAnywhereAndOften) {
  EXPECT_EQ(expand_tokens("$$ORIGIN", kTokens), "$/opt/x");
  EXPECT_EQ(expand_tokens("a$ORIGIN-b${ORIGIN}c$ORIGIN.d", kTokens), "a/opt/x-b/opt/xc/opt/x.d");
}

TEST(ExpandTokens, WhatATokenStandsForIsNotExpandedAgain) {
  EXPECT_EQ(expand_tokens("$ORIGIN/$LIB", {.origin = "/$LIB", .lib = "$ORIGIN"}), "/$LIB/$ORIGIN");
}

TEST(NormalisePath, IsByTheLettersOnly) {
  EXPECT_EQ(normalise_path("/a/b/../c//d/."), "/a/c/d");
  EXPECT_EQ(normalise_path("/"), "/");
  EXPECT_EQ(normalise_path("//a///"), "/a");
  EXPECT_EQ(normalise_path("/../../a"), "/a");
  EXPECT_EQ(normalise_path("/a/.."), "/");
  EXPECT_EQ(normalise_path("a/../b"), "b");
  EXPECT_EQ(normalise_path("a/.."), ".");
  EXPECT_EQ(normalise_path("../../a/../b"), "../../b");
  EXPECT_EQ(normalise_path("a/../../b"), "../b");
  EXPECT_EQ(normalise_path(""), ".");
  EXPECT_EQ(normalise_path("..."), "...");
}

TEST(RelativeOrigin, LeadsFromFolderToFolder) {
  EXPECT_EQ(relative_origin("torch/lib", "cudatorch/lib"), "$ORIGIN/../../cudatorch/lib");
  EXPECT_EQ(relative_origin("torch/lib", "torch/lib"), "$ORIGIN");
  EXPECT_EQ(relative_origin("torch/lib", "torch/lib/sub"), "$ORIGIN/sub");
  EXPECT_EQ(relative_origin("torch/lib/sub", "torch"), "$ORIGIN/../..");
  EXPECT_EQ(relative_origin("torch/lib", "."), "$ORIGIN/../..");
  EXPECT_EQ(relative_origin("", "x.libs"), "$ORIGIN/x.libs");
  EXPECT_EQ(relative_origin("/a/./b//", "/a/c/../d"), "$ORIGIN/../d");
}

TEST(RelativeOrigin, AWayThroughUnknownFoldersIsRefused) {
  EXPECT_THROW(relative_origin("/a", "a"), std::invalid_argument);
  EXPECT_THROW(relative_origin("../a", "b"), std::invalid_argument);
  EXPECT_EQ(relative_origin("../a", "../b"), "$ORIGIN/../b");
}

TEST(RelativeOrigin, ExpandedFromWhereItStartsItNamesWhereItEnds) {
  std::mt19937 random(20);  // every pair counts; no seed is luckier than another
  const auto folder = [&] {
    std::string path;
    for (auto depth = random() % 5; depth > 0; --depth)
      path += "/" + std::string(1, "abc"[random() % 3]);
    return path.empty() ? "/" : path;
  };
  for (int i = 0; i < 2000; ++i) {
    const std::string from = folder();
    const std::string to = folder();
    const auto expanded = expand_search_path(relative_origin(from, to), {.origin = from});
    ASSERT_EQ(expanded.size(), 1u);
    EXPECT_EQ(normalise_path(expanded[0]), to) << "from " << from;
  }
}

}  // namespace
