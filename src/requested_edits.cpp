#include "src/requested_edits.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "src/failure.h"
#include "src/glob.h"
#include "src/nearest.h"

namespace spokeshave {

namespace {

using Kind = LibraryEdit::Kind;

/// `--set-runpath 'lib*.so=...'`, as it was typed.
std::string as_typed(const LibraryEdit& edit) {
  const std::string option = option_of(edit.kind);
  switch (edit.kind) {
    case Kind::kRemoveRpath:
      return fmt::format("{} '{}'", option, edit.glob);
    case Kind::kReplaceNeeded:
      return fmt::format("{} '{}:{}={}'", option, edit.glob, edit.old_name, edit.value);
    default:
      return fmt::format("{} '{}={}'", option, edit.glob, edit.value);
  }
}

/// One `set` may follow another that says the same.
void set_once(std::optional<std::string>& to, const LibraryEdit& edit, const std::string& path) {
  if (to && *to != edit.value) {
    throw Failure(ExitCode::kUsage, fmt::format("{} contradicts another edit", as_typed(edit)),
                  fmt::format("`{}` is to get `{}` and `{}`", path, *to, edit.value),
                  "let each library match one GLOB only");
  }
  to = edit.value;
}

void add_path(elf::Edits& to, elf::PathKind kind, const LibraryEdit& edit,
              const std::string& path) {
  if (to.search_path && to.path_kind != kind) {
    throw Failure(ExitCode::kUsage, fmt::format("{} contradicts another edit", as_typed(edit)),
                  fmt::format("`{}` can have RPATH or RUNPATH, not both", path),
                  "the loader ignores RPATH where there is RUNPATH: give one of them");
  }
  set_once(to.search_path, edit, path);
  to.path_kind = kind;
}

void add(elf::Edits& to, const LibraryEdit& edit, const std::string& path) {
  switch (edit.kind) {
    case Kind::kSetRunpath:
      add_path(to, elf::PathKind::kRunpath, edit, path);
      break;
    case Kind::kSetRpath:
      add_path(to, elf::PathKind::kRpath, edit, path);
      break;
    case Kind::kRemoveRpath:
      to.remove_search_path = true;
      break;
    case Kind::kSetSoname:
      set_once(to.soname, edit, path);
      break;
    case Kind::kReplaceNeeded:
      to.replace_needed.emplace_back(edit.old_name, edit.value);
      break;
    case Kind::kAddNeeded:
      to.add_needed.push_back(edit.value);
      break;
    case Kind::kRemoveNeeded:
      to.remove_needed.push_back(edit.value);
      break;
  }
}

}  // namespace

elf::Edits edits_for(const std::vector<LibraryEdit>& edits, const std::string& path) {
  elf::Edits result;
  for (const auto& edit : edits) {
    if (glob_matches(edit.glob, path)) {
      add(result, edit, path);
    }
  }
  try {
    elf::check(result);
  } catch (const std::invalid_argument& error) {
    throw Failure(ExitCode::kUsage, fmt::format("the edits of `{}` contradict each other", path),
                  error.what(), "let each library match one GLOB of a kind only");
  }
  return result;
}

void refuse_unmatched(const std::vector<LibraryEdit>& edits,
                      const std::vector<std::string>& paths) {
  for (const auto& edit : edits) {
    const auto matches = [&](const std::string& path) { return glob_matches(edit.glob, path); };
    if (std::any_of(paths.begin(), paths.end(), matches)) {
      continue;
    }
    std::vector<std::string> names;
    for (const auto& path : paths) {
      const bool whole = edit.glob.find('/') != std::string::npos;
      names.push_back(whole ? path : std::string(file_name(path)));
    }
    throw Failure(ExitCode::kFound, fmt::format("{} matches no library", as_typed(edit)),
                  "no ELF file is called so",
                  did_you_mean(edit.glob, names,
                               "a GLOB without `/` matches file names, one with `/` whole paths"));
  }
}

void refuse_unneeded(const std::vector<LibraryEdit>& edits,
                     const std::vector<EditedLibrary>& libraries) {
  for (const auto& edit : edits) {
    if (edit.kind != Kind::kReplaceNeeded && edit.kind != Kind::kRemoveNeeded) {
      continue;
    }
    const std::string& name = edit.kind == Kind::kReplaceNeeded ? edit.old_name : edit.value;
    std::vector<std::string> needed;
    for (const auto& library : libraries) {
      if (glob_matches(edit.glob, library.path)) {
        const auto& names = library.before->needed;
        needed.insert(needed.end(), names.begin(), names.end());
      }
    }
    if (std::find(needed.begin(), needed.end(), name) == needed.end()) {
      throw Failure(
          ExitCode::kFound, fmt::format("{} changes nothing", as_typed(edit)),
          fmt::format("no library that matches needs `{}`", name),
          did_you_mean(name, needed, "`spokeshave inspect --graph` shows what they need"));
    }
  }
}

}  // namespace spokeshave
