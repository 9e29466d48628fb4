#include <fmt/format.h>

#include <charconv>

#include "src/file_mode.h"
#include "src/options_parts.h"

namespace spokeshave {

namespace {

/// `LEFT=RIGHT` in two. Throws Failure where there is no `=`, or nothing on one side of it.
std::pair<std::string, std::string> two_sides(const std::string& option, const std::string& text,
                                              const std::string& form, bool right_may_be_empty) {
  const std::size_t at = text.find('=');
  if (at == std::string::npos || at == 0 || (at + 1 == text.size() && !right_may_be_empty)) {
    throw Failure(ExitCode::kUsage, fmt::format("{} `{}` is not {}", option, text, form),
                  at == std::string::npos ? "there is no `=` in it"
                  : at == 0               ? "there is nothing before the `=`"
                                          : "there is nothing behind the `=`",
                  fmt::format("write it as {} {}", option, form));
  }
  return {text.substr(0, at), text.substr(at + 1)};
}

std::uint32_t mode_of(const std::string& text) {
  const auto mode = parse_mode(text);
  if (!mode) {
    throw Failure(
        ExitCode::kUsage, fmt::format("--chmod `{}` is no mode", text),
        "it takes the permission bits in octal, 400 to 777; the owner must be able to read",
        "755 for a program, 644 for other files");
  }
  return *mode;
}

/// Takes one library edit of this kind: GLOB, GLOB=VALUE or GLOB:OLD=NEW.
auto library_edit(LibraryEdit::Kind kind, std::vector<LibraryEdit>& edits) {
  return [kind, &edits](const std::string& text) {
    const std::string option = option_of(kind);
    if (kind == LibraryEdit::Kind::kRemoveRpath) {
      edits.push_back({kind, text, "", ""});
      return;
    }
    const bool replaces = kind == LibraryEdit::Kind::kReplaceNeeded;
    const bool sets_path =
        kind == LibraryEdit::Kind::kSetRunpath || kind == LibraryEdit::Kind::kSetRpath;
    const std::string form = replaces ? "GLOB:OLD=NEW" : "GLOB=VALUE";
    const auto [left, value] = two_sides(option, text, form, sets_path);
    const std::size_t colon = left.find(':');
    if (replaces && (colon == std::string::npos || colon == 0 || colon + 1 == left.size())) {
      throw Failure(ExitCode::kUsage, fmt::format("{} `{}` is not {}", option, text, form),
                    "there is no `GLOB:` before the old name",
                    fmt::format("write it as {} '*:{}={}'", option, left, value));
    }
    if (replaces) {
      edits.push_back({kind, left.substr(0, colon), value, left.substr(colon + 1)});
    } else {
      edits.push_back({kind, left, value, ""});
    }
  };
}

void declare_metadata(CommandSpec& command, PatchRequest& request) {
  command.group("Metadata")
      .texts("--drop-requires", request.metadata.drop_requires, "NAME",
             "Remove all requirements of this name")
      .texts("--add-requires", request.metadata.add_requires, "REQ", "Add a requirement")
      .texts("--set-requires", request.metadata.set_requires, "REQ",
             "Replace the requirements of REQ's name by REQ")
      .text("--requires-python", request.metadata.requires_python, "SPEC",
            "Set which Pythons it is for, e.g. '>=3.8'")
      .text("--suffix", request.suffix, "LOCAL", "Append LOCAL to the version: 2.1.2+LOCAL")
      .text("--version", request.version, "V", "Replace the whole version by V")
      .text("--build", request.tags.build, "N", "Set the build tag; '' removes it")
      .text("--python-tag", request.tags.python_tag, "TAG", "Set the python tag, e.g. py3")
      .text("--abi-tag", request.tags.abi_tag, "TAG", "Set the ABI tag, e.g. abi3")
      .text("--platform-tag", request.tags.platform_tag, "TAG",
            "Set the platform tag, e.g. manylinux_2_17_x86_64");
}

void declare_diffs(CommandSpec& command, DiffRequest& diffs) {
  const auto in_order = [](const std::string&) {};  // finish_patch() takes both in their order
  command.group("Diffs")
      .values("--patch", in_order, "FILE", "Apply this diff")
      .values("--patch-dir", in_order, "DIR", "Apply all *.patch and *.diff of DIR, by name")
      .value(
          "--strip-count",
          [&diffs](const std::string& text) {
            const char* end = text.data() + text.size();
            const auto [stop, error] = std::from_chars(text.data(), end, diffs.strip_count);
            if (error != std::errc() || stop != end || diffs.strip_count > 100) {
              throw Failure(ExitCode::kUsage,
                            fmt::format("--strip-count `{}` is no number of folders", text),
                            "it takes a whole number from 0 to 100",
                            "1, the default, fits what git writes: a/PATH, b/PATH");
            }
          },
          "N", "Leading folders that paths in diffs lose [1]")
      .text("--patch-prog", diffs.patch_prog, "PROG", "The GNU patch to run [patch]");
}

void declare_files(CommandSpec& command, PatchRequest& request) {
  command.group("Files")
      .values(
          "--add",
          [&request](const std::string& text) {
            const auto [path, file] = two_sides("--add", text, "PATH=FILE", false);
            request.additions.push_back({path, file});
          },
          "PATH=FILE", "Put FILE into the wheel as PATH")
      .texts("--remove", request.removals, "GLOB", "Take these files out")
      .values(
          "--chmod",
          [&request](const std::string& text) {
            const auto [glob, mode] = two_sides("--chmod", text, "GLOB=MODE", false);
            request.modes.push_back({glob, mode_of(mode)});
          },
          "GLOB=MODE", "Set the mode of these files, e.g. 755")
      .flag("--remove-preload", request.remove_preload,
            "Take all preload blocks out of its modules");
}

void declare_library_edits(CommandSpec& command, std::vector<LibraryEdit>& edits) {
  using Kind = LibraryEdit::Kind;
  const auto option = [&](Kind kind, const std::string& form, const std::string& help) {
    command.values(option_of(kind), library_edit(kind, edits), form, help);
  };
  command.group("Libraries");
  option(Kind::kSetRunpath, "GLOB=VALUE", "Set their RUNPATH; an RPATH goes");
  option(Kind::kSetRpath, "GLOB=VALUE", "Set their RPATH; a RUNPATH goes");
  option(Kind::kRemoveRpath, "GLOB", "Remove their RPATH and RUNPATH");
  option(Kind::kSetSoname, "GLOB=NAME", "Set their SONAME");
  option(Kind::kReplaceNeeded, "GLOB:OLD=NEW", "Need NEW where they need OLD");
  option(Kind::kAddNeeded, "GLOB=NAME", "Need NAME as well");
  option(Kind::kRemoveNeeded, "GLOB=NAME", "Need NAME no longer");
}

}  // namespace

CommandSpec declare_patch(CommandLine& line, PatchOptions& options) {
  CommandSpec command =
      line.command("patch", "Make the same wheel, changed; or the same library",
                   "Examples:\n"
                   "  spokeshave patch torch-2.0.1-*.whl --drop-requires triton --suffix stripe.1\n"
                   "  spokeshave patch --set-runpath '*=$ORIGIN' libfoo.so");
  command.arguments("FILE", options.files, "The wheels, or bare ELF files");
  declare_metadata(command, options.request);
  declare_diffs(command, options.request.diffs);
  declare_files(command, options.request);
  declare_library_edits(command, options.request.library_edits);
  command.group("Recipes")
      .text("--recipe", options.recipe, "RECIPE", "Do what this TOML file says of the wheel")
      .flag("--print-recipe", options.print_recipe,
            "Print what these options say as a recipe, and stop");
  command.group("Options")
      .flag("--in-place", options.in_place, "ELF files: write only the bytes that change")
      .flag("--check-input", options.check_input, "First compare every member with RECORD")
      .flag("-n,--dry-run", options.dry_run, "Print what would change; nothing is written");
  command.group("Shared")
      .text("--out", options.out_dir, "DIR", "Write into DIR [.; an ELF file replaces itself]")
      .flag("--force", options.force, "Overwrite files that exist");
  declare_packing_talk(command, options.talk);
  return command;
}

void finish_patch(const CommandSpec& command, PatchOptions& options) {
  PatchRequest& request = options.request;
  refuse_quiet_and_verbose(options.talk);
  refuse_suffix_and_version(request.suffix.has_value(), request.version.has_value());
  for (const auto& [name, path] : command.in_order({"--patch", "--patch-dir"})) {
    request.diffs.sources.push_back({path, name == "--patch-dir"});
  }
  if (options.print_recipe && options.recipe) {
    throw Failure(ExitCode::kUsage, "--print-recipe and --recipe exclude each other",
                  "one makes a recipe of options, the other reads one", "leave one of them out");
  }
  if (options.recipe && !request.empty()) {
    throw Failure(ExitCode::kUsage, "--recipe excludes other edits",
                  "all that is done to the wheel stands in the one reviewed text",
                  "put them into the recipe; --print-recipe shows how they are written there");
  }
  if (options.in_place && options.out_dir) {
    throw Failure(ExitCode::kUsage, "--in-place and --out exclude each other",
                  "in place means that the file itself is changed", "leave one of them out");
  }
  if (request.empty() && !options.recipe) {
    throw Failure(ExitCode::kUsage, "nothing says what to change",
                  "there is no edit among the options", "see `spokeshave patch --help`");
  }
}

}  // namespace spokeshave
