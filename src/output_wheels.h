#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/output_file.h"
#include "src/progress.h"
#include "src/wheel_drafter.h"

// What `split` and `patch` do alike with the wheels that they have drafted.
namespace spokeshave {

/// `folder` and the file names, joined. Throws Failure where a file of such a name exists, unless
/// `force`: before the long work.
std::vector<std::string> free_paths(const std::string& folder,
                                    const std::vector<std::string>& file_names, bool force);

/// The version that --version or --suffix makes of `version`. Throws Failure with ExitCode::kUsage
/// where what was given is none.
std::string new_version(const std::string& version, const std::optional<std::string>& whole,
                        const std::optional<std::string>& suffix);

/// Writes the drafts into nameless files on the file system of `folder`, `jobs` at a time.
std::vector<OutputFile> write_wheels(const std::string& folder, std::vector<WheelDraft>& drafts,
                                     unsigned jobs, Progress& progress);

/// Gives the files their names, all or none: when one cannot get its name, those that did lose
/// theirs, and a file whose place one took is put back, if the file system knows hard links.
/// Signals wait meanwhile.
void publish(std::vector<OutputFile>& outputs, const std::vector<std::string>& paths, bool force);

/// `pip install --find-links OUT torch==2.1.2+stripe.1`, quoted for a shell; `paths` are those of
/// the new wheels.
std::string install_line(const std::vector<std::string>& paths, const std::string& requirement);

}  // namespace spokeshave
