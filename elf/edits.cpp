#include "elf/edits.h"

#include <algorithm>
#include <set>
#include <stdexcept>

namespace elf {
namespace {

[[noreturn]] void contradict(const std::string& what) {
  throw std::invalid_argument(what);
}

void check_text(const std::string& text, const char* what) {
  if (text.find('\0') != std::string::npos) contradict(std::string(what) + " holds a NUL byte");
}

void check_name(const std::string& name, const char* what) {
  if (name.empty()) contradict(std::string("an empty ") + what);
  check_text(name, what);
}

void check_needed(const Edits& edits) {
  std::set<std::string> replaced;
  for (const auto& [before, after] : edits.replace_needed) {
    check_name(before, "NEEDED");
    check_name(after, "NEEDED");
    if (!replaced.insert(before).second) contradict("NEEDED `" + before + "` is replaced twice");
  }
  std::set<std::string> removed;
  for (const std::string& name : edits.remove_needed) {
    check_name(name, "NEEDED");
    if (replaced.contains(name)) contradict("NEEDED `" + name + "` is both replaced and removed");
    removed.insert(name);
  }
  for (const std::string& name : edits.add_needed) {
    check_name(name, "NEEDED");
    if (removed.contains(name)) contradict("NEEDED `" + name + "` is both added and removed");
  }
}

}  // namespace

bool Edits::empty() const {
  return !search_path && path_kind == PathKind::kKeep && !remove_search_path && !soname &&
         replace_needed.empty() && add_needed.empty() && remove_needed.empty();
}

void check(const Edits& edits) {
  if (edits.search_path && edits.remove_search_path) {
    contradict("the search path is both set and removed");
  }
  if (edits.remove_search_path && edits.path_kind != PathKind::kKeep) {
    contradict("the search path is both removed and turned into another kind");
  }
  if (edits.search_path) check_text(*edits.search_path, "the search path");
  if (edits.soname) check_name(*edits.soname, "SONAME");
  check_needed(edits);
}

}  // namespace elf
