#include "src/progress.h"

#include <fmt/format.h>

#include <cstdio>

#include "src/size.h"

namespace spokeshave {

namespace {
constexpr auto kRedrawEvery = std::chrono::milliseconds(100);
constexpr std::size_t kBarWidth = 24;
constexpr const char* kWipe = "\r\x1b[K";
}  // namespace

Progress::~Progress() {
  clear();
}

void Progress::phase(std::string name, std::uint64_t total) {
  if (!enabled_) {
    return;
  }
  const std::scoped_lock lock(mutex_);
  name_ = std::move(name);
  total_ = total;
  done_ = 0;
  begun_ = Clock::now();
  draw(begun_);
}

void Progress::advance(std::uint64_t bytes) {
  if (!enabled_) {
    return;
  }
  const std::scoped_lock lock(mutex_);
  done_ += bytes;
  const auto now = Clock::now();
  if (now - drawn_ >= kRedrawEvery) {
    draw(now);
  }
}

void Progress::clear() {
  const std::scoped_lock lock(mutex_);
  if (visible_) {
    fmt::print(stderr, "{}", kWipe);
    std::fflush(stderr);
    visible_ = false;
  }
}

void Progress::draw(Clock::time_point now) {
  drawn_ = now;
  visible_ = true;
  const double share =
      total_ == 0 ? 0.0 : std::min(1.0, static_cast<double>(done_) / static_cast<double>(total_));
  const auto filled = static_cast<std::size_t>(share * kBarWidth);
  std::string left;
  const double seconds = std::chrono::duration<double>(now - begun_).count();
  if (share > 0.02 && seconds > 0.5) {
    left = fmt::format(", {:.0f} s left", seconds * (1 - share) / share);
  }
  fmt::print(stderr, "{}{:<10} [{}{}] {} of {}{}", kWipe, name_, std::string(filled, '='),
             std::string(kBarWidth - filled, ' '), format_size(done_), format_size(total_), left);
  std::fflush(stderr);
}

}  // namespace spokeshave
