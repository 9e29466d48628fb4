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

/// What an edit has made of a text, and what to call that.
struct Edited {
  std::string text;
  const char* what = "";
};
using Edit = std::function<Edited(std::string_view)>;

Edited without_block(std::string_view text) {
  return {without_preload_block(text), "preload block taken out"};
}

Edited with_block(std::string_view text, const std::string& block) {
  const bool replaces = without_preload_block(text) != text;
  return {with_preload_block(text, block),
          replaces ? "preload block replaced" : "preload block put in"};
}

Edited edited(const Edit& edit, const std::string& path, const std::string& text) {
  try {
    return edit(text);
  } catch (const Failure& failure) {
    throw Failure(ExitCode::kFound, fmt::format("cannot change `{}`: {}", path, failure.what()),
                  failure.cause(), failure.hint());
  }
}

/// False where the edit leaves the text as it is.
bool edit_text(const wheel::WheelFile& wheel, PatchedMember& member, const std::string& path,
               const Edit& edit) {
  const std::string before = text_of(wheel, member);
  Edited after = edited(edit, path, before);
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
  std::vector<std::string> modules;
  for (auto& [path, member] : members) {
    const std::string installed = wheel::installed_path(wheel, path);
    if (installed == edit.init_path && !removed.contains(path) &&
        member.kind != PatchedMember::Kind::kFile) {
      edit_text(wheel, member, path,
                [&](std::string_view text) { return with_block(text, edit.block); });
      return;
    }
    modules.push_back(installed);
  }
  throw Failure(ExitCode::kFound,
                fmt::format("no preload block can be put into `{}`", edit.init_path),
                "the wheel has no such module",
                did_you_mean(edit.init_path, modules, "name a module of the wheel"));
}

}  // namespace

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
