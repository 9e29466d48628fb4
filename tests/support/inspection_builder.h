#pragma once

#include <algorithm>
#include <iterator>
#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "src/inspection.h"
#include "src/start_points.h"
#include "tests/support/inventory_builder.h"

namespace support {

/// A Python file that opens libraries, by their file names.
struct OpenerSpec {
  std::string path;
  std::vector<std::string> opened = {};
  std::vector<std::string> searched = {};
};

/// What inspect() is given of one wheel of version 1.0.
struct WheelSpec {
  std::string name;
  std::vector<LibrarySpec> libraries = {};
  std::vector<OpenerSpec> openers = {};
  std::vector<std::string> requirements = {};
  std::vector<spokeshave::UnreadableElf> unreadable = {};
  std::string platform_tag = "manylinux_2_17_x86_64";
};

inline spokeshave::InspectedWheel inspected_wheel(const WheelSpec& spec) {
  spokeshave::InspectedWheel wheel;
  wheel.file_name = spec.name + "-1.0-py3-none-" + spec.platform_tag + ".whl";
  wheel.name = spec.name;
  wheel.version = "1.0";
  wheel.platform_tag = spec.platform_tag;
  wheel.packed_bytes = 1'000'000;
  wheel.requirements = spec.requirements;
  wheel.inventory = make_wheel(spec.name, spec.libraries).inventory;
  for (const OpenerSpec& opener : spec.openers) {
    wheel.inventory.openers.push_back({opener.path, opener.path, opener.opened, opener.searched});
  }
  wheel.inventory.unreadable = spec.unreadable;
  return wheel;
}

inline std::vector<spokeshave::InspectedWheel> inspected_wheels(
    const std::vector<WheelSpec>& specs) {
  std::vector<spokeshave::InspectedWheel> wheels;
  for (const WheelSpec& spec : specs) wheels.push_back(inspected_wheel(spec));
  return wheels;
}

inline spokeshave::Inspection inspection_of(
    const std::vector<WheelSpec>& specs,
    spokeshave::Layout layout = spokeshave::Layout::kSitePackages) {
  return spokeshave::inspect(inspected_wheels(specs), layout);
}

/// The index of the library at `path`, the first where several wheels have one there.
inline std::size_t index_of(const spokeshave::Inspection& inspection, const std::string& path) {
  const auto found =
      std::find_if(inspection.libraries.begin(), inspection.libraries.end(),
                   [&](const auto& entry) { return entry.library->installed_path == path; });
  if (found == inspection.libraries.end()) throw std::out_of_range(path);
  return static_cast<std::size_t>(found - inspection.libraries.begin());
}

/// The findings of one kind.
inline std::vector<spokeshave::Finding> findings_of(const spokeshave::Inspection& inspection,
                                                    spokeshave::FindingKind kind) {
  std::vector<spokeshave::Finding> found;
  std::copy_if(inspection.findings.begin(), inspection.findings.end(), std::back_inserter(found),
               [&](const auto& finding) { return finding.kind == kind; });
  return found;
}

}  // namespace support

namespace spokeshave {

/// For the messages of failing tests.
inline void PrintTo(const Finding& finding, std::ostream* out) {
  *out << to_string(finding.kind) << ": " << finding.what << "; so: " << finding.consequence
       << "; do: " << finding.way_out;
}

}  // namespace spokeshave
