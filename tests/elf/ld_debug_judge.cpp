#include "tests/support/ld_debug_judge.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "elf/search_path.h"

namespace support {
namespace {

using elf::Resolution;
using elf::Rule;

bool is_path(const std::string& name) {
  return name.find('/') != std::string::npos;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

std::string words(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += " " + part;
  return text;
}

/// A list of folders that a search looked through: a path of one library, or LD_LIBRARY_PATH.
struct List {
  Rule rule;
  std::size_t owner;
  friend bool operator==(const List&, const List&) = default;
};

bool is_list(Rule rule) {
  return rule == Rule::kRpath || rule == Rule::kLdLibraryPath || rule == Rule::kRunpath;
}

/// Attempts that tell why a path was *not* looked through.
bool is_looked_through(const elf::Attempt& attempt) {
  return is_list(attempt.rule) &&
         !attempt.why_not.ends_with("has a RUNPATH, so RPATH is not used") &&
         attempt.why_not != "skipped: a RUNPATH serves only the library that has it";
}

/// In the order of the search.
std::vector<List> lists_of(const Resolution& met) {
  std::vector<List> lists;
  const auto add = [&](const List& list) {
    if (std::ranges::find(lists, list) == lists.end()) lists.push_back(list);
  };
  for (const auto& attempt : met.attempts) {
    if (is_looked_through(attempt)) add({attempt.rule, attempt.owner});
  }
  if (is_list(met.rule)) {
    add({met.rule, met.rule == Rule::kLdLibraryPath ? met.from : met.path_owner});
  }
  return lists;
}

}  // namespace

LdDebugJudge::LdDebugJudge(const Scenario& scenario) : scenario_(scenario), run_(scenario) {
  for (const auto& folder : scenario.ld_library_path) {
    folders_.insert(elf::normalise_path(folder));
  }
  labels_.insert("LD_LIBRARY_PATH");
}

std::string LdDebugJudge::differences() {
  const LdRun real = run_under_ld_debug(scenario_);
  for (const LdNeed& need : real.start.needs) learn_folders(need);
  for (; step_ < scenario_.dlopens.size() && text_.empty(); ++step_) {
    compare_step(scenario_.dlopens[step_], real.steps[step_]);
  }
  return text_;
}

void LdDebugJudge::compare_step(const Dlopen& dlopen, const LdStep& real) {
  mapped_ = {run_.loaded().begin(), run_.loaded().end()};
  std::vector<Resolution> resolutions;
  if (!dlopen.caller) {
    const std::size_t opened = library_at(scenario_, dlopen.name);
    resolutions.push_back(
        {.from = opened, .needed = dlopen.name, .rule = Rule::kPath, .to = opened});
  }
  const ModelRun::Step model = run_.step(dlopen);
  resolutions.insert(resolutions.end(), model.resolutions.begin(), model.resolutions.end());
  if (model.succeeded != real.succeeded) text_ += "the outcome differs\n";

  auto next = real.needs.begin();
  for (const Resolution& met : resolutions) {
    const bool said = next != real.needs.end() &&
                      (next->by_dlopen ? next->name == met.needed
                                       : elf::normalise_path(next->name) == asked_name(met));
    if (is_silent(met) || (may_be_silent(met) && !said)) continue;
    if (!said) {
      say(met, "not searched for by ld.so");
      return;
    }
    compare_need(met, *next);
    learn_folders(*next++);
    if (met.rule == Rule::kMissing) break;
  }
  if (next != real.needs.end()) text_ += "ld.so alone searches for " + next->name + "\n";
  if (model.succeeded) system_.insert(new_system_.begin(), new_system_.end());
  new_system_.clear();
}

/// What ld.so makes of a NEEDED, normalised. (A dlopen's name it shows as it is.)
std::string LdDebugJudge::asked_name(const Resolution& met) const {
  if (met.needed.find('$') == std::string::npos) return elf::normalise_path(met.needed);
  const std::string origin = folder_of(run_.opened_path(met.from));
  return elf::normalise_path(
      elf::expand_tokens(met.needed, {.origin = origin, .lib = lib_of_this_system()}));
}

/// libc is always loaded; another library of the system from the first time on.
bool LdDebugJudge::is_silent(const Resolution& met) const {
  if (met.rule == Rule::kSystem) {
    return met.needed == "libc.so.6" || system_.contains(met.needed) ||
           new_system_.contains(met.needed);
  }
  return met.rule == Rule::kAlreadyLoaded && !is_path(met.needed);
}

/// ld.so knows a path where it is, letter by letter, that by which a library was opened.
bool LdDebugJudge::may_be_silent(const Resolution& met) const {
  return is_path(met.needed) && met.to && mapped_.contains(*met.to);
}

void LdDebugJudge::compare_need(const Resolution& met, const LdNeed& real) {
  if (!real.by_dlopen && elf::normalise_path(real.by) != run_.opened_path(met.from)) {
    say(met, "needed by " + real.by + " to ld.so");
  }
  compare_tried(met, real);
  compare_labels(met, real);
  const bool is_new = met.to ? mapped_.insert(*met.to).second : met.rule == Rule::kSystem;
  if (met.rule == Rule::kSystem) new_system_.insert(met.needed);
  if (is_new != real.mapped) say(met, real.mapped ? "ld.so maps it" : "ld.so does not map it");
  const bool beyond =
      !is_path(met.needed) && (met.rule == Rule::kSystem || met.rule == Rule::kMissing);
  if (beyond != real.asked_system) say(met, "asked of the system by one of the two only");
}

void LdDebugJudge::compare_tried(const Resolution& met, const LdNeed& real) {
  std::vector<std::string> model;
  for (const auto& attempt : met.attempts) {
    if (is_looked_through(attempt)) model.push_back(elf::normalise_path(attempt.path));
  }
  if (is_list(met.rule)) {
    const std::string taken = run_.path_taken(met);
    model.push_back(taken);
    if (real.tried.empty() || real.tried.back() != taken) say(met, "not the last file tried");
  }
  if (counted(model) != counted(real.tried)) {
    say(met, "tried by the model:" + words(counted(model)) +
                 "\n  by ld.so:" + words(counted(real.tried)));
  }
}

std::vector<std::string> LdDebugJudge::counted(const std::vector<std::string>& tried) const {
  std::vector<std::string> result;
  for (const std::string& path : tried) {
    if (nonexistent_.contains(folder_of(path))) continue;
    if (std::ranges::find(result, path) == result.end()) result.push_back(path);
  }
  return result;
}

void LdDebugJudge::compare_labels(const Resolution& met, const LdNeed& real) {
  std::set<std::string> wanted;
  for (const auto& [rule, owner] : lists_of(met)) {
    if (rule == Rule::kLdLibraryPath) continue;
    const auto& library = scenario_.libraries[owner];
    const std::string opened = run_.opened_path(owner);
    const std::string label =
        std::string(rule == Rule::kRpath ? "RPATH" : "RUNPATH") + " from file " + opened;
    labels_.insert(label);
    const auto& path = rule == Rule::kRpath ? library.rpath : library.runpath;
    bool all_new = true;
    const elf::Tokens tokens{.origin = folder_of(opened), .lib = lib_of_this_system()};
    for (const auto& entry : elf::expand_search_path(*path, tokens)) {
      all_new = folders_.insert(elf::normalise_path(entry)).second && all_new;
    }
    if (all_new) wanted.insert(label);
  }
  for (const std::string& label : real.labels) {
    const std::size_t slash = label.find('/');
    const std::string normal =
        slash == std::string::npos
            ? label
            : label.substr(0, slash) + elf::normalise_path(label.substr(slash));
    wanted.erase(normal);
    if (!labels_.contains(normal)) say(met, "ld.so looks through " + normal);
  }
  if (!wanted.empty()) say(met, "ld.so does not look through " + *wanted.begin());
}

/// Of a folder that is empty (the current one) or relative it remembers nothing.
void LdDebugJudge::learn_folders(const LdNeed& real) {
  for (const std::string& path : real.tried) {
    const std::string folder = folder_of(path);
    if (path.front() == '/' && !std::filesystem::is_directory(folder)) nonexistent_.insert(folder);
  }
}

void LdDebugJudge::say(const Resolution& met, const std::string& what) {
  text_ += "dlopen " + std::to_string(step_) + ", library " + std::to_string(met.from) + " needs " +
           met.needed + " (rule " + std::to_string(static_cast<int>(met.rule)) + "): " + what +
           "\n";
}

}  // namespace support
