#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace spokeshave {

/// What may be wrong with a set of libraries.
enum class FindingKind {
  kMissing,          ///< a need that the loader will not meet, though the set has the library
  kUnreadable,       ///< a library that is broken itself
  kMangledName,      ///< a NEEDED name that the SONAME of the library that meets it does not match
  kNoSoname,         ///< a library that others need, without a SONAME
  kDeadEntry,        ///< an entry of RPATH or RUNPATH that leads nowhere
  kBothPaths,        ///< RPATH and RUNPATH in one library
  kBorrowedPath,     ///< a need that is met only through what loaded the library
  kSameSoname,       ///< two wheels bring one SONAME
  kSamePath,         ///< two wheels install a library to one place
  kCycle,            ///< libraries that need each other
  kUndeclaredWheel,  ///< a need met only by a wheel that no Requires-Dist names
  kExecutableStack,  ///< wants its stack executable
};

/// `missing`, `dead-entry`, ...: as JSON has it.
const char* to_string(FindingKind kind);

/// Problems make the exit code 1; warnings do not.
bool is_problem(FindingKind kind);

struct Finding {
  FindingKind kind = FindingKind::kMissing;
  std::vector<std::size_t> libraries;  ///< those that it is about, the first the most; may be empty
  std::string what;                    ///< one line, no full stop
  std::string consequence;             ///< what follows from it
  std::string way_out;                 ///< what to do
  std::vector<std::string> missing = {};  ///< kMissing: the names that are not found
};

}  // namespace spokeshave
