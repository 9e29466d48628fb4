#include <fmt/format.h>

#include <map>
#include <set>

#include "src/failure.h"
#include "src/find_problems.h"
#include "src/glob.h"

namespace spokeshave {

namespace {

void find_unreadable(const Inspection& inspection, std::vector<Finding>& findings) {
  for (const auto& wheel : inspection.wheels) {
    for (const auto& broken : wheel.inventory.unreadable) {
      if (broken.is_library) {
        findings.push_back(
            {FindingKind::kUnreadable,
             {},
             fmt::format("`{}` is broken: {}", printable(broken.member), printable(broken.why)),
             "the loader may refuse it or crash on it; what is said here of other "
             "libraries leaves it out",
             fmt::format("build `{}` again, or get it again from where it came from",
                         printable(wheel.file_name))});
      }
    }
  }
}

/// Under which names other libraries need each library.
std::vector<std::map<std::string, std::set<std::size_t>>> needed_names(
    const Inspection& inspection) {
  std::vector<std::map<std::string, std::set<std::size_t>>> names(inspection.libraries.size());
  for (const auto& need : inspection.graph.needs) {
    if (!need.by_dlopen && need.from != need.to) {
      names[need.to][need.name].insert(need.from);
    }
  }
  return names;
}

void find_names_that_do_not_match(const Inspection& inspection, std::size_t library,
                                  const std::map<std::string, std::set<std::size_t>>& names,
                                  std::vector<Finding>& findings) {
  const auto& soname = inspection.libraries[library].library->image.soname;
  for (const auto& [name, needers] : names) {
    if (name.find('/') != std::string::npos || soname == name) {
      continue;
    }
    std::vector<std::size_t> about = {library};
    about.insert(about.end(), needers.begin(), needers.end());
    const std::vector<std::size_t> by(needers.begin(), needers.end());
    const std::string who = some_libraries(inspection, by);
    const std::string own = quoted_name(inspection, library);
    const std::string wanted = printable(name);
    findings.push_back(
        {soname ? FindingKind::kMangledName : FindingKind::kNoSoname, std::move(about),
         soname ? fmt::format("{} is needed as `{}`, but its SONAME is `{}`", own, wanted,
                              printable(*soname))
                : fmt::format("{} has no SONAME", own),
         fmt::format("loading it beforehand does not meet the need of {}: the loader compares "
                     "SONAMEs, so each must find the file by a path, unless another has asked for "
                     "it by this name before",
                     who),
         fmt::format("leave it where they find it, or give it the SONAME `{}`, as split does with "
                     "what it moves",
                     wanted)});
  }
}

void find_both_paths(const Inspection& inspection, std::size_t library,
                     std::vector<Finding>& findings) {
  const elf::Image& image = inspection.libraries[library].library->image;
  if (image.rpath && image.runpath) {
    findings.push_back(
        {FindingKind::kBothPaths,
         {library},
         fmt::format("{} has a RPATH and a RUNPATH", quoted_name(inspection, library)),
         fmt::format("the loader drops the RPATH `{}`", printable(*image.rpath)),
         "write what both name into one of them"});
  }
}

void find_executable_stack(const Inspection& inspection, std::size_t library,
                           std::vector<Finding>& findings) {
  const elf::Image& image = inspection.libraries[library].library->image;
  // An object file has no PT_GNU_STACK either, but nobody loads it.
  const bool is_loadable = image.type == elf::ET_DYN || image.type == elf::ET_EXEC;
  if (image.executable_stack && is_loadable) {
    findings.push_back(
        {FindingKind::kExecutableStack,
         {library},
         fmt::format("{} wants an executable stack", quoted_name(inspection, library)),
         image.is_executable()
             ? "the stacks of all its threads are executable: what overflows one can run"
             : "every thread's stack becomes executable when it is loaded; from glibc 2.41 on "
               "dlopen refuses it, and so the import",
         "link it with -z noexecstack; its assembler sources lack a .note.GNU-stack section"});
  }
}

}  // namespace

std::vector<Finding> find_odd_libraries(const Inspection& inspection) {
  std::vector<Finding> findings;
  find_unreadable(inspection, findings);
  const auto names = needed_names(inspection);
  for (std::size_t i = 0; i < inspection.libraries.size(); ++i) {
    find_both_paths(inspection, i, findings);
    if (inspection.loader ==
        elf::LoaderKind::kGlibc) {  // musl compares no SONAME, nor looks at the stack
      find_names_that_do_not_match(inspection, i, names[i], findings);
      find_executable_stack(inspection, i, findings);
    }
  }
  return findings;
}

}  // namespace spokeshave
