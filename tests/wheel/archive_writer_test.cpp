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
using wheel::FilePart;
using wheel::Packed;
using wheel::PackedBytes;

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
    writer.add_packed({.name = "pkg/é.so"},
                      PackedBytes(FilePart{packed.descriptor(), 3, packed_text.size()}),
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

// Both halves of a stored block, one of them in each file: 01 is the last one's header.
TEST(ArchiveWriter, WritesASplicedMemberOfBothItsFiles) {
  const MemoryFile old_file(
      make_zip({{.name = "old", .content = "0123456789", .method = 0}}).bytes);
  const Archive old = Archive::open(old_file.descriptor());
  const MemoryFile packed(std::string("...\x01\x05\x00\xfa\xffnew", 11));
  ArchiveWriter writer;
  writer.add_packed({.name = "spliced"},
                    wheel::spliced_bytes(old.packed_part(old.members()[0]), packed.descriptor(), 3,
                                         {{true, 0, 8}, {false, 4, 2}}),
                    {.packed_bytes = 10, .size = 5, .crc = wheel::crc32_of("new45"), .digest = {}});
  const MemoryFile out;
  writer.write(out.descriptor());
  EXPECT_EQ(python("import sys, zipfile\nprint(zipfile.ZipFile(sys.argv[1]).read('spliced'))", out),
            "b'new45'\n");
}

TEST(ArchiveWriter, WritesWhatUnzipTakes) {
  const Sample sample;
  const MemoryFile out;
  sample.writer().write(out.descriptor());
  const auto unzip = support::run_program({"unzip", "-t", out.path()});
  if (unzip.status == 127) {
    GTEST_SKIP() << "unzip is not installed";
  }
  EXPECT_EQ(unzip.status, 0) << unzip.out << unzip.err;
  EXPECT_THAT(unzip.out, HasSubstr("No errors detected"));
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
  writer.add_packed({.name = "a"}, PackedBytes(FilePart{packed.descriptor(), 0, 3}),
                    {.packed_bytes = 3, .size = 3});
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

/// Raw deflate of 4.2 GiB in 30 MB: the same MiB over and over, each time without looking back.
struct HugeMember {
  HugeMember() {
    std::mt19937 random(1);
    std::string unit;
    while (unit.size() < (1u << 20)) {
      unit += std::string(400, static_cast<char>(random())) + support::le(random(), 2);
    }
    unit.resize(1u << 20);
    const std::string piece = flushed(unit);
    const uLong unit_crc =
        crc32(0, reinterpret_cast<const Bytef*>(unit.data()), static_cast<uInt>(unit.size()));
    uLong crc = 0;
    std::string packed;
    for (int i = 0; i < 4300; ++i) {
      packed += piece;
      crc = crc32_combine(crc, unit_crc, static_cast<z_off_t>(unit.size()));
    }
    packed += support::zlib_deflate("");
    facts = {.packed_bytes = packed.size(),
             .size = std::uint64_t{4300} << 20,
             .crc = static_cast<std::uint32_t>(crc),
             .digest = {}};
    EXPECT_EQ(pwrite(file.descriptor(), packed.data(), packed.size(), 0), ssize_t(packed.size()));
  }

  static std::string flushed(const std::string& text) {
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
    std::string packed(text.size(), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    deflate(&stream, Z_FULL_FLUSH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
  }

  MemoryFile file;
  Packed facts;
};

TEST(ArchiveWriter, WritesSizesBeyond4GiB) {
  const HugeMember huge;
  ArchiveWriter writer;
  writer.add_packed({.name = "huge"},
                    PackedBytes(FilePart{huge.file.descriptor(), 0, huge.facts.packed_bytes}),
                    huge.facts);
  writer.add_text({.name = "last"}, "text");
  const std::uint64_t planned = writer.archive_size();
  const MemoryFile out;
  writer.write(out.descriptor());
  EXPECT_EQ(
      python("import sys, zipfile\n"
             "z = zipfile.ZipFile(sys.argv[1])\n"
             "print(z.read('last'), [(i.file_size, i.extract_version) for i in z.infolist()])\n"
             "f = z.open('huge')\n"  // reads the local header
             "print(len(f.read(1000)))\n",
             out),
      "b'text' [(4508876800, 45), (4, 20)]\n1000\n");
  const Archive archive = Archive::open(out.descriptor());
  EXPECT_EQ(archive.file_size(), planned);
  std::string first(1000, ' ');
  std::string repeated = first;
  wheel::MemberStream stream(archive, archive.members()[0]);
  stream.read(0, std::as_writable_bytes(std::span(first)));
  stream.read((std::uint64_t{1} << 20) * 4200, std::as_writable_bytes(std::span(repeated)));
  EXPECT_EQ(first, repeated);
  EXPECT_NO_THROW(stream.finish());
}

#ifdef SPOKESHAVE_TEST_REAL
// Writes 4.8 GB. The third member and the directory lie beyond 4 GiB.
TEST(ArchiveWriter, WritesPlacesBeyond4GiB) {
  auto zip = make_zip({{.name = "zeros", .content = "", .method = 0}});
  constexpr std::uint32_t kSize = 3u << 29;
  for (const std::size_t at :
       {zip.local[0] + 18, zip.local[0] + 22, zip.central[0] + 20, zip.central[0] + 24}) {
    zip.put32(at, kSize);
  }
  // CRC-32 of 3 << 29 zeros, by doubling.
  uLong crc = crc32(0, reinterpret_cast<const Bytef*>("\0\0\0"), 3);
  for (z_off_t bytes = 3; bytes < z_off_t{kSize}; bytes *= 2) {
    crc = crc32_combine(crc, crc, bytes);
  }
  zip.put32(zip.local[0] + 14, crc).put32(zip.central[0] + 16, crc);
  const std::size_t begin = zip.data[0];
  zip.put32(zip.end + 16, begin + kSize);
  const MemoryFile zeros(zip.bytes.substr(0, begin));
  const std::string tail = zip.bytes.substr(begin);
  ASSERT_EQ(pwrite(zeros.descriptor(), tail.data(), tail.size(), off_t(begin) + off_t{kSize}),
            ssize_t(tail.size()));
  const Archive from = Archive::open(zeros.descriptor());
  ArchiveWriter writer;
  for (const char* const name : {"a", "b", "c"}) {
    writer.add_member({.name = name}, from, from.members()[0]);
  }
  writer.add_text({.name = "last"}, "text beyond 4 GiB");
  const support::TempDir folder;
  const std::string path = folder / "huge.zip";
  const int out = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_GE(out, 0);
  const std::uint64_t planned = writer.archive_size();
  writer.write(out);
  const Archive archive = Archive::open(out);
  close(out);
  EXPECT_EQ(archive.file_size(), planned);
  EXPECT_EQ(archive.read_text(*archive.find("last")), "text beyond 4 GiB");
  const auto python = support::run_program(
      {"python3", "-c",
       "import sys, zipfile\n"
       "z = zipfile.ZipFile(sys.argv[1])\n"
       "print(z.read('last'), [(i.file_size, i.header_offset, i.extract_version)\n"
       "                       for i in z.infolist()])\n",
       path});
  EXPECT_EQ(python.out,
            "b'text beyond 4 GiB' [(1610612736, 0, 10), (1610612736, 1610612767, 10), "
            "(1610612736, 3221225534, 10), (17, 4831838301, 45)]\n")
      << python.err;
}
#endif

}  // namespace
