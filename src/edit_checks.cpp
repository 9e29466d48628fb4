#include "src/edit_checks.h"

#include <fmt/format.h>

#include <set>
#include <string>
#include <vector>

#include "src/failure.h"
#include "wheel/error.h"
#include "wheel/filename.h"
#include "wheel/metadata.h"
#include "wheel/requirement.h"
#include "wheel/specifiers.h"
#include "wheel/tags.h"

namespace spokeshave {

namespace {

/// Runs a check of `value` that throws wheel::Error.
template <typename Check>
void check(const char* option, const std::string& value, const char* hint, Check&& is_proper) {
  try {
    is_proper(value);
  } catch (const wheel::Error& error) {
    throw Failure(ExitCode::kUsage, fmt::format("cannot take {} `{}`", option, value), error.what(),
                  hint);
  }
}

void check_name(const std::string& name) {
  if (wheel::requirement_name(name) != name) {
    throw wheel::Error("", "this is not a name alone");
  }
}

void check_requirements(const char* option, const std::vector<std::string>& requirements) {
  for (const std::string& requirement : requirements) {
    check(option, requirement, "a requirement is written as in \"numpy>=1.2; extra == 'test'\"",
          wheel::parse_requirement);
  }
}

}  // namespace

void check_edits(const MetadataEdits& edits) {
  std::set<std::string> dropped;
  for (const std::string& name : edits.drop_requires) {
    check("--drop-requires", name, "give the name only: all its lines go", check_name);
    dropped.insert(wheel::normalise_name(name));
  }
  check_requirements("--add-requires", edits.add_requires);
  check_requirements("--set-requires", edits.set_requires);
  if (edits.requires_python) {
    check("--requires-python", *edits.requires_python,
          "version specifiers are written as in \">=3.8,<4\"", wheel::check_specifiers);
  }
  for (const std::string& requirement : edits.set_requires) {
    const std::string name = wheel::requirement_name(requirement);
    if (dropped.contains(wheel::normalise_name(name))) {
      throw Failure(
          ExitCode::kUsage, fmt::format("cannot drop the requirement `{}` and set it too", name),
          fmt::format("--drop-requires names it, and so does --set-requires `{}`", requirement),
          "--set-requires alone replaces all lines of that name");
    }
  }
}

void check_edits(const TagEdits& edits) {
  const auto check_tag = [](const char* option, const std::optional<std::string>& value,
                            void (*is_proper)(std::string_view)) {
    if (value) {
      check(option, *value, "several tags stand with `.` between, as in py2.py3", is_proper);
    }
  };
  check_tag("--python-tag", edits.python_tag, wheel::check_python_tag);
  check_tag("--abi-tag", edits.abi_tag, wheel::check_abi_tag);
  check_tag("--platform-tag", edits.platform_tag, wheel::check_platform_tag);
  if (edits.build && !edits.build->empty()) {
    check("--build", *edits.build, "a build number is written as in 1 or 1_local",
          wheel::check_build);
  }
}

}  // namespace spokeshave
