#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/wheel/deflaters.h"
#include "tests/wheel/zip_support.h"
#include "wheel/inflate_symbols.h"
#include "wheel/splice.h"

namespace support {

inline std::uint32_t crc_of(const std::string& text) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(text.data()), text.size()));
}

struct Change {
  std::size_t offset = 0;
  std::string bytes;
};

/// A packed member, and what is to be made of it.
struct SpliceCase {
  std::string content;
  std::string packed;
  std::vector<Change> changes;
  std::string tail;

  wheel::Member member() const {
    wheel::Member member;
    member.name = "m";
    member.method = wheel::Method::kDeflated;
    member.packed_bytes = packed.size();
    member.size = content.size();
    member.crc = crc_of(content);
    return member;
  }
  wheel::SpliceEdits edits() const {
    wheel::SpliceEdits edits;
    for (const Change& change : changes) {
      edits.patches.push_back({change.offset, std::as_bytes(std::span(change.bytes))});
    }
    edits.tail = std::as_bytes(std::span(tail));
    return edits;
  }
  wheel::ReadPacked read() const {
    return [this](std::uint64_t offset, std::span<std::byte> out) {
      ASSERT_LE(offset + out.size(), packed.size());
      const auto bytes = std::as_bytes(std::span(packed)).subspan(offset, out.size());
      std::copy(bytes.begin(), bytes.end(), out.begin());
    };
  }
  std::string expected() const {
    std::string text = content;
    for (const Change& change : changes) {
      text.replace(change.offset, change.bytes.size(), change.bytes);
    }
    return text + tail;
  }
};

/// The packed bytes that the pieces say.
inline std::string assembled(const SpliceCase& test, const wheel::Spliced& spliced) {
  std::string bytes;
  for (const auto& piece : spliced.pieces) {
    bytes += piece.is_new ? text_of(spliced.new_bytes).substr(piece.begin, piece.size)
                          : test.packed.substr(piece.begin, piece.size);
  }
  return bytes;
}

/// A point every `step` bytes, as near as symbols allow.
inline wheel::MemberPoints points_of(const SpliceCase& test, std::uint64_t step) {
  wheel::MemberPoints points;
  std::vector<std::byte> out(test.content.size() + 1000);
  wheel::SymbolInflater inflater(test.read(), test.packed.size(), "m");
  inflater.place(out.data());
  while (inflater.next_block()) {
    while (inflater.run(inflater.position() + step)) {
      points.push_back(std::make_shared<wheel::MemberPoint>(
          wheel::MemberPoint{inflater.position(), inflater.point()}));
    }
    points.push_back(std::make_shared<wheel::MemberPoint>(
        wheel::MemberPoint{inflater.position(), inflater.point()}));
  }
  return points;
}

/// Splices, and has three decoders that are not ours judge what came out; then again from points,
/// which must give the same. False where it failed.
inline bool splices(const SpliceCase& test, std::uint64_t step = 5000) {
  const std::string expected = test.expected();
  const wheel::Spliced spliced = wheel::splice(test.read(), test.member(), test.edits());
  const std::string packed = assembled(test, spliced);
  EXPECT_EQ(spliced.packed_bytes, packed.size());
  EXPECT_EQ(spliced.size, expected.size());
  EXPECT_EQ(spliced.crc, crc_of(expected));
  EXPECT_TRUE(inflate_by_others(packed, expected.size()) == expected);
  const wheel::Spliced again =
      wheel::splice(test.read(), test.member(), test.edits(), points_of(test, step));
  EXPECT_TRUE(assembled(test, again) == packed);
  EXPECT_EQ(again.crc, spliced.crc);
  return !testing::Test::HasFailure();
}

}  // namespace support
