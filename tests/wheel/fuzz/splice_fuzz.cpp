// A target for libFuzzer, which tests/e2e/fuzz_test.py builds and runs: zlib is the judge of what
// our decoder takes and of what splicing makes. Eight bytes say what is edited, the others are
// packed data, or none.
#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

#include "wheel/deflate.h"
#include "wheel/error.h"
#include "wheel/member_decoder.h"
#include "wheel/splice.h"

namespace {

constexpr std::size_t kMostUnpacked = std::size_t{1} << 20;

void expect(bool holds) {
  if (!holds) {
    std::abort();
  }
}

struct Unpacked {
  std::string content;  ///< as far as it came
  bool whole = false;   ///< one stream that ends with the packed data
};

Unpacked unpack(const std::string& packed, std::size_t most) {
  Unpacked unpacked{std::string(most, '\0')};
  z_stream stream{};
  expect(inflateInit2(&stream, -15) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(unpacked.content.data());
  stream.avail_out = static_cast<uInt>(most);
  unpacked.whole = inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_in == 0;
  unpacked.content.resize(stream.total_out);
  inflateEnd(&stream);
  return unpacked;
}

/// The points that the decoder comes by, one every `step` bytes; nothing where it refuses.
std::optional<wheel::MemberPoints> points_of(const wheel::ReadPacked& read,
                                             const wheel::Member& member,
                                             const std::string& content, std::size_t step) {
  try {
    const auto decoder = wheel::symbol_decoder(read, member);
    wheel::MemberPoints points;
    std::string decoded(content.size(), '\0');
    for (std::size_t at = 0; at < decoded.size(); at += step) {
      decoder->decode(std::as_writable_bytes(std::span(decoded))
                          .subspan(at, std::min(step, decoded.size() - at)));
      points.push_back(decoder->save()->point());
    }
    decoder->finish();
    expect(decoded == content);
    return points;
  } catch (const wheel::Error&) {
    return std::nullopt;
  }
}

std::string assembled(const std::string& packed, const wheel::Spliced& spliced) {
  std::string bytes;
  for (const auto& piece : spliced.pieces) {
    const char* from =
        piece.is_new ? reinterpret_cast<const char*>(spliced.new_bytes.data()) : packed.data();
    bytes.append(from + piece.begin, piece.size);
  }
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kHead = 8;
  if (size < kHead) {
    return 0;
  }
  const std::string packed(reinterpret_cast<const char*>(data) + kHead, size - kHead);
  const Unpacked unpacked = unpack(packed, kMostUnpacked);
  if (unpacked.content.size() == kMostUnpacked) {
    return 0;
  }
  const std::string& content = unpacked.content;
  const wheel::Member member{.name = "m",
                             .method = wheel::Method::kDeflated,
                             .packed_bytes = packed.size(),
                             .size = content.size(),
                             .crc = wheel::crc32_of(content)};
  const wheel::ReadPacked read = [&](std::uint64_t offset, std::span<std::byte> out) {
    expect(offset <= packed.size() && out.size() <= packed.size() - offset);
    std::copy_n(reinterpret_cast<const std::byte*>(packed.data()) + offset, out.size(),
                out.begin());
  };
  // A point is 32 KiB: no more than 64 of them.
  const std::size_t step = std::max(1 + std::size_t{data[0]} * 64, content.size() / 64 + 1);
  const auto points = points_of(read, member, content, step);
  expect(points.has_value() == unpacked.whole);
  if (!points) {
    return 0;
  }

  std::string expected = content;
  std::string change(data + 1, data + 1 + data[4] % 4);
  const std::size_t at = (data[5] << 16 | data[6] << 8 | data[7]) % (content.size() + 1);
  change.resize(std::min(change.size(), content.size() - at));
  expected.replace(at, change.size(), change);
  const std::string tail(data[4] / 4 % 3, 't');
  wheel::SpliceEdits edits;
  if (!change.empty()) {
    edits.patches.push_back({at, std::as_bytes(std::span(change))});
  }
  edits.tail = std::as_bytes(std::span(tail));
  expected += tail;
  const wheel::Spliced whole = wheel::splice(read, member, edits);
  const std::string made = assembled(packed, whole);
  const Unpacked again = unpack(made, expected.size() + 1);
  expect(again.whole && again.content == expected);
  expect(whole.crc == wheel::crc32_of(expected) && whole.size == expected.size());
  expect(assembled(packed, wheel::splice(read, member, edits, *points)) == made);
  return 0;
}
