#include "src/patch_report.h"

#include <fmt/format.h>

#include <cstdlib>

#include "src/failure.h"
#include "src/output_wheels.h"
#include "src/size.h"

namespace spokeshave {

namespace {

/// A line of a report, broken where it is too long for the terminal.
std::string detail(const std::string& text) {
  return fmt::format("    {}\n", wrapped(printable(text), kColumns - 4, "      "));
}

std::string member_lines(const PatchedMember& member, const std::vector<std::string>& changes) {
  std::string text = indented(printable(member.name), 2, kColumns) + "\n";
  for (const auto& change : changes) {
    text += detail(change);
  }
  return text;
}

/// Empty where the file name stays.
std::string new_name_of(const PatchSubject& subject) {
  const std::string name = to_string(subject.plan.filename);
  return name == subject.file_name ? "" : name;
}

std::string changed_section(const PatchSubject& subject, const Style& style) {
  std::string text;
  std::size_t untouched = subject.plan.let_go;
  for (const auto& member : subject.plan.members) {
    std::vector<std::string> changes = member.changes;
    if (member.kind == PatchedMember::Kind::kLibrary) {
      const StagedLibrary& staged = *subject.stage.find_library(member.from);
      changes.insert(changes.end(), staged.changes.begin(), staged.changes.end());
      if (!staged.changed()) {
        changes.emplace_back("is so already");
      }
    }
    if (changes.empty()) {
      ++untouched;
    } else {
      text += member_lines(member, changes);
    }
  }
  for (const auto& path : subject.plan.removed) {
    text += indented(printable(path), 2, kColumns) + "\n" + detail("removed");
  }
  for (const auto& path : subject.plan.dropped) {
    text +=
        indented(printable(path), 2, kColumns) + "\n" + detail("dropped: it signs the old content");
  }
  if (text.empty()) {
    text = new_name_of(subject).empty() ? "  nothing: all of it is so already\n"
                                        : "  the file name only\n";
  }
  return fmt::format("\n{}\n{}  {} other files stay, byte for byte\n", style.bold("changed"), text,
                     untouched);
}

std::string how_far_off(const HunkNote& note) {
  std::string text;
  if (note.lines != 0) {
    text = fmt::format("{} line{} {}", std::abs(note.lines), std::abs(note.lines) == 1 ? "" : "s",
                       note.lines < 0 ? "above" : "below");
  }
  if (note.fuzz != 0) {
    text += fmt::format("{}with fuzz {}", text.empty() ? "" : ", ", note.fuzz);
  }
  return text;
}

std::string diffs_section(const DiffOutcome& diffs, const Style& style) {
  if (diffs.diffs.empty()) {
    return "";
  }
  std::string text = fmt::format("\n{}\n", style.bold("applied"));
  for (const auto& diff : diffs.diffs) {
    text += indented(printable(diff), 2, kColumns) + "\n";
    for (const auto& note : diffs.notes) {
      if (note.diff == diff) {
        text +=
            detail(fmt::format("hunk {} of {} fits {}", note.hunk, note.path, how_far_off(note)));
      }
    }
  }
  for (const auto& remark : diffs.remarks) {
    text += detail(remark);
  }
  return text;
}

std::string notes_section(const PatchPlan& plan, const Style& style) {
  if (plan.notes.empty()) {
    return "";
  }
  std::string text = fmt::format("\n{}\n", style.bold("note"));
  for (const auto& note : plan.notes) {
    text += fmt::format("  {}\n", wrapped(printable(note), kColumns - 2, "    "));
  }
  return text;
}

}  // namespace

std::string patch_text(const PatchSubject& subject, const Style& style) {
  const std::string new_name = new_name_of(subject);
  const std::string title =
      new_name.empty() ? printable(subject.file_name)
                       : wrapped(printable(subject.file_name + " -> " + new_name), kColumns, "  ");
  return fmt::format("{}\n{}{}{}", style.bold(title), diffs_section(subject.diffs, style),
                     changed_section(subject, style), notes_section(subject.plan, style));
}

std::string patched_text(const PatchSubject& subject, const PatchResult& result,
                         const Style& style) {
  return fmt::format(
      "\n{}\n  {}\n    {} packed, was {}\n"
      "\n{}\n  {} members against RECORD, {} of them decoded and hashed\n"
      "\n{}\n  {}\n",
      style.bold("written"), printable(result.path), format_size(result.packed_bytes),
      format_size(subject.packed_bytes), style.bold("proved"), result.written.members,
      result.written.decoded, style.bold("to install"),
      install_line({result.path}, subject.plan.requirement));
}

std::string elf_file_text(const PatchedElfFile& file, const Style& style) {
  std::string text = style.bold(printable(file.path)) + "\n";
  for (const auto& change : file.changes) {
    text += detail(change);
  }
  if (file.untouched) {
    text += detail("is so already");
  } else if (file.appended_bytes != 0) {
    text += detail(fmt::format("{} appended", format_size(file.appended_bytes)));
  }
  return text;
}

}  // namespace spokeshave
