#pragma once

#include <csignal>
#include <string>

namespace spokeshave {

/// From here on SIGINT, SIGTERM and SIGHUP, where they end this program, first remove what stands
/// at `path`: a file, or a folder and the files in it (folders in it it keeps). Signals that are
/// ignored stay so. At most 64 paths at once; further ones, and those longer than 4 KB, are not
/// remembered.
void remove_on_signal(const std::string& path);

/// No longer: it has been removed, or is to stay.
void keep_on_signal(const std::string& path);

/// While it lives these signals wait: between the making of a file and `remove_on_signal` none can
/// come.
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
