#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "elf/image.h"
#include "elf/rewrite.h"
#include "src/output_file.h"
#include "src/progress.h"
#include "wheel/deflate.h"
#include "wheel/inflate_point.h"
#include "wheel/packed_bytes.h"
#include "wheel/splice.h"
#include "wheel/wheel_file.h"

namespace spokeshave {

/// A new member that is packed and waits in the spool.
struct StagedMember {
  std::uint64_t offset = 0;  ///< in the spool, bytes
  wheel::Packed packed;
  std::uint32_t crc_of_packed = 0;  ///< of the packed bytes, where they were proved
};

/// How a rewritten library was packed: what --verbose tells.
struct StagingNote {
  std::string packed_anew_because;  ///< empty: it was spliced
  std::uint64_t new_bytes = 0;      ///< packed ones that do not stand in the original
  double seconds = 0;
};

/// One rewritten library.
struct StagedLibrary {
  StagedMember member;
  std::vector<wheel::SplicedPiece> pieces;  ///< none: all of the packed bytes are in the spool
  StagingNote note;
  std::vector<std::string> changes;  ///< as elf::Rewrite has them; none: it stays as it is
  elf::Placement placement = elf::Placement::kNone;
  std::uint64_t appended_bytes = 0;
  elf::Image before;
  elf::Image after;  ///< as it was read from the packed bytes, where it changed

  bool changed() const { return !changes.empty(); }
};

/// A library to be rewritten.
struct StageJob {
  std::string member;  ///< its name in the original wheel
  elf::Edits edits;
  const elf::Image* image = nullptr;  ///< none: it is read first
  wheel::MemberPoints points = {};    ///< from where it can be decoded; with `image` only
};

/// The members of an output that are not in the original, packed into a nameless file, so that all
/// sizes and hashes are known before a wheel is begun. By the name that they have in the original,
/// or, for files from disk, that they get.
class Stage {
 public:
  /// `folder`: where the spool goes; that of the outputs, which must have room anyway.
  explicit Stage(const std::string& folder) : spool_(folder) {}

  /// Rewrites the libraries, on `threads` threads, and splices them, or packs them anew where that
  /// cannot be (wheel::splice_obstacle), and proves what came out (prove_library); those that the
  /// edits do not change are known by find_library(), but not packed. What is spliced is read from
  /// `wheel` again when it is written.
  /// Throws Failure, with `hint`, for an edit that a library does not allow.
  void add_libraries(const wheel::WheelFile& wheel, const std::vector<StageJob>& jobs,
                     const std::string& hint, unsigned threads, Progress& progress);
  /// Packs a file on disk. Throws Failure where it cannot be read.
  void add_file(const std::string& name, const std::string& path, unsigned threads);

  /// nullptr for what was not staged.
  const StagedLibrary* find_library(const std::string& member) const;
  const StagedMember* find_file(const std::string& name) const;
  /// Where the packed bytes of a rewritten library lie: in the spool, and in its `original` in
  /// `archive`. These are proved, and these are written.
  wheel::PackedBytes packed_bytes(const StagedLibrary& staged, const wheel::Archive& archive,
                                  const wheel::Member& original) const;
  wheel::PackedBytes packed_bytes(const StagedMember& staged) const;  ///< in the spool, all of them
  /// A line for each library that was rewritten: how it was packed, and how long that took.
  std::vector<std::string> notes() const;
  /// Packed bytes of what was rewritten, by member: what a plan that must be made again wants to
  /// know.
  std::map<std::string, std::uint64_t> packed_sizes() const;

 private:
  struct Work;
  StagedLibrary stage_library(const Work& work, const StageJob& job, const wheel::Member& member,
                              bool overlap);
  void splice(const Work& work, const wheel::Member& member, const wheel::SpliceEdits& edits,
              const wheel::MemberPoints& points, StagedLibrary& staged);
  void prove(const Work& work, const wheel::Member& member, bool overlap, StagedLibrary& staged);
  StagedMember pack_rewritten(const Work& work, const wheel::Member& member,
                              const elf::Rewrite& rewrite);
  StagedMember pack(std::uint64_t size, unsigned threads,
                    const std::function<void(std::span<std::byte>)>& read);

  OutputFile spool_;
  std::mutex mutex_;  ///< for the spool's end, and what is written there
  std::uint64_t end_ = 0;
  std::map<std::string, StagedLibrary> libraries_;
  std::map<std::string, StagedMember> files_;
};

}  // namespace spokeshave
