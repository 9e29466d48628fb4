#pragma once

#include <string>
#include <vector>

#include "src/patch_request.h"

namespace spokeshave {

struct DiffFile {
  std::string path;  ///< on disk, as it was given; for errors
  std::string name;  ///< for reports: the last part of it
};

/// The diffs in the order in which they are applied: those of a folder are its *.patch and *.diff,
/// ascending by name, byte for byte; hidden ones are not among them. Throws Failure: what is not
/// there, a folder where a file is expected or the other way round, a folder without diffs or
/// with one that is no regular file.
std::vector<DiffFile> list_diffs(const std::vector<DiffSource>& sources);

/// The text of one. Throws Failure where it cannot be read or has more than 64 MB.
std::string read_diff_file(const DiffFile& diff);

}  // namespace spokeshave
