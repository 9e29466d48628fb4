#include "wheel/member_decoder.h"

#include <gtest/gtest.h>

#include "tests/wheel/zip_support.h"

namespace {

using support::make_zip;
using support::MemoryFile;
using wheel::Archive;
using wheel::MemberDecoder;

std::string decode(MemberDecoder& decoder, std::size_t size) {
  std::string text(size, '\0');
  decoder.decode(std::as_writable_bytes(std::span(text)));
  return text;
}

// Saved in the middle of blocks, matches and bytes: whatever the decoder holds back must come
// along.
void goes_on_from_where_it_was_saved(std::uint16_t method, const auto& make_decoder) {
  const unsigned seed = support::random_seed();
  SCOPED_TRACE("SPOKESHAVE_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  const std::string content = support::random_content(random, 1000000);
  const MemoryFile file(make_zip({{.name = "a", .content = content, .method = method}}).bytes);
  const Archive archive = Archive::open(file.descriptor());
  const wheel::Member& member = archive.members()[0];
  const auto decoder = make_decoder(wheel::packed_reader(archive, member), member);
  std::size_t at = 0;
  for (int i = 0; i < 30 && at < content.size(); ++i) {
    const std::size_t size = std::min(random() % 60000, content.size() - at);
    const auto saved = decoder->save();
    EXPECT_TRUE(decode(*decoder, size) == content.substr(at, size));
    decoder->restore(*saved);
    EXPECT_TRUE(decode(*decoder, size) == content.substr(at, size));
    if (const auto point = saved->point()) {
      EXPECT_EQ(point->offset, at);
      const auto other = make_decoder(wheel::packed_reader(archive, member), member);
      other->restore(*wheel::saved_at(point));
      EXPECT_TRUE(decode(*other, content.size() - at) == content.substr(at));
      other->finish();
    }
    at += size;
  }
  decode(*decoder, content.size() - at);
  decoder->finish();
  decoder->restart();
  EXPECT_EQ(decode(*decoder, 100), content.substr(0, 100));
  EXPECT_THROW(decoder->finish(), wheel::Error) << "there is more than that";
}

TEST(MemberDecoder, OfAStoredMemberGoesOnFromWhereItWasSaved) {
  goes_on_from_where_it_was_saved(0, wheel::quick_decoder);
}
TEST(MemberDecoder, ByIsaLGoesOnFromWhereItWasSaved) {
  goes_on_from_where_it_was_saved(8, wheel::quick_decoder);
}
TEST(MemberDecoder, BySymbolsGoesOnFromWhereItWasSavedAndAnotherDoes) {
  goes_on_from_where_it_was_saved(8, wheel::symbol_decoder);
}

}  // namespace
