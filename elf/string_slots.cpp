#include "elf/string_slots.h"

#include <algorithm>
#include <ranges>
#include <set>

#include "elf/dynamic.h"
#include "elf/symbols.h"

namespace elf {
namespace {

// An edit forsakes a handful of strings. A hostile table may name a million that all share one end:
// the rest is left alone.
constexpr std::ptrdiff_t kMaxCandidates = 1024;

// A slot on trial: who points into `reach` shares the string's bytes.
struct Candidate {
  std::uint64_t reach_begin = 0;  // of the longest string that ends with this one
  StringSlot slot;
  bool shared = false;
};

// The strings that at least one planned change no longer points at.
std::set<std::uint64_t> forsaken_strings(const Image& image, const DynamicPlan& plan,
                                         const std::vector<NeedRecord>& needs) {
  std::vector<bool> stays(image.dynamic.size());
  for (const PlannedEntry& entry : plan.entries) {
    if (entry.from) stays[*entry.from] = !entry.text;
  }
  std::set<std::uint64_t> offsets;
  for (std::size_t i = 0; i < stays.size(); ++i) {
    const DynamicEntry& entry = image.dynamic[i];
    if (!stays[i] && value_kind(entry.tag) == ValueKind::kString) offsets.insert(entry.value);
  }
  for (const PlannedVersionFile& file : plan.version_files) offsets.insert(needs[file.need].file);
  return offsets;
}

std::vector<Candidate> candidates(const std::set<std::uint64_t>& offsets, std::string_view table) {
  std::vector<Candidate> found;
  for (const std::uint64_t offset : offsets | std::views::take(kMaxCandidates)) {
    const auto begin = static_cast<std::size_t>(offset);
    const std::size_t text_end = table.find('\0', begin);
    if (text_end == std::string_view::npos || text_end == begin) continue;
    // Of two strings with one end the longer one comes first; together they are one slot.
    if (!found.empty() && found.back().slot.text_end == text_end) continue;
    const std::size_t before = begin == 0 ? std::string_view::npos : table.rfind('\0', begin - 1);
    const std::size_t next = std::min(table.find_first_not_of('\0', text_end), table.size());
    found.push_back(
        {before == std::string_view::npos ? 0 : before + 1, {begin, text_end, next}, false});
  }
  return found;
}

class Trial {
 public:
  explicit Trial(std::vector<Candidate> all) : candidates_(std::move(all)) {}

  bool empty() const { return candidates_.empty(); }

  void see(std::uint64_t reference) {
    const auto found = std::ranges::upper_bound(
        candidates_, reference, {}, [](const Candidate& candidate) { return candidate.slot.end; });
    if (found == candidates_.end() || reference < found->reach_begin) return;
    if (reference < found->slot.text_end) {
      found->shared = true;
    } else {  // an empty string: its NUL has to stay
      found->slot.end = std::min(found->slot.end, std::max(reference, found->slot.text_end + 1));
    }
  }

  std::vector<StringSlot> free() const {
    std::vector<StringSlot> slots;
    for (const Candidate& candidate : candidates_) {
      if (!candidate.shared) slots.push_back(candidate.slot);
    }
    return slots;
  }

 private:
  std::vector<Candidate> candidates_;  // ascending, disjoint
};

}  // namespace

std::vector<StringSlot> free_slots(Reader& reader, const Image& image, const DynamicPlan& plan,
                                   const std::vector<NeedRecord>& needs,
                                   const std::vector<DefinitionRecord>& definitions,
                                   std::string_view table) {
  Trial trial(candidates(forsaken_strings(image, plan, needs), table));
  if (trial.empty()) return {};
  for (const PlannedEntry& entry : plan.entries) {
    const ValueKind kind = value_kind(entry.tag);
    const bool may_name = kind == ValueKind::kString || kind == ValueKind::kUnknown;
    if (!entry.text && may_name) trial.see(entry.value);
  }
  std::set<std::size_t> renamed;
  for (const PlannedVersionFile& file : plan.version_files) renamed.insert(file.need);
  for (std::size_t i = 0; i < needs.size(); ++i) {
    if (!renamed.contains(i)) trial.see(needs[i].file);
    for (const std::uint64_t name : needs[i].names) trial.see(name);
  }
  for (const DefinitionRecord& definition : definitions) {
    for (const std::uint64_t name : definition.names) trial.see(name);
  }
  for_each_symbol(reader, possible_symbols(reader, image), [&](Record symbol) {
    trial.see(symbol[sym::st_name]);
    return true;
  });
  return trial.free();
}

}  // namespace elf
