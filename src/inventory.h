#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "elf/image.h"
#include "src/progress.h"
#include "wheel/error.h"
#include "wheel/inflate_point.h"
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
  wheel::MemberPoints points;  ///< near what a rewrite touches, where that was asked for
};

/// A text of the wheel that names libraries for a linker: a cmake file, `-lNAME` in Python code.
struct TextMention {
  std::string member;
  std::set<std::string> libraries;  ///< file names of libraries of the wheel
};

/// A Python file that opens libraries: by name or path, or by searching for a pattern. Names may be
/// those of libraries of other wheels.
struct Opener {
  std::string member;
  std::string installed_path;
  std::vector<std::string> opened;    ///< file names, in order of appearance
  std::vector<std::string> searched;  ///< the same, of what its patterns match
};

/// A member that begins as an ELF file and is none that could be read.
struct UnreadableElf {
  std::string member;
  std::string why;
  bool is_library = false;  ///< by its name; else a test file, or an object for another tool
};

/// A member whose bytes are not what the archive or RECORD says.
struct DamagedMember {
  enum class Kind : std::uint8_t { kData, kCrc, kRecordHash };
  std::string member;
  Kind kind = Kind::kData;
  std::string why;
  std::uint64_t size = 0;  ///< as the archive has it, bytes
};

/// What a wheel holds, as far as its libraries are concerned.
struct Inventory {
  std::vector<Library> libraries;  ///< ascending by member
  std::vector<TextMention> text_mentions;
  std::vector<Opener> openers;  ///< ascending by member
  std::vector<UnreadableElf> unreadable;
  std::vector<DamagedMember> damaged;  ///< ascending by member
  std::uint64_t installed_bytes = 0;   ///< of all files
};

/// A member of wheel number `wheel` that does not decode or does not match, or a wheel with more
/// libraries than any real one has.
class UnreadableMember : public wheel::Error {
 public:
  UnreadableMember(std::size_t wheel, const wheel::Error& error)
      : wheel::Error(error), wheel_(wheel) {}
  std::size_t wheel() const { return wheel_; }

 private:
  std::size_t wheel_;
};

using MemberFilter = std::function<bool(const wheel::Member&)>;

/// For kRewriting large libraries are decoded so that they have points afterwards.
enum class Purpose : std::uint8_t { kReading, kRewriting };

/// Decodes every member of the wheels once, on `jobs` threads, the largest first, and checks each
/// against its CRC and its row in RECORD. One inventory for each wheel, in order; Python files of
/// one may name libraries of another. A library that is no proper ELF file is among `unreadable`, a
/// member that does not decode or does not match among `damaged`; what was read of a library before
/// its end was found to be wrong is kept. Throws UnreadableMember where there are more libraries
/// than any real wheel has. Where there is a filter, the other members are as if they were not
/// there.
std::vector<Inventory> take_inventories(const std::vector<const wheel::WheelFile*>& wheels,
                                        unsigned jobs, Progress& progress,
                                        const MemberFilter& wanted = {},
                                        Purpose purpose = Purpose::kReading);

/// Whether a file of this name is taken for a library: `libx.so`, `libx.so.1`.
bool is_library_name(std::string_view path);

/// Throws UnreadableMember for the largest of all damaged members: it was looked at first.
void refuse_damaged_members(const std::vector<Inventory>& inventories);

/// Throws wheel::Error for the first library among `unreadable`.
void refuse_unreadable_libraries(const Inventory& inventory);

}  // namespace spokeshave
