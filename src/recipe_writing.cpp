#include "src/recipe_writing.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "src/failure.h"
#include "src/file_mode.h"
#include "wheel/utf8.h"

namespace spokeshave {

namespace {

using Kind = LibraryEdit::Kind;

[[noreturn]] void refuse(const std::string& cause, const std::string& hint) {
  throw Failure(ExitCode::kUsage, "cannot say this as a recipe", cause, hint);
}

/// A basic string of TOML 1.0.
std::string quoted(const std::string& text) {
  if (!wheel::is_utf8(text)) {
    refuse(fmt::format("`{}` is not UTF-8, which TOML is", text), "give such names by a GLOB");
  }
  std::string string = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      string += '\\';
      string += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      string += fmt::format("\\u{:04X}", byte);
    } else {
      string += c;
    }
  }
  return string + '"';
}

/// A bare key where it may be one.
std::string key_text(const std::string& key) {
  const bool is_bare = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_';
  });
  return is_bare ? key : quoted(key);
}

std::string line_array(const std::vector<std::string>& texts) {
  std::string array = "[";
  for (const std::string& text : texts) {
    array += array.size() > 1 ? ", " : "";
    array += quoted(text);
  }
  return array + "]";
}

std::string array_text(const std::vector<std::string>& texts) {
  if (texts.size() == 1) {
    return line_array(texts);
  }
  std::string array = "[\n";  // a line each, so that a review shows which one changed
  for (const std::string& text : texts) {
    array += fmt::format("  {},\n", quoted(text));
  }
  return array + "]";
}

/// What stands in a table: keys, and the TOML of their values, in order.
using Entries = std::vector<std::pair<std::string, std::string>>;

std::string inline_table(const Entries& entries) {
  std::string table = "{ ";
  for (const auto& [key, value] : entries) {
    table += fmt::format("{}{} = {}", table.size() > 2 ? ", " : "", quoted(key), value);
  }
  return table + " }";
}

[[noreturn]] void refuse_twice(const std::string& option, const std::string& key) {
  refuse(fmt::format("{} has two values for `{}`", option, key), "leave one of them out");
}

/// Adds what a key may have once.
void add_once(Entries& entries, const std::string& option, const std::string& key,
              const std::string& value) {
  const bool is_there = std::any_of(entries.begin(), entries.end(),
                                    [&](const auto& entry) { return entry.first == key; });
  if (is_there) {
    refuse_twice(option, key);
  }
  entries.emplace_back(key, value);
}

/// A recipe's table while it is written: what has one line, then tables of several.
class Writer {
 public:
  explicit Writer(const std::string& key) : key_(key_text(key)) {}

  void value(const std::string& key, const std::string& value) {
    lines_ += fmt::format("{} = {}\n", key, value);
  }
  void string(const std::string& key, const std::optional<std::string>& text) {
    if (text) {
      value(key, quoted(*text));
    }
  }
  void strings(const std::string& key, const std::vector<std::string>& texts) {
    if (!texts.empty()) {
      value(key, array_text(texts));
    }
  }
  void table(const std::string& key, const Entries& entries) {
    if (entries.size() == 1) {
      value(key, inline_table(entries));
    } else if (entries.size() > 1) {
      tables_ += fmt::format("\n[{}.{}]\n", key_, key);
      for (const auto& [name, text] : entries) {
        tables_ += fmt::format("{} = {}\n", quoted(name), text);
      }
    }
  }

  std::string text() const { return fmt::format("[{}]\n{}{}", key_, lines_, tables_); }

 private:
  std::string key_;
  std::string lines_;
  std::string tables_;
};

void write_diffs(Writer& writer, const DiffRequest& diffs) {
  std::vector<std::string> run;
  std::vector<bool> written;
  for (std::size_t i = 0; i < diffs.sources.size(); ++i) {
    const DiffSource& source = diffs.sources[i];
    run.push_back(source.path);
    if (i + 1 < diffs.sources.size() && diffs.sources[i + 1].is_folder == source.is_folder) {
      continue;
    }
    if (std::find(written.begin(), written.end(), source.is_folder) != written.end()) {
      refuse("diffs and folders of diffs are to be applied in turns",
             "a recipe has all of `patch`, then all of `patch-dir`, or the other way round");
    }
    writer.strings(source.is_folder ? "patch-dir" : "patch", std::exchange(run, {}));
    written.push_back(source.is_folder);
  }
  if (diffs.strip_count != DiffRequest().strip_count) {
    writer.value("strip-count", std::to_string(diffs.strip_count));
  }
  if (diffs.patch_prog != DiffRequest().patch_prog) {
    writer.string("patch-prog", diffs.patch_prog);
  }
}

/// The edits of each GLOB, in the order of the GLOBs' first mention.
std::vector<std::pair<std::string, std::vector<const LibraryEdit*>>> by_glob(
    const std::vector<LibraryEdit>& edits, Kind kind) {
  std::vector<std::pair<std::string, std::vector<const LibraryEdit*>>> groups;
  for (const LibraryEdit& edit : edits) {
    if (edit.kind != kind) {
      continue;
    }
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const auto& candidate) { return candidate.first == edit.glob; });
    if (group == groups.end()) {
      group = groups.insert(groups.end(), {edit.glob, {}});
    }
    group->second.push_back(&edit);
  }
  return groups;
}

/// What stands behind a GLOB.
std::string value_text(const std::vector<const LibraryEdit*>& edits) {
  const Kind kind = edits.front()->kind;
  std::vector<std::string> values;
  Entries pairs;
  for (const LibraryEdit* edit : edits) {
    values.push_back(edit->value);
    if (kind == Kind::kReplaceNeeded) {
      add_once(pairs, option_of(kind), edit->old_name, quoted(edit->value));
    }
  }
  if (kind == Kind::kReplaceNeeded) {
    return inline_table(pairs);
  }
  if (kind == Kind::kAddNeeded || kind == Kind::kRemoveNeeded) {
    return line_array(values);
  }
  if (values.size() > 1) {
    refuse_twice(option_of(kind), edits.front()->glob);
  }
  return quoted(values.front());
}

void write_library_edits(Writer& writer, const std::vector<LibraryEdit>& edits, Kind kind) {
  const std::string key = std::string(option_of(kind)).substr(2);
  if (kind == Kind::kRemoveRpath) {
    std::vector<std::string> globs;
    for (const LibraryEdit& edit : edits) {
      if (edit.kind == kind) {
        globs.push_back(edit.glob);
      }
    }
    writer.strings(key, globs);
    return;
  }
  Entries entries;
  for (const auto& [glob, of_glob] : by_glob(edits, kind)) {
    entries.emplace_back(glob, value_text(of_glob));
  }
  writer.table(key, entries);
}

}  // namespace

std::string recipe_text(const std::string& key, const PatchRequest& request) {
  Writer writer(key);
  writer.strings("drop-requires", request.metadata.drop_requires);
  writer.strings("add-requires", request.metadata.add_requires);
  writer.strings("set-requires", request.metadata.set_requires);
  writer.string("requires-python", request.metadata.requires_python);
  writer.string("suffix", request.suffix);
  writer.string("version", request.version);
  writer.string("build", request.tags.build);
  writer.string("python-tag", request.tags.python_tag);
  writer.string("abi-tag", request.tags.abi_tag);
  writer.string("platform-tag", request.tags.platform_tag);
  write_diffs(writer, request.diffs);
  Entries additions;
  for (const FileAddition& addition : request.additions) {
    add_once(additions, "--add", addition.path, quoted(addition.file));
  }
  writer.table("add", additions);
  writer.strings("remove", request.removals);
  Entries modes;
  for (const ModeChange& change : request.modes) {
    add_once(modes, "--chmod", change.glob, quoted(mode_text(change.mode)));
  }
  writer.table("chmod", modes);
  if (request.remove_preload) {
    writer.value("remove-preload", "true");
  }
  for (const Kind kind : {Kind::kSetRunpath, Kind::kSetRpath, Kind::kRemoveRpath, Kind::kSetSoname,
                          Kind::kReplaceNeeded, Kind::kAddNeeded, Kind::kRemoveNeeded}) {
    write_library_edits(writer, request.library_edits, kind);
  }
  return writer.text();
}

}  // namespace spokeshave
