#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "elf/search_path.h"
#include "src/failure.h"
#include "src/find_problems.h"
#include "src/glob.h"
#include "src/system_libraries.h"

namespace spokeshave {

namespace {

/// Where everything lies when it is installed into one folder: there alone an entry may cross from
/// wheel to wheel.
std::string folder_in_one(const InspectedLibrary& library) {
  return std::string(
      folder_of(location(Layout::kSitePackages, 0, library.library->installed_path)));
}

/// Whether wheels that are not here may bring what an entry is for.
std::vector<bool> need_what_is_not_here(const Inspection& inspection) {
  std::vector<bool> needs(inspection.libraries.size(), false);
  for (const auto& need : inspection.graph.outside) {
    needs[need.from] =
        needs[need.from] || (!is_system_library(need.name) && !is_driver_library(need.name));
  }
  return needs;
}

constexpr std::string_view kRoot = "/site-packages/";
constexpr std::size_t kMostGuesses = 64;  // dead entries of one path for which a folder is sought

/// `nvidia/cuda_nvrtc/lib` where an entry says `nvidia/nvrtc/lib`: a folder of libraries that
/// differs in one part, and there holds what the entry says. None outside of site-packages.
std::string folder_that_may_be_meant(const std::string& folder,
                                     const std::set<std::string>& folders) {
  const auto parts_of = [](const std::string& path) {
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin <= path.size();) {
      const std::size_t end = std::min(path.find('/', begin), path.size());
      parts.push_back(path.substr(begin, end - begin));
      begin = end + 1;
    }
    return parts;
  };
  const auto wanted = parts_of(folder);
  for (const auto& candidate : folders) {
    if (!candidate.starts_with(kRoot)) {
      continue;
    }
    const auto parts = parts_of(candidate);
    std::size_t different = 0;
    bool alike = parts.size() == wanted.size();
    for (std::size_t i = 0; alike && i < parts.size(); ++i) {
      different += parts[i] != wanted[i] ? 1 : 0;
      alike = parts[i] == wanted[i] ||
              (!wanted[i].empty() && parts[i].find(wanted[i]) != std::string::npos);
    }
    if (alike && different == 1) {
      return candidate;
    }
  }
  return {};
}

/// Entries of the same path in the same libraries are one finding: a build writes its path into all
/// that it links.
class DeadEntries {
 public:
  explicit DeadEntries(const Inspection& inspection)
      : inspection_(inspection), not_here_(need_what_is_not_here(inspection)) {
    for (const auto& library : inspection.libraries) {
      folders_.insert(folder_in_one(library));
    }
  }

  std::vector<Finding> find() {
    std::map<Dead, std::vector<std::size_t>> libraries;
    std::vector<Dead> order;
    for (std::size_t i = 0; i < inspection_.libraries.size(); ++i) {
      for (const bool absolute : {true, false}) {
        Dead dead = dead_entries(i, absolute);
        if (dead.entries.empty()) {
          continue;
        }
        auto& holders = libraries[dead];
        holders.push_back(i);
        if (holders.size() == 1) {
          order.push_back(std::move(dead));
        }
      }
    }
    std::vector<Finding> findings;
    findings.reserve(order.size());
    for (const auto& dead : order) {
      findings.push_back(tell(dead, libraries.at(dead)));
    }
    return findings;
  }

 private:
  /// Entries that lead nowhere, as they are written, and a folder that may be meant.
  struct Dead {
    std::string tag;
    bool absolute = false;
    std::vector<std::string> entries;
    std::string meant;
    friend auto operator<=>(const Dead&, const Dead&) = default;
  };

  Dead dead_entries(std::size_t library, bool absolute) const {
    const elf::Image& image = inspection_.libraries[library].library->image;
    const auto& path = image.runpath ? image.runpath : image.rpath;
    Dead dead{image.runpath ? "RUNPATH" : "RPATH", absolute, {}, {}};
    // Where another wheel is to bring what is needed, an entry may lead there.
    if (!path || path->empty() || (not_here_[library] && !absolute)) {
      return dead;
    }
    const elf::Tokens none{.origin = "$ORIGIN", .lib = "$LIB", .platform = "$PLATFORM"};
    const auto entries = elf::expand_search_path(*path, none);
    const auto folders =
        elf::expand_search_path(*path, {.origin = folder_in_one(inspection_.libraries[library])});
    for (std::size_t k = 0; k < entries.size(); ++k) {
      const std::string folder = elf::normalise_path(folders[k]);
      if (entries[k].empty() || entries[k].starts_with("/") != absolute ||
          folders_.contains(folder) || is_default_folder(folder)) {
        continue;
      }
      dead.entries.push_back(entries[k]);
      if (dead.meant.empty() && !absolute && dead.entries.size() <= kMostGuesses) {
        dead.meant = folder_that_may_be_meant(folder, folders_);
      }
    }
    return dead;
  }

  static bool is_default_folder(const std::string& folder) {
    return folder == "/lib" || folder == "/usr/lib" || folder == "/lib64" || folder == "/usr/lib64";
  }

  Finding tell(const Dead& dead, const std::vector<std::size_t>& libraries) const {
    std::vector<std::string> quoted;
    quoted.reserve(dead.entries.size());
    for (const auto& entry : dead.entries) {
      quoted.push_back(fmt::format("`{}`", printable(entry)));
    }
    Finding finding{FindingKind::kDeadEntry, libraries, {}, {}, {}};
    finding.what =
        fmt::format("{} in the {} of {} {} nowhere", some_of(quoted), dead.tag,
                    some_libraries(inspection_, libraries), quoted.size() == 1 ? "leads" : "lead");
    finding.consequence =
        dead.absolute ? "on the machine that built it there were libraries; what lies there on "
                        "another machine may be loaded in place of the wheel's own"
                      : "what was to be found there is found by another rule, or not at all";
    finding.way_out = dead.meant.empty()
                          ? "leave it out of the path, or add the wheel that brings the folder"
                          : fmt::format("`{}` may be meant: it has libraries",
                                        printable(dead.meant.substr(kRoot.size())));
    return finding;
  }

  const Inspection& inspection_;
  std::vector<bool> not_here_;
  std::set<std::string> folders_;
};

/// The needs that a library misses when it is opened by itself, in a process of its own.
std::set<std::string> missing_alone(const Inspection& inspection,
                                    const std::vector<elf::InstalledLibrary>& set,
                                    std::size_t library) {
  elf::Environment environment = outside_is_met(set);
  environment.loader = inspection.loader;
  environment.noted = elf::Noted::kNone;
  elf::Process process(set, std::move(environment));
  std::set<std::string> missing;
  for (const auto& resolution : process.own_needs(set[library].path)) {
    if (resolution.rule == elf::Rule::kMissing) {
      missing.insert(resolution.needed);
    }
  }
  return missing;
}

void find_borrowed_paths(const Inspection& inspection,
                         const std::vector<elf::InstalledLibrary>& set,
                         std::vector<Finding>& findings) {
  std::map<std::pair<std::size_t, std::size_t>, std::vector<const Need*>> borrowed;
  std::map<std::size_t, std::set<std::string>> alone;
  for (const auto& need : inspection.graph.needs) {
    const bool by_another = need.rule == elf::Rule::kRpath || need.rule == elf::Rule::kRunpath;
    if (need.by_dlopen || !by_another || need.path_owner == need.from) {
      continue;
    }
    if (!alone.contains(need.from)) {
      alone[need.from] = missing_alone(inspection, set, need.from);
    }
    if (alone[need.from].contains(need.name)) {
      borrowed[{need.from, need.path_owner}].push_back(&need);
    }
  }
  for (const auto& [pair, needs] : borrowed) {
    std::vector<std::string> names;
    std::set<std::string> entries;
    for (const Need* need : needs) {
      names.push_back(fmt::format("`{}`", printable(need->name)));
      entries.insert(elf::relative_origin(folder_in_one(inspection.libraries[need->from]),
                                          folder_in_one(inspection.libraries[need->to])));
    }
    const std::string owner = quoted_name(inspection, pair.second);
    findings.push_back(
        {FindingKind::kBorrowedPath,
         {pair.first, pair.second},
         fmt::format("{} finds {} only through the path of {}", quoted_name(inspection, pair.first),
                     some_of(names), owner),
         fmt::format("it does not load before {}, nor when {} gets a RUNPATH", owner, owner),
         fmt::format("give it a RUNPATH of its own: `{}`",
                     printable(fmt::format("{}", fmt::join(entries, ":"))))});
  }
}

}  // namespace

std::vector<Finding> find_odd_paths(const Inspection& inspection,
                                    const std::vector<elf::InstalledLibrary>& set) {
  std::vector<Finding> findings = DeadEntries(inspection).find();
  find_borrowed_paths(inspection, set, findings);
  return findings;
}

}  // namespace spokeshave
