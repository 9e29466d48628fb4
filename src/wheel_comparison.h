#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "elf/field_changes.h"
#include "src/header_changes.h"
#include "wheel/wheel_file.h"

// What differs between a wheel and another, or the set that it was split into, member by member:
// values only. Nothing is decoded here: content is compared by size, CRC and RECORD's hash.
namespace spokeshave {

/// One file of a wheel.
struct ComparedMember {
  std::string name;  ///< in the archive
  std::string path;  ///< where it is installed; of the main wheel's .dist-info without its version
  std::uint64_t size = 0;  ///< unpacked, bytes
  std::uint32_t crc = 0;
  std::uint32_t mode = 0;   ///< permission bits; 0 where the archive has none
  std::string hash;         ///< as in RECORD; empty where that has none
  bool is_library = false;  ///< by its name
};

struct ComparedWheel {
  bool is_main = false;   ///< continues the original, or is that
  std::string dist_info;  ///< the folder, no slash
  std::string data;       ///< the .data folder, or empty
  std::vector<ComparedMember> members;
};

/// The files of a wheel, without RECORD and its signatures: they follow from all else. `is_main`:
/// its .dist-info is to be compared with the original's, whatever its version. Throws nothing.
ComparedWheel compared_wheel(const wheel::WheelFile& wheel, bool is_main);

/// The same file, before and after, or one of the two.
struct MemberChange {
  enum class Kind : std::uint8_t { kAdded, kRemoved, kChanged, kMoved, kMode };
  Kind kind = Kind::kChanged;                 ///< the first that holds, in this order
  std::optional<std::size_t> before;          ///< index of the original's member
  std::optional<std::size_t> wheel;           ///< which of the set has it after
  std::size_t after = 0;                      ///< index of that wheel's member
  std::vector<elf::FieldChange> fields = {};  ///< of a library
  std::vector<LineChange> lines = {};         ///< of METADATA and WHEEL
  bool text_changed = false;                  ///< of METADATA: what stands behind the header
};

/// A .dist-info or .data folder that has another name because the version has.
struct FolderRename {
  std::string before;
  std::string after;
};

/// Two wheels of the set install different files to one path.
struct PathConflict {
  std::size_t wheel = 0;
  std::size_t member = 0;
  std::size_t other_wheel = 0;
  std::size_t other_member = 0;
};

struct WheelComparison {
  ComparedWheel original;
  std::vector<ComparedWheel> wheels;
  std::size_t unchanged = 0;  ///< members that are the same, at the same path
  std::vector<FolderRename> folders;
  std::vector<MemberChange> changes;  ///< as the original has them, then what was added
  /// For each member of the original where it is now: wheel and member.
  std::vector<std::optional<std::pair<std::size_t, std::size_t>>> now;
  std::vector<PathConflict> conflicts;

  const ComparedMember* before(const MemberChange& change) const;
  const ComparedMember* after(const MemberChange& change) const;
};

/// Finds for each file of the original what became of it: a file at the same path; or else one with
/// the same content elsewhere; or else, for a library, one of the same file name elsewhere. Pure.
WheelComparison compare_members(ComparedWheel&& original, std::vector<ComparedWheel>&& wheels);

/// The number of the set's wheel that continues the original: that of its distribution, or the only
/// one.
std::optional<std::size_t> main_wheel(const wheel::WheelFile& original,
                                      const std::vector<const wheel::WheelFile*>& wheels);

/// Whether two files have the same content, by size, CRC, and hash where both have one of a kind.
bool same_content(const ComparedMember& a, const ComparedMember& b);

/// `added`, `removed`, `changed`, `moved`, `mode`.
const char* to_string(MemberChange::Kind kind);

}  // namespace spokeshave
