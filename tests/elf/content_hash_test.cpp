#include "elf/content_hash.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace elf {
namespace {

std::vector<std::uint8_t> bytes_of(const std::string& text) {
  return {text.begin(), text.end()};
}

std::uint64_t hash_of(const std::vector<std::uint8_t>& bytes, std::uint64_t key = 12345) {
  ContentHash hash(key);
  hash.add(bytes);
  return hash.value();
}

TEST(ContentHash, EveryByteAndTheLengthCount) {
  std::set<std::uint64_t> seen;
  std::vector<std::uint8_t> bytes(37, 0);
  seen.insert(hash_of(bytes));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (const int value : {1, 2, 128, 255}) {
      bytes[i] = static_cast<std::uint8_t>(value);
      seen.insert(hash_of(bytes));
    }
    bytes[i] = 0;
  }
  for (std::size_t size = 0; size < 37; ++size) {
    seen.insert(hash_of(std::vector<std::uint8_t>(size, 0)));
  }
  EXPECT_EQ(seen.size(), 1u + 37 * 4 + 37);
}

TEST(ContentHash, TheOrderCounts) {
  EXPECT_NE(hash_of(bytes_of("abcdefgh")), hash_of(bytes_of("efghabcd")));
}

TEST(ContentHash, AnotherKeyGivesAnother) {
  EXPECT_NE(hash_of(bytes_of("abcd"), 1), hash_of(bytes_of("abcd"), 2));
  EXPECT_EQ(hash_of(bytes_of("abcd"), 1), hash_of(bytes_of("abcd"), 1));
}

TEST(ContentHash, WhatIsLeftOutDoesNotCountAndAllElseDoes) {
  const std::string text = "0123456789";
  const std::vector<FileRange> left_out = {{0, 1}, {4, 3}, {20, 5}};
  const FileRange range{2, 7};  // 2..8, of which 4..6 are left out
  const std::uint64_t whole = hash_between(bytes_of(text), range, left_out, 7);
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = 'x';
    const bool counts = i == 2 || i == 3 || i == 7 || i == 8;
    EXPECT_EQ(hash_between(bytes_of(changed), range, left_out, 7) != whole, counts) << i;
  }
}

TEST(ContentHash, AFileThatIsTooShortIsReadAsFarAsItGoes) {
  const auto bytes = bytes_of("0123");
  EXPECT_EQ(bytes_at(bytes, {2, 100}).size(), 2u);
  EXPECT_EQ(bytes_at(bytes, {100, 1}).size(), 0u);
  EXPECT_NE(hash_between(bytes, {2, 100}, {}, 7), hash_between(bytes, {3, 100}, {}, 7));
}

}  // namespace
}  // namespace elf
