#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "src/patch_request.h"

namespace spokeshave {

/// A file of the wheel as diffs find it and leave it.
struct DiffedFile {
  std::string content;
  std::uint32_t mode = 0100644;  ///< Unix mode with file type
  /// Where this is not empty the content is that of the wheel's file at this path, and was not
  /// read: no hunk needs it.
  std::string unread_from = {};

  bool operator==(const DiffedFile&) const = default;
};

/// The wheel's files.
struct Originals {
  /// What stands at a path, with its content or unread; nothing where there is no such file.
  std::function<std::optional<DiffedFile>(const std::string& path)> find;
  /// The content of a file that `find` left unread. Throws Failure where it is too large.
  std::function<std::string(const std::string& path)> read;
};

/// What the diffs made of one path, all of them taken together. Where a file was renamed that path
/// is gone, and only `renamed_from` tells of it; one that a diff leaves as it was is not listed.
struct FileChange {
  enum class Kind : std::uint8_t { kChanged, kAdded, kDeleted, kRenamed };
  Kind kind = Kind::kChanged;
  std::string path;          ///< inside the wheel
  std::string renamed_from;  ///< of kRenamed
  DiffedFile file;           ///< what stands there now; empty for kDeleted
};

/// A hunk that did not fit exactly where the diff says.
struct HunkNote {
  std::string diff;        ///< the diff's file name
  std::string path;        ///< inside the wheel
  unsigned hunk = 0;       ///< from 1
  std::int64_t lines = 0;  ///< how far off, in lines; negative: above
  unsigned fuzz = 0;       ///< context lines that were left out to make it fit
};

struct DiffOutcome {
  std::vector<FileChange> changes;   ///< ascending by path
  std::vector<HunkNote> notes;       ///< in the order in which they came up
  std::vector<std::string> diffs;    ///< the file names of the diffs, as they were applied
  std::vector<std::string> remarks;  ///< what else the user should know, a line each
};

/// Reads the diffs of `request`, and applies all of them, in order, with GNU patch, to the files
/// that they name, in a private folder that is gone when this returns or throws. It lies in
/// `scratch_folder`; where that is empty, in the one for temporary files (TMPDIR), which is looked
/// for only where there are diffs. Throws Failure: a diff that cannot be read, is binary, names a
/// path outside of the wheel or one that diffs may not touch; a hunk that does not fit (with the
/// file, the hunk, what it expected and what stands there); a file that is to be made where there
/// is one; a program that cannot be run, or not in time (20 seconds for files changed at once, two
/// minutes for all); no folder to work in.
DiffOutcome apply_diffs(const DiffRequest& request, const Originals& originals,
                        const std::string& scratch_folder = {});

}  // namespace spokeshave
