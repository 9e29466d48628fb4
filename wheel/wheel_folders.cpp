#include "wheel/wheel_folders.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "wheel/error.h"
#include "wheel/version.h"

namespace wheel {
namespace {

constexpr std::string_view kDistInfo = ".dist-info";
constexpr std::string_view kData = ".data";

// Binary distribution format, "The .data directory": the keys of sysconfig's paths that pip knows.
constexpr std::array<std::string_view, 5> kSchemes = {"purelib", "platlib", "headers", "scripts",
                                                      "data"};

std::string_view first_part(std::string_view name) {
  return name.substr(0, name.find('/'));
}

bool is_nested(std::string_view name) {
  return name.find('/') != std::string_view::npos;
}

std::set<std::string, std::less<>> top_folders(const Archive& archive, std::string_view suffix) {
  std::set<std::string, std::less<>> folders;
  for (const Member& member : archive.members()) {
    const std::string_view first = first_part(member.name);
    if (is_nested(member.name) && first.ends_with(suffix)) {
      folders.emplace(first);
    }
  }
  return folders;
}

std::string_view stem_of(std::string_view folder, std::string_view suffix) {
  return folder.substr(0, folder.size() - suffix.size());
}

/// `tiny-1.0` -> `1.0`
std::string_view version_of(std::string_view stem) {
  return stem.substr(stem.rfind('-') + 1);
}

std::string not_of(const Filename& filename) {
  return "it does not belong to the file name's " + filename.distribution + "-" + filename.version;
}

}  // namespace

bool belongs(std::string_view name_version, const Filename& filename) {
  const std::size_t dash = name_version.rfind('-');
  return dash != std::string_view::npos &&
         normalise_name(name_version.substr(0, dash)) == normalise_name(filename.distribution) &&
         is_same_version(name_version.substr(dash + 1), filename.version);
}

bool is_same_version(std::string_view a, std::string_view b) {
  return comparable_version(a) == comparable_version(b);
}

std::string find_dist_info(const Archive& archive, const Filename& filename,
                           const FlawSink& found) {
  const auto folders = top_folders(archive, kDistInfo);
  if (folders.empty()) {
    throw Error("", "it has no .dist-info folder: it is a zip archive, but not a wheel");
  }
  const auto is_ours = [&](const std::string& folder) {
    return belongs(stem_of(folder, kDistInfo), filename);
  };
  const auto ours = std::find_if(folders.begin(), folders.end(), is_ours);
  if (folders.size() > 1) {
    const std::string what = "it has more than one .dist-info folder: " + *folders.begin() +
                             " and " + *std::next(folders.begin());
    if (ours == folders.end()) {
      throw Error("", what);
    }
    found({.rule = "dist-info-count", .member = "", .what = what});
  } else if (ours == folders.end()) {
    found({.rule = "dist-info-name", .member = *folders.begin(), .what = not_of(filename)});
  }
  return ours == folders.end() ? *folders.begin() : *ours;
}

std::string find_data(const Archive& archive, const Filename& filename,
                      const std::string& dist_info, const FlawSink& found) {
  const std::string_view main = stem_of(dist_info, kDistInfo);
  const auto is_ours = [&](std::string_view stem) {
    return belongs(stem, filename) &&
           (version_of(stem) == version_of(main) || !belongs(main, filename));
  };
  const auto folders = top_folders(archive, kData);
  std::string ours;
  for (const std::string& folder : folders) {
    if (is_ours(stem_of(folder, kData))) {
      ours = ours.empty() ? folder : ours;
    } else {
      found({.rule = "data-name", .member = folder, .what = not_of(filename)});
    }
  }
  if (folders.size() > 1) {
    found({.rule = "data-count",
           .member = "",
           .what = "it has more than one .data folder: " + *folders.begin() + " and " +
                   *std::next(folders.begin())});
  }
  return ours;
}

void check_schemes(const Archive& archive, const std::string& data, const FlawSink& found) {
  for (const Member& member : archive.members()) {
    if (!lies_in(member.name, data) || member.name.size() == data.size() + 1) {
      continue;
    }
    if (!has_known_scheme(member.name, data)) {
      found(
          {.rule = "data-scheme",
           .member = member.name,
           .what = "installers know only purelib, platlib, headers, scripts and data below .data"});
    }
  }
}

bool has_known_scheme(std::string_view member, const std::string& data) {
  const auto [scheme, path] = scheme_and_path(member, data);
  const bool known = std::find(kSchemes.begin(), kSchemes.end(), scheme) != kSchemes.end();
  return known && (!path.empty() || member.ends_with('/'));
}

bool lies_in(std::string_view member, const std::string& folder) {
  return !folder.empty() && first_part(member) == folder && is_nested(member);
}

std::pair<std::string_view, std::string_view> scheme_and_path(std::string_view member,
                                                              const std::string& data) {
  const std::string_view rest = member.substr(data.size() + 1);
  const std::string_view scheme = first_part(rest);
  return {scheme, rest.size() > scheme.size() ? rest.substr(scheme.size() + 1) : ""};
}

}  // namespace wheel
