#include "src/metadata_edits.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

#include "src/edit_checks.h"
#include "src/failure.h"
#include "src/nearest.h"
#include "wheel/error.h"
#include "wheel/requirement.h"
#include "wheel/stripped.h"
#include "wheel/tags.h"

namespace spokeshave {

namespace {

constexpr const char* kRequires = "Requires-Dist";
constexpr const char* kRequiresPython = "Requires-Python";

std::string without_blanks(const std::string& text) {
  return std::string(wheel::stripped(text, " \t"));
}

/// The normalised name that a requirement begins with; nothing where it begins with none, as a line
/// of a wheel that others made may.
std::optional<std::string> name_of(const std::string& requirement) {
  try {
    return wheel::normalise_name(wheel::requirement_name(requirement));
  } catch (const wheel::Error&) {
    return std::nullopt;
  }
}

bool is_same(const std::string& a, const std::string& b) {
  try {
    return a == b ||
           wheel::is_same_requirement(wheel::parse_requirement(a), wheel::parse_requirement(b));
  } catch (const wheel::Error&) {
    return false;
  }
}

/// A METADATA that is being edited.
class Editor {
 public:
  explicit Editor(const wheel::Headers& metadata)
      : headers_(metadata),
        wheel_(fmt::format("{} {}", metadata.get("Name").value_or("the wheel"),
                           metadata.get("Version").value_or(""))) {}

  void set_version(const std::string& version) { set_field("Version", version); }
  void set_requires_python(const std::string& value) {
    set_field(kRequiresPython, without_blanks(value));
  }

  void drop(const std::string& name) {
    const std::string normal = wheel::normalise_name(name);
    if (values_of(normal).empty()) {
      not_required("drop", name, what_is_required());
    }
    headers_.rewrite(kRequires, [&](const std::string& value) -> Values {
      if (name_of(value) != normal) {
        return std::nullopt;
      }
      edited_.changes.push_back(fmt::format("{} `{}` dropped", kRequires, value));
      return std::vector<std::string>();
    });
  }

  /// Gives the lines of `name` (normalised) the values.
  void set(const std::string& name, const std::vector<std::string>& values) {
    const std::vector<std::string> before = values_of(name);
    if (before.empty()) {
      not_required("set", wheel::requirement_name(values.front()), "to add it, use --add-requires");
    }
    if (before == values) {
      edited_.notes.push_back(
          fmt::format("{} `{}` stands there already", kRequires, fmt::join(values, "`, `")));
      return;
    }
    edited_.changes.push_back(fmt::format("{} `{}` replaced by `{}`", kRequires,
                                          fmt::join(before, "`, `"), fmt::join(values, "`, `")));
    bool is_first = true;
    headers_.rewrite(kRequires, [&](const std::string& value) -> Values {
      if (name_of(value) != name) {
        return std::nullopt;
      }
      return std::exchange(is_first, false) ? values : std::vector<std::string>();
    });
  }

  void add(const std::string& requirement) {
    const std::vector<std::string> all = headers_.get_all(kRequires);
    const auto same = std::find_if(all.begin(), all.end(), [&](const std::string& value) {
      return is_same(value, requirement);
    });
    if (same != all.end()) {
      edited_.notes.push_back(fmt::format("{} `{}` stands there already", kRequires, *same));
      return;
    }
    headers_.add(kRequires, requirement);
    edited_.changes.push_back(fmt::format("{} `{}` added", kRequires, requirement));
  }

  EditedText result() {
    edited_.text = headers_.text();
    return std::move(edited_);
  }

 private:
  using Values = std::optional<std::vector<std::string>>;

  void set_field(const char* field, const std::string& value) {
    const std::optional<std::string> before = headers_.get(field);
    if (before == value) {
      edited_.notes.push_back(fmt::format("{} `{}` stands there already", field, value));
      return;
    }
    headers_.set(field, value);
    edited_.changes.push_back(before
                                  ? fmt::format("{} `{}` replaced by `{}`", field, *before, value)
                                  : fmt::format("{} `{}` added", field, value));
  }

  /// The requirements of this name (normalised).
  std::vector<std::string> values_of(const std::string& name) const {
    std::vector<std::string> values = headers_.get_all(kRequires);
    std::erase_if(values, [&](const std::string& value) { return name_of(value) != name; });
    return values;
  }

  /// The names that are required, as they stand, each once.
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    std::set<std::string> seen;
    for (const std::string& value : headers_.get_all(kRequires)) {
      const auto name = name_of(value);
      if (name && seen.insert(*name).second) {
        names.push_back(wheel::requirement_name(value));
      }
    }
    return names;
  }

  std::string what_is_required() const {
    constexpr std::size_t kShown = 12;
    std::vector<std::string> shown = names();
    const std::size_t count = shown.size();
    shown.resize(std::min(count, kShown));
    return count == 0
               ? "it requires nothing"
               : fmt::format("it requires {}{}", fmt::join(shown, ", "),
                             count > kShown ? fmt::format(" and {} more", count - kShown) : "");
  }

  [[noreturn]] void not_required(const char* verb, const std::string& name,
                                 const std::string& otherwise) const {
    throw Failure(ExitCode::kFound, fmt::format("cannot {} the requirement `{}`", verb, name),
                  fmt::format("`{}` does not require it", wheel_),
                  did_you_mean(name, names(), otherwise));
  }

  wheel::Headers headers_;
  const std::string wheel_;  ///< name and version before any edit, for messages
  EditedText edited_;
};

/// What is to be set, by normalised name, in the order of each name's first mention.
std::vector<std::pair<std::string, std::vector<std::string>>> by_name(
    const std::vector<std::string>& requirements) {
  std::vector<std::pair<std::string, std::vector<std::string>>> groups;
  for (const std::string& requirement : requirements) {
    const std::string name = wheel::normalise_name(wheel::requirement_name(requirement));
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const auto& candidate) { return candidate.first == name; });
    if (group == groups.end()) {
      group = groups.insert(groups.end(), {name, {}});
    }
    group->second.push_back(without_blanks(requirement));
  }
  return groups;
}

void set_tags(wheel::Headers& wheel, const std::vector<std::string>& tags) {
  bool is_first = true;
  wheel.rewrite("Tag", [&](const std::string&) {
    return std::exchange(is_first, false) ? tags : std::vector<std::string>();
  });
  for (std::size_t i = 0; is_first && i < tags.size(); ++i) {  // it has no Tag line
    wheel.add("Tag", tags[i]);
  }
}

}  // namespace

EditedText edited_metadata(const wheel::Headers& metadata, const MetadataEdits& edits,
                           const std::optional<std::string>& new_version) {
  check_edits(edits);
  Editor editor(metadata);
  if (new_version) {
    editor.set_version(*new_version);
  }
  if (edits.requires_python) {
    editor.set_requires_python(*edits.requires_python);
  }
  std::set<std::string> dropped;
  for (const std::string& name : edits.drop_requires) {
    if (dropped.insert(wheel::normalise_name(name)).second) {
      editor.drop(name);
    }
  }
  for (const auto& [name, values] : by_name(edits.set_requires)) {
    editor.set(name, values);
  }
  for (const std::string& requirement : edits.add_requires) {
    editor.add(without_blanks(requirement));
  }
  return editor.result();
}

EditedText edited_wheel_text(const wheel::Headers& wheel, const wheel::Filename& before,
                             const wheel::Filename& after) {
  wheel::Headers headers = wheel;
  EditedText edited;
  const std::vector<std::string> tags = wheel::expanded_tags(after);
  const std::vector<std::string> old_tags = headers.get_all("Tag");
  if (wheel::expanded_tags(before) != tags && old_tags != tags) {
    set_tags(headers, tags);
    edited.changes.push_back(fmt::format("Tag `{}` replaced by `{}`", fmt::join(old_tags, "`, `"),
                                         fmt::join(tags, "`, `")));
  }
  if (before.build != after.build) {
    headers.rewrite("Build", [](const std::string&) { return std::vector<std::string>(); });
    if (!after.build.empty()) {
      headers.add("Build", after.build);
    }
    edited.changes.push_back(after.build.empty() ? fmt::format("Build `{}` dropped", before.build)
                                                 : fmt::format("Build `{}` set", after.build));
  }
  edited.text = headers.text();
  return edited;
}

}  // namespace spokeshave
