#include "src/options.h"

#include <algorithm>
#include <thread>

#include "src/command_line.h"
#include "src/options_parts.h"

namespace spokeshave {

Command parse_options(const std::vector<std::string>& arguments) {
  CommandLine line("spokeshave", "Reworks built Python wheels that carry native libraries.",
                   std::string("spokeshave ") + SPOKESHAVE_VERSION);
  SplitOptions split;
  InspectOptions inspect;
  InspectWords words;
  PatchOptions patch;
  PreloadOptions preload;
  VerifyOptions verify;
  const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  for (TalkOptions* talk : {&split.talk, &inspect.talk, &patch.talk, &preload.talk, &verify.talk}) {
    talk->jobs = cores;
  }
  const CommandSpec inspect_command = declare_inspect(line, inspect, words);
  const CommandSpec split_command = declare_split(line, split);
  const CommandSpec patch_command = declare_patch(line, patch);
  const CommandSpec preload_command = declare_preload(line, preload);
  const CommandSpec verify_command = declare_verify(line, verify);
  refuse_empty_values(
      arguments, {"--against", "--format", "--graph", "--symbols", "--layout", "--output", "-o",
                  "--out", "--patch", "--patch-dir", "--patch-prog", "--recipe"});
  if (const auto text = line.parse(arguments)) {
    return Message{*text};
  }
  if (inspect_command.used()) {
    finish_inspect(words, inspect);
    return inspect;
  }
  if (patch_command.used()) {
    finish_patch(patch_command, patch);
    return patch;
  }
  if (preload_command.used()) {
    finish_preload(preload_command, preload);
    return preload;
  }
  if (verify_command.used()) {
    finish_verify(verify);
    return verify;
  }
  finish_split(split_command, split);
  return split;
}

}  // namespace spokeshave
