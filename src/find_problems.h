#pragma once

#include <vector>

#include "src/inspection.h"

// What is wrong, or will be, with the libraries of a set of wheels; each finding with its
// consequence and a way out. Pure.
namespace spokeshave {

/// All findings, problems first, then in the order of FindingKind. `set` are the libraries as the
/// loader model knows them.
std::vector<Finding> find_problems(const Inspection& inspection,
                                   const std::vector<elf::InstalledLibrary>& set);

// Its parts, each for some of the kinds.

/// kMissing.
std::vector<Finding> find_missing(const Inspection& inspection);
/// kUnreadable, kMangledName, kNoSoname, kBothPaths, kExecutableStack: what a library says of
/// itself, beside the names that others know it by.
std::vector<Finding> find_odd_libraries(const Inspection& inspection);
/// kDeadEntry, kBorrowedPath: what is wrong with search paths.
std::vector<Finding> find_odd_paths(const Inspection& inspection,
                                    const std::vector<elf::InstalledLibrary>& set);
/// kSameSoname, kSamePath, kCycle, kUndeclaredWheel: what is wrong between libraries.
std::vector<Finding> find_odd_relations(const Inspection& inspection);

/// The need that a finding of kMissing is about first, with the places that were tried; nullptr for
/// other findings.
const UnmetNeed* unmet_need_of(const Inspection& inspection, const Finding& finding);

/// `libx.so` of the library: its file name in backquotes, fit for a terminal.
std::string quoted_name(const Inspection& inspection, std::size_t library);
/// "`a`, `b` and 3 more": at most three names.
std::string some_of(const std::vector<std::string>& names);
std::string some_libraries(const Inspection& inspection, const std::vector<std::size_t>& libraries);

}  // namespace spokeshave
