#include "src/options_parts.h"

namespace spokeshave {

CommandSpec declare_verify(CommandLine& line, VerifyOptions& options) {
  CommandSpec command = line.command("verify", "Prove wheels whole, and loadable together",
                                     "Example: spokeshave verify --index-rules torch-2.1.2-*.whl");
  command.arguments("WHEEL", options.wheels, "The wheels, installed together")
      .flag("--index-rules", options.index_rules, "Find what PyPI, pip and uv would refuse")
      .value(
          "--layout", [&options](const std::string& name) { options.layout = parse_layout(name); },
          "LAYOUT", "site-packages, or separate: a folder a wheel")
      .text("--against", options.against, "ORIGINAL",
            "List what differs from what they were made of")
      .flag("--deep", options.deep, "With --against: libraries, down to each relocation");
  declare_talk(command, options.talk);
  return command;
}

void finish_verify(const VerifyOptions& options) {
  if (options.deep && !options.against) {
    throw Failure(ExitCode::kUsage, "--deep needs --against",
                  "it compares rewritten libraries with the original ones",
                  "give the wheel that these were made of with --against");
  }
}

}  // namespace spokeshave
