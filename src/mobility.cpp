#include "src/mobility.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "src/failure.h"
#include "src/glob.h"
#include "src/nearest.h"

namespace spokeshave {

namespace {

constexpr std::uint16_t kSharedObject = 3;  // ET_DYN

std::set<std::string> names_asked_for(const NeedGraph& graph, std::size_t library) {
  std::set<std::string> names;
  for (const auto& need : graph.needs) {
    if (need.to == library && !need.by_dlopen && need.from != library) {
      names.insert(need.name);
    }
  }
  return names;
}

bool somebody_needs(const NeedGraph& graph, std::size_t library) {
  return std::any_of(graph.needs.begin(), graph.needs.end(),
                     [&](const Need& need) { return need.to == library && need.from != library; });
}

Mobility stays(std::string why, bool never) {
  return {Place::kMain, std::move(why), never};
}

/// The names that more than one library of the wheel bears, as SONAME or file name.
std::set<std::string> shared_names(const std::vector<Library>& libraries) {
  std::set<std::string> seen;
  std::set<std::string> shared;
  for (const auto& library : libraries) {
    std::set<std::string> names = {std::string(file_name(library.member))};
    if (library.image.soname) {
      names.insert(*library.image.soname);
    }
    for (const auto& name : names) {
      if (!seen.insert(name).second) {
        shared.insert(name);
      }
    }
  }
  return shared;
}

/// Before the user's wishes.
Mobility by_nature(const Library& library, const NeedGraph& graph, std::size_t index,
                   const std::set<std::string>& shared) {
  if (library.image.exports_python_init) {
    return stays("a Python extension module: import finds it by its path", true);
  }
  if (library.image.is_executable()) {
    return stays("a program", true);
  }
  if (library.image.type != kSharedObject) {
    return stays("not a shared library", true);
  }
  if (library.installed_path.starts_with("../")) {
    return stays("installed outside of site-packages", true);
  }
  const bool by_path = std::any_of(graph.needs.begin(), graph.needs.end(), [&](const Need& need) {
    return need.to == index && need.name.find('/') != std::string::npos;
  });
  if (by_path) {
    return stays("a library needs it by its path", true);
  }
  if (!library.opened_by.empty()) {
    return stays(fmt::format("`{}` opens it by path", library.opened_by.front()), false);
  }
  if (!somebody_needs(graph, index)) {
    return stays("no library needs it by name", false);
  }
  if (shared.contains(std::string(file_name(library.member))) ||
      (library.image.soname && shared.contains(*library.image.soname))) {
    // Preloaded, it would also meet the needs that are meant for the other one.
    return stays("another library of the wheel has the same name", false);
  }
  if (names_asked_for(graph, index).size() > 1) {
    return stays("it is needed under several names, and can have one SONAME", false);
  }
  return {};
}

struct Wish {
  const std::vector<std::string>& globs;
  const char* option;
};

/// The libraries that a wish's GLOBs match. Throws Failure for a GLOB that matches none.
std::vector<bool> matched(const Wish& wish, const std::vector<Library>& libraries) {
  std::vector<bool> hit(libraries.size(), false);
  for (const auto& glob : wish.globs) {
    bool any = false;
    for (std::size_t i = 0; i < libraries.size(); ++i) {
      if (glob_matches(glob, libraries[i].member)) {
        hit[i] = true;
        any = true;
      }
    }
    if (!any) {
      std::vector<std::string> names;
      names.reserve(libraries.size());
      for (const auto& library : libraries) {
        names.emplace_back(glob.find('/') == std::string::npos ? file_name(library.member)
                                                               : library.member);
      }
      throw Failure(ExitCode::kUsage,
                    fmt::format("{} `{}` matches no library of the wheel", wish.option, glob),
                    "a GLOB without `/` is compared with file names, one with `/` with whole paths",
                    did_you_mean(glob, names, "spokeshave inspect WHEEL lists the libraries"));
    }
  }
  return hit;
}

/// --move must send something away, or the user waits for a split that does not come.
void check_move_globs(const std::vector<std::string>& move, const std::vector<Library>& libraries,
                      const std::vector<Mobility>& mobility) {
  for (const auto& glob : move) {
    std::string why;
    bool any = false;
    for (std::size_t i = 0; i < libraries.size() && !any; ++i) {
      if (glob_matches(glob, libraries[i].member)) {
        any = !mobility[i].never;
        why = fmt::format("`{}` is {}", libraries[i].member, mobility[i].why);
      }
    }
    if (!any) {
      throw Failure(ExitCode::kUsage,
                    fmt::format("--move `{}` matches nothing that can move", glob), why,
                    "move the shared libraries that it needs instead");
    }
  }
}

}  // namespace

std::optional<std::string> name_asked_for(const NeedGraph& graph, std::size_t library) {
  const auto names = names_asked_for(graph, library);
  return names.size() == 1 ? std::optional(*names.begin()) : std::nullopt;
}

std::vector<Mobility> decide_mobility(const std::vector<Library>& libraries, const NeedGraph& graph,
                                      const std::vector<std::string>& move,
                                      const std::vector<std::string>& keep) {
  const auto to_move = matched({move, "--move"}, libraries);
  const auto to_keep = matched({keep, "--keep"}, libraries);
  const auto shared = shared_names(libraries);
  std::vector<Mobility> mobility(libraries.size());
  for (std::size_t i = 0; i < libraries.size(); ++i) {
    mobility[i] = by_nature(libraries[i], graph, i, shared);
    if (to_move[i] && to_keep[i]) {
      throw Failure(ExitCode::kUsage,
                    fmt::format("--move and --keep both name `{}`", libraries[i].member),
                    "a library can only do one of the two", "make one of the GLOBs narrower");
    }
    if (to_keep[i]) {
      mobility[i] = stays("--keep names it", mobility[i].never);
    } else if (to_move[i] && !mobility[i].never) {
      mobility[i] = {Place::kMoved, "--move names it", false};
    }
  }
  check_move_globs(move, libraries, mobility);
  return mobility;
}

}  // namespace spokeshave
