#include "src/symbol_transfer.h"

#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace spokeshave {

namespace {

struct Counts {
  std::uint64_t imports = 0;
  std::uint64_t exports = 0;
  std::uint64_t versions = 0;
  std::uint64_t name_bytes = 0;
  std::uint64_t has_versions = 0;
};

struct SymbolRecord {
  std::uint32_t name_offset = 0;
  std::uint32_t name_size = 0;
  std::uint16_t version = 0;
  std::uint8_t weak = 0;
  std::uint8_t meets_unversioned = 0;
};
static_assert(std::has_unique_object_representations_v<SymbolRecord>);

template <typename T>
void send_value(const T& value, const SendBytes& send) {
  send(std::as_bytes(std::span(&value, 1)));
}

void send_text(const std::string& text, const SendBytes& send) {
  send_value(static_cast<std::uint64_t>(text.size()), send);
  send(std::as_bytes(std::span(text)));
}

std::vector<SymbolRecord> records_of(const elf::SymbolListing& listing,
                                     const std::vector<elf::DynamicSymbol>& symbols,
                                     std::string& names) {
  std::vector<SymbolRecord> records;
  records.reserve(symbols.size());
  for (const auto& symbol : symbols) {
    records.push_back({static_cast<std::uint32_t>(names.size()), symbol.name_size, symbol.version,
                       symbol.weak, symbol.meets_unversioned});
    names += listing.name(symbol);
  }
  return records;
}

class Receiver {
 public:
  Receiver(const ReceiveBytes& receive, std::uint64_t limit) : receive_(receive), left_(limit) {}

  template <typename T>
  T value() {
    T value{};
    receive_(std::as_writable_bytes(std::span(&value, 1)));
    return value;
  }

  std::string text(std::uint64_t size) {
    std::string text(spend(size, 1), '\0');
    receive_(std::as_writable_bytes(std::span(text)));
    return text;
  }

  std::vector<SymbolRecord> records(std::uint64_t count) {
    std::vector<SymbolRecord> records(spend(count, sizeof(SymbolRecord)));
    receive_(std::as_writable_bytes(std::span(records)));
    return records;
  }

  std::size_t spend(std::uint64_t count, std::size_t size) {
    if (count > left_ / size) throw BadTransfer("more symbols than there was memory for");
    left_ -= count * size;
    return static_cast<std::size_t>(count);
  }

 private:
  const ReceiveBytes& receive_;
  std::uint64_t left_;
};

/// Hands out the names; in a listing no two share a byte.
class Names {
 public:
  explicit Names(const std::string& names) : names_(names) {}

  std::string_view take(const SymbolRecord& record) {
    if (record.name_offset != next_ || record.name_size > names_.size() - next_) {
      throw BadTransfer("a symbol's name lies outside of the names");
    }
    next_ += record.name_size;
    return std::string_view(names_).substr(record.name_offset, record.name_size);
  }

 private:
  const std::string& names_;
  std::size_t next_ = 0;
};

}  // namespace

void send_listing(const elf::SymbolListing& listing, const SendBytes& send) {
  std::string names;
  names.reserve(listing.name_bytes());
  const auto imports = records_of(listing, listing.imports(), names);
  const auto exports = records_of(listing, listing.exports(), names);
  send_value(Counts{imports.size(), exports.size(), listing.versions().size(), names.size(),
                    listing.has_versions()},
             send);
  for (const auto& version : listing.versions()) {
    send_text(version.name, send);
    send_text(version.file, send);
  }
  send(std::as_bytes(std::span(names)));
  send(std::as_bytes(std::span(imports)));
  send(std::as_bytes(std::span(exports)));
}

elf::SymbolListing receive_listing(const ReceiveBytes& receive, std::uint64_t limit) {
  Receiver from(receive, limit);
  const auto counts = from.value<Counts>();
  std::vector<elf::SymbolVersion> versions;
  versions.reserve(from.spend(counts.versions, sizeof(elf::SymbolVersion)));
  for (std::uint64_t i = 0; i < counts.versions; ++i) {
    std::string name = from.text(from.value<std::uint64_t>());
    versions.push_back({std::move(name), from.text(from.value<std::uint64_t>())});
  }
  const std::string text = from.text(counts.name_bytes);
  const auto imports = from.records(counts.imports);
  const auto exports = from.records(counts.exports);

  Names names(text);
  const auto version_of = [&](const SymbolRecord& record) {
    if (record.version > versions.size()) throw BadTransfer("a symbol of an unknown version");
    return record.version;
  };
  elf::SymbolListing listing;
  listing.reserve(imports.size(), exports.size(), text.size());
  for (const auto& record : imports) {
    listing.add_import(names.take(record), version_of(record), record.weak != 0);
  }
  for (const auto& record : exports) {
    listing.add_export(names.take(record), version_of(record), record.weak != 0,
                       record.meets_unversioned != 0);
  }
  listing.set_versions(counts.has_versions != 0, std::move(versions));
  return listing;
}

}  // namespace spokeshave
