#pragma once

#include <string>
#include <vector>

#include "tests/support/real_loader.h"

namespace support {

/// What ld.so says under LD_DEBUG=libs,files of one name that it looks for. A name that a loaded
/// library has already it does not mention.
struct LdNeed {
  std::string name = {};  ///< that of a NEEDED with its tokens expanded, that of a dlopen as it is
  std::string by = {};    ///< the path of the library that needs it, or that calls dlopen
  bool by_dlopen = false;
  /// The files that were tried on search paths, in order, normalised by the letters; without those
  /// in subfolders for single processors (glibc-hwcaps and what came before it), of which the model
  /// knows nothing.
  std::vector<std::string> tried = {};
  /// `RPATH from file /x/liby.so`: what it calls the paths that it looks through.
  std::vector<std::string> labels = {};
  bool asked_system = false;  ///< ld.so.cache and the default folders
  bool mapped = false;        ///< it was found, and was not loaded under another name
};

/// What it says during one dlopen.
struct LdStep {
  std::vector<LdNeed> needs = {};
  bool succeeded = false;
};

struct LdRun {
  LdStep start = {};  ///< of the program itself, before the first dlopen
  std::vector<LdStep> steps = {};
};

/// Runs the scenario, whose libraries link_library() has made, in a process of its own with the
/// system's loader.
LdRun run_under_ld_debug(const Scenario& scenario);

/// From what ld.so wrote, with a line `STEP ok` or `STEP failed` of the opener after each dlopen.
LdRun parse_ld_debug(const std::string& text);

}  // namespace support
