#include "src/dist_info.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace spokeshave {

namespace {

/// `a.b` -> {"a", "b"}: the parts of a compressed tag set.
std::vector<std::string> parts_of(const std::string& tags) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin <= tags.size()) {
    const std::size_t end = std::min(tags.find('.', begin), tags.size());
    parts.push_back(tags.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

}  // namespace

std::string main_metadata(const wheel::WheelFile& original, const std::string& version,
                          const std::vector<std::string>& requirements) {
  wheel::Headers headers = original.metadata;
  headers.set("Version", version);
  for (const auto& requirement : requirements) {
    headers.add("Requires-Dist", requirement);
  }
  return headers.text();
}

std::string companion_metadata(const wheel::WheelFile& original, const PlannedWheel& companion) {
  const auto& theirs = original.metadata;
  const std::string name = theirs.get("Name").value_or(original.filename.distribution);
  std::string text = fmt::format(
      "Metadata-Version: {}\nName: {}\nVersion: {}\nSummary: Native libraries of {} {}, split "
      "off\n",
      theirs.get("Metadata-Version").value_or("2.1"), companion.name, companion.filename.version,
      name, theirs.get("Version").value_or(original.filename.version));
  constexpr std::array<const char*, 8> kTaken = {
      "Home-page", "Project-URL",        "Author",       "Author-email",
      "License",   "License-Expression", "License-File", "Requires-Python"};
  for (const char* field : kTaken) {
    for (const auto& value : theirs.get_all(field)) {
      // A licence text of several lines comes unfolded; its lines are folded again (core metadata
      // specification).
      std::string folded = value;
      for (std::size_t at = folded.find('\n'); at != std::string::npos;
           at = folded.find('\n', at + 9)) {
        folded.replace(at, 1, "\n        ");
      }
      text += fmt::format("{}: {}\n", field, folded);
    }
  }
  return text;
}

std::string companion_wheel_text(const wheel::WheelFile& original, const PlannedWheel& companion) {
  std::string text =
      fmt::format("Wheel-Version: 1.0\nGenerator: spokeshave {}\nRoot-Is-Purelib: {}\n",
                  SPOKESHAVE_VERSION, original.wheel.get("Root-Is-Purelib").value_or("false"));
  for (const auto& platform : parts_of(companion.filename.platform_tag)) {
    text += fmt::format("Tag: py3-none-{}\n", platform);
  }
  if (!companion.filename.build.empty()) {
    text += fmt::format("Build: {}\n", companion.filename.build);
  }
  return text;
}

std::string renamed_folder(const std::string& folder, const std::string& version) {
  const auto suffix = folder.rfind('.');
  const std::string stem = folder.substr(0, suffix);
  return fmt::format("{}-{}{}", stem.substr(0, stem.rfind('-')), version, folder.substr(suffix));
}

}  // namespace spokeshave
