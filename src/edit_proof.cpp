#include "src/edit_proof.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

namespace spokeshave {

namespace {

void expect_search_path(const elf::Image& before, const elf::Edits& edits, ExpectedNames& names) {
  names.rpath = before.rpath;
  names.runpath = before.runpath;
  const bool asked =
      edits.remove_search_path || edits.search_path || edits.path_kind != elf::PathKind::kKeep;
  const auto path = edits.search_path ? edits.search_path
                    : before.runpath  ? before.runpath
                                      : before.rpath;
  if (!asked || (!path && !edits.remove_search_path)) return;
  names.rpath.reset();
  names.runpath.reset();
  if (edits.remove_search_path) return;
  const bool keeps_rpath =
      edits.path_kind == elf::PathKind::kKeep && before.rpath && !before.runpath;
  const bool is_rpath = edits.path_kind == elf::PathKind::kRpath || keeps_rpath;
  (is_rpath ? names.rpath : names.runpath) = path;
}

void expect_needed(const elf::Image& before, const elf::Edits& edits, ExpectedNames& names) {
  const std::map<std::string, std::string> replaced(edits.replace_needed.begin(),
                                                    edits.replace_needed.end());
  const auto renamed = [&](const std::string& name) {
    const auto found = replaced.find(name);
    return found == replaced.end() ? name : found->second;
  };
  for (const std::string& name : before.needed) {
    if (std::ranges::find(edits.remove_needed, name) != edits.remove_needed.end()) continue;
    names.needed.push_back(renamed(name));
  }
  for (const std::string& name : edits.add_needed) {
    if (std::ranges::find(names.needed, name) == names.needed.end()) names.needed.push_back(name);
  }
  const std::set<std::string_view> needed(before.needed.begin(), before.needed.end());
  for (const elf::VersionNeed& need : before.version_needs) {
    names.version_files.push_back(needed.contains(need.file) ? renamed(need.file) : need.file);
  }
}

std::string shown(const std::optional<std::string>& name) {
  return name ? fmt::format("`{}`", *name) : "none";
}

std::string shown(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 20;
  if (names.size() > kMost) return fmt::format("{} names", names.size());
  return fmt::format("`{}`", fmt::join(names, "`, `"));
}

template <typename Name>
void compare(const char* field, const Name& wanted, const Name& found,
             std::optional<std::string>& told) {
  if (told || wanted == found) return;
  told = fmt::format("{} is {}, not {}", field, shown(found), shown(wanted));
}

bool is_same_beside_names(const elf::Image& before, const elf::Image& after) {
  const auto same_versions = [](const elf::VersionNeed& one, const elf::VersionNeed& other) {
    return one.names == other.names;
  };
  return before.same_abi(after) && before.type == after.type &&
         before.interpreter == after.interpreter && before.flags == after.flags &&
         before.flags_1 == after.flags_1 && before.executable_stack == after.executable_stack &&
         before.exports_python_init == after.exports_python_init &&
         before.version_definitions == after.version_definitions &&
         std::ranges::equal(before.version_needs, after.version_needs, same_versions);
}

}  // namespace

ExpectedNames expected_names(const elf::Image& before, const elf::Edits& edits) {
  ExpectedNames names;
  names.soname = edits.soname ? edits.soname : before.soname;
  expect_search_path(before, edits, names);
  expect_needed(before, edits, names);
  return names;
}

std::optional<std::string> unkept_wish(const elf::Image& before, const elf::Edits& edits,
                                       const elf::Image& after) {
  const ExpectedNames wanted = expected_names(before, edits);
  std::optional<std::string> told;
  compare("SONAME", wanted.soname, after.soname, told);
  compare("RUNPATH", wanted.runpath, after.runpath, told);
  // An RPATH beside a RUNPATH is in nobody's way, and goes where room is needed (elf/rewrite.h).
  if (after.rpath || !wanted.runpath) compare("RPATH", wanted.rpath, after.rpath, told);
  compare("NEEDED", wanted.needed, after.needed, told);
  std::vector<std::string> version_files;
  for (const elf::VersionNeed& need : after.version_needs) version_files.push_back(need.file);
  compare("the version needs' files", wanted.version_files, version_files, told);
  if (!told && !is_same_beside_names(before, after)) told = "more than the names has changed";
  return told;
}

}  // namespace spokeshave
