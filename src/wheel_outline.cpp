#include "src/wheel_outline.h"

#include <algorithm>
#include <set>

#include "wheel/error.h"

namespace spokeshave {

bool WheelOutline::has(const std::string& installed_path) const {
  return std::any_of(members.begin(), members.end(), [&](const OutlineMember& member) {
    return member.installed_path == installed_path;
  });
}

WheelOutline outline(const wheel::WheelFile& wheel) {
  WheelOutline result;
  result.filename = wheel.filename;
  result.name = wheel.metadata.get("Name").value_or(wheel.filename.distribution);
  result.version = wheel.metadata.get("Version").value_or(wheel.filename.version);
  result.dist_info = wheel.dist_info;
  for (const auto& requirement : wheel.metadata.get_all("Requires-Dist")) {
    result.requirements.push_back(wheel::normalise_name(wheel::requirement_name(requirement)));
  }
  std::set<std::string> installed;
  for (const auto& member : wheel.archive.members()) {
    if (!member.is_folder()) {
      const std::string path = wheel::installed_path(wheel, member.name);
      if (!installed.insert(path).second) {
        throw wheel::Error(member.name, "another member is installed to the same place, " + path);
      }
      result.members.push_back({member.name, wheel::installed_path(wheel, member.name), member.size,
                                member.packed_bytes});
    }
  }
  return result;
}

Weight member_weight(const std::string& name, std::uint64_t size, std::uint64_t packed_bytes) {
  // Local header 30, central header 46, zip64 extra fields 20 + 28 bytes
  // (APPNOTE 4.3.7, 4.3.12, 4.5.3).
  constexpr std::uint64_t kZipHeaders = 30 + 46 + 20 + 28;
  // `sha256=` and 43 letters, two commas, up to 20 digits, a line end, quotes.
  constexpr std::uint64_t kRecordRow = 7 + 43 + 2 + 20 + 2 + 2;
  const std::uint64_t row = name.size() + kRecordRow;
  // RECORD is packed too; the hashes hardly shrink, so its row counts whole.
  return {size + row, packed_bytes + kZipHeaders + 2 * name.size() + row};
}

}  // namespace spokeshave
