#pragma once

#include <sys/types.h>

namespace spokeshave {

/// To be called first of all by a process that `parent` has just forked: where the parent ends in
/// any way, a kill included, it is killed too, and a pipe that nobody reads ends it. Ends it at
/// once where the parent is gone already. Only makes calls that are safe between fork and exec.
void die_with_parent(pid_t parent);

}  // namespace spokeshave
