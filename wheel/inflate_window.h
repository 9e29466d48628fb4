#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "wheel/archive.h"
#include "wheel/inflate_symbols.h"

namespace wheel {

/// A SymbolInflater with the place for what it decodes: a window, and before it the 32 KiB to which
/// later bytes may refer.
class InflateWindow {
 public:
  static constexpr std::size_t room(std::size_t window_bytes) {
    return SymbolInflater::kHistory + window_bytes + SymbolInflater::kLongestMatch +
           SymbolInflater::kSlack;
  }

  InflateWindow(ReadPacked read, const Member& member, std::size_t window_bytes)
      : window_bytes_(window_bytes),
        inflater_(std::move(read), member.packed_bytes, member.name),
        bytes_(std::make_unique_for_overwrite<std::byte[]>(room(window_bytes))) {
    inflater_.place(data());
  }

  SymbolInflater& inflater() { return inflater_; }
  /// Up to here bytes may be decoded, and by the rest of a match further.
  std::uint64_t end() const { return begin_ + window_bytes_; }
  bool is_full() const { return inflater_.position() >= end(); }
  /// In the window, or in the history before it.
  std::byte* at(std::uint64_t position) {
    return data() + static_cast<std::ptrdiff_t>(position - begin_);
  }

  /// Makes the last bytes the history of an empty window.
  void turn() {
    std::byte* const end = inflater_.out();
    std::copy(end - SymbolInflater::kHistory, end, bytes_.get());
    begin_ = inflater_.position();
    inflater_.place(data());
  }

  /// Goes on from there, in an empty window.
  void resume(const InflatePoint& point) {
    std::ranges::copy(point.history, data() - point.history.size());
    inflater_.resume(point);
    inflater_.place(data());
    begin_ = point.position;
  }

 private:
  std::byte* data() { return bytes_.get() + SymbolInflater::kHistory; }

  std::size_t window_bytes_;
  SymbolInflater inflater_;
  std::unique_ptr<std::byte[]> bytes_;
  std::uint64_t begin_ = 0;  ///< what is the first in the window
};

}  // namespace wheel
