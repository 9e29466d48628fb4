#include "src/preload_findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "src/failure.h"
#include "src/find_problems.h"
#include "src/glob.h"
#include "src/preload_missing.h"
#include "src/preload_twins.h"
#include "src/unfindable.h"

namespace spokeshave {

namespace {

std::string quoted(const std::string& name) {
  return fmt::format("`{}`", printable(name));
}

const std::string& path_of(const Inspection& inspection, std::size_t library) {
  return inspection.libraries[library].library->installed_path;
}

std::string wheel_of(const Inspection& inspection, std::size_t library) {
  return wheel_words(inspection.wheels[inspection.libraries[library].wheel]);
}

std::vector<std::string> quoted_all(const std::vector<std::string>& names) {
  std::vector<std::string> all;
  std::transform(names.begin(), names.end(), std::back_inserter(all), quoted);
  return all;
}

/// A wheel that has a library of this name which cannot be read, and why.
std::optional<std::string> unreadable_here(const Inspection& inspection, const std::string& name) {
  for (const auto& wheel : inspection.wheels) {
    for (const auto& broken : wheel.inventory.unreadable) {
      if (file_name(broken.member) == name) {
        return fmt::format("{} of {} cannot be read: {}", quoted(broken.member), wheel_words(wheel),
                           printable(broken.why));
      }
    }
  }
  return std::nullopt;
}

/// By who needs what.
using Unfindables = std::map<std::pair<std::size_t, std::string>, const UnmetNeed*>;

Unfindables unfindables_of(const Inspection& inspection) {
  Unfindables unfindables;
  for (const auto& need : inspection.graph.unmet) {
    if (is_unfindable(need)) {
      unfindables.emplace(std::pair(need.from, need.name), &need);
    }
  }
  return unfindables;
}

PreloadMissing lacking(const Inspection& inspection, const Unfindables& unfindables,
                       const std::string& name, const std::set<std::size_t>& needers) {
  PreloadMissing missing;
  missing.name = name;
  for (const std::size_t library : needers) {
    missing.needed_by.push_back(path_of(inspection, library));
  }
  if (const auto need = unfindables.find({*needers.begin(), name}); need != unfindables.end()) {
    auto [why, way_out] = explain_unfindable(inspection, *need->second);
    missing.why = std::move(why);
    missing.way_out = std::move(way_out);
    return missing;
  }
  if (const auto broken = unreadable_here(inspection, name)) {
    missing.why = *broken;
    missing.way_out = "get that wheel again from where it came from";
    return missing;
  }
  missing.requirements = requirements_named_like(inspection, name, needers);
  if (!missing.requirements.empty()) {
    missing.why = fmt::format("no wheel here has it; {} should bring it",
                              some_of(quoted_all(missing.requirements)));
    missing.way_out = fmt::format("give the wheel of {} too", quoted(missing.requirements.front()));
    return missing;
  }
  if (const auto wheel = wheel_named_like(inspection, name); wheel < inspection.wheels.size()) {
    missing.why =
        fmt::format("no wheel here has it, not even {}", wheel_words(inspection.wheels[wheel]));
    missing.way_out = "give the version of that wheel which the others were built for";
    return missing;
  }
  missing.requirements = requirements_not_given(inspection, needers);
  missing.why = missing.requirements.empty()
                    ? std::string("no wheel here has it, and all that they require is here")
                    : fmt::format("no wheel here has it; not given: {}",
                                  some_of(quoted_all(missing.requirements)));
  missing.way_out = missing.requirements.empty() ? "find the wheel that brings it, and give it too"
                                                 : "give the wheel that brings it too";
  return missing;
}

bool same_machine(const Inspection& inspection, std::size_t a, std::size_t b) {
  const auto& one = inspection.libraries[a].library->image;
  const auto& other = inspection.libraries[b].library->image;
  return one.machine == other.machine && one.format == other.format;
}

/// Why a library that is loaded beforehand does not meet the need.
PreloadMissing unhelped(const Inspection& inspection, const StillMissing& still) {
  PreloadMissing missing;
  missing.name = still.name;
  missing.needed_by = {path_of(inspection, still.from)};
  const std::size_t bearer = *still.to;
  const auto& soname = inspection.libraries[bearer].library->image.soname;
  const std::string it_is =
      fmt::format("{} of {}", quoted(path_of(inspection, bearer)), wheel_of(inspection, bearer));
  if (inspection.loader == elf::LoaderKind::kMusl) {
    missing.why =
        fmt::format("it is {}; musl meets no need by a library that was loaded by its path", it_is);
    missing.way_out = "install the wheels into one folder";
  } else if (!same_machine(inspection, still.from, bearer)) {
    missing.why = fmt::format("it is {}, which is built for another machine than {}", it_is,
                              quoted(path_of(inspection, still.from)));
    missing.way_out = "give that wheel for the platform of the others";
  } else if (soname != still.name) {
    missing.why = fmt::format(
        "it is {}, {}: loaded beforehand it does not meet the need, for the loader compares "
        "SONAMEs",
        it_is, soname ? fmt::format("whose SONAME is {}", quoted(*soname)) : "which has no SONAME");
    missing.way_out = fmt::format("patch that wheel: --set-soname '{}={}'",
                                  printable(std::string(file_name(path_of(inspection, bearer)))),
                                  printable(still.name));
  } else {
    missing.why = fmt::format("it is {}, which does not load before it", it_is);
    missing.way_out = "see `spokeshave inspect --layout separate` on these wheels";
  }
  return missing;
}

bool is_among(const std::vector<std::size_t>& libraries, std::size_t library) {
  return std::find(libraries.begin(), libraries.end(), library) != libraries.end();
}

bool is_fault_of_circle(const StillMissing& still, const std::vector<NeedCircle>& circles) {
  return std::any_of(circles.begin(), circles.end(), [&](const NeedCircle& circle) {
    return !circle.first && is_among(circle.libraries, *still.to) &&
           is_among(circle.libraries, still.from);
  });
}

/// With the SONAME where the file is called otherwise: code that opens it asks for one of the two.
std::string with_soname(const Inspection& inspection, std::size_t library) {
  const auto& soname = inspection.libraries[library].library->image.soname;
  const bool differs = soname && *soname != file_name(path_of(inspection, library));
  return quoted_name(inspection, library) +
         (differs ? fmt::format(" (SONAME {})", quoted(*soname)) : "");
}

/// Why what is opened at run time cannot be: the clause behind its name.
std::string why_left_out(const Inspection& inspection, const LeftOut& left_out) {
  if (left_out.circle.empty()) {
    return fmt::format("needs {}, which no wheel here has",
                       some_of(quoted_all({left_out.lacks.begin(), left_out.lacks.end()})));
  }
  std::vector<std::size_t> others = left_out.circle;
  const bool is_in_it = std::erase(others, left_out.library) > 0;
  return fmt::format("{} {}{} need each other{} none can be opened first",
                     is_in_it ? "and" : "needs", some_libraries(inspection, others),
                     is_in_it ? "" : ", which", is_in_it ? ";" : " and of which");
}

void note_left_out(const Inspection& inspection, const PreloadNeeds& needs,
                   std::vector<std::string>& notes) {
  for (const auto& left_out : needs.left_out) {
    notes.push_back(fmt::format(
        "{}, which is opened only while code runs, or never, {}: neither it nor what it needs is "
        "loaded beforehand for that",
        with_soname(inspection, left_out.library), why_left_out(inspection, left_out)));
  }
  for (const auto& opened : needs.not_found) {
    const auto& soname = inspection.libraries[opened.to].library->image.soname;
    notes.push_back(fmt::format(
        "{} may open {} by dlopen, which is `{}` of {}, {}: loaded beforehand it would not be "
        "found either",
        quoted_name(inspection, opened.from), quoted(opened.name),
        printable(path_of(inspection, opened.to)), wheel_of(inspection, opened.to),
        soname ? fmt::format("whose SONAME is {}", quoted(*soname)) : "which has no SONAME"));
  }
}

/// Programs are processes of their own.
void note_programs(const Inspection& inspection, const PreloadOrder& loader,
                   std::vector<std::string>& notes) {
  std::set<std::size_t> unmet;
  for (const auto& need : inspection.graph.unmet) {
    unmet.insert(need.opened);
    unmet.insert(need.other_programs.begin(), need.other_programs.end());
  }
  std::vector<std::size_t> programs;
  std::vector<std::size_t> broken;
  for (std::size_t i = 0; i < inspection.libraries.size(); ++i) {
    const auto& entry = inspection.libraries[i];
    if (entry.wheel == 0 && entry.library->image.is_executable() && !loader.loads_alone(i)) {
      (unmet.contains(i) ? broken : programs).push_back(i);
    }
  }
  const auto note = [&](const std::vector<std::size_t>& all, const char* starts, const char* start,
                        const char* where) {
    if (!all.empty()) {
      notes.push_back(fmt::format("nothing is loaded beforehand for a program: {} {} {}",
                                  some_libraries(inspection, all), all.size() == 1 ? starts : start,
                                  where));
    }
  };
  note(programs, "starts", "start",
       "only where all wheels share one folder, or with LD_LIBRARY_PATH");
  note(broken, "does not start", "do not start",
       "even where all wheels share one folder, unless with LD_LIBRARY_PATH");
}

/// Of two loaded libraries with one SONAME the first meets all later needs for it.
void note_same_sonames(const Inspection& inspection, const std::vector<std::size_t>& order,
                       std::vector<std::string>& notes) {
  for (const Twins& twins : twins_among(inspection, order)) {
    notes.push_back(twins_words(inspection, twins));
  }
}

void note_unreadable(const Inspection& inspection, std::vector<std::string>& notes) {
  for (const auto& wheel : inspection.wheels) {
    for (const auto& broken : wheel.inventory.unreadable) {
      if (broken.is_library) {
        notes.push_back(fmt::format("{} of {} cannot be read, so nothing is known of it: {}",
                                    quoted(broken.member), wheel_words(wheel),
                                    printable(broken.why)));
      }
    }
  }
}

}  // namespace

std::vector<PreloadCircle> describe_circles(const Inspection& inspection,
                                            const std::vector<NeedCircle>& circles) {
  std::vector<PreloadCircle> described;
  for (const auto& circle : circles) {
    const bool two = circle.libraries.size() == 2;
    std::string how =
        circle.first ? fmt::format("{} is opened first and finds the {} by its own paths",
                                   quoted_name(inspection, *circle.first), two ? "other" : "others")
        : two        ? std::string(
                           "neither finds the other by its own paths with a folder a wheel, so "
                                  "neither can be opened first")
              : std::string(
                    "none finds the others by its own paths with a folder a wheel, so "
                    "none can be opened first");
    described.push_back({circle.libraries, circle.first.has_value(), std::move(how)});
  }
  return described;
}

std::vector<PreloadMissing> find_lacking(const Inspection& inspection,
                                         const std::set<std::size_t>& reached) {
  std::map<std::string, std::set<std::size_t>> needers;
  for (const auto& name : lacked_by(inspection, reached)) {
    needers[name];
  }
  const auto add = [&](const std::string& name, std::size_t from) {
    const auto found = needers.find(name);
    if (found != needers.end() && reached.contains(from)) {
      found->second.insert(from);
    }
  };
  for (const auto& need : inspection.graph.outside) {
    add(need.name, need.from);
  }
  const Unfindables unfindables = unfindables_of(inspection);
  for (const auto& [key, need] : unfindables) {
    add(need->name, need->from);
  }
  std::vector<PreloadMissing> missing;
  for (const auto& [name, libraries] : needers) {
    missing.push_back(lacking(inspection, unfindables, name, libraries));
  }
  return missing;
}

void find_still_missing(const Inspection& inspection, const std::vector<StillMissing>& still,
                        const std::vector<NeedCircle>& circles, PreloadPlan& plan) {
  const Unfindables unfindables = unfindables_of(inspection);
  for (const auto& each : still) {
    if (unfindables.contains({each.from, each.name})) {
      continue;  // told by find_lacking
    }
    if (!each.to) {
      plan.notes.push_back(
          fmt::format("{} does not find {} although its wheel has it: it is so in one folder too",
                      quoted_name(inspection, each.from), quoted(each.name)));
    } else if (!is_fault_of_circle(each, circles)) {
      plan.missing.push_back(unhelped(inspection, each));
    }
  }
}

void note_limits(const Inspection& inspection, const PreloadOrder& loader,
                 const PreloadNeeds& needs, const std::vector<std::size_t>& order,
                 std::vector<std::string>& notes) {
  note_left_out(inspection, needs, notes);
  note_programs(inspection, loader, notes);
  note_same_sonames(inspection, order, notes);
  note_unreadable(inspection, notes);
}

}  // namespace spokeshave
