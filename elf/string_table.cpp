#include "elf/string_table.h"

#include <algorithm>
#include <cassert>
#include <string_view>

#include "elf/dynamic.h"
#include "elf/error.h"
#include "elf/segments.h"

namespace elf {
namespace {

constexpr const char* kTable = "the dynamic string table";
// A search path of 60,000 characters loads, so it is read; what is far beyond it is an attack.
constexpr std::size_t kMaxString = 1 << 20;
// Dynamic entries may all name one long string: what a million of them may cost is bounded here.
constexpr std::size_t kMaxText = 64 << 20;
constexpr std::size_t kMaxPythonInits = 1 << 16;

constexpr std::string_view kPythonInit = "PyInit";

}  // namespace

void find_string_table(Image& image) {
  const DynamicEntry* address = find_entry(image, DT_STRTAB);
  const DynamicEntry* size = find_entry(image, DT_STRSZ);
  const Segment* segment = find_segment(image, PT_DYNAMIC);
  if (address == nullptr) throw Error(segment->offset, "the dynamic table names no string table");
  if (size == nullptr)
    throw Error(segment->offset, "the dynamic table does not tell the string table's size");
  if (size->value == 0) throw Error(size->file_offset, "the dynamic string table is empty");
  const FileRange range = require_mapped(image, address->value, size->value, kTable);
  image.string_table_offset = range.offset;
  image.string_table_size = range.size;
}

const std::string& Strings::at(std::uint64_t offset) const {
  const auto found =
      std::ranges::lower_bound(strings_, offset, {}, &std::pair<std::uint64_t, std::string>::first);
  assert(found != strings_.end() && found->first == offset);
  return found->second;
}

// Holds the part of the table that is still needed: from the first wanted string that has not
// ended.
class StringScan {
 public:
  StringScan(const Image& image, std::vector<std::uint64_t> offsets)
      : table_offset_(image.string_table_offset), wanted_(std::move(offsets)) {
    std::ranges::sort(wanted_);
    wanted_.erase(std::ranges::unique(wanted_).begin(), wanted_.end());
    if (!wanted_.empty() && wanted_.back() >= image.string_table_size) {
      throw Error(table_offset_, "a name lies at " + std::to_string(wanted_.back()) +
                                     ", outside the dynamic string table");
    }
    found_.strings.strings_.reserve(wanted_.size());
  }

  void feed(std::string_view piece) {
    held_.append(piece);
    take_strings();
    note_python_inits();
    forget();
  }

  ScannedStrings finish() {
    if (next_ != wanted_.size()) {
      throw Error(table_offset_ + wanted_[next_],
                  "a string of the dynamic string table has no end");
    }
    return std::move(found_);
  }

 private:
  void take_strings() {
    for (; next_ != wanted_.size() && wanted_[next_] < position_ + held_.size(); ++next_) {
      const auto from = static_cast<std::size_t>(wanted_[next_] - position_);
      const std::size_t end = held_.find('\0', from);
      if (end == std::string::npos) {
        if (held_.size() - from > kMaxString) throw_too_long();
        return;
      }
      text_ += end - from;
      if (end - from > kMaxString || text_ > kMaxText) throw_too_long();
      found_.strings.strings_.emplace_back(wanted_[next_], held_.substr(from, end - from));
    }
  }

  [[noreturn]] void throw_too_long() const {
    throw Error(table_offset_ + wanted_[next_],
                "the names in the dynamic table are longer than any loader takes");
  }

  void note_python_inits() {
    auto from = static_cast<std::size_t>(searched_ - position_);
    for (;; ++from) {
      from = held_.find(kPythonInit, from);
      if (from == std::string::npos || held_.size() - from < kPythonInit.size() + 2) break;
      const std::string_view rest = std::string_view(held_).substr(from + kPythonInit.size());
      const bool is_init = rest.starts_with('_') || rest.starts_with("U_");
      auto& inits = found_.python_inits;
      if (is_init && inits.size() < kMaxPythonInits) inits.push_back(position_ + from);
    }
    // What is left may be the beginning of one: it is looked at again with the next piece.
    const std::size_t open = std::min(held_.size(), kPythonInit.size() + 1);
    searched_ = std::max(searched_, position_ + held_.size() - open);
  }

  void forget() {
    std::uint64_t keep_from = searched_;
    if (next_ != wanted_.size()) keep_from = std::min(keep_from, wanted_[next_]);
    held_.erase(0, static_cast<std::size_t>(keep_from - position_));
    position_ = keep_from;
  }

  std::uint64_t table_offset_;
  std::vector<std::uint64_t> wanted_;  // ascending
  std::size_t next_ = 0;               // the first of wanted_ not yet found
  std::string held_;                   // table bytes from position_ on
  std::uint64_t position_ = 0;
  std::uint64_t searched_ = 0;  // no PyInit begins before here that has not been noted
  std::size_t text_ = 0;
  ScannedStrings found_;
};

ScannedStrings scan_strings(Reader& reader, const Image& image,
                            std::vector<std::uint64_t> offsets) {
  StringScan scan(image, std::move(offsets));
  reader.stream(image.string_table_offset, image.string_table_size, 1, kTable,
                [&](std::uint64_t, std::span<const std::byte> piece) {
                  scan.feed({reinterpret_cast<const char*>(piece.data()), piece.size()});
                  return true;
                });
  return scan.finish();
}

}  // namespace elf
