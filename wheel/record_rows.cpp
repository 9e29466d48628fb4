#include "wheel/record_rows.h"

#include <algorithm>
#include <stdexcept>

#include "wheel/member_name.h"

namespace wheel {
namespace {

constexpr auto kByName = [](const auto& slot, std::string_view path) {
  return is_name_before(slot.member->name, path);
};

}  // namespace

RecordRows::RecordRows(const Archive& archive) : slots_(archive.members().size()) {
  std::vector<const Member*> members;
  members.reserve(slots_.size());
  for (const Member& member : archive.members()) {
    members.push_back(&member);
  }
  std::sort(members.begin(), members.end(),
            [](const Member* a, const Member* b) { return is_name_before(a->name, b->name); });
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    slots_[i].member = members[i];
  }
}

void RecordRows::set(const Member& member, const Row& row) {
  auto slot = std::lower_bound(slots_.begin(), slots_.end(), member.name, kByName);
  count_ += slot->is_row ? 0 : 1;
  slot->is_row = true;
  slot->has_size = row.size.has_value();
  slot->size = row.size.value_or(0);
  const auto digest = digest_of(row.hash);
  slot->has_digest = digest.has_value();
  slot->digest = digest.value_or(Sha256Digest{});
  if (!digest && !row.hash.empty()) {
    spelt_[&member] = row.hash;
  }
}

std::optional<RecordRows::Row> RecordRows::find(std::string_view path) const {
  const Slot* const slot = slot_of(path);
  return slot == nullptr ? std::nullopt : std::optional(row_of(*slot));
}

RecordRows::Row RecordRows::at(std::string_view path) const {
  const Slot* const slot = slot_of(path);
  if (slot == nullptr) {
    throw std::out_of_range("RECORD has no row for " + std::string(path));
  }
  return row_of(*slot);
}

void RecordRows::for_each(
    const std::function<void(const std::string& path, const Row& row)>& visit) const {
  for (const Slot& slot : slots_) {
    if (slot.is_row) {
      visit(slot.member->name, row_of(slot));
    }
  }
}

const RecordRows::Slot* RecordRows::slot_of(std::string_view path) const {
  const auto slot = std::lower_bound(slots_.begin(), slots_.end(), path, kByName);
  return slot == slots_.end() || slot->member->name != path || !slot->is_row ? nullptr : &*slot;
}

RecordRows::Row RecordRows::row_of(const Slot& slot) const {
  Row row;
  row.size = slot.has_size ? std::optional(slot.size) : std::nullopt;
  if (slot.has_digest) {
    row.hash = record_hash(slot.digest);
    return row;
  }
  if (const auto spelt = spelt_.find(slot.member); spelt != spelt_.end()) {
    row.hash = spelt->second;
  }
  return row;
}

}  // namespace wheel
