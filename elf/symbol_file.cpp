#include "elf/symbol_file.h"

#include <algorithm>
#include <optional>
#include <span>

#include "elf/bytes.h"
#include "elf/dynamic.h"
#include "elf/segments.h"
#include "elf/symbols.h"
#include "elf/versions.h"

namespace elf {
namespace {

constexpr std::uint64_t kAlignment = 8;  // of every table, bytes; enough for both classes

// A table that is copied, and what the dynamic table says of it.
struct Table {
  std::uint64_t tag = 0;  // DT_SYMTAB, ...
  FileRange from;
  std::uint64_t to = 0;  // where it stands in the new file
};

struct DynamicValue {
  std::uint64_t tag = 0;
  std::uint64_t value = 0;
};

std::uint64_t aligned(std::uint64_t offset) {
  return (offset + kAlignment - 1) / kAlignment * kAlignment;
}

// Whether a record behind others of which none is defined can be one of them: what stands behind
// the table is hardly ever. Old linkers put the local symbols of sections here too.
bool may_be_symbol(Record symbol, const Image& image) {
  const std::uint64_t binding = symbol[sym::st_info] >> 4;
  if (binding == STB_LOCAL) return (symbol[sym::st_info] & 0xf) == STT_SECTION;
  return (binding == STB_GLOBAL || binding == STB_WEAK) && symbol[sym::st_shndx] == SHN_UNDEF &&
         symbol[sym::st_name] != 0 && symbol[sym::st_name] < image.string_table_size;
}

SymbolRange find_symbols(Reader& reader, const Image& image) {
  if (const auto counted = counted_symbols(reader, image)) return *counted;
  SymbolRange range = possible_symbols(reader, image);
  std::uint64_t count = 0;
  for_each_symbol(reader, range, [&](Record symbol) {
    const bool taken = count == 0 || may_be_symbol(symbol, image);
    count += taken ? 1 : 0;
    return taken;
  });
  range.size = count * sym::kSize.bytes(image.format);
  return range;
}

class Extraction {
 public:
  Extraction(Source& source, const Image& image)
      : reader_(source, image.format), image_(image), format_(image.format) {}

  SymbolFile extract() {
    const SymbolRange symbols = find_symbols(reader_, image_);
    file_.symbol_count = symbols.size / sym::kSize.bytes(format_);
    if (file_.symbol_count == 0) return std::move(file_);
    add(DT_SYMTAB, {symbols.offset, symbols.size});
    values_.push_back({DT_SYMENT, sym::kSize.bytes(format_)});
    add_versions();
    // Last, with nothing but one zero behind it, so that no name runs on into another table.
    add(DT_STRTAB, {image_.string_table_offset, image_.string_table_size});
    values_.push_back({DT_STRSZ, image_.string_table_size});
    lay_out();
    fill();
    return std::move(file_);
  }

 private:
  void add(std::uint64_t tag, FileRange range) { tables_.push_back({tag, range, 0}); }

  void add_versions() {
    const DynamicEntry* entry = find_entry(image_, DT_VERSYM);
    if (entry == nullptr) return;
    add(DT_VERSYM, require_mapped(image_, entry->value, 2 * file_.symbol_count,
                                  "the table of the symbols' versions"));
    const VersionRecords needs = find_version_needs(reader_, image_);
    if (needs.count != 0) {
      add(DT_VERNEED, needs.range);
      values_.push_back({DT_VERNEEDNUM, needs.count});
    }
    const VersionRecords definitions = find_version_definitions(reader_, image_);
    if (definitions.count != 0) {
      add(DT_VERDEF, definitions.range);
      values_.push_back({DT_VERDEFNUM, definitions.count});
    }
  }

  // Header, program headers, dynamic table, hash table, the copied tables.
  void lay_out() {
    const std::uint64_t entries = tables_.size() + values_.size() + 2;  // DT_HASH and DT_NULL
    dynamic_at_ = aligned(ehdr::kSize.bytes(format_) + 2 * phdr::kSize.bytes(format_));
    dynamic_size_ = entries * dyn::kSize.bytes(format_);
    hash_at_ = aligned(dynamic_at_ + dynamic_size_);
    std::uint64_t end = hash_at_ + 4 * (3 + file_.symbol_count);
    for (Table& table : tables_) {
      table.to = aligned(end);
      end = table.to + table.from.size;
    }
    file_.bytes.resize(static_cast<std::size_t>(end + 1));
  }

  void fill() {
    write_header();
    write_segment(0, PT_LOAD, 0, file_.bytes.size());
    write_segment(1, PT_DYNAMIC, dynamic_at_, dynamic_size_);
    write_dynamic();
    encode(1, bytes(hash_at_, 4), format_.byte_order);                       // nbucket
    encode(file_.symbol_count, bytes(hash_at_ + 4, 4), format_.byte_order);  // nchain
    std::ranges::sort(tables_, {}, [](const Table& table) { return table.from.offset; });
    for (const Table& table : tables_) {
      reader_.copy(table.from.offset, bytes(table.to, table.from.size), "a table of symbols");
    }
  }

  void write_header() {
    const auto header = bytes(0, ehdr::kSize.bytes(format_));
    constexpr std::uint8_t kIdent[] = {0x7f, 'E', 'L', 'F'};
    std::ranges::copy(std::as_bytes(std::span(kIdent)), header.begin());
    header[4] = static_cast<std::byte>(format_.elf_class);
    header[5] = static_cast<std::byte>(format_.byte_order);
    header[6] = std::byte{1};  // EI_VERSION
    set(header, format_, ehdr::e_type, ET_DYN);
    set(header, format_, ehdr::e_version, 1);
    set(header, format_, ehdr::e_phoff, ehdr::kSize.bytes(format_));
    set(header, format_, ehdr::e_ehsize, ehdr::kSize.bytes(format_));
    set(header, format_, ehdr::e_phentsize, phdr::kSize.bytes(format_));
    set(header, format_, ehdr::e_phnum, 2);
  }

  void write_segment(std::uint64_t index, std::uint32_t type, std::uint64_t offset,
                     std::uint64_t size) {
    const std::size_t record_size = phdr::kSize.bytes(format_);
    const auto record = bytes(ehdr::kSize.bytes(format_) + index * record_size, record_size);
    set(record, format_, phdr::p_type, type);
    set(record, format_, phdr::p_flags, PF_R);
    set(record, format_, phdr::p_offset, offset);
    set(record, format_, phdr::p_vaddr, offset);
    set(record, format_, phdr::p_paddr, offset);
    set(record, format_, phdr::p_filesz, size);
    set(record, format_, phdr::p_memsz, size);
    set(record, format_, phdr::p_align, kAlignment);
  }

  void write_dynamic() {
    std::vector<DynamicValue> entries = values_;
    entries.push_back({DT_HASH, hash_at_});
    for (const Table& table : tables_) entries.push_back({table.tag, table.to});
    const std::size_t record_size = dyn::kSize.bytes(format_);
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const auto record = bytes(dynamic_at_ + i * record_size, record_size);
      set(record, format_, dyn::d_tag, entries[i].tag);
      set(record, format_, dyn::d_val, entries[i].value);
    }
  }

  std::span<std::byte> bytes(std::uint64_t offset, std::uint64_t size) {
    return std::as_writable_bytes(std::span(file_.bytes))
        .subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(size));
  }

  Reader reader_;
  const Image& image_;
  const Format format_;
  SymbolFile file_;
  std::vector<Table> tables_;
  std::vector<DynamicValue> values_;
  std::uint64_t dynamic_at_ = 0;
  std::uint64_t dynamic_size_ = 0;
  std::uint64_t hash_at_ = 0;
};

}  // namespace

SymbolFile extract_symbols(Source& source, const Image& image) {
  return Extraction(source, image).extract();
}

}  // namespace elf
