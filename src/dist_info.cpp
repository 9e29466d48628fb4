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

wheel::Filename new_filename(const wheel::Filename& original, const std::string& version) {
  wheel::Filename filename = original;
  filename.distribution = wheel::escape_name(original.distribution);
  filename.version = version;
  return filename;
}

std::string renamed_member(const wheel::WheelFile& original, const std::string& member,
                           const wheel::Filename& filename) {
  for (const auto& [folder, kind] :
       {std::pair(original.dist_info, ".dist-info"), std::pair(data_folder(original), ".data")}) {
    if (member.starts_with(folder + "/")) {
      return filename.distribution + "-" + filename.version + kind + member.substr(folder.size());
    }
  }
  return member;
}

std::string data_folder(const wheel::WheelFile& wheel) {
  const std::string& dist_info = wheel.dist_info;
  return wheel.data.empty() ? dist_info.substr(0, dist_info.rfind('.')) + ".data" : wheel.data;
}

std::string dist_info_folder(const wheel::Filename& filename) {
  return filename.distribution + "-" + filename.version + ".dist-info";
}

}  // namespace spokeshave
