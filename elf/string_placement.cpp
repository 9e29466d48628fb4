#include "elf/string_placement.h"

#include <algorithm>

namespace elf {
namespace {

class Placer {
 public:
  Placer(const std::vector<std::string>& texts, const std::vector<StringSlot>& slots,
         std::string_view table)
      : texts_(texts), slots_(slots), used_(slots.size()), table_(table) {
    placement_.places.resize(texts.size());
  }

  StringPlacement place(const std::vector<std::optional<std::uint64_t>>& own_strings) {
    std::vector<std::size_t> homeless;
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      if (!overwrite(i, own_strings[i])) homeless.push_back(i);
    }
    // Only now is it known which bytes stay; and a longer string may end with a shorter one.
    std::ranges::stable_sort(homeless, std::ranges::greater(),
                             [&](std::size_t i) { return texts_[i].size(); });
    for (const std::size_t i : homeless) {
      if (!reuse(i)) append(i);
    }
    return std::move(placement_);
  }

 private:
  bool overwrite(std::size_t i, std::optional<std::uint64_t> own_string) {
    if (!own_string || texts_[i].empty()) return false;
    const auto slot = std::ranges::find(slots_, *own_string, &StringSlot::begin);
    if (slot == slots_.end() || texts_[i].size() >= slot->size()) return false;
    auto used = used_.begin() + (slot - slots_.begin());
    if (*used) return false;
    *used = true;
    std::string bytes = texts_[i];
    bytes.resize(std::max<std::size_t>(bytes.size() + 1, slot->text_end - slot->begin), '\0');
    placement_.changes.push_back({slot->begin, std::move(bytes)});
    placement_.places[i] = {StringPlace::Kind::kOverwrites, slot->begin};
    return true;
  }

  // Goes from NUL to NUL and compares what stands before: a table of many almost equal strings
  // costs no more than its length.
  bool reuse(std::size_t i) {
    const std::string& text = texts_[i];
    for (std::size_t end = table_.find('\0'); end != std::string_view::npos;
         end = table_.find('\0', end + 1)) {
      if (end < text.size()) continue;
      const std::size_t begin = end - text.size();
      if (table_.substr(begin, text.size()) != text || !stays(begin, end + 1)) continue;
      placement_.places[i] = {StringPlace::Kind::kReuses, begin};
      return true;
    }
    return false;
  }

  bool stays(std::size_t begin, std::size_t end) const {
    return std::ranges::all_of(placement_.changes, [&](const TableChange& change) {
      return end <= change.offset || change.offset + change.bytes.size() <= begin;
    });
  }

  void append(std::size_t i) {
    const std::string_view ended(texts_[i].c_str(), texts_[i].size() + 1);
    std::size_t at = placement_.appended.find(ended);
    if (at == std::string::npos) {
      at = placement_.appended.size();
      placement_.appended += ended;
    }
    placement_.places[i] = {StringPlace::Kind::kAppended, at};
  }

  const std::vector<std::string>& texts_;
  const std::vector<StringSlot>& slots_;
  std::vector<bool> used_;
  std::string_view table_;
  StringPlacement placement_;
};

}  // namespace

StringPlacement place_strings(const std::vector<std::string>& texts,
                              const std::vector<std::optional<std::uint64_t>>& own_strings,
                              const std::vector<StringSlot>& slots, std::string_view table) {
  return Placer(texts, slots, table).place(own_strings);
}

}  // namespace elf
