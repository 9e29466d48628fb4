#include "src/preload_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "src/failure.h"
#include "src/find_problems.h"
#include "src/glob.h"
#include "wheel/counted.h"

namespace spokeshave {

namespace {

struct Row {
  std::string soname;
  std::string wheel;
  std::string why;
};

std::string why_of(const Inspection& inspection, const PreloadStep& step) {
  std::string why;
  if (!step.needed_by.empty()) {
    // As the other reports call it: by its file name, where that is enough.
    const auto& libraries = inspection.libraries;
    const auto by = std::find_if(libraries.begin(), libraries.end(), [&](const auto& entry) {
      return entry.library->installed_path == step.needed_by.front();
    });
    why = by == libraries.end() ? step.needed_by.front() : by->shown;
  }
  if (step.by_dlopen) {
    why += why.empty() ? "dlopen" : ", dlopen";
  }
  if (step.line.global) {
    why += ", RTLD_GLOBAL";
  }
  return printable(why);
}

std::string padded(const std::string& text, std::size_t width) {
  return text + std::string(width - std::min(width, columns(text)), ' ');
}

/// What does not fit stands on a line of its own.
std::string table(const std::vector<Row>& rows, const Style& style) {
  std::size_t sonames = 0;
  std::size_t wheels = 0;
  for (const auto& row : rows) {
    sonames = std::max(sonames, columns(row.soname));
    wheels = std::max(wheels, columns(row.wheel));
  }
  const std::size_t left = sonames + 2 + wheels + 2;
  std::string text;
  for (const auto& row : rows) {
    const std::string head = padded(row.soname, sonames) + "  ";
    std::string line = head + padded(row.wheel, wheels) + "  " + row.why;
    if (left + columns(row.why) > kColumns) {
      const bool has_room = columns(head) + columns(row.wheel) <= kColumns;
      line = (has_room ? head + row.wheel
                       : row.soname + "\n" + indented(row.wheel, sonames + 2, kColumns)) +
             "\n" + indented(row.why, sonames + 2, kColumns);
    }
    text += (&row == &rows.front() ? style.dim(line) : line) + "\n";
  }
  return text;
}

std::string problem(const std::string& what, const std::string& so, const std::string& way_out,
                    const Style& style) {
  const std::string label = "problem: ";
  std::string head = paragraph("", label, what);
  head.replace(0, label.size(), style.red(label));
  return "\n" + head + paragraph("  ", "so: ", so) + paragraph("  ", "do: ", way_out);
}

/// One folder helps only libraries of several wheels.
std::string way_out_of(const Inspection& inspection, const PreloadCircle& circle) {
  const auto wheel_of = [&](std::size_t library) { return inspection.libraries[library].wheel; };
  const bool one_wheel = std::all_of(
      circle.libraries.begin(), circle.libraries.end(),
      [&](std::size_t library) { return wheel_of(library) == wheel_of(circle.libraries.front()); });
  return one_wheel ? "take a NEEDED out with `patch`"
                   : "install their wheels into one folder, or take a NEEDED out with `patch`";
}

std::string problems(const Inspection& inspection, const PreloadPlan& plan, const Style& style) {
  std::string text;
  for (const auto& missing : plan.missing) {
    std::vector<std::string> needers;
    for (const auto& path : missing.needed_by) {
      needers.push_back(fmt::format("`{}`", printable(std::string(file_name(path)))));
    }
    text += problem(fmt::format("`{}` will be missing: {}", printable(missing.name), missing.why),
                    fmt::format("{} {} not load: the import fails", some_of(needers),
                                needers.size() == 1 ? "needs it and does" : "need it and do"),
                    missing.way_out, style);
  }
  for (const auto& circle : plan.circles) {
    if (!circle.loads) {
      text +=
          problem(fmt::format("{} need each other", some_libraries(inspection, circle.libraries)),
                  circle.how, way_out_of(inspection, circle), style);
    }
  }
  return text;
}

std::string note(const std::string& text, const Style& style) {
  const std::string label = "note: ";
  std::string lines = paragraph("", label, text);
  return lines.replace(0, label.size(), style.bold(label));
}

/// The names of the first dozen, and how many more.
std::string unneeded_words(const Inspection& inspection, const std::vector<std::size_t>& unneeded) {
  constexpr std::size_t kNamed = 12;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(kNamed, unneeded.size()); ++i) {
    names.push_back(printable(inspection.wheels[unneeded[i]].name));
  }
  if (unneeded.size() > kNamed) {
    names.push_back(fmt::format("{} more", unneeded.size() - kNamed));
  }
  std::string words = names.front();
  for (std::size_t i = 1; i < names.size(); ++i) {
    words += (i + 1 < names.size() ? ", " : " and ") + names[i];
  }
  return words;
}

std::string remarks(const Inspection& inspection, const PreloadPlan& plan, const Style& style) {
  std::string text;
  for (const auto& circle : plan.circles) {
    if (circle.loads) {
      text += note(fmt::format("{} need each other: {}",
                               some_libraries(inspection, circle.libraries), circle.how),
                   style);
    }
  }
  if (!plan.unneeded.empty()) {
    text += note(fmt::format("nothing of {} must be loaded beforehand",
                             unneeded_words(inspection, plan.unneeded)),
                 style);
  }
  for (const auto& line : plan.notes) {
    text += note(line, style);
  }
  return text.empty() ? text : "\n" + text;
}

std::string summary(const Inspection& inspection, const PreloadPlan& plan) {
  const std::string by = plan.init_path.empty()
                             ? std::string("; no package that needs them has an `__init__.py`")
                             : fmt::format(" by {}", printable(plan.init_path));
  if (plan.steps.empty()) {
    return fmt::format("nothing must be loaded before {} is imported\n",
                       wheel_words(inspection.wheels.front()));
  }
  std::set<std::size_t> wheels;
  for (const auto& step : plan.steps) {
    wheels.insert(inspection.libraries[step.library].wheel);
  }
  return wrapped(fmt::format("{} of {}, to be loaded in this order{}",
                             wheel::counted(plan.steps.size(), "library", "libraries"),
                             wheel::counted(wheels.size(), "wheel", "wheels"), by),
                 kColumns, "") +
         "\n";
}

}  // namespace

std::string preload_list(const Inspection& inspection, const PreloadPlan& plan,
                         const Style& style) {
  std::string text;
  if (!plan.steps.empty()) {
    std::vector<Row> rows = {{"library", "wheel", "needed by"}};
    for (const auto& step : plan.steps) {
      rows.push_back({printable(step.line.soname), printable(step.line.requirement),
                      why_of(inspection, step)});
    }
    text += table(rows, style) + "\n";
  }
  return text + summary(inspection, plan) + problems(inspection, plan, style) +
         remarks(inspection, plan, style);
}

}  // namespace spokeshave
