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

using Edit = std::function<std::string(std::string_view)>;

/// The member's text before the edit: the original's, or what a diff has made of it.
std::string text_of(const wheel::WheelFile& wheel, const PatchedMember& member) {
  return member.kind == PatchedMember::Kind::kText
             ? member.text
             : checked_text(wheel, *wheel.archive.find(member.from));
}

std::string edited(const Edit& edit, const std::string& path, const std::string& text) {
  try {
    return edit(text);
  } catch (const Failure& failure) {
    throw Failure(ExitCode::kFound, fmt::format("cannot change `{}`: {}", path, failure.what()),
                  failure.cause(), failure.hint());
  }
}

/// False where the edit leaves the text as it is.
bool edit_text(const wheel::WheelFile& wheel, PatchedMember& member, const std::string& path,
               const Edit& edit, const char* what) {
  const std::string before = text_of(wheel, member);
  std::string after = edited(edit, path, before);
  if (after == before) {
    return false;
  }
  member.changes.push_back(fmt::format("{}, {} -> {} bytes", what, before.size(), after.size()));
  member.kind = PatchedMember::Kind::kText;
  member.text = std::move(after);
  return true;
}

void remove_blocks(const wheel::WheelFile& wheel, const std::set<std::string>& removed,
                   std::map<std::string, PatchedMember>& members) {
  bool found = false;
  for (auto& [path, member] : members) {
    if (path.ends_with(".py") && !removed.contains(path) &&
        member.kind != PatchedMember::Kind::kFile) {
      found |= edit_text(wheel, member, path, without_preload_block, "preload block taken out");
    }
  }
  if (!found) {
    throw Failure(ExitCode::kFound, "--remove-preload finds no preload block",
                  "none of the wheel's Python modules has one",
                  "leave it out, or name the wheel that was split or got its block by `preload`");
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
      const bool replaces = without_preload_block(text_of(wheel, member)) != text_of(wheel, member);
      edit_text(
          wheel, member, path,
          [&](std::string_view text) { return with_preload_block(text, edit.block); },
          replaces ? "preload block replaced" : "preload block put in");
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
