#include "wheel/descriptor.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <system_error>

#include "tests/support/temp_dir.h"
#include "tests/support/zip_bytes.h"
#include "wheel/error.h"

namespace {

using wheel::Descriptor;

TEST(Descriptor, IsClosedWhenItGoes) {
  const support::MemoryFile file("x");
  int number = -1;
  {
    const Descriptor descriptor(dup(file.descriptor()));
    number = descriptor.number();
    EXPECT_GE(fcntl(number, F_GETFD), 0);
  }
  EXPECT_LT(fcntl(number, F_GETFD), 0);
}

TEST(Descriptor, OfWhatIsNoFileIsAnErrorAndClosed) {
  EXPECT_THROW(Descriptor(-1), std::system_error);
  const support::TempDir folder;
  const int number = open(folder.path().c_str(), O_RDONLY | O_CLOEXEC);
  EXPECT_THROW(Descriptor{number}, wheel::Error);
  EXPECT_LT(fcntl(number, F_GETFD), 0);
}

TEST(Descriptor, OfAPipeWithoutAWriterIsAnErrorAndNoWait) {
  const support::TempDir folder;
  const std::string pipe = folder / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THROW(Descriptor{pipe}, wheel::Error);
}

}  // namespace
