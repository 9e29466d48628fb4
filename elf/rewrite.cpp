#include "elf/rewrite.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "elf/bytes.h"
#include "elf/dynamic.h"
#include "elf/dynamic_plan.h"
#include "elf/error.h"
#include "elf/growth.h"
#include "elf/patch_list.h"
#include "elf/sections.h"
#include "elf/segments.h"
#include "elf/string_placement.h"
#include "elf/string_slots.h"
#include "elf/versions.h"
#include "elf/written_tables.h"

namespace elf {
namespace {

// The table is held in memory. That of libtorch_cuda.so, one of the largest there are, has 10 MB.
constexpr std::uint64_t kMaxStringTable = 512 << 20;

void require_rewritable(const Source& source, const Image& image) {
  if (image.size != source.size()) throw Error(0, "the file has changed since it was read");
  if (image.dynamic.empty()) {
    throw Error(0, "not a shared library or a program with a dynamic table");
  }
  if (image.string_table_size > kMaxStringTable) {
    throw Error(image.string_table_offset, "the dynamic string table is larger than 512 MiB");
  }
}

std::uint64_t dynamic_capacity(const Image& image, const SectionFacts& sections) {
  const std::uint64_t entries = image.dynamic.size() + image.spare_dynamic_entries;
  if (!sections.dynamic_size) return entries;
  // A PT_DYNAMIC that claims more than the section: what lies behind belongs to somebody else.
  const std::uint64_t in_section = *sections.dynamic_size / dyn::kSize.bytes(image.format);
  return std::min(entries, std::max<std::uint64_t>(in_section, 1) - 1);
}

class Rewriter {
 public:
  Rewriter(Source& source, const Image& image) : reader_(source, image.format), image_(image) {}

  Rewrite run(const Edits& edits) {
    sections_ = read_sections(reader_, image_);
    plan_ = plan_dynamic(image_, edits, dynamic_capacity(image_, sections_));
    if (plan_.empty()) return {.original_size = image_.size};
    tables_ = find_written_tables(reader_, image_,
                                  std::max(plan_.entries.size(), image_.dynamic.size()) + 1);
    require_apart(tables_);
    needs_ = read_version_needs(reader_, image_);
    if (!plan_.texts.empty()) place_strings();
    if (!placement_.appended.empty()) grow_table();

    write_strings();
    write_dynamic_table();
    write_version_files();
    if (growth_) {
      write_program_headers();
      write_section_header();
    }
    return {.original_size = image_.size,
            .patches = patches_.finish(),
            .tail = std::move(tail_),
            .placement = costliest(),
            .changes = std::move(plan_.changes)};
  }

 private:
  std::string_view table() const {
    return {reinterpret_cast<const char*>(table_.data()), table_.size()};
  }

  void place_strings() {
    std::uint64_t text_bytes = 0;
    for (const std::string& text : plan_.texts) text_bytes += text.size() + 1;
    table_.reserve(
        static_cast<std::size_t>(growth_bound(image_, text_bytes)));  // the tail, perhaps
    table_.resize(static_cast<std::size_t>(image_.string_table_size));
    reader_.copy(image_.string_table_offset, table_, "the dynamic string table");
    std::vector<StringSlot> slots;
    if (!sections_.string_table_has_other_users) {
      slots = free_slots(reader_, image_, plan_, needs_, read_version_definitions(reader_, image_),
                         table());
    }
    placement_ = elf::place_strings(plan_.texts, own_strings(), slots, table());
  }

  // Which present string each text comes to replace.
  std::vector<std::optional<std::uint64_t>> own_strings() const {
    std::vector<std::optional<std::uint64_t>> own(plan_.texts.size());
    for (const PlannedEntry& entry : plan_.entries) {
      if (entry.text && entry.from) own[*entry.text] = image_.dynamic[*entry.from].value;
    }
    return own;
  }

  void grow_table() {
    const auto padding = padding_behind_table(image_);
    const std::uint64_t appended = placement_.appended.size();
    const bool extends = padding && is_zero(image_.size - *padding, *padding);
    growth_ = extends ? extend_table(image_, appended) : copy_table(image_, appended);
  }

  bool is_zero(std::uint64_t offset, std::uint64_t size) {
    const auto bytes =
        reader_.view(offset, static_cast<std::size_t>(size), "the padding behind the string table");
    return std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; });
  }

  void write_strings() {
    for (const TableChange& change : placement_.changes) {
      const auto bytes = std::as_bytes(std::span(change.bytes));
      if (growth_ && growth_->moves_table()) {
        std::ranges::copy(bytes, table_.begin() + static_cast<std::ptrdiff_t>(change.offset));
      } else {
        patches_.put(image_.string_table_offset + change.offset, bytes);
      }
    }
    if (!growth_) return;
    if (growth_->moves_table()) {
      const std::uint64_t before = growth_->table_offset - image_.size;  // alignment, headers
      tail_ = std::move(table_);
      tail_.insert(tail_.begin(), static_cast<std::size_t>(before), std::byte{0});
    }
    const auto appended = std::as_bytes(std::span(placement_.appended));
    tail_.insert(tail_.end(), appended.begin(), appended.end());
  }

  std::uint64_t place_of(std::size_t text) const {
    const StringPlace& place = placement_.places[text];
    const bool appended = place.kind == StringPlace::Kind::kAppended;
    return appended ? growth_->appended_at + place.offset : place.offset;
  }

  // Entries move up where one before them goes: all of the table is compared, what differs is
  // written.
  void write_dynamic_table() {
    const std::uint64_t table_offset = image_.dynamic.front().file_offset;
    const std::size_t record_size = dyn::kSize.bytes(image_.format);
    const std::size_t slots = std::max(plan_.entries.size(), image_.dynamic.size());
    std::vector<std::byte> record(record_size);
    for (std::size_t i = 0; i < slots; ++i) {
      const DynamicEntry after = i < plan_.entries.size() ? entry_at(i) : DynamicEntry{};
      const DynamicEntry before = i < image_.dynamic.size() ? image_.dynamic[i] : DynamicEntry{};
      if (after.tag == before.tag && after.value == before.value) continue;
      set(record, image_.format, dyn::d_tag, after.tag);
      set(record, image_.format, dyn::d_val, after.value);
      patches_.put(table_offset + i * record_size, record);
    }
  }

  DynamicEntry entry_at(std::size_t slot) const {
    const PlannedEntry& planned = plan_.entries[slot];
    DynamicEntry entry{.tag = planned.tag, .value = planned.value};
    if (planned.text) entry.value = place_of(*planned.text);
    if (growth_ && entry.tag == DT_STRTAB) entry.value = growth_->table_address;
    if (growth_ && entry.tag == DT_STRSZ) entry.value = growth_->table_size;
    // The one entry that counts from where it stands itself (MIPS).
    if (entry.tag == DT_MIPS_RLD_MAP_REL && image_.machine == EM_MIPS) {
      entry.value += (*planned.from - slot) * dyn::kSize.bytes(image_.format);
    }
    return entry;
  }

  void write_version_files() {
    for (const PlannedVersionFile& file : plan_.version_files) {
      patches_.put(needs_[file.need].file_offset, image_.format, verneed::vn_file,
                   place_of(file.text));
    }
  }

  void write_program_headers() {
    const std::size_t record_size = phdr::kSize.bytes(image_.format);
    std::vector<std::byte> before(record_size), after(record_size);
    for (std::size_t i = 0; i < growth_->segments.size(); ++i) {
      write_segment(growth_->segments[i], after);
      const std::uint64_t offset = growth_->program_headers_offset + i * record_size;
      if (growth_->moves_program_headers()) {
        std::ranges::copy(after, tail_.begin() + static_cast<std::ptrdiff_t>(offset - image_.size));
        continue;
      }
      write_segment(image_.segments[i], before);
      if (after != before) patches_.put(offset, after);
    }
    if (!growth_->moves_program_headers()) return;
    patches_.put(0, image_.format, ehdr::e_phoff, growth_->program_headers_offset);
    patches_.put(0, image_.format, ehdr::e_phnum, growth_->segments.size());
  }

  void write_segment(const Segment& segment, std::span<std::byte> record) const {
    set(record, image_.format, phdr::p_type, segment.type);
    set(record, image_.format, phdr::p_flags, segment.flags);
    set(record, image_.format, phdr::p_offset, segment.offset);
    set(record, image_.format, phdr::p_vaddr, segment.vaddr);
    set(record, image_.format, phdr::p_paddr, segment.paddr);
    set(record, image_.format, phdr::p_filesz, segment.file_size);
    set(record, image_.format, phdr::p_memsz, segment.memory_size);
    set(record, image_.format, phdr::p_align, segment.align);
  }

  void write_section_header() {
    if (!sections_.string_table_header) return;
    const std::uint64_t header = *sections_.string_table_header;
    patches_.put(header, image_.format, shdr::sh_addr, growth_->table_address);
    patches_.put(header, image_.format, shdr::sh_offset, growth_->table_offset);
    patches_.put(header, image_.format, shdr::sh_size, growth_->table_size);
    if (!growth_->moves_table()) return;
    for (const std::uint64_t symbol :
         find_section_symbols(reader_, image_, sections_.string_table_index)) {
      require_apart({"the symbol table", {symbol, sym::kSize.bytes(image_.format)}}, tables_);
      patches_.put(symbol, image_.format, sym::st_value, growth_->table_address);
    }
  }

  Placement costliest() const {
    if (growth_) return growth_->placement;
    Placement most = Placement::kNone;
    for (const StringPlace& place : placement_.places) {
      const bool reuses = place.kind == StringPlace::Kind::kReuses;
      most = std::max(most, reuses ? Placement::kReused : Placement::kInPlace);
    }
    return most;
  }

  Reader reader_;
  const Image& image_;
  SectionFacts sections_;
  DynamicPlan plan_;
  std::vector<WrittenTable> tables_;
  std::vector<NeedRecord> needs_;
  std::vector<std::byte> table_;  // the present string table
  StringPlacement placement_;
  std::optional<Growth> growth_;
  PatchList patches_;
  std::vector<std::byte> tail_;
};

}  // namespace

void Rewrite::apply(std::uint64_t offset, std::span<std::byte> piece) const {
  const std::uint64_t end = offset + piece.size();
  auto patch = std::ranges::upper_bound(
      patches, offset, {}, [](const Patch& each) { return each.offset + each.bytes.size(); });
  for (; patch != patches.end() && patch->offset < end; ++patch) {
    const std::uint64_t from = std::max(offset, patch->offset);
    const std::uint64_t to = std::min(end, patch->offset + patch->bytes.size());
    const auto bytes = std::span(patch->bytes)
                           .subspan(static_cast<std::size_t>(from - patch->offset),
                                    static_cast<std::size_t>(to - from));
    std::ranges::copy(bytes, piece.begin() + static_cast<std::ptrdiff_t>(from - offset));
  }
}

Rewrite rewrite(Source& source, const Image& image, const Edits& edits) {
  check(edits);
  if (edits.empty()) return {.original_size = image.size};
  require_rewritable(source, image);
  return Rewriter(source, image).run(edits);
}

std::uint64_t tail_bound(const Image& image, std::uint64_t string_bytes) {
  // No string is empty in the tail, so their NULs are no more than their letters.
  return growth_bound(image, 2 * string_bytes);
}

}  // namespace elf
