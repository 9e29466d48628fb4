#pragma once

#include <csignal>
#include <string>

namespace spokeshave {

/// From here on SIGINT, SIGTERM and SIGHUP, where they end this program, first remove what stands
/// at `path`: a file, or a folder and the files in it (folders in it it keeps). Signals that are
/// ignored stay so. Throws std::bad_alloc.
void remove_on_signal(const std::string& path);

/// No longer: it has been removed, or is to stay.
void keep_on_signal(const std::string& path);

/// While it lives these signals, and SIGQUIT, wait: between the making of a file and
/// `remove_on_signal`, or in the middle of a file that is changed in place, none can come.
class HoldSignals {
 public:
  HoldSignals();
  HoldSignals(const HoldSignals&) = delete;
  HoldSignals& operator=(const HoldSignals&) = delete;
  ~HoldSignals();

 private:
  sigset_t old_mask_;
};

}  // namespace spokeshave
