#include "elf/name_scanner.h"

#include <gmock/gmock.h>

#include <random>
#include <regex>

#include "tests/support/random_seed.h"

namespace {

using elf::NameScanner;
using testing::ElementsAre;
using testing::IsEmpty;

using namespace std::string_literals;

std::set<std::string> scan(const std::string& bytes, std::size_t piece_size = std::string::npos) {
  NameScanner scanner;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::string_view piece = std::string_view(bytes).substr(at, piece_size);
    scanner.feed(std::as_bytes(std::span(piece)));
    at += piece.size();
  }
  return scanner.names();
}

TEST(NameScanner, FindsWholeStringsThatAreNamesOfLibraries) {
  EXPECT_THAT(
      scan("\0libtorch_cuda_linalg.so\0libcudnn_cnn_infer.so.8\0\x7f"
           "ELF\1libc++-1.2_x.so.1.0a\0"s),
      ElementsAre("libc++-1.2_x.so.1.0a", "libcudnn_cnn_infer.so.8", "libtorch_cuda_linalg.so"));
}

TEST(NameScanner, ANameMayStandAtTheVeryStartOfTheFile) {
  EXPECT_THAT(scan("libx.so\0"s), ElementsAre("libx.so"));
}

TEST(NameScanner, AStringThatIsMoreThanAName) {
  for (const std::string& text : {"/usr/lib/libx.so"s,
                                  "%slibx.so"s,
                                  "lib%s.so"s,
                                  "lib*.so"s,
                                  "cannot open libx.so"s,
                                  "libx.so not found"s,
                                  "libx.so:liby.so"s,
                                  "mylibx.so"s,
                                  "libx.so-gdb.py"s,
                                  "libx.so."s,
                                  "libx.so..1"s,
                                  "libx.so1"s,
                                  "libx.so.1-2"s,
                                  "libx.so_"s,
                                  ".so"s,
                                  "libso"s,
                                  "x.so"s,
                                  "lib"s,
                                  "Libx.so"s,
                                  "libx.SO"s}) {
    EXPECT_THAT(scan('\0' + text + '\0'), IsEmpty()) << text;
  }
}

TEST(NameScanner, AStringEndsWithANulByte) {
  EXPECT_THAT(scan("\0libx.so"s), IsEmpty());
  EXPECT_THAT(scan("\0libx.so\n\0"s), IsEmpty());
}

TEST(NameScanner, ANameMayHoldDotSoMoreThanOnce) {
  EXPECT_THAT(scan("\0libx.so.so\0liby.so.so1\0libz.so-a.so.2\0"s),
              ElementsAre("libx.so.so", "liby.so.so1", "libz.so-a.so.2"));
}

TEST(NameScanner, ANameHasAtMost255Letters) {
  const std::string longest = "lib" + std::string(249, 'x') + ".so";
  ASSERT_EQ(longest.size(), 255u);
  for (const std::size_t piece_size : {1u, 7u, 254u, 255u, 256u, 257u, 5000u}) {
    EXPECT_THAT(scan('\0' + longest + '\0', piece_size), ElementsAre(longest));
    EXPECT_THAT(scan("\0lib"s + std::string(250, 'x') + ".so\0"s, piece_size), IsEmpty());
    // The last 255 letters look like a name, but its front is part of the string.
    EXPECT_THAT(scan("\0ab"s + longest + '\0', piece_size), IsEmpty());
    EXPECT_THAT(scan('\0' + std::string(3000, 'a') + longest + '\0', piece_size), IsEmpty());
    EXPECT_THAT(scan('\0' + longest + std::string(3000, 'a') + ".so\0"s, piece_size), IsEmpty());
  }
}

TEST(NameScanner, HoldsNoMoreThanItsLimitOfNames) {
  std::string bytes = "\0"s;
  for (std::size_t i = 0; i < NameScanner::kMaxNames + 10; ++i) {
    bytes += "lib" + std::to_string(i) + ".so\0"s;
  }
  EXPECT_EQ(scan(bytes).size(), NameScanner::kMaxNames);
}

TEST(NameScanner, AMegabyteOfDotSoIsReadOnce) {
  std::string bytes = "\0lib"s;
  for (int i = 0; i < 2'000'000; ++i) bytes += ".so";
  EXPECT_THAT(scan(bytes + '\0'), IsEmpty());
  EXPECT_THAT(scan(bytes + '\0', 64), IsEmpty());
}

// The rule taken at its word: cut at NUL and other bytes that belong to no text, and ask a regular
// expression.
std::set<std::string> names_by_definition(const std::string& bytes) {
  static const std::regex kName(R"(lib[A-Za-z0-9_.+-]*\.so(\.[0-9A-Za-z]+)*)");
  std::set<std::string> names;
  std::string text;
  for (const char byte : bytes) {
    if (byte == '\0' && text.size() <= 255 && std::regex_match(text, kName)) names.insert(text);
    if (byte < ' ' || byte > '~') {
      text.clear();
    } else {
      text += byte;
    }
  }
  return names;
}

std::string random_bytes(std::mt19937_64& random) {
  static const std::vector<std::string> kParts{
      "lib", ".so",  "\0"s, "\0lib"s, ".so\0"s, ".1", "a", "x_y",           "-", "+", "/", "%", " ",
      "\n",  "\xff", ".",   "..",     "so",     ".s", "o", "\0libx.so.1\0"s};
  std::string bytes;
  for (auto count = random() % 60; count > 0; --count) {
    if (random() % 8 == 0) bytes.append(random() % 200, "\0 a."[random() % 4]);
    bytes += kParts[random() % kParts.size()];
  }
  return bytes;
}

TEST(NameScanner, FindsWhatTheDefinitionSaysWhereverThePiecesEnd) {
  const unsigned seed = support::random_seed();
  SCOPED_TRACE("SPOKESHAVE_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int i = 0; i < 2000 && !HasFailure(); ++i) {
    const std::string bytes = random_bytes(random);
    SCOPED_TRACE(testing::PrintToString(bytes));
    const auto expected = names_by_definition(bytes);
    EXPECT_EQ(scan(bytes), expected);
    EXPECT_EQ(scan(bytes, 1), expected);
    EXPECT_EQ(scan(bytes, 1 + random() % 300), expected);
  }
}

}  // namespace
