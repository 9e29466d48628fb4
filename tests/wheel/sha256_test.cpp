#include "wheel/sha256.h"

#include <gtest/gtest.h>

#include <span>
#include <string>

#include "tests/support/run_program.h"

namespace {

using wheel::record_hash;
using wheel::sha256;

// FIPS 180-2, appendix B, in the spelling of RECORD.
TEST(Sha256, GivesTheStandardsDigestOfAbc) {
  EXPECT_EQ(record_hash(sha256("abc")), "sha256=ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
}

TEST(Sha256, SpellsRecordHashesAsHashlibAndBase64Do) {
  const auto python = support::run_program(
      {"python3", "-c",
       "import base64, hashlib\n"
       "for n in range(300):\n"
       "  d = hashlib.sha256(b'x' * n).digest()\n"
       "  print('sha256=' + base64.urlsafe_b64encode(d).rstrip(b'=').decode())\n"});
  ASSERT_EQ(python.status, 0) << python.err;
  std::string ours;
  for (std::size_t n = 0; n < 300; ++n) {
    ours += record_hash(sha256(std::string(n, 'x'))) + "\n";
  }
  EXPECT_EQ(ours, python.out);
}

TEST(Sha256, OfPiecesIsThatOfTheWhole) {
  wheel::Sha256 hash;
  for (const std::string piece : {"a", "", "bc"}) {
    hash.update(std::as_bytes(std::span(piece)));
  }
  EXPECT_EQ(hash.finish(), sha256("abc"));
}

TEST(IsRecordHash, TakesSha256AndStrongerInTheSpellingOfRecord) {
  using wheel::is_record_hash;
  EXPECT_TRUE(is_record_hash("sha256=ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"));
  EXPECT_TRUE(is_record_hash("sha384=" + std::string(64, 'x')));
  EXPECT_TRUE(is_record_hash("sha512=" + std::string(86, 'x')));
  EXPECT_FALSE(is_record_hash(""));
  EXPECT_FALSE(is_record_hash("sha256="));
  EXPECT_FALSE(is_record_hash("md5=" + std::string(22, 'x')));
  EXPECT_FALSE(is_record_hash("sha1=" + std::string(27, 'x')));
  EXPECT_FALSE(is_record_hash("sha256=" + std::string(42, 'x')));
  EXPECT_FALSE(is_record_hash("sha256=" + std::string(44, 'x')));
  EXPECT_FALSE(is_record_hash("sha256=" + std::string(43, '=')));
  EXPECT_FALSE(is_record_hash("sha256=" + std::string(43, '+')));
  EXPECT_FALSE(is_record_hash("SHA256=" + std::string(43, 'x')));
}

TEST(RecordHasher, SpellsHashesOfEachKindAsHashlibAndBase64Do) {
  const auto python = support::run_program(
      {"python3", "-c",
       "import base64, hashlib\n"
       "for kind in 'sha256', 'sha384', 'sha512':\n"
       "  d = hashlib.new(kind, b'two pieces').digest()\n"
       "  print(kind + '=' + base64.urlsafe_b64encode(d).rstrip(b'=').decode())\n"});
  ASSERT_EQ(python.status, 0) << python.err;
  std::string ours;
  for (const char* const kind : {"sha256=", "sha384=", "sha512="}) {
    wheel::RecordHasher hasher(kind);
    for (const std::string piece : {"two ", "pieces"}) {
      hasher.update(std::as_bytes(std::span(piece)));
    }
    ours += hasher.finish() + "\n";
  }
  EXPECT_EQ(ours, python.out);
}

TEST(Digest, IsReadBackFromWhatRecordSpells) {
  for (const char* const text : {"", "a", "abc"}) {
    const auto digest = wheel::sha256(text);
    EXPECT_EQ(wheel::digest_of(wheel::record_hash(digest)), digest);
  }
  const std::string hash = wheel::record_hash(wheel::sha256(""));
  const std::string all_but_last = hash.substr(0, hash.size() - 1);
  EXPECT_EQ(hash.back(), 'U');
  for (const std::string& other : {all_but_last + "V", all_but_last, hash + "A", all_but_last + "=",
                                   "sha384=" + std::string(64, 'A'), std::string()}) {
    EXPECT_EQ(wheel::digest_of(other), std::nullopt) << other;
  }
}

}  // namespace
