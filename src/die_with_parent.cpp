#include "src/die_with_parent.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>

namespace spokeshave {

void die_with_parent(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::signal(SIGPIPE, SIG_DFL);  // this program ignores them, and a child inherits that
  std::signal(SIGXFSZ, SIG_DFL);
  if (::getppid() != parent) ::_exit(127);  // it ended before prctl: no signal will come
}

}  // namespace spokeshave
