#include "src/comparison_report.h"

#include <fmt/format.h>

#include "src/failure.h"
#include "src/size.h"
#include "wheel/counted.h"

namespace spokeshave {

namespace {

constexpr const char* kUnder = "           ";  // the text behind the kind

std::string mode_words(std::uint32_t mode) {
  return fmt::format("{:04o}", mode);
}

/// `a -> b`, or `a` where both are the same.
std::string both(const std::string& before, const std::string& after) {
  return before == after ? printable(before)
                         : fmt::format("{} -> {}", printable(before), printable(after));
}

std::string name_words(const WheelComparison& comparison, const MemberChange& change) {
  const ComparedMember* before = comparison.before(change);
  const ComparedMember* after = comparison.after(change);
  std::string words;
  if (before == nullptr || after == nullptr) {
    const ComparedMember& member = before == nullptr ? *after : *before;
    words = fmt::format("{} ({})", printable(member.name), format_size(member.size));
  } else {
    // A folder's new version is told once.
    words = before->path == after->path ? printable(after->name) : both(before->name, after->name);
  }
  const bool is_set = comparison.wheels.size() > 1;
  return is_set && change.wheel ? fmt::format("{} [{}]", words, *change.wheel + 1) : words;
}

std::string value_or_none(const std::string& value) {
  return value.empty() ? "none" : printable(value);
}

std::string under(const std::string& text) {
  return wrapped(kUnder + text, kColumns, std::string(kUnder) + "  ") + "\n";
}

/// A search path has a line for each of a few entries, the old one over the new one.
std::string path_change(const elf::FieldChange& field) {
  const std::string inner = std::string(kUnder) + "    ";
  const auto side = [&](const char* sign, const std::string& value) {
    return wrapped_path(std::string(kUnder) + "  " + sign + value_or_none(value), kColumns, inner) +
           "\n";
  };
  return kUnder + printable(field.field) + "\n" + side("- ", field.before) +
         side("+ ", field.after);
}

std::string field_words(const elf::FieldChange& field) {
  const std::string line = fmt::format("{}: {} -> {}", printable(field.field),
                                       value_or_none(field.before), value_or_none(field.after));
  const bool is_path = field.field == "RPATH" || field.field == "RUNPATH";
  return is_path && columns(kUnder + line) > kColumns ? path_change(field) : under(line);
}

std::string details(const WheelComparison& comparison, const MemberChange& change) {
  const ComparedMember* before = comparison.before(change);
  const ComparedMember* after = comparison.after(change);
  if (before == nullptr || after == nullptr) {
    return {};
  }
  std::string text;
  for (const auto& field : change.fields) {
    text += field_words(field);
  }
  for (const auto& [sign, line] : change.lines) {
    text += under(fmt::format("{} {}", sign, printable(line)));
  }
  if (change.text_changed) {
    text += under("the text behind the header differs");
  }
  const bool told = !change.fields.empty() || !change.lines.empty();
  if (change.kind == MemberChange::Kind::kChanged && !told) {
    text += under(fmt::format("{} -> {}", format_size(before->size), format_size(after->size)));
  }
  if (before->mode != after->mode && before->mode != 0 && after->mode != 0) {
    text += under(fmt::format("mode {} -> {}", mode_words(before->mode), mode_words(after->mode)));
  }
  return text;
}

}  // namespace

std::string comparison_text(const OriginalComparison& against, const Style& style) {
  const WheelComparison& comparison = against.members;
  std::string text =
      fmt::format("compared with {}: {} the same\n", style.bold(printable(against.file_name)),
                  wheel::counted(comparison.unchanged, "file is", "files are"));
  for (const auto& folder : comparison.folders) {
    text += fmt::format("  {:8} {}\n", "renamed", both(folder.before, folder.after));
  }
  for (const auto& change : comparison.changes) {
    text += fmt::format("  {:8} {}\n", to_string(change.kind), name_words(comparison, change));
    text += details(comparison, change);
  }
  return text;
}

}  // namespace spokeshave
