#include "src/graph_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "src/failure.h"
#include "src/size.h"

namespace spokeshave {

namespace {

constexpr std::size_t kBeforePath = 39;  // columns of the table of libraries
constexpr std::size_t kDeepest = 12;     // levels; three columns each leave room for a name

/// Draws the tree: iterative, since a hostile chain of libraries may be long.
class Tree {
 public:
  Tree(const Inspection& inspection, const Style& style)
      : inspection_(inspection),
        style_(style),
        needs_(inspection.libraries.size()),
        outside_(inspection.libraries.size()),
        shown_(inspection.libraries.size(), false) {
    for (const auto& need : inspection.graph.needs) {
      needs_[need.from].push_back(&need);
    }
    for (const auto& need : inspection.graph.outside) {
      const std::string by = brought_by(need.name);
      if (by != "system") {
        outside_[need.from].push_back(
            {need.name, by == "driver" ? "the driver's" : "of another wheel", false});
      }
    }
    for (const auto& need : inspection.graph.unmet) {
      if (is_met_too(need)) {
        continue;  // in another process; the findings tell
      }
      outside_[need.from].push_back(
          {need.name, need.failed_before.empty() ? "MISSING" : "MISSING: fails itself", true});
    }
  }

  std::string draw() {
    draw_all("Loaded by import", LoadedBy::kImport);
    draw_all("Loaded by programs", LoadedBy::kProgram);
    draw_all("Loaded by nothing that is known", LoadedBy::kNobody);
    return std::move(text_);
  }

 private:
  struct Outside {
    std::string name;
    std::string words;
    bool missing;
  };
  struct Open {
    std::size_t library;
    const Need* by;     ///< nullptr for a root
    std::string first;  ///< before its name
    std::string rest;   ///< before its children's branches
    std::size_t depth;
  };

  bool is_met_too(const UnmetNeed& unmet) const {
    return std::any_of(needs_[unmet.from].begin(), needs_[unmet.from].end(), [&](const Need* need) {
      return !need->by_dlopen && need->name == unmet.name;
    });
  }

  void draw_all(const char* heading, LoadedBy by) {
    const std::string before = std::exchange(text_, {});
    for (const std::size_t root : roots(by)) {
      draw_from(root);
      while (!postponed_.empty()) {
        const std::size_t next = postponed_.front();
        postponed_.erase(postponed_.begin());
        draw_from(next);
      }
    }
    if (!text_.empty()) {
      text_ = before + (before.empty() ? "" : "\n") + style_.bold(heading) + "\n" + text_;
    } else {
      text_ = before;
    }
  }

  /// What is opened for its own sake, in its order; then what nobody needs; then the rest, which
  /// stands in circles.
  std::vector<std::size_t> roots(LoadedBy by) const {
    std::vector<bool> needed(inspection_.libraries.size(), false);
    for (const auto& need : inspection_.graph.needs) {
      needed[need.to] = needed[need.to] || need.to != need.from;
    }
    const std::size_t last = inspection_.libraries.size();
    const auto rank = [&](std::size_t i) {
      return inspection_.libraries[i].start.value_or(needed[i] ? last + 1 : last);
    };
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < inspection_.libraries.size(); ++i) {
      if (inspection_.libraries[i].loaded_by == by) {
        found.push_back(i);
      }
    }
    std::stable_sort(found.begin(), found.end(),
                     [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
    return found;
  }

  void draw_from(std::size_t root) {
    if (shown_[root]) {
      return;
    }
    std::vector<Open> stack = {{root, nullptr, "", "", 0}};
    while (!stack.empty()) {
      const Open open = std::move(stack.back());
      stack.pop_back();
      const bool has_more = !needs_[open.library].empty() || !outside_[open.library].empty();
      const bool too_deep = open.depth == kDeepest && has_more && !shown_[open.library];
      draw_line(open, too_deep ? "see below" : shown_[open.library] && has_more ? "see above" : "");
      if (too_deep) {
        postponed_.push_back(open.library);
      } else if (!shown_[open.library]) {
        shown_[open.library] = true;
        draw_outside(open);
        push_children(open, stack);
      }
    }
  }

  void push_children(const Open& open, std::vector<Open>& stack) const {
    const auto& needs = needs_[open.library];
    for (std::size_t k = needs.size(); k-- > 0;) {
      const bool last = k + 1 == needs.size();
      stack.push_back({needs[k]->to, needs[k], open.rest + (last ? "└─ " : "├─ "),
                       open.rest + (last ? "   " : "│  "), open.depth + 1});
    }
  }

  void draw_line(const Open& open, const std::string& reference) {
    const InspectedLibrary& entry = inspection_.libraries[open.library];
    const std::string size = format_size(entry.library->size);
    const std::string name =
        printable(open.by == nullptr ? entry.library->installed_path : open.by->name) +
        wheel_mark(open);
    if (!reference.empty()) {
      add(open.first, name, name, reference);
    } else if (open.by == nullptr) {
      add(open.first, name, style_.bold(name), fmt::format("{}, {}", how_opened(entry), size));
    } else {
      add(open.first, name, name, fmt::format("{}, {}", how_met(*open.by), size));
    }
  }

  /// Where there are several wheels: the number that the summary gives to the library's, where it
  /// is not the one that the line above is of.
  std::string wheel_mark(const Open& open) const {
    const std::size_t wheel = inspection_.libraries[open.library].wheel;
    const bool same = open.by != nullptr && inspection_.libraries[open.by->from].wheel == wheel;
    return inspection_.wheels.size() > 1 && !same ? fmt::format(" [{}]", wheel + 1) : "";
  }

  static std::string how_opened(const InspectedLibrary& entry) {
    const bool by_path = !entry.library->image.exports_python_init && !entry.opened_by.empty();
    return by_path ? "opened by Python" : kind_of(*entry.library);
  }

  std::string how_met(const Need& need) const {
    if (!need.by_dlopen) {
      return rule_words(need, inspection_);
    }
    return need.is_met() ? "dlopen" : "dlopen, not found";
  }

  void draw_outside(const Open& open) {
    const auto& names = outside_[open.library];
    for (std::size_t k = 0; k < names.size(); ++k) {
      const bool last = k + 1 == names.size() && needs_[open.library].empty();
      const std::string name = printable(names[k].name);
      add(open.rest + (last ? "└─ " : "├─ "), name, names[k].missing ? style_.red(name) : name,
          names[k].words);
    }
  }

  /// The right column ends at column 80; where both do not fit it gets a line of its own.
  void add(const std::string& branch, const std::string& name, const std::string& styled,
           const std::string& right) {
    const std::size_t left = columns(branch) + columns(name);
    const std::size_t taken = columns(right);
    if (left + 2 + taken <= kColumns) {
      text_ += branch + styled + std::string(kColumns - left - taken, ' ');
    } else {
      const std::size_t gap = kColumns - std::min(kColumns, taken);
      text_ += branch + styled + "\n" + std::string(gap, ' ');
    }
    text_ += style_.dim(right) + "\n";
  }

  const Inspection& inspection_;
  const Style& style_;
  std::vector<std::vector<const Need*>> needs_;
  std::vector<std::vector<Outside>> outside_;
  std::vector<bool> shown_;
  std::vector<std::size_t> postponed_;  ///< too deep where they were met
  std::string text_;
};

}  // namespace

std::string graph_tree(const Inspection& inspection, const Style& style) {
  return Tree(inspection, style).draw();
}

std::string library_table(const Inspection& inspection, const Style& style) {
  std::vector<const Library*> rows;
  rows.reserve(inspection.libraries.size());
  for (const auto& entry : inspection.libraries) {
    rows.push_back(entry.library);
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto* a, const auto* b) { return a->size > b->size; });
  std::string text =
      style.dim(fmt::format("{:>9} {:>9}  {:<16}  {}", "installed", "packed", "kind", "path")) +
      "\n";
  for (const Library* library : rows) {
    const std::string facts = fmt::format("{:>9} {:>9}  {}", format_size(library->size),
                                          format_size(library->packed_bytes), kind_of(*library));
    const std::string path = printable(library->installed_path);
    text += kBeforePath + columns(path) <= kColumns
                ? fmt::format("{:<{}}{}\n", facts, kBeforePath, path)
                : fmt::format("{}\n{}\n", facts, indented(path, 4, kColumns));
  }
  return text;
}

}  // namespace spokeshave
