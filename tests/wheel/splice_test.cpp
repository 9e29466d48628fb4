#include "wheel/splice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/wheel/splicing.h"
#include "wheel/bit_writer.h"
#include "wheel/member_stream.h"

namespace {

using support::assembled;
using support::Change;
using support::makers;
using support::random_content;
using support::SpliceCase;
using support::splices;
using testing::HasSubstr;

std::string noise(std::size_t size, unsigned seed = 2) {
  std::mt19937 random(seed);
  std::string text(size, '\0');
  for (char& c : text) {
    c = static_cast<char>(random());
  }
  return text;
}

std::string mixed(std::size_t size) {
  std::mt19937 random(8);
  return random_content(random, size);
}

/// Every set of edits that is worth a try in a content of this size.
std::vector<SpliceCase> edit_sets(const std::string& content) {
  const std::size_t size = content.size();
  std::vector<SpliceCase> cases;
  const auto add = [&](std::vector<Change> changes, std::string tail = {}) {
    std::erase_if(changes, [&](const Change& c) { return c.offset + c.bytes.size() > size; });
    cases.push_back({content, {}, std::move(changes), std::move(tail)});
  };
  add({});
  add({}, "x");
  add({}, noise(70000));
  add({{0, "A"}});
  add({{size - 1, "Z"}});
  add({{size - 1, "Z"}}, "and more");
  add({{0, content}});
  add({{64, noise(64)}, {size * 95 / 100, noise(40)}}, noise(3000));
  add({{size / 7, "1"}, {size / 3, "22"}, {size / 2, "333"}});
  add({{0, "0"}, {32768, "1"}, {65535, "2"}, {65536, "3"}, {131071, "4"}});
  add({{1000, noise(70000)}}, "tail");
  add({{500, "a"}, {500 + 32768 + 1023, "b"}});  // as near as it comes to being two regions
  add({{500, "a"}, {500 + 32768 + 1025, "b"}});
  return cases;
}

TEST(Splice, MakesWhatEveryDecoderTakesOfTheStreamsOfAllMakers) {
  for (const std::string& content : {mixed(200000), std::string(400000, '\0'), noise(150000)}) {
    for (const auto& maker : makers()) {
      const std::string packed = maker.make(content);
      for (SpliceCase& test : edit_sets(content)) {
        test.packed = packed;
        ASSERT_TRUE(splices(test)) << maker.name << " " << test.changes.size() << " changes, "
                                   << test.tail.size() << " bytes behind";
      }
    }
  }
}

TEST(Splice, OfNoEditsIsTheSameBytes) {
  for (const std::string& content : {std::string(), std::string("x"), mixed(100000)}) {
    for (const auto& maker : makers()) {
      const SpliceCase test{content, maker.make(content), {}, {}};
      const auto spliced = wheel::splice(test.read(), test.member(), test.edits());
      EXPECT_TRUE(assembled(test, spliced) == test.packed) << maker.name;
      EXPECT_TRUE(spliced.new_bytes.empty()) << maker.name;
    }
  }
}

// Bits that fill the last byte mean nothing, but no edit is no reason to change them.
TEST(Splice, OfNoEditsKeepsTheBitsBehindTheEndToo) {
  SpliceCase test{"", std::string("\x03\xfc", 2), {}, {}};
  EXPECT_EQ(assembled(test, wheel::splice(test.read(), test.member(), test.edits())), test.packed);
}

TEST(Splice, OfTinyMembersIsRightAtEveryPlaceAndSize) {
  for (const std::string& content :
       {std::string("x"), std::string("some 23 bytes of a text"), mixed(150)}) {
    for (const auto& maker : makers()) {
      SpliceCase test{content, maker.make(content), {}, {}};
      for (std::size_t offset = 0; offset < content.size(); ++offset) {
        for (const std::size_t size : {1, 2, 3}) {
          if (offset + size > content.size()) continue;
          test.changes = {{offset, std::string(size, '#')}};
          test.tail = std::string(size - 1, 't');
          ASSERT_TRUE(splices(test)) << maker.name << " " << offset << "+" << size;
        }
      }
    }
  }
}

TEST(Splice, OfAnEmptyMemberGivesItsTail) {
  for (const auto& maker : makers()) {
    for (const std::string& tail : {std::string(), std::string("x"), mixed(100000)}) {
      ASSERT_TRUE(splices({"", maker.make(""), {}, tail})) << maker.name;
    }
  }
}

// Long enough to leave a block, pass 32 KiB, and come back in it: at each of these places.
TEST(Splice, LeavesAndReturnsAtEverySymbol) {
  const std::string content = mixed(50000);
  for (const auto& maker : makers()) {
    SpliceCase test{content, maker.make(content), {}, {}};
    for (std::size_t offset = 9000; offset < 9300; offset += 7) {
      test.changes = {{offset, std::string(1 + offset % 3, '#')}};
      ASSERT_TRUE(splices(test)) << maker.name << " " << offset;
    }
  }
}

// 32768 bytes, stored, and a match that refers to the first of them: as far back as there is. zlib
// never goes so far.
TEST(Splice, PacksAMatchAnewThatRefersToAChangedByteFromAsFarAsCanBe) {
  const std::string content = noise(32768);
  wheel::BitWriter bits;
  bits.put(0b000, 8);
  bits.put(0x7fff8000, 32);
  bits.put(std::as_bytes(std::span(content)));
  bits.put(0b011, 3);
  bits.put(0b10100011, 8);  // symbol 285, a length of 258: 11000101
  bits.put(0b10111, 5);     // distance code 29: 11101
  bits.put(8191, 13);       // of which 32768 is the last one
  bits.put(0, 7);
  bits.align();
  SpliceCase test{content + content.substr(0, 258), support::text_of(bits.bytes()), {}, {}};
  for (const std::size_t offset : {0u, 1u, 257u, 258u, 32767u}) {
    test.changes = {{offset, std::string(1, static_cast<char>(~content[offset]))}};
    ASSERT_TRUE(splices(test)) << offset;
  }
}

TEST(Splice, OfOneGiantBlockPacksNoMoreThanOfSmallOnes) {
  const std::string content = mixed(8u << 20);
  SpliceCase test{content, support::deflate_by_isal(content, 0), {}, {}};
  test.changes = {{3u << 20, "here"}, {(5u << 20) + 77, "there"}};
  ASSERT_TRUE(splices(test));
  const auto spliced = wheel::splice(test.read(), test.member(), test.edits());
  EXPECT_LT(spliced.new_bytes.size(), 2 * (33000 + 1000));
}

// What is between the points and the edits is not even read.
TEST(Splice, DecodesOnlyFromThePointsBeforeItsEdits) {
  const std::string content = noise(8u << 20);
  SpliceCase test{content, support::deflate_by_libdeflate(content, 6), {}, noise(5000)};
  test.changes = {{100, noise(50)}, {4u << 20, noise(100)}};
  wheel::MemberStream stream(test.read(), test.member(), {});
  stream.finish();
  std::uint64_t bytes = 0;
  const wheel::ReadPacked read = [&](std::uint64_t offset, std::span<std::byte> out) {
    bytes += out.size();
    test.read()(offset, out);
  };
  const auto points = stream.points_before({4u << 20, 8u << 20});
  ASSERT_EQ(points.size(), 2);
  const auto quick = wheel::splice(read, test.member(), test.edits(), points);
  EXPECT_LT(bytes, 4u << 20);
  EXPECT_TRUE(assembled(test, quick) ==
              assembled(test, wheel::splice(test.read(), test.member(), test.edits())));
}

// ---- What is refused

std::string fault_of(const SpliceCase& test, const wheel::Member& member) {
  try {
    wheel::splice(test.read(), member, test.edits());
  } catch (const wheel::Error& error) {
    EXPECT_EQ(error.member(), "m");
    return error.what();
  }
  return "spliced";
}

TEST(Splice, RefusesAMemberThatIsNotWhatTheArchiveSays) {
  const std::string content = mixed(600000);
  SpliceCase test{content, support::zlib_deflate(content), {{70000, "x"}}, {}};
  wheel::Member member = test.member();
  member.size -= 1;
  EXPECT_THAT(fault_of(test, member), HasSubstr("more bytes than the 599999"));
  member.size += 2;
  EXPECT_THAT(fault_of(test, member), HasSubstr("fewer bytes than the 600001"));
  test.packed += "xy";
  EXPECT_THAT(fault_of(test, test.member()), HasSubstr("goes on for 2 bytes"));
  test.packed.resize(test.packed.size() - 100);
  EXPECT_THAT(fault_of(test, test.member()), HasSubstr("ends in the middle"));
}

TEST(Splice, RefusesABomb) {
  const std::string content(100u << 20, '\0');
  SpliceCase test{content, support::zlib_deflate(content), {{5, "x"}}, {}};
  wheel::Member member = test.member();
  member.size = 1000;
  EXPECT_THAT(fault_of(test, member), HasSubstr("more bytes than the 1000"));
}

TEST(Splice, LetsWhatReadingThrowsThrough) {
  const std::string content = noise(2u << 20);
  SpliceCase test{content, support::zlib_deflate(content), {{5, "x"}}, {}};
  int reads = 0;
  const wheel::ReadPacked read = [&](std::uint64_t offset, std::span<std::byte> out) {
    if (++reads == 3) throw std::out_of_range("read");
    test.read()(offset, out);
  };
  EXPECT_THROW(wheel::splice(read, test.member(), test.edits()), std::out_of_range);
}

// ---- When it is not the way

TEST(SpliceObstacle, IsAStoredMember) {
  SpliceCase test{"abc", "abc", {{0, "x"}}, {}};
  wheel::Member member = test.member();
  EXPECT_EQ(wheel::splice_obstacle(member, test.edits()), "");
  member.method = wheel::Method::kStored;
  EXPECT_EQ(wheel::splice_obstacle(member, test.edits()), "it is stored, not deflated");
}

TEST(SpliceObstacle, IsMoreThanZlibPacksQuickly) {
  wheel::Member member;
  member.method = wheel::Method::kDeflated;
  member.size = 100000000;
  const std::string bytes(7000000, 'x');
  const auto edit = [&](std::size_t size) {
    wheel::SpliceEdits edits;
    edits.patches = {{1000, std::as_bytes(std::span(bytes)).first(size)}};
    return edits;
  };
  EXPECT_EQ(wheel::splice_obstacle(member, edit(6000000)), "");
  EXPECT_THAT(wheel::splice_obstacle(member, edit(6500000)), HasSubstr("bytes of 100000000"));
  member.size = 1000;
  EXPECT_EQ(wheel::splice_obstacle(member, edit(200000)), "") << "of next to nothing, all is quick";
}

}  // namespace
