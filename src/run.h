#pragma once

#include <string>
#include <vector>

namespace spokeshave {

/// The program: understands the arguments, carries the command out, tells on stderr what stopped
/// it. Returns the exit status: 0 done, 1 done and something was found to be wrong, 2 usage, 3
/// unreadable input or failed I/O.
int run(const std::vector<std::string>& arguments);

}  // namespace spokeshave
