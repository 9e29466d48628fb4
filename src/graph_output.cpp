#include "src/graph_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "src/failure.h"
#include "src/glob.h"
#include "src/size.h"
#include "src/system_libraries.h"

namespace spokeshave {

namespace {

constexpr std::size_t kColumns = 80;

std::string kind_of(const Library& library) {
  if (library.image.exports_python_init) {
    return "extension module";
  }
  return library.image.is_executable() ? "program" : "library";
}

/// Draws the tree: iterative, since a hostile chain of libraries may be long.
class Tree {
 public:
  Tree(const std::vector<GraphLibrary>& libraries, const NeedGraph& graph, const Style& style)
      : libraries_(libraries),
        style_(style),
        needs_(libraries.size()),
        outside_(libraries.size()),
        shown_(libraries.size(), false) {
    for (const auto& need : graph.needs) {
      needs_[need.from].push_back(&need);
    }
    for (const auto& need : graph.outside) {
      if (!is_system_library(need.name)) {
        outside_[need.from].push_back({need.name, false});
      }
    }
    for (const auto& need : graph.unmet) {
      outside_[need.from].push_back({need.name, true});
    }
  }

  std::string draw() {
    for (const std::size_t root : roots()) {
      draw_from(root);
    }
    for (std::size_t i = 0; i < libraries_.size(); ++i) {
      draw_from(i);  // what stands in circles only, and so has no root
    }
    return std::move(text_);
  }

 private:
  struct Outside {
    std::string name;
    bool missing;
  };
  struct Open {
    std::size_t library;
    const Need* by;     ///< nullptr for a root
    std::string first;  ///< before its name
    std::string rest;   ///< before its children's branches
  };

  std::vector<std::size_t> roots() const {
    std::vector<bool> needed(libraries_.size(), false);
    for (const auto& needs : needs_) {
      for (const Need* need : needs) {
        needed[need->to] = needed[need->to] || need->to != need->from;
      }
    }
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < needed.size(); ++i) {
      if (!needed[i]) {
        found.push_back(i);
      }
    }
    return found;
  }

  void draw_from(std::size_t root) {
    if (shown_[root]) {
      return;
    }
    std::vector<Open> stack = {{root, nullptr, "", ""}};
    while (!stack.empty()) {
      Open open = std::move(stack.back());
      stack.pop_back();
      draw_line(open);
      if (shown_[open.library]) {
        continue;
      }
      shown_[open.library] = true;
      draw_outside(open);
      push_children(open, stack);
    }
  }

  void push_children(const Open& open, std::vector<Open>& stack) const {
    const auto& needs = needs_[open.library];
    for (std::size_t k = needs.size(); k-- > 0;) {
      const bool last = k + 1 == needs.size();
      stack.push_back({needs[k]->to, needs[k], open.rest + (last ? "└─ " : "├─ "),
                       open.rest + (last ? "   " : "│  ")});
    }
  }

  void draw_line(const Open& open) {
    const Library& library = *libraries_[open.library].library;
    const std::string name = printable(open.by == nullptr ? library.installed_path : open.by->name);
    std::string right = format_size(library.size);
    if (open.by != nullptr) {
      right =
          open.by->by_dlopen ? "dlopen, " + right : rule_words(*open.by, libraries_) + ", " + right;
    } else {
      right = kind_of(library) + ", " + right;
    }
    if (shown_[open.library] && !needs_[open.library].empty()) {
      right = "see above";
    }
    add(open.first, open.by == nullptr ? style_.bold(name) : name, name.size(), right);
  }

  void draw_outside(const Open& open) {
    const auto& names = outside_[open.library];
    for (std::size_t k = 0; k < names.size(); ++k) {
      const bool last = k + 1 == names.size() && needs_[open.library].empty();
      const std::string name = printable(names[k].name);
      const std::string right = names[k].missing                   ? "MISSING: here, but not found"
                                : is_driver_library(names[k].name) ? "the driver's"
                                                                   : "of another wheel";
      add(open.rest + (last ? "└─ " : "├─ "), names[k].missing ? style_.red(name) : name,
          name.size(), right);
    }
  }

  /// The right column begins where it fits; box-drawing letters count one column each.
  void add(const std::string& branch, const std::string& name, std::size_t name_width,
           const std::string& right) {
    const auto branch_width = static_cast<std::size_t>(std::count_if(
        branch.begin(), branch.end(), [](char letter) { return (letter & 0xc0) != 0x80; }));
    const std::size_t used = branch_width + name_width + right.size();
    const std::size_t gap = used + 2 < kColumns ? kColumns - used : 2;
    text_ += branch + name + std::string(gap, ' ') + style_.dim(right) + "\n";
  }

  const std::vector<GraphLibrary>& libraries_;
  const Style& style_;
  std::vector<std::vector<const Need*>> needs_;
  std::vector<std::vector<Outside>> outside_;
  std::vector<bool> shown_;
  std::string text_;
};

/// A string for dot: quotes and backslashes escaped.
std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char letter : printable(text)) {
    if (letter == '"' || letter == '\\') {
      result += '\\';
    }
    result += letter;
  }
  return result + "\"";
}

}  // namespace

std::string rule_words(const Need& need, const std::vector<GraphLibrary>& libraries) {
  const auto with_owner = [&](const char* tag) {
    return need.path_owner == need.from
               ? std::string(tag)
               : fmt::format("{} of {}", tag,
                             file_name(libraries[need.path_owner].library->installed_path));
  };
  switch (need.rule) {
    case elf::Rule::kAlreadyLoaded:
      return "loaded before";
    case elf::Rule::kPath:
      return "by path";
    case elf::Rule::kRpath:
      return with_owner("RPATH");
    case elf::Rule::kLdLibraryPath:
      return "LD_LIBRARY_PATH";
    case elf::Rule::kRunpath:
      return with_owner("RUNPATH");
    case elf::Rule::kSystem:
      return "system";
    case elf::Rule::kMissing:
      return need.by_dlopen ? "dlopen" : "missing";
  }
  return "";
}

std::string graph_tree(const std::vector<GraphLibrary>& libraries, const NeedGraph& graph,
                       const Style& style) {
  return Tree(libraries, graph, style).draw();
}

std::string graph_dot(const std::vector<GraphLibrary>& libraries, const NeedGraph& graph) {
  std::string text = "digraph libraries {\n  rankdir=LR;\n  node [shape=box];\n";
  std::map<std::string, std::vector<std::size_t>> by_wheel;
  for (std::size_t i = 0; i < libraries.size(); ++i) {
    by_wheel[libraries[i].wheel].push_back(i);
  }
  std::size_t cluster = 0;
  for (const auto& [wheel, members] : by_wheel) {
    text += fmt::format("  subgraph cluster_{} {{\n    label={};\n", cluster++, quoted(wheel));
    for (const std::size_t i : members) {
      const Library& library = *libraries[i].library;
      // dot's own line break stands between two quoted strings, joined by `+`.
      const std::string shown =
          fmt::format("{} + \"\\n\" + {}", quoted(std::string(file_name(library.member))),
                      quoted(format_size(library.size)));
      text += fmt::format("    n{} [label={}, tooltip={}];\n", i, shown, quoted(library.member));
    }
    text += "  }\n";
  }
  for (const auto& need : graph.needs) {
    text += fmt::format("  n{} -> n{}{};\n", need.from, need.to,
                        need.by_dlopen ? " [style=dashed]" : "");
  }
  for (const auto& need : graph.unmet) {
    text += fmt::format("  {0} [color=red];\n  n{1} -> {0} [color=red];\n",
                        quoted("missing " + need.name), need.from);
  }
  return text + "}\n";
}

std::string graph_json(const std::vector<GraphLibrary>& libraries, const NeedGraph& graph) {
  using Json = nlohmann::ordered_json;
  constexpr int kSchema = 1;
  Json json = {{"schema", kSchema},      {"command", "inspect"},     {"libraries", Json::array()},
               {"needs", Json::array()}, {"outside", Json::array()}, {"missing", Json::array()}};
  for (const auto& [library, wheel] : libraries) {
    const auto text = [](const std::optional<std::string>& value) {
      return value ? Json(*value) : Json();
    };
    json["libraries"].push_back({{"path", library->installed_path},
                                 {"wheel", wheel},
                                 {"kind", kind_of(*library)},
                                 {"installed_bytes", library->size},
                                 {"packed_bytes", library->packed_bytes},
                                 {"soname", text(library->image.soname)},
                                 {"rpath", text(library->image.rpath)},
                                 {"runpath", text(library->image.runpath)},
                                 {"needed", library->image.needed},
                                 {"opened_by", library->opened_by}});
  }
  const auto path = [&](std::size_t i) { return libraries[i].library->installed_path; };
  for (const auto& need : graph.needs) {
    json["needs"].push_back({{"from", path(need.from)},
                             {"name", need.name},
                             {"to", path(need.to)},
                             {"by", need.by_dlopen ? "dlopen" : "needed"},
                             {"rule", rule_words(need, libraries)}});
  }
  for (const auto& need : graph.outside) {
    json["outside"].push_back(
        {{"from", path(need.from)}, {"name", need.name}, {"system", is_system_library(need.name)}});
  }
  for (const auto& need : graph.unmet) {
    Json tried = Json::array();
    for (const auto& attempt : need.attempts) {
      tried.push_back({{"path", attempt.path}, {"why_not", attempt.why_not}});
    }
    json["missing"].push_back({{"from", path(need.from)}, {"name", need.name}, {"tried", tried}});
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string library_table(const std::vector<GraphLibrary>& libraries, const Style& style) {
  std::vector<const Library*> rows;
  rows.reserve(libraries.size());
  for (const auto& entry : libraries) {
    rows.push_back(entry.library);
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto* a, const auto* b) { return a->size > b->size; });
  std::string text =
      style.dim(fmt::format("{:>9} {:>9}  {:<16}  {}", "installed", "packed", "kind", "path")) +
      "\n";
  for (const Library* library : rows) {
    text += fmt::format("{:>9} {:>9}  {:<16}  {}\n", format_size(library->size),
                        format_size(library->packed_bytes), kind_of(*library),
                        printable(library->installed_path));
  }
  return text;
}

}  // namespace spokeshave
