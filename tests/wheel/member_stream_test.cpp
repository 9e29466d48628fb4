#include "wheel/member_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "tests/wheel/zip_support.h"

namespace {

using support::make_zip;
using support::MemoryFile;
using support::ZipMember;
using testing::HasSubstr;
using wheel::Archive;
using wheel::MemberStream;

std::string read(MemberStream& stream, std::uint64_t offset, std::size_t size) {
  std::string text(size, '\0');
  stream.read(offset, std::as_writable_bytes(std::span(text)));
  return text;
}

enum class Decoding : std::uint8_t { kQuick, kBySymbols, kFromPoints };

/// By ISA-L, by our own decoder, and by that with the points of another: what a user sees is the
/// same.
class MemberStreams : public testing::TestWithParam<Decoding> {
 protected:
  static MemberStream open(const Archive& archive) {
    const wheel::Member& member = archive.members().front();
    if (GetParam() == Decoding::kQuick) {
      return {archive, member};
    }
    const auto by_symbols = [&](const wheel::MemberPoints& points) {
      return MemberStream(wheel::packed_reader(archive, member), member, points);
    };
    MemberStream stream = by_symbols({});
    if (GetParam() == Decoding::kBySymbols) {
      return stream;
    }
    try {
      stream.finish();
    } catch (const wheel::Error&) {  // of a damaged one the points before the damage
    }
    return by_symbols(stream.points_before({member.size / 2, member.size}));
  }

  /// What reading the only member of an archive to its end throws; "whole" where nothing is thrown.
  static std::string fault_of(const std::string& archive_bytes) {
    const MemoryFile file(archive_bytes);
    const Archive archive = Archive::open(file.descriptor());
    MemberStream stream = open(archive);
    try {
      stream.finish();
    } catch (const wheel::Error& error) {
      EXPECT_EQ(error.member(), archive.members().front().name);
      return error.what();
    }
    return "whole";
  }
};

INSTANTIATE_TEST_SUITE_P(Decoded, MemberStreams,
                         testing::Values(Decoding::kQuick, Decoding::kBySymbols,
                                         Decoding::kFromPoints),
                         [](const auto& each) {
                           return each.param == Decoding::kQuick       ? "ByIsaL"
                                  : each.param == Decoding::kBySymbols ? "BySymbols"
                                                                       : "FromPoints";
                         });

TEST_P(MemberStreams, ReadsByOffsetInAnyOrder) {
  const MemoryFile file(make_zip({{.name = "a", .content = "0123456789"}}).bytes);
  const Archive archive = Archive::open(file.descriptor());
  MemberStream stream = open(archive);
  EXPECT_EQ(stream.size(), 10u);
  EXPECT_EQ(read(stream, 8, 2), "89");
  EXPECT_EQ(read(stream, 0, 3), "012");
  EXPECT_EQ(read(stream, 10, 0), "");
  EXPECT_THROW(read(stream, 9, 2), wheel::Error);
  EXPECT_THROW(read(stream, 11, 0), wheel::Error);
  EXPECT_THROW(read(stream, ~std::uint64_t{0}, 2), wheel::Error);
  EXPECT_EQ(stream.finish(), wheel::sha256("0123456789"));
  EXPECT_EQ(stream.finish(), wheel::sha256("0123456789"));
  EXPECT_EQ(read(stream, 4, 2), "45");
}

TEST_P(MemberStreams, OfAnEmptyMemberHasTheDigestOfNothing) {
  for (const std::uint16_t method : {std::uint16_t{0}, std::uint16_t{8}}) {
    const MemoryFile file(make_zip({{.name = "a", .content = "", .method = method}}).bytes);
    const Archive archive = Archive::open(file.descriptor());
    EXPECT_EQ(open(archive).finish(), wheel::sha256(""));
  }
}

// Random back-and-forth over a member larger than all that is kept of it, against the bytes that
// went in.
TEST_P(MemberStreams, GivesTheSameBytesWhateverTheOrderOfReading) {
  const unsigned seed = support::random_seed();
  SCOPED_TRACE("SPOKESHAVE_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  for (const std::uint16_t method : {std::uint16_t{0}, std::uint16_t{8}}) {
    const std::string content = support::random_content(random, (9u << 20) + random() % 999999);
    const MemoryFile file(make_zip({{.name = "a", .content = content, .method = method}}).bytes);
    const Archive archive = Archive::open(file.descriptor());
    std::string observed;
    MemberStream stream = open(archive);
    stream.observe([&](std::span<const std::byte> piece) { observed += support::text_of(piece); });
    if (random() % 2 == 0) stream.overlap();
    for (int i = 0; i < 60; ++i) {
      const std::size_t offset = random() % content.size();
      const std::size_t size =
          std::min<std::size_t>(random() % (i % 10 == 0 ? 3000000 : 5000), content.size() - offset);
      ASSERT_TRUE(read(stream, offset, size) == content.substr(offset, size))
          << size << " bytes from " << offset;
      if (i == 30) {
        EXPECT_EQ(stream.finish(), wheel::sha256(content));
      }
    }
    EXPECT_TRUE(observed == content) << "every byte once, in order";
  }
}

// An observer that is slower than decoding: nothing may be decoded over what it has not seen yet.
TEST_P(MemberStreams, OverlapsAndStillShowsEveryByteOnceInOrder) {
  std::mt19937 random(1);
  const std::string content = support::random_content(random, 9u << 20);
  const MemoryFile file(make_zip({{.name = "a", .content = content}}).bytes);
  const Archive archive = Archive::open(file.descriptor());
  std::string observed;
  MemberStream stream = open(archive);
  stream.observe([&](std::span<const std::byte> piece) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    observed += support::text_of(piece);
  });
  stream.expect(wheel::record_hash(wheel::sha256(content)));
  stream.overlap();
  EXPECT_EQ(read(stream, content.size() - 100, 100), content.substr(content.size() - 100));
  EXPECT_EQ(read(stream, 0, 3u << 20), content.substr(0, 3u << 20));
  EXPECT_EQ(stream.finish(), wheel::sha256(content));
  EXPECT_TRUE(observed == content);
}

TEST_P(MemberStreams, OverlappedGivesWhatTheObserverThrows) {
  std::mt19937 random(1);
  const std::string content = support::random_content(random, 9u << 20);
  const MemoryFile file(make_zip({{.name = "a", .content = content}}).bytes);
  const Archive archive = Archive::open(file.descriptor());
  MemberStream stream = open(archive);
  stream.observe([](std::span<const std::byte>) { throw std::runtime_error("enough"); });
  stream.overlap();
  EXPECT_THROW(stream.finish(), std::runtime_error);
}

TEST_P(MemberStreams, MayBeLeftWhileItOverlaps) {
  std::mt19937 random(1);
  const std::string content = support::random_content(random, 9u << 20);
  const MemoryFile file(make_zip({{.name = "a", .content = content}}).bytes);
  const Archive archive = Archive::open(file.descriptor());
  std::size_t observed = 0;
  {
    MemberStream stream = open(archive);
    stream.observe([&](std::span<const std::byte> piece) { observed += piece.size(); });
    stream.overlap();
    read(stream, 3u << 20, 10);
  }
  EXPECT_LE(observed, content.size());
}

// 60 MiB: more steps of 1 MiB than there may be checkpoints.
TEST_P(MemberStreams, GoesBackInAMemberWithMoreStepsThanCheckpoints) {
  std::string content;
  for (std::uint32_t i = 0; content.size() < (60u << 20); ++i) {
    content += std::to_string(i * 2654435761u);
  }
  const std::string packed = support::zlib_deflate(content, 1);
  const MemoryFile file(make_zip({{.name = "a",
                                   .content = packed,
                                   .packed_by_caller = true,
                                   .size = static_cast<std::uint32_t>(content.size()),
                                   .crc = static_cast<std::uint32_t>(
                                       crc32(0, reinterpret_cast<const Bytef*>(content.data()),
                                             static_cast<uInt>(content.size())))}})
                            .bytes);
  const Archive archive = Archive::open(file.descriptor());
  MemberStream stream = open(archive);
  for (std::size_t offset = content.size() - 100; offset > (7u << 20); offset -= 7u << 20) {
    ASSERT_EQ(read(stream, offset, 100), content.substr(offset, 100)) << offset;
  }
  EXPECT_EQ(read(stream, 0, 100), content.substr(0, 100));
  EXPECT_EQ(stream.finish(), wheel::sha256(content));
}

// FIPS 180-2, appendix C, in the spelling of RECORD.
TEST_P(MemberStreams, ComparesWithTheHashOfRecordOfEachKind) {
  const MemoryFile file(make_zip({{.name = "a", .content = "abc"}}).bytes);
  const Archive archive = Archive::open(file.descriptor());
  for (const std::string hash :
       {"sha256=ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0",
        "sha384=ywB1P0WjXou1oD1pmsZQBycsMqsO3tFjGotgWkP_W-2AhgcroefMI1i67KE0yCWn",
        "sha512=3a81oZNherrMQXNJriBBMRLm-k6JqX6iCp7u5ktV05ohkpkqJ0_BqDa6PCOj_"
        "uu9RU1EI2Q86A4qmslPpUyknw"}) {
    MemberStream stream = open(archive);
    stream.expect(hash);
    EXPECT_EQ(stream.finish(), wheel::sha256("abc"));
    std::string other = hash;
    other.back() = 'B';
    MemberStream wrong = open(archive);
    wrong.expect(other);
    try {
      wrong.finish();
      ADD_FAILURE() << other;
    } catch (const wheel::Error& error) {
      EXPECT_EQ(error.member(), "a");
      EXPECT_EQ(error.what(), "its hash is " + hash + ", RECORD says " + other);
    }
    EXPECT_THROW(wrong.finish(), wheel::Error) << "not only the first time";
  }
  MemberStream stream = open(archive);
  EXPECT_THROW(stream.expect("md5=x"), wheel::Error);
}

TEST_P(MemberStreams, TellsAWrongCrc) {
  auto zip = make_zip({{.name = "a", .content = "content"}});
  zip.put32(zip.local[0] + 14, 0x12345678).put32(zip.central[0] + 16, 0x12345678);
  EXPECT_THAT(fault_of(zip.bytes), HasSubstr("the archive says 0x12345678"));
}

ZipMember lying(const std::string& packed, std::uint32_t size) {
  return {.name = "a", .content = packed, .packed_by_caller = true, .size = size, .crc = 1};
}

TEST_P(MemberStreams, StopsAtOnceWhereThereIsMoreThanDeclared) {
  const std::string packed = support::zlib_deflate(std::string(3000000, 'x'));
  EXPECT_THAT(fault_of(make_zip({lying(packed, 2999999)}).bytes),
              HasSubstr("more bytes than the 2999999"));
}

TEST_P(MemberStreams, TellsWhereThereIsLessThanDeclared) {
  const std::string packed = support::zlib_deflate("content");
  EXPECT_THAT(fault_of(make_zip({lying(packed, 8)}).bytes), HasSubstr("fewer bytes than the 8"));
}

TEST_P(MemberStreams, TellsPackedDataThatIsCutOff) {
  const std::string packed = support::zlib_deflate("some content");
  EXPECT_THAT(fault_of(make_zip({lying(packed.substr(0, packed.size() - 2), 12)}).bytes),
              HasSubstr("ends in the middle"));
}

TEST_P(MemberStreams, TellsBytesBehindTheDeflateStream) {
  const std::string packed = support::zlib_deflate("some content");
  EXPECT_THAT(fault_of(make_zip({lying(packed + "x", 12)}).bytes), HasSubstr("goes on for 1 byte"));
  EXPECT_THAT(fault_of(make_zip({lying(packed + std::string(300000, 'x'), 12)}).bytes),
              HasSubstr("goes on for 300000 bytes"));
}

TEST_P(MemberStreams, TellsDamagedData) {
  EXPECT_THAT(fault_of(make_zip({lying("\x07 no such block", 12)}).bytes), HasSubstr("is damaged"));
  // A match that reaches before the first byte: a fixed block with length 3, distance 1.
  EXPECT_THAT(fault_of(make_zip({lying(std::string("\x03\x02\x00\x00", 4), 3)}).bytes),
              HasSubstr("damaged"));
}

// After a fault the next call finds the same fault, not bytes from somewhere else.
TEST_P(MemberStreams, FailsAgainAfterAFailure) {
  std::mt19937 random(1);
  const std::string content = support::random_content(random, 4u << 20);
  std::string packed = support::zlib_deflate(content);
  packed.resize(packed.size() - 100);
  const MemoryFile file(
      make_zip({lying(packed, static_cast<std::uint32_t>(content.size()))}).bytes);
  const Archive archive = Archive::open(file.descriptor());
  for (const bool overlap : {false, true}) {
    MemberStream stream = open(archive);
    if (overlap) stream.overlap();
    EXPECT_THROW(stream.finish(), wheel::Error);
    EXPECT_EQ(read(stream, 1000, 100), content.substr(1000, 100));
    EXPECT_THROW(read(stream, content.size() - 50, 50), wheel::Error);
    EXPECT_THROW(stream.finish(), wheel::Error);
  }
}

TEST_P(MemberStreams, NeverCrashesOnRandomPackedData) {
  const unsigned seed = support::random_seed();
  SCOPED_TRACE("SPOKESHAVE_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  const std::string content = support::random_content(random, 100000);
  const std::string packed = support::zlib_deflate(content);
  for (int i = 0; i < 300; ++i) {
    std::string broken = packed;
    for (auto n = 1 + random() % 4; n > 0; --n) {
      broken[random() % (i % 2 == 0 ? 50 : broken.size())] = static_cast<char>(random());
    }
    const auto zip = make_zip({lying(broken, static_cast<std::uint32_t>(content.size()))});
    EXPECT_NE(fault_of(zip.bytes), "whole");
  }
}

// What one stream has come by serves another, which decodes no more than what lies between.
TEST(MemberPoints, LetAnotherStreamBeginInTheMiddle) {
  std::mt19937 random(1);
  const std::string content = support::random_content(random, 9u << 20);
  const MemoryFile file(make_zip({{.name = "a", .content = content}}).bytes);
  const Archive archive = Archive::open(file.descriptor());
  const wheel::Member& member = archive.members().front();
  MemberStream first(wheel::packed_reader(archive, member), member, {});
  first.finish();
  const std::uint64_t near_end = content.size() - 1000;
  const wheel::MemberPoints points = first.points_before({near_end, near_end + 10, 5});
  ASSERT_EQ(points.size(), 1u) << "one for both, and none before the first MiB";
  std::uint64_t bytes_read = 0;
  MemberStream second(
      [&](std::uint64_t offset, std::span<std::byte> out) {
        bytes_read += out.size();
        archive.read_packed(member, offset, out);
      },
      member, points);
  bytes_read = 0;
  EXPECT_EQ(read(second, near_end, 1000), content.substr(near_end));
  EXPECT_LT(bytes_read, member.packed_bytes / 3);
  EXPECT_EQ(read(second, 77, 1000), content.substr(77, 1000));
  EXPECT_EQ(second.finish(), wheel::sha256(content));
}

TEST(MemberPoints, AreNoneOfAStoredMemberOrWithIsaL) {
  const std::string content(3u << 20, 'x');
  for (const std::uint16_t method : {std::uint16_t{0}, std::uint16_t{8}}) {
    const MemoryFile file(make_zip({{.name = "a", .content = content, .method = method}}).bytes);
    const Archive archive = Archive::open(file.descriptor());
    const wheel::Member& member = archive.members().front();
    MemberStream stored(wheel::packed_reader(archive, member), member, {});
    stored.finish();
    EXPECT_EQ(stored.points().empty(), method == 0);
    MemberStream quick(archive, member);
    quick.finish();
    EXPECT_TRUE(quick.points().empty());
  }
}

}  // namespace
