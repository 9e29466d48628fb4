#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <tuple>

#include "elf/search_path.h"
#include "src/failure.h"
#include "src/find_problems.h"
#include "src/glob.h"
#include "src/system_libraries.h"
#include "wheel/filename.h"

namespace spokeshave {

namespace {

/// Where everything lies when it is installed into one folder: there alone an entry may cross from
/// wheel to wheel.
std::string folder_in_one(const InspectedLibrary& library) {
  return std::string(
      folder_of(location(Layout::kSitePackages, 0, library.library->installed_path)));
}

/// Which wheels want others that are not here: by Requires-Dist, or by what their libraries need.
std::vector<bool> want_others(const Inspection& inspection) {
  std::set<std::string> here;
  for (const auto& wheel : inspection.wheels) {
    here.insert(wheel::normalise_name(wheel.name));
  }
  std::vector<bool> want(inspection.wheels.size(), false);
  for (std::size_t i = 0; i < inspection.wheels.size(); ++i) {
    const auto& required = inspection.wheels[i].requirements;
    want[i] = std::any_of(required.begin(), required.end(),
                          [&](const std::string& name) { return !here.contains(name); });
  }
  for (const auto& need : inspection.graph.outside) {
    const std::size_t wheel = inspection.libraries[need.from].wheel;
    want[wheel] = want[wheel] || is_of_another_wheel(need.name);
  }
  return want;
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
      : inspection_(inspection), want_others_(want_others(inspection)) {
    for (const auto& library : inspection.libraries) {
      const std::string folder = folder_in_one(library);
      folders_.insert(folder);
      // Those above it, but for site-packages itself, which all wheels share.
      for (std::string_view above = folder; above.size() > kRoot.size(); above = folder_of(above)) {
        own_parents_.emplace(library.wheel, above);
      }
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
    friend bool operator<(const Dead& a, const Dead& b) {
      return std::tie(a.tag, a.absolute, a.entries, a.meant) <
             std::tie(b.tag, b.absolute, b.entries, b.meant);
    }
  };

  Dead dead_entries(std::size_t library, bool absolute) const {
    const elf::Image& image = inspection_.libraries[library].library->image;
    const auto& path = image.runpath ? image.runpath : image.rpath;
    Dead dead{image.runpath ? "RUNPATH" : "RPATH", absolute, {}, {}};
    if (!path || path->empty()) {
      return dead;
    }
    const elf::Tokens none{.origin = "$ORIGIN", .lib = "$LIB", .platform = "$PLATFORM"};
    const auto entries = elf::expand_search_path(*path, none);
    const auto folders =
        elf::expand_search_path(*path, {.origin = folder_in_one(inspection_.libraries[library])});
    for (std::size_t k = 0; k < entries.size(); ++k) {
      const std::string folder = elf::normalise_path(folders[k]);
      if (entries[k].empty() || entries[k].starts_with("/") != absolute ||
          folders_.contains(folder) || is_default_folder(folder) ||
          (!absolute && another_may_bring(folder, inspection_.libraries[library].wheel))) {
        continue;
      }
      dead.entries.push_back(entries[k]);
      if (dead.meant.empty() && !absolute && dead.entries.size() <= kMostGuesses) {
        dead.meant = folder_that_may_be_meant(folder, folders_);
      }
    }
    return dead;
  }

  /// Whether a wheel that is not here may have the folder: it lies in site-packages, but not beside
  /// what the wheel itself has, as `torch/lib64` beside `torch/lib`.
  bool another_may_bring(const std::string& folder, std::size_t wheel) const {
    const std::string parent(folder_of(folder));
    return want_others_[wheel] && folder.starts_with(kRoot) &&
           !own_parents_.contains({wheel, parent});
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
    const bool one = quoted.size() == 1;
    if (dead.absolute) {
      finding.consequence = fmt::format(
          "{} of no wheel: what lies there on the user's machine may be loaded in place of what "
          "the "
          "wheel brings",
          one ? "it is a folder" : "they are folders");
    } else {
      finding.consequence =
          std::any_of(libraries.begin(), libraries.end(),
                      [&](const std::size_t library) { return misses_something(library); })
              ? "what was to be found there is missing"
              : "all that is needed is found without it; the loader only looks there in vain";
    }
    finding.way_out = dead.meant.empty()
                          ? fmt::format("leave {} out of the path", one ? "it" : "them")
                          : fmt::format("`{}` may be meant: it has libraries",
                                        printable(dead.meant.substr(kRoot.size())));
    return finding;
  }

  bool misses_something(std::size_t library) const {
    const auto& unmet = inspection_.graph.unmet;
    return std::any_of(unmet.begin(), unmet.end(),
                       [&](const UnmetNeed& need) { return need.from == library; });
  }

  const Inspection& inspection_;
  std::vector<bool> want_others_;
  std::set<std::pair<std::size_t, std::string>> own_parents_;
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
    const elf::Image& image = inspection.libraries[pair.first].library->image;
    const std::string path = printable(fmt::format("{}", fmt::join(entries, ":")));
    findings.push_back(
        {FindingKind::kBorrowedPath,
         {pair.first, pair.second},
         fmt::format("{} finds {} only through the path of what loads it, here {}",
                     quoted_name(inspection, pair.first), some_of(names),
                     quoted_name(inspection, pair.second)),
         "it does not load by itself, nor for a library whose path does not lead there",
         image.runpath ? fmt::format("add `{}` to its RUNPATH", path)
         : image.rpath ? fmt::format("add `{}` to its RPATH", path)
                       : fmt::format("give it a RUNPATH of its own: `{}`", path)});
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
