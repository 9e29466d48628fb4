#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// Deflate streams of many makers, and the decoders that judge ours: none of them is ours.
namespace support {

/// Raw deflate by zlib; with `flushes` in between, of all kinds in turn, one every so many bytes.
struct ZlibSettings {
  int level = 6;
  int strategy = 0;  ///< Z_DEFAULT_STRATEGY
  int memory = 8;
  std::size_t flush_every = 0;
};
std::string deflate_by_zlib(std::string_view content, const ZlibSettings& settings);
/// Levels 0 to 12; its blocks are long.
std::string deflate_by_libdeflate(std::string_view content, int level);
/// Levels 0 to 3; at level 0 the whole stream is one block.
std::string deflate_by_isal(std::string_view content, unsigned level);
/// All in stored blocks of `block` bytes, the last one empty where `ends_empty`.
std::string deflate_stored(std::string_view content, std::size_t block, bool ends_empty);

struct Maker {
  std::string name;
  std::string (*make)(std::string_view content);
};
/// One of each kind.
const std::vector<Maker>& makers();

/// What zlib, libdeflate and ISA-L say that a raw deflate stream unpacks to. Fails the test, and
/// gives what zlib says, where they do not agree, or where the stream does not end with the bytes.
std::string inflate_by_others(std::string_view packed, std::size_t size);

/// Whether zlib takes it as one whole stream of at most `limit` bytes, and what it then holds.
bool zlib_takes(std::string_view packed, std::size_t limit, std::string& content);

}  // namespace support
