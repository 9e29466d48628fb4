#include "elf/dynamic.h"

#include <algorithm>
#include <iterator>
#include <ranges>

#include "elf/error.h"
#include "elf/segments.h"

namespace elf {
namespace {

// A real table has tens of entries, a hostile one a million, which is still read; beyond this
// nothing is.
constexpr std::size_t kMaxEntries = 1 << 21;

// 32-bit tags are signed in the gABI (Elf32_Sword), so that all of 64 bit stand for the same tag.
std::uint64_t widened_tag(std::uint64_t tag, Format format) {
  if (format.is_64()) return tag;
  return static_cast<std::uint64_t>(
      static_cast<std::int64_t>(static_cast<std::int32_t>(static_cast<std::uint32_t>(tag))));
}

}  // namespace

void read_dynamic(Reader& reader, Image& image) {
  constexpr const char* kTable = "the dynamic table";
  const Segment* segment = find_segment(image, PT_DYNAMIC);
  // By its address, as ld.so finds it (l_ld), not by p_offset.
  const FileRange range = require_mapped(image, segment->vaddr, segment->file_size, kTable);
  const std::size_t record_size = dyn::kSize.bytes(image.format);
  bool ended = false;
  reader.stream(range.offset, range.size, record_size, kTable,
                [&](std::uint64_t position, std::span<const std::byte> piece) {
                  for (std::size_t at = 0; at < piece.size(); at += record_size) {
                    const Record record(piece.subspan(at, record_size), image.format);
                    const std::uint64_t tag = widened_tag(record[dyn::d_tag], image.format);
                    const std::uint64_t value = record[dyn::d_val];
                    if (ended) {
                      if (tag != DT_NULL) return false;  // ld leaves values in some spare entries
                      ++image.spare_dynamic_entries;
                    } else if (tag == DT_NULL) {
                      ended = true;
                    } else if (image.dynamic.size() == kMaxEntries) {
                      throw Error(position + at, "more dynamic entries than any loader takes");
                    } else {
                      image.dynamic.push_back({tag, value, position + at});
                    }
                  }
                  return true;
                });
  if (!ended) throw Error(range.offset, "the dynamic table is not ended by DT_NULL");
}

void check_addresses(const Image& image) {
  std::vector<Segment> loads;  // ascending, as check_loadable has found
  std::ranges::copy_if(image.segments, std::back_inserter(loads),
                       [](const Segment& segment) { return segment.type == PT_LOAD; });
  for (const DynamicEntry& entry : image.dynamic) {
    if (value_kind(entry.tag) != ValueKind::kAddress) continue;
    const auto above = std::ranges::upper_bound(loads, entry.value, {}, &Segment::vaddr);
    // The end of a segment is where an empty table may lie.
    const bool inside =
        above != loads.begin() && entry.value - (above - 1)->vaddr <= (above - 1)->memory_size;
    if (!inside) {
      throw Error(entry.file_offset, "the dynamic table points outside of all segments");
    }
  }
}

const DynamicEntry* find_entry(const Image& image, std::uint64_t tag) {
  const auto reversed = std::views::reverse(image.dynamic);
  const auto found = std::ranges::find(reversed, tag, &DynamicEntry::tag);
  return found == reversed.end() ? nullptr : &*found;
}

ValueKind value_kind(std::uint64_t tag) {
  switch (tag) {
    case DT_NEEDED:
    case DT_SONAME:
    case DT_RPATH:
    case DT_RUNPATH:
    case DT_CONFIG:
    case DT_DEPAUDIT:
    case DT_AUDIT:
    case DT_AUXILIARY:
    case DT_FILTER:
      return ValueKind::kString;
    case DT_PLTGOT:
    case DT_HASH:
    case DT_STRTAB:
    case DT_SYMTAB:
    case DT_RELA:
    case DT_INIT:
    case DT_FINI:
    case DT_REL:
    case DT_JMPREL:
    case DT_INIT_ARRAY:
    case DT_FINI_ARRAY:
    case DT_PREINIT_ARRAY:
    case DT_SYMTAB_SHNDX:
    case DT_RELR:
    case DT_GNU_HASH:
    case DT_TLSDESC_PLT:
    case DT_TLSDESC_GOT:
    case DT_VERSYM:
    case DT_VERDEF:
    case DT_VERNEED:
      return ValueKind::kAddress;
    case DT_RELACOUNT:
    case DT_RELCOUNT:
    case DT_FLAGS_1:
    case DT_VERDEFNUM:
    case DT_VERNEEDNUM:
      return ValueKind::kNumber;
    default:
      // gABI: the rest of 0..DT_RELRENT are sizes, kinds and marks; so is DT_VALRNGLO..DT_VALRNGHI.
      if (tag <= DT_RELRENT || (tag >= DT_VALRNGLO && tag <= DT_VALRNGHI))
        return ValueKind::kNumber;
      return ValueKind::kUnknown;
  }
}

}  // namespace elf
