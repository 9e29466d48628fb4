#include "elf/symbols.h"

#include <algorithm>

#include "elf/dynamic.h"
#include "elf/error.h"
#include "elf/segments.h"

namespace elf {
namespace {

constexpr const char* kSymbols = "the dynamic symbol table";

// gABI: Elf32_Word in both classes; but 64-bit Alpha and S/390 have words of 8 bytes (their
// psABIs).
std::size_t hash_word_size(const Image& image) {
  const bool wide = image.machine == EM_ALPHA || image.machine == EM_S390;
  return wide && image.format.is_64() ? 8 : 4;
}

std::uint64_t count_by_hash(Reader& reader, const Image& image, std::uint64_t address) {
  constexpr const char* kHash = "the symbol hash table";
  const std::size_t word = hash_word_size(image);
  const FileRange header = require_mapped(image, address, 2 * word, kHash);
  return reader.number(header.offset + word, word, kHash);  // nchain
}

// The table as binutils and glibc (elf/dl-lookup.c) have it: four words, a Bloom filter, a bucket
// for each hash with the index of its first symbol, then a word for each symbol from `first` on,
// odd for the last of a bucket.
std::uint64_t count_by_gnu_hash(Reader& reader, const Image& image, std::uint64_t address) {
  constexpr const char* kHash = "the GNU symbol hash table";
  const FileRange table{require_mapped(image, address, 16, kHash).offset,
                        mapped_bytes(image, address)->size};
  const std::uint64_t buckets = reader.number(table.offset, 4, kHash);
  const std::uint64_t first = reader.number(table.offset + 4, 4, kHash);
  const std::uint64_t filter = reader.number(table.offset + 8, 4, kHash);
  const std::uint64_t filter_size = filter * (image.format.is_64() ? 8 : 4);
  const std::uint64_t buckets_at = 16 + filter_size;  // 32-bit counts: no sum here can wrap
  const std::uint64_t chains_at = buckets_at + 4 * buckets;
  if (chains_at > table.size)
    throw Error(table.offset, std::string(kHash) + " reaches past the end of its segment");

  std::uint64_t last = 0;
  reader.stream(table.offset + buckets_at, 4 * buckets, 4, kHash,
                [&](std::uint64_t, std::span<const std::byte> piece) {
                  for (; !piece.empty(); piece = piece.subspan(4)) {
                    last = std::max(last, decode(piece.first(4), image.format.byte_order));
                  }
                  return true;
                });
  if (last == 0) return first;
  if (last < first) throw Error(table.offset, std::string(kHash) + " does not add up");
  const std::uint64_t chain_at = chains_at + 4 * (last - first);
  if (chain_at > table.size)
    throw Error(table.offset, std::string(kHash) + " reaches past the end of its segment");
  bool ended = false;
  reader.stream(table.offset + chain_at, table.size - chain_at, 4, kHash,
                [&](std::uint64_t, std::span<const std::byte> piece) {
                  for (; !piece.empty() && !ended; piece = piece.subspan(4)) {
                    ended = (decode(piece.first(4), image.format.byte_order) & 1) != 0;
                    ++last;
                  }
                  return !ended;
                });
  if (!ended) throw Error(table.offset, std::string(kHash) + " has a chain without an end");
  return last;
}

// symoffset: the symbols before it are not in the table, and undefined.
std::uint64_t first_gnu_hashed(Reader& reader, const Image& image, std::uint64_t address) {
  constexpr const char* kHash = "the GNU symbol hash table";
  return reader.number(require_mapped(image, address, 16, kHash).offset + 4, 4, kHash);
}

std::optional<std::uint64_t> hashed_count(Reader& reader, const Image& image) {
  std::optional<std::uint64_t> count;
  if (const auto* gnu_hash = find_entry(image, DT_GNU_HASH)) {
    count = count_by_gnu_hash(reader, image, gnu_hash->value);
  }
  if (const auto* hash = find_entry(image, DT_HASH)) {
    count = std::max(count.value_or(0), count_by_hash(reader, image, hash->value));
  }
  return count;
}

SymbolRange first_symbols(const Image& image, std::uint64_t address, std::uint64_t count) {
  const std::uint64_t bytes = count * sym::kSize.bytes(image.format);
  // A wild DT_HASH of a 64-bit S/390 file is the only count that the product could wrap.
  if (count > image.size) throw Error(address, "more dynamic symbols than the file can hold");
  const FileRange range = require_mapped(image, address, bytes, kSymbols);
  return {range.offset, bytes};
}

// The address of the next thing behind the symbols that the dynamic table names.
std::optional<std::uint64_t> next_address(const Image& image, std::uint64_t address) {
  std::optional<std::uint64_t> next;
  for (const DynamicEntry& entry : image.dynamic) {
    if (value_kind(entry.tag) != ValueKind::kAddress || entry.value <= address) continue;
    next = std::min(next.value_or(entry.value), entry.value);
  }
  return next;
}

}  // namespace

SymbolRange hashed_symbols(Reader& reader, const Image& image) {
  const DynamicEntry* table = find_entry(image, DT_SYMTAB);
  if (table == nullptr) return {};
  const auto count = hashed_count(reader, image);
  return count ? first_symbols(image, table->value, *count) : possible_symbols(reader, image);
}

std::optional<SymbolRange> counted_symbols(Reader& reader, const Image& image) {
  const DynamicEntry* table = find_entry(image, DT_SYMTAB);
  if (table == nullptr) return SymbolRange{};
  const auto count = hashed_count(reader, image);
  if (!count) return std::nullopt;
  if (find_entry(image, DT_HASH) == nullptr &&
      *count <= first_gnu_hashed(reader, image, find_entry(image, DT_GNU_HASH)->value)) {
    return std::nullopt;
  }
  return first_symbols(image, table->value, *count);
}

SymbolRange possible_symbols(Reader& reader, const Image& image) {
  const DynamicEntry* table = find_entry(image, DT_SYMTAB);
  if (table == nullptr) return {};
  const FileRange mapped{require_mapped(image, table->value, 0, kSymbols).offset,
                         mapped_bytes(image, table->value)->size};
  const auto next = next_address(image, table->value);
  const std::uint64_t room = std::min(next ? *next - table->value : mapped.size, mapped.size);
  const std::uint64_t count =
      std::max(room / sym::kSize.bytes(image.format), hashed_count(reader, image).value_or(0));
  return first_symbols(image, table->value, count);
}

}  // namespace elf
