#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wheel/archive.h"
#include "wheel/sha256.h"

namespace wheel {

/// Those rows of RECORD that match a member of the archive, one a member at most, in few bytes
/// each: a wheel may have tens of thousands.
class RecordRows {
 public:
  struct Row {
    std::string hash;                   ///< `sha256=...`, empty for RECORD itself
    std::optional<std::uint64_t> size;  ///< bytes
  };

  RecordRows() = default;
  /// For the members of `archive`, whose names must stay where they are; no rows yet.
  explicit RecordRows(const Archive& archive);

  /// The row of a member of the archive.
  void set(const Member& member, const Row& row);

  std::size_t size() const { return count_; }
  bool contains(std::string_view path) const { return find(path).has_value(); }
  /// Nothing where there is none.
  std::optional<Row> find(std::string_view path) const;
  /// Throws std::out_of_range where there is none.
  Row at(std::string_view path) const;
  /// All of them, ordered as is_name_before() has it.
  void for_each(const std::function<void(const std::string& path, const Row& row)>& visit) const;

 private:
  struct Slot {
    const Member* member = nullptr;
    std::uint64_t size = 0;
    Sha256Digest digest{};
    bool is_row = false;
    bool has_size = false;
    bool has_digest = false;
  };
  const Slot* slot_of(std::string_view path) const;
  Row row_of(const Slot& slot) const;

  std::vector<Slot> slots_;                     ///< one a member, ordered by name
  std::map<const Member*, std::string> spelt_;  ///< hashes that are no SHA-256, or spelt oddly
  std::size_t count_ = 0;
};

}  // namespace wheel
