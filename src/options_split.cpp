#include <fmt/format.h>

#include "src/options_parts.h"
#include "src/size.h"

namespace spokeshave {

namespace {

void declare_size(CommandSpec& command, const std::string& name,
                  std::optional<std::uint64_t>& bytes, const std::string& help) {
  command.value(
      name,
      [&bytes, name](const std::string& text) {
        bytes = parse_size(text);
        if (!bytes) {
          throw Failure(ExitCode::kUsage, fmt::format("{} `{}` is no size", name, text),
                        "a size is a number above 0 and a unit",
                        "write it as 3GB (3e9 bytes), 3GiB (3 x 2^30) or 500MB");
        }
      },
      "SIZE", help);
}

}  // namespace

CommandSpec declare_split(CommandLine& line, SplitOptions& options) {
  CommandSpec command =
      line.command("split", "Make several wheels of one, none over the budget",
                   "Example: spokeshave split torch-2.1.2-*.whl --max-installed-size 3GB");
  command.argument("WHEEL", options.wheel, "The wheel to split");
  declare_size(command, "--max-installed-size", options.limit.installed,
               "Let no wheel unpack to more than SIZE");
  declare_size(command, "--max-wheel-size", options.limit.packed,
               "Let no wheel file be larger than SIZE");
  command.texts("--move", options.move, "GLOB", "Move these libraries to a companion")
      .texts("--keep", options.keep, "GLOB", "Keep these libraries in the main wheel")
      .text("--companion", options.companion, "NAME",
            "Call the companion NAME [the wheel's name-libs]")
      .text("--runpath", options.runpath, "VALUE",
            "Give each moved library this RUNPATH [computed]")
      .text("--package", options.package, "NAME",
            "Preload in this package's __init__.py [found out]")
      .flag("-n,--dry-run", options.dry_run, "Print the plan and stop; nothing is written");
  command.group("Shared")
      .text("--out", options.out_dir, "DIR", "Write the wheels into DIR [the current folder]")
      .text("--suffix", options.suffix, "LOCAL", "Append LOCAL to the version [split.1]")
      .text("--version", options.version, "V", "Replace the whole version by V")
      .flag("--force", options.force, "Overwrite wheels that exist");
  declare_packing_talk(command, options.talk);
  return command;
}

void finish_split(const CommandSpec& command, SplitOptions& options) {
  refuse_quiet_and_verbose(options.talk);
  refuse_suffix_and_version(command.given("--suffix"), options.version.has_value());
  if (!options.limit.installed && !options.limit.packed && options.move.empty()) {
    throw Failure(ExitCode::kUsage, "nothing says how to split",
                  "there is neither a limit nor a library to move",
                  "give --max-installed-size, --max-wheel-size or --move");
  }
}

}  // namespace spokeshave
