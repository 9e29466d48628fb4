#include "elf/header.h"

#include "elf/error.h"
#include "elf/segments.h"

namespace elf {
namespace {

constexpr std::size_t kClassAt = 4, kDataAt = 5, kVersionAt = 6;  // EI_CLASS, EI_DATA, EI_VERSION

Format read_format(Reader& reader) {
  const auto ident = reader.view(0, kIdentSize, "the ELF header");
  if (!has_elf_magic(ident)) throw Error(0, "not an ELF file");
  const auto elf_class = std::to_integer<unsigned>(ident[kClassAt]);
  const auto data = std::to_integer<unsigned>(ident[kDataAt]);
  if (elf_class != 1 && elf_class != 2)
    throw Error(kClassAt, "an ELF file of neither 32 nor 64 bit");
  if (data != 1 && data != 2) throw Error(kDataAt, "an ELF file of unknown byte order");
  if (ident[kVersionAt] != std::byte{1}) throw Error(kVersionAt, "an ELF file of unknown version");
  return {static_cast<Class>(elf_class), static_cast<ByteOrder>(data)};
}

struct HeaderCounts {
  std::uint64_t segments = 0;
  std::uint64_t segment_size = 0;
  std::uint64_t sections = 0;
  std::uint64_t section_size = 0;
};

// What does not fit into 16 bit stands in the first section header (gABI ch. 4, e_shnum and
// PN_XNUM). A section table that is not in the file counts as none: it is a courtesy.
void resolve_counts(Reader& reader, Image& image, HeaderCounts& counts) {
  const std::size_t record_size = shdr::kSize.bytes(image.format);
  const bool has_first = image.section_headers_offset != 0 && counts.section_size == record_size &&
                         fits(image.section_headers_offset, record_size, image.size);
  const bool wants_first = counts.sections == 0 || counts.segments == PN_XNUM;
  if (has_first && wants_first) {
    const Record first =
        reader.record(image.section_headers_offset, shdr::kSize, "the first section header");
    // A stale e_shoff, as strippers leave it, leads to anything.
    const bool is_first_header = first[shdr::sh_type] == SHT_NULL;
    if (is_first_header && counts.sections == 0) counts.sections = first[shdr::sh_size];
    if (is_first_header && counts.segments == PN_XNUM) counts.segments = first[shdr::sh_info];
  }
  const bool in_file =
      has_first && counts.sections <= (image.size - image.section_headers_offset) / record_size;
  image.section_header_count = in_file ? counts.sections : 0;
}

}  // namespace

Image read_header(Reader& reader) {
  Image image;
  image.size = reader.size();
  image.format = read_format(reader);
  reader.set_format(image.format);
  const Record header = reader.record(0, ehdr::kSize, "the ELF header");
  if (header[ehdr::e_version] != 1) {
    throw Error(ehdr::e_version.offset(image.format), "an ELF file of unknown version");
  }
  image.type = static_cast<std::uint16_t>(header[ehdr::e_type]);
  image.machine = static_cast<std::uint16_t>(header[ehdr::e_machine]);
  image.program_headers_offset = header[ehdr::e_phoff];
  image.section_headers_offset = header[ehdr::e_shoff];
  HeaderCounts counts{header[ehdr::e_phnum], header[ehdr::e_phentsize], header[ehdr::e_shnum],
                      header[ehdr::e_shentsize]};
  resolve_counts(reader, image, counts);
  if (counts.segments != 0 && counts.segment_size != phdr::kSize.bytes(image.format)) {
    throw Error(ehdr::e_phentsize.offset(image.format), "program headers of an unknown size");
  }
  image.segments = read_segments(reader, image.program_headers_offset, counts.segments);
  return image;
}

bool is_debug_file(Reader& reader, const Image& image) {
  if (!image.has_section_headers()) return false;
  const std::size_t record_size = shdr::kSize.bytes(image.format);
  bool emptied = false;
  bool filled = false;
  reader.stream(image.section_headers_offset, image.section_header_count * record_size, record_size,
                "the section header table", [&](std::uint64_t, std::span<const std::byte> piece) {
                  for (; !piece.empty(); piece = piece.subspan(record_size)) {
                    const Record section(piece.first(record_size), image.format);
                    if ((section[shdr::sh_flags] & SHF_ALLOC) == 0) continue;
                    const std::uint64_t type = section[shdr::sh_type];
                    emptied |= type == SHT_NOBITS;
                    filled |= type != SHT_NOBITS && type != SHT_NOTE;
                  }
                  return !filled;
                });
  return emptied && !filled;
}

}  // namespace elf
