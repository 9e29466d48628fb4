#include "wheel/file_window.h"

#include <gtest/gtest.h>

#include <system_error>

#include "tests/wheel/zip_support.h"

namespace {

using support::MemoryFile;
using support::text_of;
using wheel::FileWindow;

TEST(FileWindow, GivesWhatIsAskedForWhateverItReadAhead) {
  const MemoryFile file("0123456789");
  FileWindow window(file.descriptor(), 10, 4);
  EXPECT_EQ(text_of(window.at(2, 3, "x")), "234");
  EXPECT_EQ(text_of(window.at(4, 2, "x")), "45");
  EXPECT_EQ(text_of(window.at(5, 1, "x")), "5");
  EXPECT_EQ(text_of(window.at(0, 10, "x")), "0123456789");
  EXPECT_EQ(text_of(window.at(9, 1, "x")), "9");
  EXPECT_EQ(text_of(window.at(10, 0, "x")), "");
}

TEST(FileWindow, RefusesEveryRangeThatLeavesTheFile) {
  const MemoryFile file("0123456789");
  FileWindow window(file.descriptor(), 10, 4);
  EXPECT_THROW(window.at(10, 1, "x"), wheel::Error);
  EXPECT_THROW(window.at(11, 0, "x"), wheel::Error);
  EXPECT_THROW(window.at(1, 10, "x"), wheel::Error);
  EXPECT_THROW(window.at(~std::uint64_t{0}, 1, "x"), wheel::Error);
  EXPECT_THROW(window.at(1, ~std::size_t{0}, "x"), wheel::Error);
}

TEST(FileWindow, TellsAFileThatBecameShorter) {
  const MemoryFile file("0123456789");
  FileWindow window(file.descriptor(), 20, 4);
  EXPECT_THROW(window.at(8, 4, "x"), wheel::Error);
}

TEST(ReadAt, KeepsTheSystemsReason) {
  std::byte byte{};
  EXPECT_THROW(wheel::read_at(-1, 0, {&byte, 1}), std::system_error);
  EXPECT_THROW(wheel::write_at(-1, 0, {&byte, 1}), std::system_error);
  EXPECT_THROW(wheel::size_of_file(-1), std::system_error);
}

}  // namespace
