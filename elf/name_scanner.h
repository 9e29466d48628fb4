#pragma once

#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace elf {

/// Finds names of libraries (`libtorch_cuda_linalg.so`, `libcudnn_cnn_infer.so.8`) among the bytes
/// of a file that streams by: NUL-ended strings with nothing in front that could belong to a longer
/// name. They are evidence of a dlopen, not proof. Holds no more than the last 256 bytes of a
/// piece, and at most kMaxNames names.
class NameScanner {
 public:
  static constexpr std::size_t kMaxNames = 4096;
  /// Takes the next piece of the file, in order, of any size.
  void feed(std::span<const std::byte> piece);
  /// The names seen so far, bare (no slash).
  const std::set<std::string>& names() const { return names_; }

 private:
  void keep_last(std::string_view bytes);
  void take(std::string_view run);
  /// The byte before the run of name bytes that the last piece ended with, and that run. Nothing
  /// stands before a file.
  std::string carry_ = std::string(1, '\0');
  std::set<std::string> names_;
};

}  // namespace elf
