#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "tests/support/ld_debug.h"

namespace support {

/// Compares what ld.so says about each need with what the model says, need by need: whether a
/// loaded library has the name already, the files tried in order, the file that was taken, whether
/// it was mapped, and by which rule it was found. What LD_DEBUG leaves out:
///  - a name that a loaded library has: nothing is said, so nothing may stand there;
///  - the second try of one path in one search (a folder that a list names twice is kept once; one
///    that two lists name is tried twice): on both sides only the first counts;
///  - folders that ld.so has found not to exist: it tries them once, then never again in this
///    process. A try in such a folder counts only where the folder has not been tried before;
///  - the rule: a search path is called after the list in which its first folder stood first, ever.
///    So a rule shows where no folder of its list was in a list before; and every name that is
///    shown must be that of a list which the model has looked through by then;
///  - what a search would still have done after the first need that is met nowhere: ld.so stops.
class LdDebugJudge {
 public:
  explicit LdDebugJudge(const Scenario& scenario);

  /// Runs both; returns the differences, each a line. Empty: they agree.
  std::string differences();

 private:
  void compare_step(const Dlopen& dlopen, const LdStep& real);
  void compare_need(const elf::Resolution& met, const LdNeed& real);
  void compare_tried(const elf::Resolution& met, const LdNeed& real);
  void compare_labels(const elf::Resolution& met, const LdNeed& real);
  std::string asked_name(const elf::Resolution& met) const;
  bool is_silent(const elf::Resolution& met) const;
  bool may_be_silent(const elf::Resolution& met) const;
  void learn_folders(const LdNeed& real);
  std::vector<std::string> counted(const std::vector<std::string>& tried) const;
  void say(const elf::Resolution& met, const std::string& what);

  const Scenario& scenario_;
  ModelRun run_;
  std::size_t step_ = 0;
  std::set<std::size_t> mapped_;       ///< loaded by now, this step's included
  std::set<std::string> system_;       ///< names of the system's libraries, loaded for good
  std::set<std::string> new_system_;   ///< by this step
  std::set<std::string> nonexistent_;  ///< folders that ld.so knows not to exist
  std::set<std::string> folders_;      ///< all that have stood in a list that was looked through
  std::set<std::string> labels_;       ///< of all lists that the model has looked through
  std::string text_;
};

}  // namespace support
