#include "src/symbol_transfer.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>

#include "tests/support/random_seed.h"

namespace spokeshave {
namespace {

elf::SymbolListing some_listing() {
  elf::SymbolListing listing;
  listing.set_versions(true, {{"V_1", "lib.so"}, {"V_2", ""}});
  listing.add_export("out", 2, false, true);
  listing.add_import("in", 1, true);
  listing.add_export("", 0, true, false);
  listing.add_import("other", 0, false);
  return listing;
}

std::string sent(const elf::SymbolListing& listing) {
  std::string bytes;
  send_listing(listing, [&](std::span<const std::byte> piece) {
    bytes.append(reinterpret_cast<const char*>(piece.data()), piece.size());
  });
  return bytes;
}

/// A message that breaks off is a BadTransfer here.
elf::SymbolListing received(const std::string& bytes, std::uint64_t limit = 1 << 20) {
  std::size_t next = 0;
  return receive_listing(
      [&](std::span<std::byte> out) {
        if (out.size() > bytes.size() - next) throw BadTransfer("the message ends");
        std::ranges::copy(std::as_bytes(std::span(bytes)).subspan(next, out.size()), out.begin());
        next += out.size();
      },
      limit);
}

std::string text_of(const elf::SymbolListing& listing) {
  std::string text = listing.has_versions() ? "versions" : "none";
  const auto add = [&](const auto& symbols) {
    for (const auto& symbol : symbols) {
      text += '\n' + std::string(listing.name(symbol));
      if (const auto* version = listing.version(symbol)) {
        text += '@' + version->name + '/' + version->file;
      }
      text += symbol.weak ? " weak" : "";
      text += symbol.meets_unversioned ? "" : " hidden";
    }
    text += "\n--";
  };
  add(listing.imports());
  add(listing.exports());
  return text;
}

TEST(SymbolTransfer, AListingArrivesAsItWas) {
  const elf::SymbolListing listing = some_listing();
  EXPECT_EQ(text_of(listing),
            "versions\nin@V_1/lib.so weak\nother\n--\nout@V_2/\n weak hidden\n--");
  EXPECT_EQ(text_of(received(sent(listing))), text_of(listing));
  EXPECT_EQ(text_of(received(sent({}))), text_of({}));
}

TEST(SymbolTransfer, AMessageThatBreaksOffIsNoListing) {
  const std::string whole = sent(some_listing());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THROW(received(whole.substr(0, size)), BadTransfer) << size;
  }
}

TEST(SymbolTransfer, NothingIsAllocatedBeyondTheLimit) {
  std::string bytes = sent(some_listing());
  for (std::size_t field = 0; field < 4; ++field) {
    std::string lying = bytes;
    lying.replace(8 * field, 8, "\xff\xff\xff\xff\xff\xff\xff\x7f");
    EXPECT_THROW(received(lying), BadTransfer) << field;
  }
}

TEST(SymbolTransfer, ChangedBytesGiveAListingOrAnError) {
  const unsigned seed = support::random_seed();
  SCOPED_TRACE("SPOKESHAVE_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  const std::string whole = sent(some_listing());
  int refused = 0;
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = whole;
    for (int k = 0; k < 3; ++k) bytes[random() % bytes.size()] = static_cast<char>(random());
    try {
      const elf::SymbolListing listing = received(bytes);
      EXPECT_LE(listing.name_bytes(), 1u << 20);
      text_of(listing);  // every name and version can be looked at
    } catch (const BadTransfer&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace spokeshave
