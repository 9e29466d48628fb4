#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "elf/image.h"
#include "elf/source.h"

// Which dynamic symbols a library imports and exports, as LIEF reads them, and which export meets
// which import. Follows glibc 2.36, elf/dl-lookup.c (do_lookup_x, check_match). Not modelled: a
// symbol that stands in the table but not in the hash table, which the loader would not find; what
// programs (not libraries) offer by an undefined symbol with a value.
namespace elf {

/// The version of a symbol (LSB Core, "Symbol Versioning").
struct SymbolVersion {
  std::string name;  ///< e.g. GLIBC_2.17
  std::string file;  ///< imports: vn_file, the library that should bring it; exports: empty
};

/// One symbol of a listing, which keeps its names together: libraries have 100,000 of them.
struct DynamicSymbol {
  std::uint32_t name_offset = 0;
  std::uint32_t name_size = 0;
  std::uint16_t version = 0;  ///< 0: none; else 1 + index into the listing's versions
  bool weak = false;
  /// Exports: whether an import that names no version is met by it. It is by a symbol without a
  /// version, by the default one (`@@`), and by one of the library's first version even where that
  /// is hidden (`@`).
  bool meets_unversioned = true;
};

/// The imports and exports of one library, in the order of its symbol table; names as they stand
/// there, mangled.
class SymbolListing {
 public:
  const std::vector<DynamicSymbol>& imports() const { return imports_; }
  const std::vector<DynamicSymbol>& exports() const { return exports_; }
  const std::vector<SymbolVersion>& versions() const { return versions_; }
  /// Whether the library gives versions at all (DT_VERSYM).
  bool has_versions() const { return has_versions_; }

  std::string_view name(const DynamicSymbol& symbol) const {
    return std::string_view(names_).substr(symbol.name_offset, symbol.name_size);
  }
  /// Null where it has none.
  const SymbolVersion* version(const DynamicSymbol& symbol) const {
    return symbol.version == 0 ? nullptr : &versions_[symbol.version - 1];
  }
  /// All names one behind the other, bytes.
  std::size_t name_bytes() const { return names_.size(); }

  /// For who fills a listing. `version`: as DynamicSymbol::version. Throws elf::Error beyond 4 GB
  /// of names.
  void add_import(std::string_view name, std::uint16_t version, bool weak);
  void add_export(std::string_view name, std::uint16_t version, bool weak, bool meets_unversioned);
  void set_versions(bool has_versions, std::vector<SymbolVersion> versions);
  void reserve(std::size_t imports, std::size_t exports, std::size_t name_bytes);

 private:
  DynamicSymbol named(std::string_view name, std::uint16_t version, bool weak);

  std::string names_;
  std::vector<DynamicSymbol> imports_;
  std::vector<DynamicSymbol> exports_;
  std::vector<SymbolVersion> versions_;
  bool has_versions_ = false;
};

/// Whether the loader would take `defined`, an export of `exporter`, for `wanted`, an import of
/// `importer` of the same name.
bool meets(const SymbolListing& importer, const DynamicSymbol& wanted,
           const SymbolListing& exporter, const DynamicSymbol& defined);

/// False in a build without LIEF; list_symbols() must not be called then.
bool can_list_symbols();

/// The dynamic symbols of the library that `image` was parsed from. Imports are the undefined ones,
/// global or weak; exports are the defined ones that are global, weak or unique (STB_GNU_UNIQUE),
/// of a type that the loader takes, and neither hidden nor internal. Reads the tables of symbols
/// only; memory is about 4 times theirs, and 300 bytes a symbol. Throws elf::Error for tables that
/// do not add up; LIEF may throw more, or worse, over hostile ones.
SymbolListing list_symbols(Source& source, const Image& image);

}  // namespace elf
