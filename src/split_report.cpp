#include "src/split_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "src/glob.h"
#include "src/library_edits.h"
#include "src/output_wheels.h"
#include "src/size.h"

namespace spokeshave {

namespace {

std::string sizes(const Weight& weight) {
  return fmt::format("{} packed, {} installed", format_size(weight.packed),
                     format_size(weight.installed));
}

std::string limits(const Limit& limit) {
  std::vector<std::string> parts;
  if (limit.installed) {
    parts.push_back(format_size(*limit.installed) + " installed");
  }
  if (limit.packed) {
    parts.push_back(format_size(*limit.packed) + " packed");
  }
  return parts.empty() ? "none" : fmt::format("{}", fmt::join(parts, ", "));
}

/// `name ...... size`, two columns of sizes at the right edge; a long name gets a line of its own.
std::string library_line(const std::string& path, const Library& library) {
  const std::string right =
      fmt::format("{:>9} {:>9}", format_size(library.packed_bytes), format_size(library.size));
  constexpr std::size_t kLeft = kColumns - 2 - 20;
  const std::string name = printable(path);
  return name.size() <= kLeft ? fmt::format("  {:<{}} {}\n", name, kLeft, right)
                              : fmt::format("  {}\n  {:<{}} {}\n", name, "", kLeft, right);
}

std::string wheel_section(const Inventory& inventory, const SplitPlan& plan, std::size_t part,
                          const Style& style) {
  const PlannedWheel& wheel = plan.wheels[part];
  std::string text = fmt::format("\n{}\n", style.bold(to_string(wheel.filename)));
  text += fmt::format("  at most {}\n", sizes(wheel.weight));
  std::vector<std::size_t> shown;
  for (std::size_t i = 0; i < plan.libraries.size(); ++i) {
    if (plan.libraries[i].part == part) {
      shown.push_back(i);
    }
  }
  std::stable_sort(shown.begin(), shown.end(), [&](std::size_t a, std::size_t b) {
    return inventory.libraries[a].size > inventory.libraries[b].size;
  });
  if (!shown.empty()) {
    text += style.dim(fmt::format("  {:<58} {:>9} {:>9}", "library", "packed", "installed")) + "\n";
  }
  constexpr std::size_t kMost = 20;  // of the main wheel's; of a companion all are shown
  const std::size_t count = part == 0 ? std::min(shown.size(), kMost) : shown.size();
  for (std::size_t k = 0; k < count; ++k) {
    text += library_line(plan.libraries[shown[k]].installed_path, inventory.libraries[shown[k]]);
  }
  if (count < shown.size()) {
    text += fmt::format("  and {} smaller ones\n", shown.size() - count);
  }
  return text;
}

/// The new search path in lines; of one that only grew at its end, what came to it.
std::string path_lines(const Library& library, const PlannedLibrary& planned) {
  const auto& old = library.image.runpath ? library.image.runpath : library.image.rpath;
  const std::string& path = *planned.edits.search_path;
  const bool was_rpath = library.image.rpath && !library.image.runpath;
  const bool is_rpath = sets_rpath(library.image, planned.edits);
  const bool grew = old && was_rpath == is_rpath && path.size() > old->size() &&
                    path.starts_with(*old) && path[old->size()] == ':';
  const std::string shown = printable(grew ? path.substr(old->size() + 1) : path);
  const std::string label = fmt::format("    {}{}", is_rpath ? "RPATH" : "RUNPATH",
                                        grew ? ", behind what is there:" : "");
  if (label.size() + 1 + shown.size() <= kColumns) {
    return fmt::format("{} {}\n", label, shown);
  }
  return fmt::format("{}\n      {}\n", label, wrapped_path(shown, kColumns - 6, "      "));
}

std::string edit_lines(const Library& library, const PlannedLibrary& planned) {
  std::string text = fmt::format("  {}\n", printable(planned.installed_path));
  for (const auto& why : planned.why) {
    text += "    " + wrapped(printable(why), kColumns - 4, "    ") + "\n";
  }
  if (planned.edits.search_path) {
    text += path_lines(library, planned);
  }
  if (planned.edits.soname) {
    text += fmt::format("    SONAME {}\n", printable(*planned.edits.soname));
  }
  return text;
}

std::string edits_section(const Inventory& inventory, const SplitPlan& plan, const Style& style) {
  std::string text;
  for (std::size_t i = 0; i < plan.libraries.size(); ++i) {
    if (!plan.libraries[i].edits.empty()) {
      text += edit_lines(inventory.libraries[i], plan.libraries[i]);
    }
  }
  return text.empty() ? "" : fmt::format("\n{}\n{}", style.bold("rewritten"), text);
}

std::string preload_section(const SplitPlan& plan, const Style& style) {
  if (plan.preload.empty() || plan.init_path.empty()) {
    return "";
  }
  std::string text = fmt::format("\n{} by {}, in this order\n", style.bold("preloaded"),
                                 printable(plan.init_path));
  for (std::size_t i = 0; i < plan.preload.size(); ++i) {
    text += fmt::format("  {:>2} {}\n", i + 1, printable(plan.preload[i].path));
  }
  return text;
}

std::string notes_section(const SplitPlan& plan, const Style& style) {
  if (plan.notes.empty()) {
    return "";
  }
  std::string text = fmt::format("\n{}\n", style.bold("to know"));
  for (const auto& note : plan.notes) {
    text += "  - " + wrapped(printable(note), kColumns - 4, "    ") + "\n";
  }
  return text;
}

std::string optimality(const SplitPlan& plan) {
  if (plan.moves_only_named) {
    return "only what --move names moves";
  }
  if (plan.optimal()) {
    return "no plan has fewer wheels, cuts fewer dlopen edges or rewrites fewer bytes";
  }
  return fmt::format(
      "best plan found; at least {} wheels and {} to rewrite are needed, this one has {} and {}",
      plan.bound.parts, format_size(plan.bound.rewrite_bytes), plan.cost.parts,
      format_size(plan.cost.rewrite_bytes));
}

}  // namespace

std::string plan_text(const SplitSubject& subject, const Inventory& inventory,
                      const SplitPlan& plan, const Style& style) {
  std::string text = fmt::format("{}\n  {}; limit: {}\n", style.bold(subject.file_name),
                                 sizes(subject.size), limits(plan.limit));
  for (std::size_t part = 0; part < plan.wheels.size(); ++part) {
    text += wheel_section(inventory, plan, part, style);
  }
  text += edits_section(inventory, plan, style);
  text += preload_section(plan, style);
  text += notes_section(plan, style);
  text += fmt::format("\n{}\n", wrapped(optimality(plan), kColumns, ""));
  return text;
}

Failure impossible_failure(const SplitSubject& subject, const ImpossibleSplit& why) {
  std::vector<std::string> causes;
  std::vector<std::string> hints;
  if (why.limit.installed && *why.limit.installed < why.smallest.installed) {
    causes.push_back(fmt::format("{} takes {} ({} bytes) installed", why.installed_dictated_by,
                                 format_size(why.smallest.installed), why.smallest.installed));
    hints.push_back(fmt::format("--max-installed-size {}", why.smallest.installed));
  }
  if (why.limit.packed && *why.limit.packed < why.smallest.packed) {
    causes.push_back(fmt::format("{} takes {} ({} bytes) packed", why.packed_dictated_by,
                                 format_size(why.smallest.packed), why.smallest.packed));
    hints.push_back(fmt::format("--max-wheel-size {}", why.smallest.packed));
  }
  if (causes.empty()) {
    causes.emplace_back("each limit could be kept alone, but not both together");
    hints.emplace_back("a larger limit of one kind");
  }
  return {ExitCode::kFound,
          fmt::format("`{}` cannot be split under {}", subject.file_name, limits(why.limit)),
          fmt::format("{}", fmt::join(causes, "; ")),
          fmt::format("the smallest possible budget is {}", fmt::join(hints, " "))};
}

std::string result_text(const std::vector<std::string>& paths,
                        const std::vector<WheelDraft>& drafts, const SplitPlan& plan,
                        const SplitProof& proof, const Style& style) {
  std::string text = fmt::format("\n{}\n", style.bold("written"));
  for (std::size_t i = 0; i < paths.size(); ++i) {
    text += fmt::format("  {}\n    {}\n", printable(paths[i]), sizes(drafts[i].size));
  }
  text += fmt::format("\n{}\n", style.bold("proved"));
  text += fmt::format("  {} members against RECORD, {} of them decoded and hashed\n", proof.members,
                      proof.decoded);
  text += fmt::format("  {} needs of {} libraries are met as before, {}\n", proof.needs,
                      plan.libraries.size(),
                      proof.separate ? "in one folder and in separate ones" : "in one folder");
  for (const auto& draft : drafts) {
    for (const auto& dropped : draft.dropped) {
      text += fmt::format("  `{}` was dropped: it signs the old content\n", printable(dropped));
    }
  }
  text += fmt::format("\n{}\n  {}\n", style.bold("to install"),
                      install_line(paths, plan.wheels.front().requirement));
  return text;
}

}  // namespace spokeshave
