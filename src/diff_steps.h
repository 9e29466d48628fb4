#pragma once

#include <string>

#include "src/diff_reading.h"
#include "src/diff_state.h"
#include "src/failure.h"

namespace spokeshave {

/// What is to be done with one file of a diff: decided, before anything is.
struct DiffStep {
  const FileDiff* diff = nullptr;
  FileDiff::Kind kind = FileDiff::Kind::kChange;
  std::string source;  ///< of kAdd: the target
  std::string target;
  DiffedFile file;  ///< what stands at the source; then what the target is to be
};

/// For a diff that was read well and does not fit this wheel.
Failure cannot_apply(const std::string& diff_name, const std::string& cause,
                     const std::string& hint);

/// Whether the file diff does nothing at all.
bool is_idle(const FileDiff& diff);

/// Which file of the wheel a diff is about, and what is to become of it. Throws Failure where there
/// is none, and for a symbolic link.
DiffStep plan_step(const FileDiff& diff, const std::string& diff_name, unsigned strip_count,
                   DiffState& state);

}  // namespace spokeshave
