#include "elf/growth.h"

#include <algorithm>
#include <bit>
#include <optional>

#include "elf/bytes.h"
#include "elf/dynamic.h"
#include "elf/error.h"
#include "elf/segments.h"

namespace elf {
namespace {

constexpr std::uint64_t kTailAlign = 8;  // what program headers want
// Linkers and patchelf align what ends a file to 16 at most, and patchelf adds a byte behind the
// segment.
constexpr std::uint64_t kMaxPadding = 16;
constexpr std::uint64_t kMaxAlign = 1 << 30;  // no loader maps more coarsely

constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t align) {
  return (value + align - 1) / align * align;
}

// The largest page that a Linux of this machine may have: a segment congruent to it loads on all of
// them.
std::uint64_t largest_page(std::uint16_t machine) {
  const bool always_4k =
      machine == EM_386 || machine == EM_X86_64 || machine == EM_S390 || machine == EM_RISCV;
  return always_4k ? 4096 : 65536;
}

// glibc up to 2.34 wants p_vaddr and p_offset congruent modulo p_align, later ones place the
// library by the largest p_align of all: the new segment takes that one.
std::uint64_t segment_align(const Image& image) {
  std::uint64_t align = largest_page(image.machine);
  for (const Segment& segment : image.segments) {
    if (segment.type != PT_LOAD || !std::has_single_bit(segment.align)) continue;
    if (segment.align > kMaxAlign) {
      throw Error(image.program_headers_offset,
                  "a PT_LOAD is aligned to more than any loader maps");
    }
    align = std::max(align, segment.align);
  }
  return align;
}

const Segment& last_load(const Image& image) {
  return *std::ranges::find(image.segments.rbegin(), image.segments.rend(), PT_LOAD,
                            &Segment::type);
}

// Above all that the loader maps, zero-fills or protects.
std::uint64_t end_of_memory(const Image& image) {
  std::uint64_t end = 0;
  for (const Segment& segment : image.segments) {
    const bool counts =
        segment.type == PT_LOAD || segment.type == PT_TLS || segment.type == PT_GNU_RELRO;
    if (!counts) continue;
    end = std::max(end, checked_add(segment.vaddr, segment.memory_size,
                                    image.program_headers_offset, "a segment"));
  }
  return end;
}

// Whether the table stays where the loader finds it without a PT_PHDR: in a PT_LOAD
// (elf/dl-load.c).
bool is_mapped(const Image& image, std::uint64_t offset, std::uint64_t size) {
  return std::ranges::any_of(image.segments, [&](const Segment& segment) {
    return segment.type == PT_LOAD && offset >= segment.offset &&
           fits(offset - segment.offset, size, segment.file_size);
  });
}

// An entry of the program header table of which nobody misses what it says: one that is unused; a
// PT_NOTE that repeats PT_GNU_PROPERTY, which is what the kernel reads, and glibc since 2.32; the
// PT_PHDR of a library: a program finds out by it where it was loaded, a library is told.
bool is_spare(const Image& image, const Segment& segment, const Segment* property) {
  switch (segment.type) {
    case PT_NULL:
      return true;
    case PT_NOTE:
      return property != nullptr && segment.offset == property->offset &&
             segment.file_size == property->file_size;
    case PT_PHDR:
      return !image.interpreter && !image.is_executable() &&
             is_mapped(image, image.program_headers_offset,
                       image.segments.size() * phdr::kSize.bytes(image.format));
    default:
      return false;
  }
}

// Which entry of the program header table the new segment takes; none for one behind the present
// entries, for which the table is copied into the tail. As tried on libraries of ld, gold, lld and
// mold with binutils 2.40, elfutils 0.188 and llvm-strip:
// - A spare entry costs nothing.
// - A PT_NOTE costs the build-id in memory, by which crash reporters and gdb recognise the library
//   in a core dump. The section with it stays, for all that reads files. strip, eu-strip and
//   objcopy leave a library that loads.
// - A copied table keeps the PT_NOTE, and strip and objcopy cope with it where it stands in front
// of
//   the string table. But eu-strip clears what no section covers, the copy, and leaves a library
//   that does not load; and kernels before 5.18 tell a program a wrong address of it.
// So the table is copied where there is no PT_NOTE, and in libraries without section headers: those
// have no section that keeps the build-id, and nothing that could be stripped. Elsewhere a library
// that breaks when it is packaged would be the greater loss.
std::optional<std::size_t> choose_entry(const Image& image) {
  const auto& segments = image.segments;
  const Segment* property = find_segment(image, PT_GNU_PROPERTY);
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (is_spare(image, segments[i], property)) return i;
  }
  const bool table_is_full = segments.size() + 1 >= PN_XNUM;
  if (image.has_section_headers() || image.is_executable() || table_is_full) {
    for (std::size_t i = segments.size(); i-- > 0;) {
      if (segments[i].type == PT_NOTE) return i;
    }
  }
  if (table_is_full) {
    throw Error(image.program_headers_offset,
                "the program header table has no room for another segment");
  }
  return std::nullopt;
}

// The loader wants the PT_LOADs in ascending order, and PT_PHDR and PT_INTERP before them; the new
// one goes behind the last.
void add_load(std::vector<Segment>& segments, std::optional<std::size_t> entry,
              const Segment& load) {
  if (entry) segments.erase(segments.begin() + static_cast<std::ptrdiff_t>(*entry));
  const auto last = std::ranges::find(segments.rbegin(), segments.rend(), PT_LOAD, &Segment::type);
  segments.insert(last.base(), load);
}

void point_to_table(std::vector<Segment>& segments, std::uint64_t offset, std::uint64_t address,
                    std::uint64_t size) {
  for (Segment& segment : segments) {
    if (segment.type != PT_PHDR) continue;
    segment.offset = offset;
    segment.vaddr = segment.paddr = address;
    segment.file_size = segment.memory_size = size;
  }
}

void require_addresses(const Image& image, std::uint64_t address, std::uint64_t size) {
  const std::uint64_t limit = image.format.is_64() ? ~std::uint64_t{0} : std::uint64_t{1} << 32;
  if (!fits(address, size, limit)) {
    throw Error(image.program_headers_offset,
                "the address space has no room behind the last segment");
  }
}

}  // namespace

std::optional<std::uint64_t> padding_behind_table(const Image& image) {
  const Segment& load = last_load(image);
  const std::uint64_t table_end = image.string_table_offset + image.string_table_size;
  const std::uint64_t load_end = load.offset + load.file_size;
  const bool is_inside = image.string_table_offset >= load.offset && table_end <= load_end;
  if (!is_inside || load.file_size != load.memory_size) return std::nullopt;
  if (image.size - table_end > kMaxPadding) return std::nullopt;
  return image.size - table_end;
}

Growth extend_table(const Image& image, std::uint64_t appended) {
  Growth growth{.placement = Placement::kExtended,
                .table_offset = image.string_table_offset,
                .table_address = find_entry(image, DT_STRTAB)->value,
                .table_size = image.size - image.string_table_offset + appended,
                .appended_at = image.size - image.string_table_offset,
                .segments = image.segments,
                .program_headers_offset = image.program_headers_offset};
  Segment& load =
      *std::ranges::find(growth.segments.rbegin(), growth.segments.rend(), PT_LOAD, &Segment::type);
  load.file_size = load.memory_size = image.size - load.offset + appended;
  require_addresses(image, load.vaddr, load.memory_size);
  return growth;
}

// The tail: the program headers, if they move; the old table byte for byte, since every offset into
// it stays valid; the new strings. It ends its segment and the file, so that the next edit extends
// it.
Growth copy_table(const Image& image, std::uint64_t appended) {
  const std::optional<std::size_t> entry = choose_entry(image);
  const std::uint64_t align = segment_align(image);
  const std::uint64_t end = end_of_memory(image);
  require_addresses(image, end, 2 * align);
  const std::uint64_t offset = round_up(image.size, kTailAlign);
  const std::uint64_t address =
      round_up(end, align) + offset % align;  // congruent, without padding the file
  const std::uint64_t headers =
      entry ? 0 : (image.segments.size() + 1) * phdr::kSize.bytes(image.format);
  const std::uint64_t table_size = image.string_table_size + appended;
  const std::uint64_t size = headers + table_size;
  require_addresses(image, address, size);
  require_addresses(image, offset, size);  // p_offset has as many bits

  Growth growth{.placement = entry ? Placement::kNoteSlot : Placement::kNewTable,
                .table_offset = offset + headers,
                .table_address = address + headers,
                .table_size = table_size,
                .appended_at = image.string_table_size,
                .segments = image.segments,
                .program_headers_offset = entry ? image.program_headers_offset : offset};
  add_load(growth.segments, entry,
           {.type = PT_LOAD,
            .flags = PF_R,
            .offset = offset,
            .vaddr = address,
            .paddr = address,
            .file_size = size,
            .memory_size = size,
            .align = align});
  if (!entry) point_to_table(growth.segments, offset, address, headers);
  return growth;
}

std::uint64_t growth_bound(const Image& image, std::uint64_t appended) {
  const std::uint64_t headers = (image.segments.size() + 1) * phdr::kSize.bytes(image.format);
  return kTailAlign + headers + image.string_table_size + appended;
}

}  // namespace elf
