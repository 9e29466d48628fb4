#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "wheel/file_copy.h"
#include "wheel/spliced_pieces.h"

namespace wheel {

/// Where the packed bytes of a member to be lie: in parts of files, one behind the other, or in
/// memory.
class PackedBytes {
 public:
  explicit PackedBytes(const FilePart& part) : place_(part) {}
  explicit PackedBytes(std::vector<FilePart> parts) : place_(std::move(parts)) {}
  /// A text that was packed.
  explicit PackedBytes(std::string packed_text) : place_(std::move(packed_text)) {}

  bool in_files() const { return !std::holds_alternative<std::string>(place_); }
  /// Where all of it lies in one part of a file; nullptr where it does not.
  const FilePart* one_part() const { return std::get_if<FilePart>(&place_); }
  /// Fills `out` with the bytes from `offset` on. Throws std::system_error, and wheel::Error where
  /// there are not so many.
  void read(std::uint64_t offset, std::span<std::byte> out) const;
  /// Copies all parts into a file, from `offset` on. `progress` and throws: as copy_part().
  void copy(int to, std::uint64_t offset, const std::function<void(std::uint64_t)>& progress) const;

 private:
  std::span<const FilePart> parts() const;

  std::variant<FilePart, std::vector<FilePart>, std::string> place_;
};

/// Those of a spliced member: some stand in the `original` packed data, the others in a file from
/// `offset` on.
PackedBytes spliced_bytes(const FilePart& original, int descriptor, std::uint64_t offset,
                          const std::vector<SplicedPiece>& pieces);

}  // namespace wheel
