#pragma once

#include "src/progress.h"
#include "src/verification.h"
#include "src/verify_against.h"

namespace spokeshave {

/// Throws Failure in a build that cannot compare deeply.
void check_can_compare_deeply();

/// Has LIEF compare both states of every library that differs: what a rewrite of names and search
/// paths must not change and that has changed is a finding, `deep-segments`, `deep-symbols`, ...
/// One library after another, each in a process of its own.
void compare_libraries_deeply(const Original& original, const ComparedSet& set, Progress& progress,
                              Verification& verification);

}  // namespace spokeshave
