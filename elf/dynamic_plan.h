#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "elf/edits.h"
#include "elf/image.h"

namespace elf {

/// One entry of the dynamic table as it is to be.
struct PlannedEntry {
  std::uint64_t tag = 0;
  std::uint64_t value = 0;          ///< where `text` is empty
  std::optional<std::size_t> from;  ///< which present entry this was, none for a new one
  std::optional<std::size_t> text;  ///< its value is the place of this one of DynamicPlan::texts
};

/// A vn_file that follows its NEEDED.
struct PlannedVersionFile {
  std::size_t need = 0;  ///< index into Image::version_needs
  std::size_t text = 0;  ///< index into DynamicPlan::texts
};

/// What edits make of a file's dynamic table: which entries, which new strings. Where the strings
/// go is not decided here.
struct DynamicPlan {
  std::vector<PlannedEntry> entries;  ///< without the DT_NULL
  std::vector<PlannedVersionFile> version_files;
  std::vector<std::string> texts;    ///< the new strings, each once
  std::vector<std::string> changes;  ///< a line each, for the user

  bool empty() const { return changes.empty(); }
};

/// `capacity`: how many entries the table has room for beside the DT_NULL that ends it. elf::Error
/// where that is not enough, or where a NEEDED is to be removed that the needed versions still
/// name. Pure.
DynamicPlan plan_dynamic(const Image& image, const Edits& edits, std::uint64_t capacity);

}  // namespace elf
