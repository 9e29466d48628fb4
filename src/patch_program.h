#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "src/diff_reading.h"
#include "src/patch_output.h"
#include "src/private_folder.h"

namespace spokeshave {

/// A file for GNU patch to change: what it holds, and the hunks for it.
struct PatchJob {
  std::string_view content;
  const FileDiff* diff = nullptr;
  std::string_view diff_path;  ///< where the diff was read, for messages
  std::string_view target;     ///< the file's path in the wheel, for messages
};

/// Lets GNU patch change all the files, in one run, inside `folder`, which is empty before and
/// after. The program sees nothing of the diff but its hunks, and files by names of ours (0, 1, 2,
/// ...): it has nothing to guess, nowhere to go, and no other kind of diff to fall for (ed scripts,
/// which it would give to a shell: CVE-2018-1000156, CVE-2018-20969, CVE-2019-13638). Throws
/// Failure where the program is missing, fails, takes longer than `limit`, or leaves other files
/// behind.
std::vector<PatchedFile> run_patch_program(const std::string& program,
                                           const std::vector<PatchJob>& jobs,
                                           const PrivateFolder& folder,
                                           std::chrono::milliseconds limit);

/// Whether a diff whose own lines end in CRLF loses that for this file: one without CRLF.
bool loses_crlf(const FileDiff& diff, std::string_view content);

}  // namespace spokeshave
