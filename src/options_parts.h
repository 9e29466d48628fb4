#pragma once

#include <string>

#include "src/command_line.h"
#include "src/options.h"

// The parts of options.h's parse_options(): what each command declares, and what it then makes of
// it.
namespace spokeshave {

// Shared by the commands.
void declare_talk(CommandSpec& command, TalkOptions& talk);
/// For the commands that pack libraries: declare_talk(), and --verbose.
void declare_packing_talk(CommandSpec& command, TalkOptions& talk);
/// Throws Failure where --quiet and --verbose are both there.
void refuse_quiet_and_verbose(const TalkOptions& talk);
Layout parse_layout(const std::string& name);
/// Throws Failure where --suffix and --version are both there.
void refuse_suffix_and_version(bool has_suffix, bool has_version);

// Declares the command; `options` and `words` must live until it has been finished.
CommandSpec declare_split(CommandLine& line, SplitOptions& options);
void finish_split(const CommandSpec& command, SplitOptions& options);

/// Options that may have a value behind `=`, as they were typed.
struct InspectWords {
  std::string graph;
  std::string symbols;
};
CommandSpec declare_inspect(CommandLine& line, InspectOptions& options, InspectWords& words);
void finish_inspect(const InspectWords& words, InspectOptions& options);

CommandSpec declare_patch(CommandLine& line, PatchOptions& options);
void finish_patch(const CommandSpec& command, PatchOptions& options);

CommandSpec declare_preload(CommandLine& line, PreloadOptions& options);
void finish_preload(const CommandSpec& command, PreloadOptions& options);

CommandSpec declare_verify(CommandLine& line, VerifyOptions& options);
void finish_verify(const VerifyOptions& options);

}  // namespace spokeshave
