#include "src/dos_time.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <limits>

#include "src/failure.h"

namespace spokeshave {
namespace {

/// APPNOTE 4.4.6 names MS-DOS's format: seconds / 2, minutes << 5, hours << 11; day, month << 5,
/// (year - 1980) << 9.
constexpr unsigned date(unsigned year, unsigned month, unsigned day) {
  return (year - 1980) << 9 | month << 5 | day;
}
constexpr unsigned time_of_day(unsigned hour, unsigned minute, unsigned second) {
  return hour << 11 | minute << 5 | second / 2;
}

TEST(DosTime, IsTheDateInUtc) {
  const DosTime dos = to_dos_time(1'700'000'001);  // `date -u -d @1700000001`
  EXPECT_EQ(dos.date, date(2023, 11, 14));
  EXPECT_EQ(dos.time, time_of_day(22, 13, 20));
}

TEST(DosTime, WhatIsBefore1980Is1980) {
  for (const std::int64_t seconds : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1},
                                     std::int64_t{0}, std::int64_t{315'532'799}}) {
    EXPECT_EQ(to_dos_time(seconds).date, date(1980, 1, 1)) << seconds;
    EXPECT_EQ(to_dos_time(seconds).time, 0) << seconds;
  }
}

TEST(DosTime, WhatIsAfter2107IsItsEnd) {
  for (const std::int64_t seconds :
       {std::int64_t{4'354'819'200}, std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_EQ(to_dos_time(seconds).date, date(2107, 12, 31)) << seconds;
    EXPECT_EQ(to_dos_time(seconds).time, time_of_day(23, 59, 58)) << seconds;
  }
}

/// SOURCE_DATE_EPOCH for the time of one test.
class SourceDateEpoch : public testing::Test {
 protected:
  void TearDown() override { ::unsetenv("SOURCE_DATE_EPOCH"); }
  static void set(const char* value) { ::setenv("SOURCE_DATE_EPOCH", value, 1); }
};

TEST_F(SourceDateEpoch, IsANumberOfSeconds) {
  set("1700000000");
  EXPECT_EQ(source_date_epoch(), 1'700'000'000);
  set("0");
  EXPECT_EQ(source_date_epoch(), 0);
}

TEST_F(SourceDateEpoch, UnsetOrEmptyIsNothing) {
  ::unsetenv("SOURCE_DATE_EPOCH");
  EXPECT_EQ(source_date_epoch(), std::nullopt);
  set("");
  EXPECT_EQ(source_date_epoch(), std::nullopt);
}

TEST_F(SourceDateEpoch, WhatIsNoNumberIsRefused) {
  for (const char* value : {"yesterday", "12x", "1.5", " 12", "99999999999999999999999"}) {
    set(value);
    try {
      source_date_epoch();
      ADD_FAILURE() << value;
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.code(), ExitCode::kUsage);
      EXPECT_NE(std::string(failure.what()).find(value), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace spokeshave
