#include "src/library_proof.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/tiny_library.h"
#include "wheel/deflate.h"

namespace spokeshave {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A library, its packed bytes, and what they should hold.
struct Case {
  explicit Case(const std::string& content)
      : packed(wheel::deflate_text(content)),
        wanted{"a/liba.so", packed.size(), content.size(), wheel::crc32_of(content)} {}

  ProvedLibrary prove() const {
    Progress progress(false);
    return prove_library(wheel::PackedBytes(packed), wanted, false, progress);
  }
  std::string fault() const {
    try {
      prove();
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.code(), ExitCode::kFailed);
      EXPECT_EQ(failure.what(), std::string("the rewritten `a/liba.so` did not pass its proof"));
      return failure.cause();
    }
    return "proved";
  }

  std::string packed;
  LibraryToProve wanted;
};

std::string library() {
  return support::bytes_of({.soname = "liba.so", .needed = {"libb.so"}});
}

TEST(ProveLibrary, GivesWhatThePackedBytesHold) {
  const Case whole(library());
  const ProvedLibrary proved = whole.prove();
  EXPECT_THAT(proved.image.needed, ElementsAre("libb.so"));
  EXPECT_EQ(proved.digest, wheel::sha256(library()));
  EXPECT_EQ(proved.crc_of_packed, wheel::crc32_of(whole.packed));
}

// Larger than what is decoded at once, so that parsing goes back, and reads again.
TEST(ProveLibrary, CountsEachPackedByteOnce) {
  std::string large = library();
  for (std::uint32_t i = 0; large.size() < (12U << 20); ++i) {
    large += std::to_string(i * 2654435761U);
  }
  const Case whole(large);
  EXPECT_EQ(whole.prove().crc_of_packed, wheel::crc32_of(whole.packed));
}

TEST(ProveLibrary, RefusesOtherBytesThanTheEditsMake) {
  Case other(library());
  other.wanted.crc ^= 1;
  EXPECT_EQ(other.fault(), "it unpacks to other bytes than the edits make");
}

TEST(ProveLibrary, RefusesAnotherSize) {
  Case longer(library() + std::string(100, 'x'));
  longer.wanted.size -= 1;
  EXPECT_THAT(longer.fault(), HasSubstr("more bytes than"));
  longer.wanted.size += 2;
  EXPECT_THAT(longer.fault(), HasSubstr("fewer bytes than"));
}

TEST(ProveLibrary, RefusesDamagedPackedBytes) {
  Case damaged(library());
  damaged.packed[0] = '\x07';
  EXPECT_THAT(damaged.fault(), HasSubstr("is damaged"));
}

TEST(ProveLibrary, RefusesWhatIsNoLibrary) {
  EXPECT_THAT(Case("#!/bin/sh\n").fault(), testing::Not("proved"));
}

}  // namespace
}  // namespace spokeshave
