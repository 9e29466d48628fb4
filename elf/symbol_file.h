#pragma once

#include <cstdint>
#include <vector>

#include "elf/image.h"
#include "elf/source.h"

namespace elf {

/// A small ELF file with the dynamic symbols of another one: the same symbol table, string table
/// and version tables, bit by bit, each at an address equal to its place in the file, under one
/// PT_LOAD; no code, no data, no section headers. A DT_HASH with nothing in its one bucket tells
/// the number of symbols (gABI ch. 5, "Hash Table": nchain). e_machine is EM_NONE, so that readers
/// go by the class and the byte order in e_ident.
struct SymbolFile {
  std::vector<std::uint8_t> bytes;
  std::uint64_t symbol_count = 0;  ///< with the empty one at index 0; 0: `bytes` is empty as well
};

/// Takes the dynamic symbols out of the library `image` was parsed from, so that who wants to know
/// them needs none of the rest: of libtorch_cuda.so (739 MB) that is 5 %. Reads nothing but the
/// tables themselves, about ascending. Where no hash table tells the number of symbols (a library
/// that defines none), they end at the first record that is no symbol. Throws elf::Error for tables
/// that do not lie inside the file.
SymbolFile extract_symbols(Source& source, const Image& image);

}  // namespace elf
