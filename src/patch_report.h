#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "src/diff_apply.h"
#include "src/elf_file_patch.h"
#include "src/member_stage.h"
#include "src/patch_plan.h"
#include "src/style.h"
#include "src/written_proof.h"

// What `patch` says, as text of 80 columns and as JSON.
namespace spokeshave {

/// One wheel, patched or to be patched.
struct PatchSubject {
  std::string file_name;  ///< of the original
  std::uint64_t packed_bytes = 0;
  const PatchPlan& plan;
  const DiffOutcome& diffs;
  const Stage& stage;
};

/// The new wheel, once it has its name; else this is a dry run.
struct PatchResult {
  std::string path;
  std::uint64_t packed_bytes = 0;
  WrittenWheels written;
};

/// What changes, member by member, hunks that did not fit exactly, and what the user should know.
std::string patch_text(const PatchSubject& subject, const Style& style);
/// Where the new wheel is, what was proved, and the line to install it.
std::string patched_text(const PatchSubject& subject, const PatchResult& result,
                         const Style& style);

/// What was done to an ELF file.
std::string elf_file_text(const PatchedElfFile& file, const Style& style);

/// JSON objects, to be put into the document that patch_json() makes.
std::string patched_wheel_json(const PatchSubject& subject, const PatchResult* result);
std::string patched_file_json(const PatchedElfFile& file);
/// The document, `"schema": 1`.
std::string patch_json(const std::vector<std::string>& wheels,
                       const std::vector<std::string>& elf_files);

}  // namespace spokeshave
