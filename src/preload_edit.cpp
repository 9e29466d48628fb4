#include "src/preload_edit.h"

#include <fmt/format.h>

#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "src/failure.h"
#include "src/member_check.h"
#include "src/nearest.h"
#include "src/preload_block.h"

namespace spokeshave {

namespace {

/// The member's text before the edit: the original's, or what a diff has made of it.
std::string text_of(const wheel::WheelFile& wheel, const PatchedMember& member) {
  return member.kind == PatchedMember::Kind::kText
             ? member.text
             : checked_text(wheel, *wheel.archive.find(member.from));
}

/// What an edit has made of the text of `path`, and what to call that.
struct Edited {
  std::string text;
  const char* what = "";
};
using Edit = std::function<Edited(const std::string& path, std::string_view text)>;

/// What `change` returns; where it fails, the module is named.
std::string naming(const std::string& path, const std::function<std::string()>& change) {
  try {
    return change();
  } catch (const Failure& failure) {
    throw Failure(ExitCode::kFound, fmt::format("cannot change `{}`: {}", path, failure.what()),
                  failure.cause(), failure.hint());
  }
}

Edited without_block(const std::string& path, std::string_view text) {
  return {naming(path, [&] { return without_preload_block(text); }), "preload block taken out"};
}

Edited with_block(const std::string& path, std::string_view text, std::string_view block) {
  std::string with = with_preload_block_in(path, text, block);
  const bool replaces = without_preload_block(text) != text;
  return {std::move(with), replaces ? "preload block replaced" : "preload block put in"};
}

/// False where the edit leaves the text as it is.
bool edit_text(const wheel::WheelFile& wheel, PatchedMember& member, const std::string& path,
               const Edit& edit) {
  const std::string before = text_of(wheel, member);
  Edited after = edit(path, before);
  if (after.text == before) {
    return false;
  }
  member.changes.push_back(
      fmt::format("{}, {} -> {} bytes", after.what, before.size(), after.text.size()));
  member.kind = PatchedMember::Kind::kText;
  member.text = std::move(after.text);
  return true;
}

void remove_blocks(const wheel::WheelFile& wheel, const std::set<std::string>& removed,
                   std::map<std::string, PatchedMember>& members) {
  bool found = false;
  for (auto& [path, member] : members) {
    if (path.ends_with(".py") && !removed.contains(path) &&
        member.kind != PatchedMember::Kind::kFile) {
      found |= edit_text(wheel, member, path, without_block);
    }
  }
  if (!found) {
    throw Failure(ExitCode::kFound, "--remove-preload finds no preload block",
                  "none of the wheel's Python modules has one",
                  "the wheel is as it would be without one: leave the option out");
  }
}

void put_block(const wheel::WheelFile& wheel, const PreloadEdit& edit,
               const std::set<std::string>& removed,
               std::map<std::string, PatchedMember>& members) {
  std::vector<std::string> paths;
  for (const auto& [path, member] : members) {
    if (!removed.contains(path) && member.kind != PatchedMember::Kind::kFile) {
      paths.push_back(path);
    }
  }
  const std::string path = preload_module(wheel, edit.init_path, paths);
  edit_text(wheel, members.at(path), path, [&](const std::string& module, std::string_view text) {
    return with_block(module, text, edit.block);
  });
}

}  // namespace

std::string preload_module(const wheel::WheelFile& wheel, std::string_view init_path,
                           const std::vector<std::string>& paths) {
  std::vector<std::string> installed;
  for (const std::string& path : paths) {
    installed.push_back(wheel::installed_path(wheel, path));
    if (installed.back() == init_path) {
      return path;
    }
  }
  throw Failure(ExitCode::kFound, fmt::format("no preload block can be put into `{}`", init_path),
                "the wheel has no such module",
                did_you_mean(std::string(init_path), installed, "name a module of the wheel"));
}

std::string with_preload_block_in(const std::string& path, std::string_view text,
                                  std::string_view block) {
  return naming(path, [&] { return with_preload_block(text, block); });
}

void edit_preload_blocks(const wheel::WheelFile& wheel, const PatchRequest& request,
                         const std::set<std::string>& removed,
                         std::map<std::string, PatchedMember>& members) {
  if (request.remove_preload) {
    remove_blocks(wheel, removed, members);
  }
  if (request.preload) {
    put_block(wheel, *request.preload, removed, members);
  }
}

}  // namespace spokeshave
