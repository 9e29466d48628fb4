#include "wheel/spliced_pieces.h"

#include <gtest/gtest.h>

#include "tests/wheel/zip_support.h"
#include "wheel/error.h"

namespace {

wheel::ReadPacked reader_of(const std::string& text) {
  return [text](std::uint64_t offset, std::span<std::byte> out) {
    const auto bytes = std::as_bytes(std::span(text)).subspan(offset, out.size());
    std::copy(bytes.begin(), bytes.end(), out.begin());
  };
}

TEST(ReadPieces, GivesEveryStretchOfThem) {
  const auto read = wheel::read_pieces({{false, 2, 3}, {true, 0, 2}, {false, 7, 1}, {true, 2, 4}},
                                       reader_of("0123456789"), reader_of("abcdef"));
  const std::string expected = "234ab7cdef";
  for (std::size_t begin = 0; begin <= expected.size(); ++begin) {
    for (std::size_t size = 0; begin + size <= expected.size(); ++size) {
      std::string text(size, '\0');
      read(begin, std::as_writable_bytes(std::span(text)));
      EXPECT_EQ(text, expected.substr(begin, size));
    }
  }
  std::string text(2, '\0');
  EXPECT_THROW(read(9, std::as_writable_bytes(std::span(text))), wheel::Error);
  EXPECT_THROW(read(~std::uint64_t{0}, std::as_writable_bytes(std::span(text))), wheel::Error);
}

}  // namespace
