#include "wheel/deflate.h"

#include <gtest/gtest.h>
#include <isa-l/crc.h>

#include <optional>
#include <stdexcept>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

#include "tests/support/run_program.h"
#include "tests/wheel/zip_support.h"

namespace {

using wheel::deflate_stream;
using wheel::deflate_text;
using wheel::Packed;

struct Result {
  Packed facts;
  std::string packed;
};

Result pack(const std::string& content, unsigned threads) {
  Result result;
  std::size_t at = 0;
  result.facts = deflate_stream(
      content.size(), threads,
      [&](std::span<std::byte> out) {
        const auto piece = std::as_bytes(std::span(content)).subspan(at, out.size());
        std::copy(piece.begin(), piece.end(), out.begin());
        at += out.size();
      },
      [&](std::span<const std::byte> piece) { result.packed += support::text_of(piece); });
  return result;
}

void expect_true_facts(const Packed& facts, const std::string& content, const std::string& packed) {
  EXPECT_EQ(facts.size, content.size());
  EXPECT_EQ(facts.packed_bytes, packed.size());
  EXPECT_EQ(facts.crc, crc32(0, reinterpret_cast<const Bytef*>(content.data()),
                             static_cast<uInt>(content.size())));
  EXPECT_EQ(facts.digest, wheel::sha256(content));
}

TEST(DeflateText, IsReadBackByZlib) {
  const std::string text = "Metadata-Version: 2.1\nName: x\nName: x\nName: x\n";
  EXPECT_EQ(support::zlib_inflate(deflate_text(text), text.size()), text);
  EXPECT_LT(deflate_text(text).size(), text.size());
  EXPECT_EQ(support::zlib_inflate(deflate_text(""), 0), "");
}

TEST(Crc32Of, IsZlibs) {
  EXPECT_EQ(wheel::crc32_of("123456789"), 0xcbf43926u);
  EXPECT_EQ(wheel::crc32_of(""), 0u);
}

#if defined(__x86_64__)
/// Whether the processor says that upper halves of ymm or zmm registers hold something (XGETBV with
/// ECX = 1: bits 2 and 6). Nothing where it cannot tell.
__attribute__((target("xsave"))) std::optional<bool> upper_halves_in_use() {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  constexpr unsigned kStateComponents = 13, kXgetbvOfOne = 4;
  if (__get_cpuid_count(kStateComponents, 1, &eax, &ebx, &ecx, &edx) == 0 ||
      (eax & kXgetbvOfOne) == 0) {
    return std::nullopt;
  }
  return (_xgetbv(1) & 0b0100'0100) != 0;
}

TEST(Crc32Update, LeavesNoUpperHalvesThatSlowDownWhatComesNext) {
  const std::string text(1 << 16, 'x');
  const auto bytes = std::as_bytes(std::span(text));
  crc32_gzip_refl(0, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  const auto by_isal_alone = upper_halves_in_use();
  wheel::crc32_update(0, bytes);
  const auto by_ours = upper_halves_in_use();
  if (!by_isal_alone || !*by_isal_alone) {
    GTEST_SKIP() << "ISA-L's CRC leaves none on this processor";
  }
  EXPECT_EQ(by_ours, std::optional(false));
}
#endif

TEST(DeflateStream, OfNothingIsAStreamOfNothing) {
  const Result result = pack("", 2);
  EXPECT_EQ(support::zlib_inflate(result.packed, 0), "");
  expect_true_facts(result.facts, "", result.packed);
}

// zlib is the judge; sizes around the pieces' and the history's.
TEST(DeflateStream, IsReadBackByZlibWhateverItsSize) {
  const unsigned seed = support::random_seed();
  SCOPED_TRACE("SPOKESHAVE_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  constexpr std::size_t kPiece = 512u << 10;
  for (const std::size_t size : {std::size_t{1}, std::size_t{32} << 10, kPiece - 1, kPiece,
                                 kPiece + 1, 2 * kPiece, 5 * kPiece + random() % kPiece}) {
    const std::string content = support::random_content(random, size);
    const Result result = pack(content, 2);
    EXPECT_TRUE(support::zlib_inflate(result.packed, size) == content) << size;
    expect_true_facts(result.facts, content, result.packed);
  }
}

TEST(DeflateStream, GivesTheSameBytesForAnyNumberOfThreads) {
  std::mt19937 random(7);
  const std::string content = support::random_content(random, 6000000);
  const std::string packed = pack(content, 1).packed;
  for (const unsigned threads : {0u, 2u, 3u, 8u}) {
    EXPECT_TRUE(pack(content, threads).packed == packed) << threads;
  }
}

TEST(DeflateStream, GrowsByLessThanAThousandthWhereNothingPacks) {
  std::mt19937_64 random(3);
  std::string noise;
  while (noise.size() < 3000000) {
    noise += support::le(random(), 8);
  }
  EXPECT_LT(pack(noise, 2).packed.size(), noise.size() + noise.size() / 1000);
}

TEST(DeflateStream, LooksBackOverTheEdgeOfItsPieces) {
  std::mt19937 random(5);
  std::string block;
  for (int i = 0; i < 20000; ++i) {
    block += static_cast<char>(random());
  }
  std::string content(512u << 10, '\0');
  content.replace(content.size() - block.size(), block.size(), block);
  content += block;  // the second piece repeats the end of the first
  EXPECT_LT(pack(content, 2).packed.size(), block.size() + block.size() / 4);
}

TEST(DeflateStream, LetsWhatReadAndWriteThrowThrough) {
  const auto fill = [](std::span<std::byte> out) {
    std::fill(out.begin(), out.end(), std::byte{1});
  };
  int reads = 0;
  EXPECT_THROW(deflate_stream(
                   10u << 20, 3,
                   [&](std::span<std::byte> out) {
                     if (++reads == 7) {
                       throw std::out_of_range("read");
                     }
                     fill(out);
                   },
                   [](std::span<const std::byte>) {}),
               std::out_of_range);
  EXPECT_THROW(deflate_stream(10u << 20, 3, fill,
                              [](std::span<const std::byte>) { throw std::length_error("write"); }),
               std::length_error);
}

}  // namespace
