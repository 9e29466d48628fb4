#pragma once

#include <cstdint>
#include <optional>

#include "elf/bytes.h"
#include "elf/image.h"

// The dynamic symbol table. Nothing in the file tells its length: it follows from the hash tables,
// or from what comes next.
namespace elf {

/// A stretch of the dynamic symbol table, in the file.
struct SymbolRange {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;  ///< bytes, a multiple of a symbol's size
};

/// The symbols that the hash table reaches: among them is every symbol that the library defines for
/// others. Without a hash table, possible_symbols().
SymbolRange hashed_symbols(Reader& reader, const Image& image);

/// All symbols, undefined ones included, where a hash table tells how many there are: a DT_HASH, or
/// a DT_GNU_HASH with at least one defined symbol.
std::optional<SymbolRange> counted_symbols(Reader& reader, const Image& image);

/// At least all symbols there are, undefined ones included: it ends where something else begins.
/// The last ones may be no symbols but what stands between. (A DT_GNU_HASH without a defined symbol
/// tells nothing about the undefined ones.)
SymbolRange possible_symbols(Reader& reader, const Image& image);

/// Calls see(symbol) for each, until it returns false.
template <typename See>
void for_each_symbol(Reader& reader, SymbolRange symbols, See see) {
  const std::size_t record_size = sym::kSize.bytes(reader.format());
  reader.stream(symbols.offset, symbols.size, record_size, "the dynamic symbol table",
                [&](std::uint64_t, std::span<const std::byte> piece) {
                  for (; !piece.empty(); piece = piece.subspan(record_size)) {
                    if (!see(Record(piece.first(record_size), reader.format()))) return false;
                  }
                  return true;
                });
}

}  // namespace elf
