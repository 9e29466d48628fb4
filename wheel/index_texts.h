#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "wheel/filename.h"
#include "wheel/index_report.h"

namespace wheel {

/// The texts of .dist-info; nothing where one is not there or can't be read.
struct IndexTexts {
  std::string folder;  ///< `torch-2.1.2.dist-info`
  std::optional<std::string> metadata;
  std::optional<std::string> wheel;
  std::optional<std::string> record;
  std::optional<std::string> entry_points;
};

/// Tells what is refused of the texts; `names` are those of the archive's members.
void check_index_texts(const IndexTexts& texts, const std::set<std::string_view>& names,
                       const Filename& filename, IndexReport& report);

}  // namespace wheel
