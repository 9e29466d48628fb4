#include "src/size.h"

#include <gtest/gtest.h>

namespace spokeshave {
namespace {

TEST(ParseSize, UnitsOfAThousandAndUnitsOf1024AreToldApart) {
  EXPECT_EQ(parse_size("3GB"), 3'000'000'000u);
  EXPECT_EQ(parse_size("3GiB"), 3u * 1073741824u);
  EXPECT_EQ(parse_size("1MB"), 1'000'000u);
  EXPECT_EQ(parse_size("1MiB"), 1'048'576u);
  EXPECT_EQ(parse_size("2kB"), 2'000u);
  EXPECT_EQ(parse_size("2KiB"), 2'048u);
  EXPECT_EQ(parse_size("1TB"), 1'000'000'000'000u);
  EXPECT_EQ(parse_size("1TiB"), 1'099'511'627'776u);
}

TEST(ParseSize, ANumberAloneIsBytes) {
  EXPECT_EQ(parse_size("700"), 700u);
  EXPECT_EQ(parse_size("700B"), 700u);
  EXPECT_EQ(parse_size("1"), 1u);
}

TEST(ParseSize, TheLetterCaseTheBAndABlankDoNotMatter) {
  for (const char* text : {"3gb", "3Gb", "3G", "3g", "3 GB", "3  gB"}) {
    EXPECT_EQ(parse_size(text), 3'000'000'000u) << text;
  }
  for (const char* text : {"3gib", "3GIB", "3Gi", "3gi"}) {
    EXPECT_EQ(parse_size(text), 3'221'225'472u) << text;
  }
}

TEST(ParseSize, AFractionIsCutToWholeBytes) {
  EXPECT_EQ(parse_size("1.5MB"), 1'500'000u);
  EXPECT_EQ(parse_size("0.5GiB"), 536'870'912u);
  EXPECT_EQ(parse_size("1.0009kB"), 1'000u);
}

TEST(ParseSize, WhatIsNoSizeIsNothing) {
  for (const char* text :
       {"",      " ",    "GB",   "-3GB", "+3GB", "3XB", "3GBB",     "3GBi",  "3iB",   "3G B",
        "3,5GB", "3GB ", "0x10", "1e9",  "inf",  "nan", "infinity", "three", "3GB/s", "."}) {
    EXPECT_EQ(parse_size(text), std::nullopt) << '"' << text << '"';
  }
}

TEST(ParseSize, ZeroAndLessThanAByteAreNothing) {
  for (const char* text : {"0", "0GB", "0.0", "0.4", "0.0001kB"}) {
    EXPECT_EQ(parse_size(text), std::nullopt) << text;
  }
}

TEST(ParseSize, WhatDoesNotFit63BitsIsNothing) {
  EXPECT_EQ(parse_size("9000000TB"), 9'000'000'000'000'000'000u);
  EXPECT_EQ(parse_size("9300000TB"), std::nullopt);
  EXPECT_EQ(parse_size("99999999999999999999999999"), std::nullopt);
  EXPECT_EQ(parse_size(std::string(400, '9')), std::nullopt);
}

TEST(FormatSize, ThreeDigitsAndAUnit) {
  EXPECT_EQ(format_size(0), "0 B");
  EXPECT_EQ(format_size(999), "999 B");
  EXPECT_EQ(format_size(1000), "1.00 kB");
  EXPECT_EQ(format_size(12'340), "12.3 kB");
  EXPECT_EQ(format_size(738'843'000), "739 MB");
  EXPECT_EQ(format_size(4'404'019'200), "4.40 GB");
  EXPECT_EQ(format_size(2'500'000'000'000), "2.50 TB");
}

TEST(FormatSize, WhatRoundsToAThousandIsOneOfTheNextUnit) {
  EXPECT_EQ(format_size(999'499), "999 kB");
  EXPECT_EQ(format_size(999'500), "1.00 MB");
  EXPECT_EQ(format_size(9'994), "9.99 kB");
  EXPECT_EQ(format_size(9'996), "10.0 kB");
  EXPECT_EQ(format_size(99'960), "100 kB");
}

}  // namespace
}  // namespace spokeshave
