#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "elf/edits.h"
#include "tests/support/elf_dump.h"

// Judges of a rewritten library, none of them ours: binutils, elfutils and ld.so. Each compares the
// file after with the file before and gives one line for each thing that is wrong now and was not;
// an empty list is a pass.
namespace support {

using Findings = std::vector<std::string>;

/// What the names must be after `edits` on a file that has `before`.
Names expected_names(const Names& before, const elf::Edits& edits);

/// What readelf complains about now and did not before.
Findings readelf_complaints(const Dump& before, const Dump& after);

/// What `eu-elflint --gnu-ld` finds now and did not before; numbers in a line do not tell two lines
/// apart.
Findings elflint_complaints(const std::filesystem::path& before,
                            const std::filesystem::path& after);

/// Symbols, relocations, version definitions, notes, hash tables: all that readelf shows and no
/// edit may change, and the sections, of which only the dynamic string table may lie elsewhere.
/// verneed's file names are compared with NEEDED instead.
Findings contents_changed(const Dump& before, const Dump& after);

/// What ld.so (any glibc) requires of program headers, and what a rewrite may do to them: at most
/// one new read-only PT_LOAD behind all others, taking the place of the PT_NOTE or growing the
/// table, or a longer last PT_LOAD.
Findings segments_broken(const Dump& before, const Dump& after, std::uint64_t file_size_after);

/// Changed bytes outside the ELF header, the program headers, the dynamic table, the string table,
/// verneed and the section headers.
Findings bytes_changed(const std::filesystem::path& before, const std::filesystem::path& after,
                       const Dump& dump_before);

/// LIEF's reading of the names, where it differs from `wanted`; empty where the tests are built
/// without LIEF.
Findings lief_disagrees(const std::filesystem::path& after, const Names& wanted);

/// All of the above, and readelf's reading of the names.
Findings damage(const std::filesystem::path& before, const std::filesystem::path& after,
                const Names& wanted);

/// A process that opens libraries and calls what is in them.
struct LoadPlan {
  std::vector<std::string> steps;  ///< see tests/elf/load_and_call.cpp: `open:PATH`, `call:NAME`,
                                   ///< `call:NAME@VERSION`, ...
  std::vector<std::string> library_path = {};  ///< LD_LIBRARY_PATH
  std::string compiler = "gcc";                ///< for another machine: its cross compiler ...
  std::vector<std::string> run_by =
      {};  ///< ... and what runs its programs, e.g. {"qemu-s390x", "-L", "/usr/s390x-linux-gnu"}
  std::string folder = {};  ///< the current folder
};

struct LoadResult {
  int status = 0;
  std::string text;  ///< a line for each step; the loader's words when it fails
  friend bool operator==(const LoadResult&, const LoadResult&) = default;
};
inline void PrintTo(const LoadResult& result, std::ostream* out) {
  *out << "status " << result.status << "\n" << result.text;
}

/// Runs the plan with LD_BIND_NOW=1: every symbol must be found.
LoadResult load_and_call(const LoadPlan& plan);

}  // namespace support
