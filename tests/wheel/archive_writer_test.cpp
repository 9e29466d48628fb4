#include "wheel/archive_writer.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <system_error>

#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/wheel/zip_support.h"
#include "wheel/member_stream.h"

namespace {

using support::make_zip;
using support::MemoryFile;
using testing::HasSubstr;
using wheel::Archive;
using wheel::ArchiveWriter;
using wheel::Entry;
using wheel::Packed;

std::string bytes_of(const MemoryFile& file) {
  struct stat status {};
  fstat(file.descriptor(), &status);
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  EXPECT_EQ(pread(file.descriptor(), bytes.data(), bytes.size(), 0), status.st_size);
  return bytes;
}

std::string python(const std::string& script, const MemoryFile& file) {
  const auto result = support::run_program({"python3", "-c", script, file.path()});
  return result.status == 0 ? result.out : "failed: " + result.err;
}

/// Texts, a member that is copied and packed bytes from a file: all that a writer takes.
struct Sample {
  MemoryFile old_file{make_zip({{.name = "old", .content = "packed by zlib"},
                                {.name = "stored", .content = "not packed", .method = 0}})
                          .bytes};
  Archive old = Archive::open(old_file.descriptor());
  std::string packed_text = support::zlib_deflate("packed before");
  MemoryFile packed{"..." + packed_text};

  ArchiveWriter writer() const {
    ArchiveWriter writer;
    writer.add_text({.name = "pkg/__init__.py"}, "import os\n");
    writer.add_member(
        {.name = "pkg/copied.so", .mode = 0100755, .dos_time = 0x1234, .dos_date = 0x5678}, old,
        old.members()[0]);
    writer.add_member({.name = "pkg/stored"}, old, old.members()[1]);
    writer.add_packed({.name = "pkg/é.so"}, packed.descriptor(), 3,
                      {.packed_bytes = packed_text.size(),
                       .size = 13,
                       .crc = wheel::crc32_of("packed before"),
                       .digest = {}});
    writer.add_text({.name = "empty"}, "");
    return writer;
  }
};

TEST(ArchiveWriter, WritesWhatPythonReads) {
  const Sample sample;
  const MemoryFile out;
  sample.writer().write(out.descriptor());
  EXPECT_EQ(
      python("import sys, zipfile\n"
             "z = zipfile.ZipFile(sys.argv[1])\n"
             "assert z.testzip() is None\n"
             "for i in z.infolist():\n"
             "  print(ascii(i.filename), z.read(i), oct(i.external_attr >> 16), i.date_time,\n"
             "        i.compress_type, hex(i.flag_bits), i.create_system, i.extract_version,\n"
             "        i.extra, i.comment)\n",
             out),
      "'pkg/__init__.py' b'import os\\n' 0o100644 (1980, 1, 1, 0, 0, 0) 8 0x0 3 20 b'' b''\n"
      "'pkg/copied.so' b'packed by zlib' 0o100755 (2023, 3, 24, 2, 17, 40) 8 0x0 3 20 b'' b''\n"
      "'pkg/stored' b'not packed' 0o100644 (1980, 1, 1, 0, 0, 0) 0 0x0 3 10 b'' b''\n"
      "'pkg/\\xe9.so' b'packed before' 0o100644 (1980, 1, 1, 0, 0, 0) 8 0x800 3 20 b'' b''\n"
      "'empty' b'' 0o100644 (1980, 1, 1, 0, 0, 0) 8 0x0 3 20 b'' b''\n");
}

TEST(ArchiveWriter, WritesWhatOurOwnStrictReaderTakes) {
  const Sample sample;
  const MemoryFile out;
  sample.writer().write(out.descriptor());
  const Archive archive = Archive::open(out.descriptor());
  ASSERT_EQ(archive.members().size(), 5u);
  EXPECT_EQ(archive.read_text(*archive.find("pkg/copied.so")), "packed by zlib");
  EXPECT_EQ(archive.find("pkg/copied.so")->dos_time, 0x1234);
  EXPECT_EQ(archive.read_text(*archive.find("pkg/é.so")), "packed before");
}

TEST(ArchiveWriter, KnowsTheSizeBefore) {
  const Sample sample;
  auto writer = sample.writer();
  const std::uint64_t size = writer.archive_size();
  const MemoryFile out;
  std::uint64_t told = 0;
  writer.write(out.descriptor(), [&](std::uint64_t bytes) { told = bytes; });
  EXPECT_EQ(bytes_of(out).size(), size);
  EXPECT_EQ(told, size);
}

TEST(ArchiveWriter, WritesTheSameBytesEveryTimeAndInEveryTimeZone) {
  const Sample sample;
  std::vector<std::string> results;
  for (const char* const zone : {"UTC", "Asia/Kolkata", "America/New_York", "Europe/Berlin"}) {
    setenv("TZ", zone, 1);
    const MemoryFile out;
    sample.writer().write(out.descriptor());
    results.push_back(bytes_of(out));
  }
  unsetenv("TZ");
  EXPECT_THAT(results, testing::Each(results[0]));
}

// 02:30 on the night when summer time began, a date of 0, one that no calendar has: libzip's own
// way of time loses them.
TEST(ArchiveWriter, KeepsTimesThatLibzipWouldChange) {
  setenv("TZ", "Europe/Berlin", 1);
  ArchiveWriter writer;
  const std::vector<std::pair<std::uint16_t, std::uint16_t>> times = {
      {2 << 11 | 30 << 5, (2023 - 1980) << 9 | 3 << 5 | 26}, {0, 0}, {0xffff, 0xffff}, {1, 0x21}};
  for (std::size_t i = 0; i < times.size(); ++i) {
    writer.add_text(
        {.name = std::to_string(i), .dos_time = times[i].first, .dos_date = times[i].second}, "x");
  }
  const MemoryFile out;
  writer.write(out.descriptor());
  unsetenv("TZ");
  const Archive archive = Archive::open(out.descriptor());
  for (std::size_t i = 0; i < times.size(); ++i) {
    EXPECT_EQ(archive.members()[i].dos_time, times[i].first);
    EXPECT_EQ(archive.members()[i].dos_date, times[i].second);
  }
}

TEST(ArchiveWriter, RefusesNamesThatStandTwiceOrLeadElsewhere) {
  ArchiveWriter writer;
  writer.add_text({.name = "a"}, "1");
  EXPECT_THROW(writer.add_text({.name = "../a"}, "1"), wheel::Error);
  writer.add_text({.name = "a"}, "2");
  const MemoryFile out;
  EXPECT_THROW(writer.write(out.descriptor()), wheel::Error);
  EXPECT_EQ(bytes_of(out), "");
}

TEST(ArchiveWriter, RefusesAnArchiveOfNothing) {
  const MemoryFile out;
  EXPECT_THROW(ArchiveWriter().write(out.descriptor()), wheel::Error);
}

TEST(ArchiveWriter, TellsPackedBytesThatAreNotThere) {
  const MemoryFile packed("12");
  const MemoryFile out;
  ArchiveWriter writer;
  writer.add_packed({.name = "a"}, packed.descriptor(), 0, {.packed_bytes = 3, .size = 3});
  EXPECT_THROW(writer.write(out.descriptor()), wheel::Error);
}

TEST(ArchiveWriter, KeepsTheSystemsReasonWhereAWriteFails) {
  const int full = open("/dev/full", O_RDWR | O_CLOEXEC);
  ASSERT_GE(full, 0);
  ArchiveWriter writer;
  writer.add_text({.name = "a"}, "text");
  try {
    writer.write(full);
    ADD_FAILURE() << "/dev/full took it";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code().value(), ENOSPC);
  }
  close(full);
}

TEST(ArchiveWriter, KeepsTheSystemsReasonWhereAFileMayNotGrow) {
  const Sample sample;
  const support::TempDir folder;
  const int file = open((folder / "a.zip").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  rlimit old{};
  getrlimit(RLIMIT_FSIZE, &old);
  const rlimit low = {.rlim_cur = 100, .rlim_max = old.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &low);
  int code = 0;
  try {
    sample.writer().write(file);
  } catch (const std::system_error& error) {
    code = error.code().value();
  }
  setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, handler);
  close(file);
  EXPECT_EQ(code, EFBIG);
}

TEST(ArchiveWriter, StopsWhereProgressThrows) {
  const Sample sample;
  const MemoryFile out;
  EXPECT_THROW(sample.writer().write(out.descriptor(),
                                     [](std::uint64_t) { throw std::out_of_range("stop"); }),
               std::out_of_range);
}

TEST(ArchiveWriter, WritesMoreMembersThan16BitsCount) {
  ArchiveWriter writer;
  for (int i = 0; i < 65600; ++i) {
    writer.add_text({.name = std::to_string(i)}, "");
  }
  const std::uint64_t size = writer.archive_size();
  const MemoryFile out;
  writer.write(out.descriptor());
  EXPECT_EQ(bytes_of(out).size(), size);
  EXPECT_EQ(python("import sys, zipfile; print(len(zipfile.ZipFile(sys.argv[1]).namelist()))", out),
            "65600\n");
}

}  // namespace
