#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "elf/image.h"
#include "src/progress.h"
#include "wheel/wheel_file.h"

namespace spokeshave {

/// One ELF file of a wheel.
struct Library {
  std::string member;              ///< its name in the archive
  std::string installed_path;      ///< relative to site-packages; `../bin/x` for a script
  std::uint64_t size = 0;          ///< unpacked, bytes
  std::uint64_t packed_bytes = 0;  ///< as it lies in the wheel
  elf::Image image;
  std::set<std::string> mentions;  ///< names of libraries among its bytes: evidence of dlopen
  std::vector<std::string>
      opened_by;  ///< Python files that name this very file in a string: opened by path
};

/// A text of the wheel that names libraries for a linker: a cmake file, `-lNAME` in Python code.
struct TextMention {
  std::string member;
  std::set<std::string> libraries;  ///< file names of libraries of the wheel
};

/// A member that begins as an ELF file and is none that could be read, though its name is not a
/// library's.
struct UnreadableElf {
  std::string member;
  std::string why;
};

/// What a wheel holds, as far as splitting it is concerned.
struct Inventory {
  std::vector<Library> libraries;  ///< ascending by member
  std::vector<TextMention> text_mentions;
  std::vector<UnreadableElf> unreadable;
  std::uint64_t installed_bytes = 0;  ///< of all files
};

/// Decodes every member of the wheel once, on `jobs` threads, the largest first, and checks each
/// against its CRC and its row in RECORD. Throws Failure: a member that does not decode or does not
/// match; a library that is no proper ELF file.
Inventory take_inventory(const wheel::WheelFile& wheel, unsigned jobs, Progress& progress);

}  // namespace spokeshave
