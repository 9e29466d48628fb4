#include "elf/symbol_listing.h"

#include <limits>
#include <utility>

#include "elf/error.h"

namespace elf {

void SymbolListing::add_import(std::string_view name, std::uint16_t version, bool weak) {
  imports_.push_back(named(name, version, weak));
}

void SymbolListing::add_export(std::string_view name, std::uint16_t version, bool weak,
                               bool meets_unversioned) {
  exports_.push_back(named(name, version, weak));
  exports_.back().meets_unversioned = meets_unversioned;
}

void SymbolListing::set_versions(bool has_versions, std::vector<SymbolVersion> versions) {
  has_versions_ = has_versions;
  versions_ = std::move(versions);
}

void SymbolListing::reserve(std::size_t imports, std::size_t exports, std::size_t name_bytes) {
  imports_.reserve(imports);
  exports_.reserve(exports);
  names_.reserve(name_bytes);
}

DynamicSymbol SymbolListing::named(std::string_view name, std::uint16_t version, bool weak) {
  constexpr std::size_t kMost = std::numeric_limits<std::uint32_t>::max();
  if (name.size() > kMost - names_.size()) throw Error(0, "more than 4 GB of symbol names");
  DynamicSymbol symbol;
  symbol.name_offset = static_cast<std::uint32_t>(names_.size());
  symbol.name_size = static_cast<std::uint32_t>(name.size());
  symbol.version = version;
  symbol.weak = weak;
  names_ += name;
  return symbol;
}

bool meets(const SymbolListing& importer, const DynamicSymbol& wanted,
           const SymbolListing& exporter, const DynamicSymbol& defined) {
  if (!exporter.has_versions()) return true;
  const SymbolVersion* wanted_version = importer.version(wanted);
  if (wanted_version == nullptr) return defined.meets_unversioned;
  const SymbolVersion* version = exporter.version(defined);
  return version == nullptr ? defined.meets_unversioned : version->name == wanted_version->name;
}

}  // namespace elf
