#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "elf/edits.h"
#include "src/diff_apply.h"
#include "src/patch_request.h"
#include "wheel/wheel_file.h"

namespace spokeshave {

/// One member of the new wheel.
struct PatchedMember {
  enum class Kind : std::uint8_t {
    kPassed,   ///< its bytes are the original's
    kText,     ///< written anew
    kFile,     ///< taken from disk
    kLibrary,  ///< the original's, to be rewritten
  };
  Kind kind = Kind::kPassed;
  std::string name;       ///< in the new wheel
  std::string from = {};  ///< the member of the original that it was; empty: it is new
  std::string text = {};
  std::string file = {};
  std::shared_ptr<const elf::Edits> edits = {};  ///< of a library
  std::optional<std::uint32_t> mode = {};        ///< new permission bits
  std::vector<std::string> changes = {};         ///< a line each, for the user
};

/// What is to be done to a wheel.
struct PatchPlan {
  wheel::Filename filename;            ///< of the new wheel
  std::string dist_info;               ///< its folder, `torch-2.1.2.dist-info`
  std::string requirement;             ///< `torch==2.1.2+stripe.1`
  std::vector<PatchedMember> members;  ///< in the archive's order, without RECORD
  std::size_t let_go = 0;  ///< besides: untouched ones that were forgotten when they were drafted
  std::vector<std::string> removed;  ///< members of the original that the user takes out
  std::vector<std::string> dropped;  ///< its signatures, which are void now
  std::vector<std::string> notes;    ///< what the user should know, a line each
};

/// What plan_patch() is to know beside the wheel's outline.
struct PatchInput {
  const wheel::WheelFile& wheel;
  const PatchRequest& request;
  const DiffOutcome& diffs;
  const std::set<std::string>& elf_members;  ///< those that a GLOB of a library edit matches
  std::string metadata;                      ///< METADATA as the diffs leave it
  std::string wheel_text;                    ///< WHEEL as the diffs leave it
};

/// Decides what becomes of each member. Diffs, removals, additions and library edits are all meant
/// for the wheel as it is, and no two of them for one member; modes are for what is there then.
/// Without a new version file name and folders are spelt as they were. Throws Failure for what
/// contradicts another, matches nothing, or may not be. Pure: reads the wheel, writes nothing.
PatchPlan plan_patch(const PatchInput& input);

}  // namespace spokeshave
