#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "elf/edits.h"
#include "elf/image.h"
#include "elf/rewrite.h"

namespace spokeshave {

/// What is to be done to an ELF file that lies on disk by itself.
struct ElfFilePatch {
  std::string path;
  elf::Edits edits = {};
  /// Into this folder, under the file's name, which may be made for it. Else over the file itself.
  std::optional<std::string> out_folder = {};
  bool force = false;     ///< with out_folder: a file that is there is replaced
  bool in_place = false;  ///< without out_folder: only the changed bytes are written, into the file
  bool dry_run = false;   ///< nothing is written
};

/// What was done.
struct PatchedElfFile {
  std::string path;                  ///< of the result
  bool untouched = false;            ///< nothing was to be changed: its bytes are the original's
  std::vector<std::string> changes;  ///< a line each, as elf::Rewrite has them
  elf::Placement placement = elf::Placement::kNone;
  std::uint64_t appended_bytes = 0;
  elf::Image before;  ///< as it was read
};

/// Where the result goes. Throws Failure where a file is there that may not be replaced.
std::string output_path(const ElfFilePatch& patch);

/// Whether the file begins as an ELF file does; not where it cannot be read.
bool is_elf_file(const std::string& path);

/// Carries the edits out as patches and a tail (elf/rewrite.h), and proves the result before it is
/// there: it is parsed again, and its names are as wished.
///
/// Over the file itself: a copy in the same folder, which shares the original's blocks where the
/// file system can, is patched and takes the name at once, with mode, owner and extended
/// attributes; a symbolic link stays one, and what it leads to is replaced; other hard links keep
/// the old content, and so does a process that has it loaded. `in_place`: the tail is written, then
/// the patches, so that other hard links see it; what fails is undone, but a process that is killed
/// amid the last few writes, or has the file loaded, may see half of it. Where nothing is to be
/// changed the file is not written to, not even its times; in `out_folder` there is a copy then.
///
/// Memory: what elf::rewrite takes, a few MB. Throws Failure: kFailed for what cannot be read or
/// written, or is no ELF file; kFound for an edit that the file does not allow; kUsage for edits
/// that contradict each other.
PatchedElfFile patch_elf_file(const ElfFilePatch& patch);

}  // namespace spokeshave
