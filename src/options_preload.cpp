#include <fmt/format.h>

#include "src/option_words.h"
#include "src/options_parts.h"

namespace spokeshave {

namespace {

PreloadFormat parse_format(const std::string& name) {
  return parse_word<PreloadFormat>("--format", name,
                                   {{"list", PreloadFormat::kList},
                                    {"json", PreloadFormat::kJson},
                                    {"python", PreloadFormat::kPython},
                                    {"sitecustomize", PreloadFormat::kSitecustomize},
                                    {"bazel", PreloadFormat::kBazel}},
                                   "leave it out for a list");
}

/// There is one output: a wheel, or a text of one format.
void check_one_output(const PreloadOptions& options) {
  if (options.talk.json && options.format && *options.format != PreloadFormat::kJson) {
    throw Failure(ExitCode::kUsage, "--json and this --format exclude each other",
                  "there is one output, and it has one format", "leave one of them out");
  }
  if (options.write && options.format) {
    throw Failure(ExitCode::kUsage, "--write and --format exclude each other",
                  "--write makes a wheel, --format a text of the same list",
                  "leave one of them out; --json tells what was written");
  }
  if (options.write && !options.output.empty()) {
    throw Failure(ExitCode::kUsage, "--write and --output exclude each other",
                  "--output names the file of a text, not of a wheel",
                  "choose the wheel's folder with --out, its version with --suffix or --version");
  }
}

void refuse_without_write(const CommandSpec& command) {
  for (const char* option :
       {"--dry-run", "--check-input", "--out", "--suffix", "--version", "--force"}) {
    if (command.given(option)) {
      throw Failure(ExitCode::kUsage, fmt::format("{} needs --write", option),
                    "it says how a wheel is written, and none is", "add --write, or leave it out");
    }
  }
}

}  // namespace

CommandSpec declare_preload(CommandLine& line, PreloadOptions& options) {
  CommandSpec command = line.command(
      "preload", "Find what must be loaded beforehand, in order",
      "Examples:\n"
      "  spokeshave preload torch-2.1.2-*.whl nvidia_*.whl\n"
      "  spokeshave preload torch-2.1.2-*.whl nvidia_*.whl --write --suffix preload.1");
  command.arguments("WHEEL", options.wheels, "The main wheel, then the others in any order")
      .value(
          "--format", [&options](const std::string& name) { options.format = parse_format(name); },
          "FORMAT", "list, json, python, sitecustomize, bazel [list]")
      .text("-o,--output", options.output, "FILE", "Write to FILE, not to stdout")
      .text("--package", options.package, "NAME",
            "Load them in this package's __init__.py [found out]")
      .texts("--global", options.global, "GLOB", "Load these with RTLD_GLOBAL");
  command.group("Writing")
      .flag("--write", options.write, "Write the main wheel anew: it loads the others")
      .flag("--check-input", options.check_input, "Compare every member with RECORD first")
      .flag("-n,--dry-run", options.dry_run, "Show what changes and stop; nothing is written")
      .text("--out", options.out_dir, "DIR", "Write the wheel into DIR [the current folder]")
      .text("--suffix", options.suffix, "LOCAL", "Append LOCAL to the version: 2.1.2+LOCAL")
      .text("--version", options.version, "V", "Replace the whole version by V")
      .flag("--force", options.force, "Overwrite a wheel that exists");
  declare_talk(command, options.talk);
  return command;
}

void finish_preload(const CommandSpec& command, PreloadOptions& options) {
  check_one_output(options);
  if (!options.write) {
    refuse_without_write(command);
  }
  refuse_suffix_and_version(options.suffix.has_value(), options.version.has_value());
  options.talk.json = options.talk.json || options.format == PreloadFormat::kJson;
}

}  // namespace spokeshave
