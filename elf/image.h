#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "elf/format.h"
#include "elf/source.h"

namespace elf {

/// One program header (gABI, "Program Header"), widened to 64 bit.
struct Segment {
  std::uint32_t type = 0;   ///< PT_LOAD, PT_DYNAMIC, ...
  std::uint32_t flags = 0;  ///< PF_R | PF_W | PF_X
  std::uint64_t offset = 0;
  std::uint64_t vaddr = 0;
  std::uint64_t paddr = 0;
  std::uint64_t file_size = 0;    ///< bytes
  std::uint64_t memory_size = 0;  ///< bytes
  std::uint64_t align = 0;        ///< bytes
};

/// One entry of PT_DYNAMIC, in file order, with the place where it stands.
struct DynamicEntry {
  std::uint64_t tag = 0;    ///< DT_NEEDED, ...; sign-extended for 32 bit
  std::uint64_t value = 0;  ///< d_val or d_ptr
  std::uint64_t file_offset = 0;
};

/// The versions that a library wants of one other library (.gnu.version_r).
struct VersionNeed {
  std::string file;                ///< vn_file: must equal a NEEDED
  std::vector<std::string> names;  ///< vna_name, e.g. GLIBC_2.28
};

/// What the loader sees of an ELF file: read by program headers and PT_DYNAMIC. Section headers are
/// a courtesy and may be absent or wrong. A file without PT_DYNAMIC (static, relocatable, .debug)
/// has `dynamic` empty and no names.
struct Image {
  Format format;              ///< class and byte order
  std::uint16_t machine = 0;  ///< EM_X86_64, ...
  std::uint16_t type = 0;     ///< ET_DYN, ET_EXEC, ...
  std::uint64_t size = 0;     ///< of the file, bytes
  std::vector<Segment> segments;
  std::uint64_t program_headers_offset = 0;  ///< e_phoff
  std::uint64_t section_headers_offset = 0;  ///< e_shoff, 0 where there are none
  std::uint64_t section_header_count = 0;    ///< also where e_shnum says 0 and section 0 tells
  std::vector<DynamicEntry> dynamic;         ///< up to and without the first DT_NULL
  std::uint64_t spare_dynamic_entries = 0;   ///< DT_NULL entries behind the one that ends the table
  std::uint64_t string_table_offset = 0;     ///< of DT_STRTAB, in the file
  std::uint64_t string_table_size = 0;       ///< DT_STRSZ, bytes

  std::optional<std::string> interpreter;  ///< PT_INTERP
  std::optional<std::string> soname;
  std::vector<std::string> needed;  ///< in order
  std::optional<std::string> rpath;
  std::optional<std::string> runpath;  ///< where present the loader ignores rpath
  std::uint64_t flags = 0;             ///< DT_FLAGS
  std::uint64_t flags_1 = 0;           ///< DT_FLAGS_1
  std::vector<VersionNeed> version_needs;
  std::vector<std::string> version_definitions;  ///< without the base definition
  bool exports_python_init =
      false;                      ///< defines a dynamic symbol PyInit_*: a Python extension module
  bool executable_stack = false;  ///< PT_GNU_STACK with PF_X, or none

  bool has_section_headers() const { return section_header_count != 0; }
  /// A program to be run, not a library: ET_EXEC, or PIE (DF_1_PIE, or PT_INTERP without SONAME).
  bool is_executable() const;
  /// What ld.so compares before it takes a file: a library of another class or machine is passed
  /// over.
  bool same_abi(const Image& other) const;
};

/// Whether a file that begins so is an ELF file at all (the four magic bytes).
bool has_elf_magic(std::span<const std::byte> first_bytes);

/// Reads an ELF file of any class, byte order and machine. The reads ascend but for the string
/// table, which may stand before the dynamic table. Bounded: no count, size or offset in the file
/// is believed before it is compared with the file's size. Throws elf::Error, with the offset, for
/// anything that ld.so could not load or that does not add up. Follows the gABI, ch. 4 and 5, and
/// glibc's elf/dl-load.c.
Image parse(Source& source);

}  // namespace elf
