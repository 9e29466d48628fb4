#include "elf/segments.h"

#include <algorithm>
#include <limits>
#include <string>

#include "elf/error.h"

namespace elf {
namespace {

// Real files have about ten. Only core dumps have more than 65,534 (PN_XNUM).
constexpr std::uint64_t kMaxSegments = 1 << 18;

// The smallest page that any Linux of this machine maps; 0 where we do not know the machine.
std::uint64_t smallest_page(std::uint16_t machine) {
  switch (machine) {
    case EM_386:
    case EM_X86_64:
    case EM_ARM:
    case EM_AARCH64:
    case EM_PPC:
    case EM_PPC64:
    case EM_S390:
    case EM_RISCV:
    case EM_MIPS:
    case EM_LOONGARCH:
      return 4096;
    default:
      return 0;
  }
}

void check_load(const Image& image, const Segment& load, std::uint64_t where) {
  if (load.file_size > load.memory_size) {
    throw Error(where, "a PT_LOAD takes more bytes from the file than it has in memory");
  }
  if (!fits(load.offset, load.file_size, image.size)) {
    throw Error(where, "a PT_LOAD reaches past the end of the file");
  }
  const std::uint64_t end = checked_add(load.vaddr, load.memory_size, where, "a PT_LOAD");
  if (!image.format.is_64() && end > std::uint64_t{1} << 32) {
    throw Error(where, "a PT_LOAD reaches past the end of the address space");
  }
  const std::uint64_t page = smallest_page(image.machine);
  if (page != 0 && (load.vaddr - load.offset) % page != 0) {
    throw Error(where, "a PT_LOAD's address and offset differ by something else than whole pages");
  }
}

}  // namespace

std::vector<Segment> read_segments(Reader& reader, std::uint64_t offset, std::uint64_t count) {
  const std::size_t record_size = phdr::kSize.bytes(reader.format());
  constexpr const char* kTable = "the program header table";
  if (count > kMaxSegments) {
    throw Error(offset, "more program headers than any loader takes: " + std::to_string(count));
  }
  reader.require(offset, count * record_size, kTable);
  std::vector<Segment> segments;
  segments.reserve(static_cast<std::size_t>(count));
  reader.stream(offset, count * record_size, record_size, kTable,
                [&](std::uint64_t, std::span<const std::byte> piece) {
                  for (; !piece.empty(); piece = piece.subspan(record_size)) {
                    const Record record(piece.first(record_size), reader.format());
                    segments.push_back({.type = static_cast<std::uint32_t>(record[phdr::p_type]),
                                        .flags = static_cast<std::uint32_t>(record[phdr::p_flags]),
                                        .offset = record[phdr::p_offset],
                                        .vaddr = record[phdr::p_vaddr],
                                        .paddr = record[phdr::p_paddr],
                                        .file_size = record[phdr::p_filesz],
                                        .memory_size = record[phdr::p_memsz],
                                        .align = record[phdr::p_align]});
                  }
                  return true;
                });
  return segments;
}

void check_loadable(const Image& image) {
  const Segment* previous = nullptr;
  for (std::size_t i = 0; i < image.segments.size(); ++i) {
    const Segment& segment = image.segments[i];
    if (segment.type != PT_LOAD) continue;
    const std::uint64_t where = image.program_headers_offset + i * phdr::kSize.bytes(image.format);
    check_load(image, segment, where);
    // The loader reserves the span from the first PT_LOAD to the last, in the order of the table.
    if (previous != nullptr && segment.vaddr < previous->vaddr + previous->memory_size) {
      throw Error(where, "the PT_LOAD segments overlap or are not in ascending order");
    }
    previous = &segment;
  }
  if (previous == nullptr) {
    throw Error(image.program_headers_offset, "a shared library without a PT_LOAD segment");
  }
}

const Segment* find_segment(const Image& image, std::uint32_t type) {
  const auto found = std::ranges::find(image.segments, type, &Segment::type);
  return found == image.segments.end() ? nullptr : &*found;
}

bool overlap(const FileRange& one, const FileRange& other) {
  return one.size > 0 && other.size > 0 && one.offset < other.offset + other.size &&
         other.offset < one.offset + one.size;
}

std::optional<FileRange> mapped_bytes(const Image& image, std::uint64_t address) {
  std::optional<FileRange> range;
  for (const Segment& segment : image.segments) {  // ascending by address
    if (segment.type != PT_LOAD) continue;
    if (range) {
      const bool adjoins =
          segment.vaddr - address == range->size && segment.offset - range->offset == range->size;
      if (!adjoins) break;
      range->size += segment.file_size;
    } else if (address >= segment.vaddr && address - segment.vaddr < segment.file_size) {
      const std::uint64_t into = address - segment.vaddr;
      range = {segment.offset + into, segment.file_size - into};
    }
  }
  return range;
}

FileRange require_mapped(const Image& image, std::uint64_t address, std::uint64_t size,
                         const char* what) {
  const auto range = mapped_bytes(image, address);
  if (!range) {
    throw Error(address,
                std::string(what) + " lies at an address that no segment maps from the file");
  }
  if (size > range->size) {
    throw Error(range->offset, std::string(what) + " reaches past the end of its segment");
  }
  return {range->offset, size};
}

}  // namespace elf
