#include <gtest/gtest.h>

#include "tests/wheel/splicing.h"
#include "wheel/inflate_symbols.h"
#include "wheel/member_stream.h"

namespace {

using support::Change;
using support::SpliceCase;
using support::splices;

/// Edits at random places, of random sizes, near to each other or not.
std::vector<Change> random_changes(std::mt19937& random, std::size_t size) {
  std::vector<Change> changes;
  std::size_t at = random() % (size / 2 + 1);
  for (auto n = random() % 6; n > 0 && at < size; --n) {
    const std::size_t most = random() % 5 == 0 ? 20000 : 30;
    Change change{at, std::string(std::min(size - at, 1 + random() % most), '\0')};
    for (char& c : change.bytes) {
      c = static_cast<char>(random());
    }
    const unsigned most_between = random() % 2 == 0 ? 100 : 60000;
    at += change.bytes.size() + random() % most_between;
    changes.push_back(std::move(change));
  }
  return changes;
}

/// 32 KiB behind the last of the edits from `next` on that may be packed as one, since less than
/// 1024 bytes would be kept between them. `next` is set to the one after it.
std::uint64_t resume_behind(const std::vector<Change>& changes, std::size_t& next) {
  std::uint64_t resume = 0;
  do {
    resume = changes[next].offset + changes[next].bytes.size() + 32768;
    ++next;
  } while (next < changes.size() && changes[next].offset < resume + 1024);
  return resume;
}

/// The bytes of the packed data that may differ: from the symbol that gives an edit's first byte to
/// the first one that begins 32 KiB behind its last, and, of a block that is left, what its header
/// says of its end, or all of it where nothing else is left. Found out symbol by symbol.
std::vector<bool> touched_bytes(const SpliceCase& test) {
  std::vector<bool> touched(test.packed.size(), false);
  const auto touch = [&](std::uint64_t begin_bit, std::uint64_t end_bit) {
    for (std::uint64_t byte = begin_bit / 8; byte < (end_bit + 7) / 8; ++byte) {
      touched.at(byte) = true;
    }
  };
  std::vector<std::byte> out(test.content.size() + 1000);
  wheel::SymbolInflater inflater(test.read(), test.packed.size(), "m");
  inflater.place(out.data());
  std::size_t next = 0;
  std::uint64_t resume = 0;
  bool inside = false;
  const auto header_of = [&](const wheel::DeflateBlock& block) {
    const bool stored = block.type == wheel::DeflateBlock::Type::kStored;
    touch(block.header_bit, stored ? block.body_bit : block.header_bit + 1);
  };
  while (inflater.next_block()) {
    const wheel::DeflateBlock block = inflater.block();
    if (inside && block.begin >= resume) inside = false;
    if (inside) touch(block.header_bit, block.body_bit);
    for (bool goes_on = true; goes_on;) {
      const std::uint64_t bit = inflater.bit();
      const std::uint64_t position = inflater.position();
      goes_on = inflater.run(position + 1);
      // A block's end gives no byte: behind the last region it is left as the region's own is made.
      const bool gives_bytes = inflater.position() > position;
      if (inside && position >= resume && gives_bytes) inside = false;
      if (next < test.changes.size() && test.changes[next].offset < inflater.position()) {
        if (!inside) header_of(block);
        if (position == block.begin) touch(block.header_bit, block.body_bit);  // all of it goes
        inside = true;
        resume = resume_behind(test.changes, next);
      }
      if (inside) touch(bit, inflater.bit());
    }
  }
  if (!test.tail.empty() || inside) header_of(inflater.block());
  touch(inflater.bit() - 1, test.packed.size() * 8);  // the last byte may be filled up
  return touched;
}

// The property: what was spliced unpacks to exactly the edited content, and every packed byte
// outside of what the edits touch comes from the original, in its order.
TEST(SpliceProperty, OnlyWhatTheEditsTouchIsPackedAnew) {
  const unsigned seed = support::random_seed();
  SCOPED_TRACE("SPOKESHAVE_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 12; ++round) {
    const std::string content = support::random_content(random, 1 + random() % 400000);
    for (const auto& maker : support::makers()) {
      SpliceCase test{content, maker.make(content), random_changes(random, content.size()), {}};
      if (random() % 2 == 0) test.tail = support::random_content(random, 1 + random() % 5000);
      ASSERT_TRUE(splices(test, 1 + random() % 20000)) << maker.name;

      const auto spliced = wheel::splice(test.read(), test.member(), test.edits());
      std::vector<bool> kept(test.packed.size(), false);
      std::uint64_t end = 0;
      for (const auto& piece : spliced.pieces) {
        if (piece.is_new) continue;
        ASSERT_GE(piece.begin, end) << "in order, and none twice";
        end = piece.begin + piece.size;
        for (std::uint64_t i = piece.begin; i < end; ++i) {
          kept.at(i) = true;
        }
      }
      const std::vector<bool> touched = touched_bytes(test);
      for (std::size_t i = 0; i < kept.size(); ++i) {
        // The byte in which a run begins or ends is ours, for its other bits.
        const bool beside = (i > 0 && touched[i - 1]) || (i + 1 < touched.size() && touched[i + 1]);
        ASSERT_TRUE(kept[i] || touched[i] || beside) << maker.name << ", packed byte " << i;
      }
    }
  }
}

// A library's edits: some bytes here and there. Whatever maker packed it, what is new takes no more
// than zlib's level 6 needs for the edit and the 32 KiB behind it, and the copy of a block's header
// (290 bytes at most) with a symbol at each side.
TEST(SpliceProperty, NewBytesAreNoMoreThanZlibMakesOfTheTouchedStretches) {
  const unsigned seed = support::random_seed();
  SCOPED_TRACE("SPOKESHAVE_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  const std::string content = support::random_content(random, 1000000);
  for (const auto& maker : support::makers()) {
    SpliceCase test{content, maker.make(content), {}, {}};
    std::size_t most = 0;
    for (const std::size_t at : {64u, 300000u, 600000u}) {
      test.changes.push_back({at + random() % 1000, support::random_content(random, 40)});
      const std::string stretch = test.expected().substr(test.changes.back().offset, 40 + 32768);
      most += support::deflate_by_zlib(stretch, {}).size() + 290 + std::size_t{2} * 258;
    }
    const auto spliced = wheel::splice(test.read(), test.member(), test.edits());
    EXPECT_LT(spliced.new_bytes.size(), most) << maker.name;
  }
}

// Any damage to a stream is an error, or leaves a stream that zlib takes for the content: whoever
// splices has decoded all of it before.
TEST(SpliceProperty, NeverTakesADamagedStreamForTheContent) {
  const unsigned seed = support::random_seed();
  SCOPED_TRACE("SPOKESHAVE_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  const std::string content = support::random_content(random, 60000);
  for (const auto& maker : support::makers()) {
    const std::string packed = maker.make(content);
    for (int i = 0; i < 40; ++i) {
      SpliceCase test{content, packed, random_changes(random, content.size()), "tail"};
      test.packed[random() % packed.size()] ^= static_cast<char>(1U << random() % 8);
      wheel::MemberStream stream(test.read(), test.member(), {});
      std::string expected;
      if (support::zlib_takes(test.packed, content.size(), expected) && expected == content) {
        ASSERT_EQ(stream.finish(), wheel::sha256(content)) << maker.name;
        ASSERT_TRUE(splices(test)) << maker.name;
      } else {
        ASSERT_THROW(stream.finish(), wheel::Error) << maker.name;
      }
    }
  }
}

// The packed data may have changed since the points were made: an error, or other bytes, which the
// proof finds; but nothing read or written out of bounds (the sanitizers look).
TEST(SpliceProperty, SurvivesPointsOfDataThatHasChanged) {
  const unsigned seed = support::random_seed();
  SCOPED_TRACE("SPOKESHAVE_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  const std::string content = support::random_content(random, 60000);
  int refused = 0;
  for (const auto& maker : support::makers()) {
    for (int i = 0; i < 40; ++i) {
      SpliceCase test{content, maker.make(content), random_changes(random, content.size()), "tail"};
      const wheel::MemberPoints points = support::points_of(test, 1 + random() % 5000);
      test.packed[random() % test.packed.size()] ^= static_cast<char>(1U << random() % 8);
      try {
        wheel::splice(test.read(), test.member(), test.edits(), points);
      } catch (const wheel::Error&) {
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 0);
}

}  // namespace
