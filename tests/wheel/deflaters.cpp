#include "tests/wheel/deflaters.h"

#include <gtest/gtest.h>
#include <isa-l/igzip_lib.h>
#include <libdeflate.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "tests/support/zip_bytes.h"

namespace support {
namespace {

Bytef* zlib_bytes(std::string_view text) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

std::string inflate_by_libdeflate(std::string_view packed, std::size_t size) {
  libdeflate_decompressor* const decoder = libdeflate_alloc_decompressor();
  std::string text(size + 1, '\0');
  std::size_t consumed = 0;
  std::size_t got = 0;
  const auto result = libdeflate_deflate_decompress_ex(decoder, packed.data(), packed.size(),
                                                       text.data(), text.size(), &consumed, &got);
  libdeflate_free_decompressor(decoder);
  EXPECT_EQ(result, LIBDEFLATE_SUCCESS);
  EXPECT_EQ(consumed, packed.size());
  text.resize(got);
  return text;
}

std::string inflate_by_isal(std::string_view packed, std::size_t size) {
  inflate_state state;
  isal_inflate_init(&state);
  std::string text(size + 1, '\0');
  state.next_in = zlib_bytes(packed);
  state.avail_in = static_cast<std::uint32_t>(packed.size());
  state.next_out = reinterpret_cast<std::uint8_t*>(text.data());
  state.avail_out = static_cast<std::uint32_t>(text.size());
  EXPECT_EQ(isal_inflate(&state), ISAL_DECOMP_OK);
  EXPECT_EQ(state.block_state, ISAL_BLOCK_FINISH);
  EXPECT_EQ(state.avail_in + static_cast<std::uint32_t>(state.read_in_length / 8), 0u);
  text.resize(text.size() - state.avail_out);
  return text;
}

}  // namespace

std::string deflate_by_zlib(std::string_view content, const ZlibSettings& settings) {
  z_stream stream{};
  if (deflateInit2(&stream, settings.level, Z_DEFLATED, -15, settings.memory, settings.strategy) !=
      Z_OK) {
    throw std::bad_alloc();
  }
  constexpr std::array kFlushes = {Z_SYNC_FLUSH, Z_PARTIAL_FLUSH, Z_BLOCK, Z_FULL_FLUSH};
  std::string packed;
  std::size_t flushes = 0;
  do {
    const std::size_t size =
        settings.flush_every == 0 ? content.size() : std::min(settings.flush_every, content.size());
    stream.next_in = zlib_bytes(content);
    stream.avail_in = static_cast<uInt>(size);
    content.remove_prefix(size);
    const int flush = content.empty() ? Z_FINISH : kFlushes[flushes++ % kFlushes.size()];
    do {
      std::array<char, 65536> piece;
      stream.next_out = reinterpret_cast<Bytef*>(piece.data());
      stream.avail_out = static_cast<uInt>(piece.size());
      deflate(&stream, flush);
      packed.append(piece.data(), piece.size() - stream.avail_out);
    } while (stream.avail_out == 0);
  } while (!content.empty());
  deflateEnd(&stream);
  return packed;
}

std::string deflate_by_libdeflate(std::string_view content, int level) {
  libdeflate_compressor* const encoder = libdeflate_alloc_compressor(level);
  std::string packed(libdeflate_deflate_compress_bound(encoder, content.size()), '\0');
  packed.resize(libdeflate_deflate_compress(encoder, content.data(), content.size(), packed.data(),
                                            packed.size()));
  libdeflate_free_compressor(encoder);
  return packed;
}

std::string deflate_by_isal(std::string_view content, unsigned level) {
  constexpr std::array<std::uint32_t, 4> kBuffers = {0, ISAL_DEF_LVL1_DEFAULT,
                                                     ISAL_DEF_LVL2_DEFAULT, ISAL_DEF_LVL3_DEFAULT};
  std::vector<std::uint8_t> buffer(kBuffers[level]);
  std::string packed(2 * content.size() + 1024, '\0');
  isal_zstream stream;
  isal_deflate_init(&stream);
  stream.level = level;
  stream.level_buf = buffer.data();
  stream.level_buf_size = kBuffers[level];
  stream.end_of_stream = 1;
  stream.next_in = zlib_bytes(content);
  stream.avail_in = static_cast<std::uint32_t>(content.size());
  stream.next_out = reinterpret_cast<std::uint8_t*>(packed.data());
  stream.avail_out = static_cast<std::uint32_t>(packed.size());
  if (isal_deflate(&stream) != COMP_OK || stream.avail_in != 0) {
    throw std::runtime_error("ISA-L does not pack it");
  }
  packed.resize(stream.total_out);
  return packed;
}

std::string deflate_stored(std::string_view content, std::size_t block, bool ends_empty) {
  std::string packed;
  do {
    const std::string_view part = content.substr(0, block);
    content.remove_prefix(part.size());
    const bool is_last = content.empty() && !ends_empty;
    packed += is_last ? '\1' : '\0';
    packed += le(part.size(), 2) + le(~part.size(), 2);
    packed += part;
  } while (!content.empty());
  return ends_empty ? packed + std::string("\1\0\0\xff\xff", 5) : packed;
}

const std::vector<Maker>& makers() {
  using View = std::string_view;
  static const std::vector<Maker> kMakers = {
      {"zlib 0", [](View c) { return deflate_by_zlib(c, {.level = 0}); }},
      {"zlib 1", [](View c) { return deflate_by_zlib(c, {.level = 1}); }},
      {"zlib 6", [](View c) { return deflate_by_zlib(c, {.level = 6}); }},
      {"zlib 9", [](View c) { return deflate_by_zlib(c, {.level = 9}); }},
      {"zlib fixed", [](View c) { return deflate_by_zlib(c, {.strategy = Z_FIXED}); }},
      {"zlib huffman", [](View c) { return deflate_by_zlib(c, {.strategy = Z_HUFFMAN_ONLY}); }},
      {"zlib rle", [](View c) { return deflate_by_zlib(c, {.strategy = Z_RLE}); }},
      {"zlib memory 1", [](View c) { return deflate_by_zlib(c, {.memory = 1}); }},
      {"zlib memory 9", [](View c) { return deflate_by_zlib(c, {.level = 9, .memory = 9}); }},
      {"zlib flushes", [](View c) { return deflate_by_zlib(c, {.flush_every = 1500}); }},
      {"zlib many flushes", [](View c) { return deflate_by_zlib(c, {.flush_every = 77}); }},
      {"libdeflate 1", [](View c) { return deflate_by_libdeflate(c, 1); }},
      {"libdeflate 2", [](View c) { return deflate_by_libdeflate(c, 2); }},
      {"libdeflate 3", [](View c) { return deflate_by_libdeflate(c, 3); }},
      {"libdeflate 4", [](View c) { return deflate_by_libdeflate(c, 4); }},
      {"libdeflate 5", [](View c) { return deflate_by_libdeflate(c, 5); }},
      {"libdeflate 6", [](View c) { return deflate_by_libdeflate(c, 6); }},
      {"libdeflate 7", [](View c) { return deflate_by_libdeflate(c, 7); }},
      {"libdeflate 8", [](View c) { return deflate_by_libdeflate(c, 8); }},
      {"libdeflate 9", [](View c) { return deflate_by_libdeflate(c, 9); }},
      {"libdeflate 10", [](View c) { return deflate_by_libdeflate(c, 10); }},
      {"libdeflate 11", [](View c) { return deflate_by_libdeflate(c, 11); }},
      {"libdeflate 12", [](View c) { return deflate_by_libdeflate(c, 12); }},
      {"ISA-L 0", [](View c) { return deflate_by_isal(c, 0); }},
      {"ISA-L 1", [](View c) { return deflate_by_isal(c, 1); }},
      {"ISA-L 2", [](View c) { return deflate_by_isal(c, 2); }},
      {"ISA-L 3", [](View c) { return deflate_by_isal(c, 3); }},
      {"stored", [](View c) { return deflate_stored(c, 65535, false); }},
      {"stored, ends empty", [](View c) { return deflate_stored(c, 4096, true); }},
  };
  return kMakers;
}

std::string inflate_by_others(std::string_view packed, std::size_t size) {
  const std::string content = zlib_inflate(packed, size);
  EXPECT_TRUE(inflate_by_libdeflate(packed, size) == content);
  EXPECT_TRUE(inflate_by_isal(packed, size) == content);
  return content;
}

bool zlib_takes(std::string_view packed, std::size_t limit, std::string& content) {
  z_stream stream{};
  if (inflateInit2(&stream, -15) != Z_OK) throw std::bad_alloc();
  content.assign(limit + 1, '\0');
  stream.next_in = zlib_bytes(packed);
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(content.data());
  stream.avail_out = static_cast<uInt>(content.size());
  const int status = inflate(&stream, Z_FINISH);
  content.resize(stream.total_out);
  const bool whole = status == Z_STREAM_END && stream.avail_in == 0 && content.size() <= limit;
  inflateEnd(&stream);
  return whole;
}

}  // namespace support
