#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace spokeshave {

/// A line on stderr that says how far the present phase is, with bytes and the time left. Only on a
/// terminal; silent otherwise. Safe to advance from several threads.
class Progress {
 public:
  /// `enabled`: whether there is somebody to look at it (a terminal, and no --quiet).
  explicit Progress(bool enabled) : enabled_(enabled) {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  /// Wipes the line.
  ~Progress();

  /// Begins a phase of `total` bytes; the one before is over.
  void phase(std::string name, std::uint64_t total);
  /// So many bytes more are done.
  void advance(std::uint64_t bytes);
  /// The phases are over: wipes the line, so that what is printed next stands alone.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  void draw(Clock::time_point now);

  const bool enabled_;
  std::mutex mutex_;
  std::string name_;
  std::uint64_t total_ = 0;
  std::uint64_t done_ = 0;
  Clock::time_point begun_;
  Clock::time_point drawn_;
  bool visible_ = false;
};

}  // namespace spokeshave
