// list_symbols(), with LIEF: beside elf/deep_reading.cpp the only file of the program that includes
// it.
#include "elf/error.h"
#include "elf/symbol_file.h"
#include "elf/symbol_listing.h"

#ifdef SPOKESHAVE_WITH_LIEF

#include <LIEF/ELF.hpp>
#include <unordered_map>
#include <utility>

namespace elf {
namespace {

constexpr std::uint16_t kHiddenVersion = 0x8000;  // VERSYM_HIDDEN
constexpr std::uint16_t kVersionIndex = 0x7fff;   // VERSYM_VERSION

// The versions of one library. LIEF's own link from a symbol to its version is not used: for a
// version with parents it leads to the parent.
class Versions {
 public:
  explicit Versions(const LIEF::ELF::Binary& binary) {
    for (const auto& definition : binary.symbols_version_definition()) {
      const auto names = definition.symbols_aux();
      const bool is_base = (definition.flags() & VER_FLG_BASE) != 0;
      if (!is_base && names.begin() != names.end())
        add(definition.ndx(), names.begin()->name(), "");
    }
    for (const auto& need : binary.symbols_version_requirement()) {
      for (const auto& name : need.auxiliary_symbols()) add(name.other(), name.name(), need.name());
    }
  }

  // As DynamicSymbol::version.
  std::uint16_t number_of(std::uint16_t versym) const {
    const auto found = numbers_.find(versym & kVersionIndex);
    return found == numbers_.end() ? 0 : found->second;
  }
  std::vector<SymbolVersion> take() { return std::move(versions_); }

 private:
  void add(std::uint16_t index, const std::string& name, const std::string& file) {
    const std::uint16_t key = index & kVersionIndex;
    if (numbers_.contains(key)) return;
    versions_.push_back({name, file});  // at most 0x8000: the keys are different
    numbers_[key] = static_cast<std::uint16_t>(versions_.size());
  }

  std::vector<SymbolVersion> versions_;
  std::unordered_map<std::uint16_t, std::uint16_t> numbers_;
};

bool is_undefined(const LIEF::ELF::Symbol& symbol) {
  return symbol.shndx() == SHN_UNDEF;
}

bool is_weak(const LIEF::ELF::Symbol& symbol) {
  return symbol.binding() == LIEF::ELF::SYMBOL_BINDINGS::STB_WEAK;
}

bool is_import(const LIEF::ELF::Symbol& symbol) {
  return is_undefined(symbol) && !symbol.name().empty() &&
         (is_weak(symbol) || symbol.binding() == LIEF::ELF::SYMBOL_BINDINGS::STB_GLOBAL);
}

// dl-lookup.c, do_lookup_x and check_match: ALLOWED_STT, the test of st_value, binding, visibility.
bool is_export(const LIEF::ELF::Symbol& symbol) {
  using LIEF::ELF::ELF_SYMBOL_TYPES, LIEF::ELF::ELF_SYMBOL_VISIBILITY, LIEF::ELF::SYMBOL_BINDINGS;
  constexpr std::uint16_t kAbsolute = 0xfff1;  // SHN_ABS
  if (is_undefined(symbol) || symbol.name().empty()) return false;
  const auto type = symbol.type();
  if (symbol.value() == 0 && symbol.shndx() != kAbsolute && type != ELF_SYMBOL_TYPES::STT_TLS) {
    return false;
  }
  const bool is_type = type == ELF_SYMBOL_TYPES::STT_NOTYPE ||
                       type == ELF_SYMBOL_TYPES::STT_OBJECT || type == ELF_SYMBOL_TYPES::STT_FUNC ||
                       type == ELF_SYMBOL_TYPES::STT_COMMON || type == ELF_SYMBOL_TYPES::STT_TLS ||
                       type == ELF_SYMBOL_TYPES::STT_GNU_IFUNC;
  const auto binding = symbol.binding();
  const bool is_bound = binding == SYMBOL_BINDINGS::STB_GLOBAL ||
                        binding == SYMBOL_BINDINGS::STB_WEAK ||
                        binding == SYMBOL_BINDINGS::STB_GNU_UNIQUE;
  const auto visibility = symbol.visibility();
  return is_type && is_bound && visibility != ELF_SYMBOL_VISIBILITY::STV_HIDDEN &&
         visibility != ELF_SYMBOL_VISIBILITY::STV_INTERNAL;
}

// Names may share their bytes in the file, but not without end: a million of them could all be the
// same megabyte.
class NameBudget {
 public:
  explicit NameBudget(std::uint64_t string_table_size) : left_(8 * string_table_size) {}
  void spend(const std::string& name) {
    if (name.size() > left_) throw Error(0, "its symbols' names overlap too much");
    left_ -= name.size();
  }

 private:
  std::uint64_t left_;
};

SymbolListing listing_of(const LIEF::ELF::Binary& binary, const Image& image) {
  Versions versions(binary);
  NameBudget budget(image.string_table_size);
  SymbolListing listing;
  for (const auto& symbol : binary.dynamic_symbols()) {
    const auto* version = symbol.symbol_version();
    const std::uint16_t versym = version == nullptr ? 1 : version->value();
    const std::uint16_t number = versions.number_of(versym);
    const bool imported = is_import(symbol);
    if (!imported && !is_export(symbol)) continue;
    budget.spend(symbol.name());
    if (imported) {
      listing.add_import(symbol.name(), number, is_weak(symbol));
    } else {
      const bool meets_unversioned =
          (versym & kHiddenVersion) == 0 || (versym & kVersionIndex) <= 2;
      listing.add_export(symbol.name(), number, is_weak(symbol), meets_unversioned);
    }
  }
  const auto table = binary.dynamic_symbols();
  listing.set_versions(table.begin() != table.end() && table.begin()->has_version(),
                       versions.take());
  return listing;
}

}  // namespace

bool can_list_symbols() {
  return true;
}

SymbolListing list_symbols(Source& source, const Image& image) {
  SymbolFile file = extract_symbols(source, image);
  if (file.symbol_count == 0) return {};
  const auto binary =
      LIEF::ELF::Parser::parse(file.bytes, "", LIEF::ELF::DYNSYM_COUNT_METHODS::COUNT_HASH);
  if (!binary) throw Error(0, "LIEF takes it for no ELF file");
  if (binary->dynamic_symbols().size() != file.symbol_count) {
    throw Error(0, "a symbol's name lies outside of the string table");  // LIEF stops there
  }
  return listing_of(*binary, image);
}

}  // namespace elf

#else

namespace elf {

bool can_list_symbols() {
  return false;
}

SymbolListing list_symbols(Source&, const Image&) {
  throw Error(0, "this build has no LIEF");
}

}  // namespace elf

#endif
