#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "src/failure.h"
#include "src/need_graph.h"
#include "src/partition.h"
#include "src/patch_request.h"
#include "src/symbol_output.h"

namespace spokeshave {

enum class Color { kAuto, kAlways, kNever };

/// How a command talks.
struct TalkOptions {
  bool json = false;
  bool quiet = false;
  bool verbose = false;  ///< of the commands that pack: say how each library was packed
  Color color = Color::kAuto;
  unsigned jobs = 1;  ///< threads
};

struct SplitOptions {
  std::string wheel;
  Limit limit;  ///< bytes
  std::vector<std::string> move;
  std::vector<std::string> keep;
  std::optional<std::string> companion;
  std::optional<std::string> runpath;
  std::optional<std::string> package;
  bool dry_run = false;
  std::string out_dir = ".";
  std::string suffix = "split.1";
  std::optional<std::string> version;
  bool force = false;
  TalkOptions talk;
};

enum class GraphFormat { kTree, kDot, kJson, kSvg, kHtml };

struct InspectOptions {
  std::vector<std::string> wheels;
  std::optional<GraphFormat> graph;
  Layout layout = Layout::kSitePackages;
  bool symbols = false;
  std::optional<EdgeGlobs> symbols_of;  ///< list these edges symbol by symbol
  std::string output;                   ///< a file; empty: stdout
  TalkOptions talk;
};

struct PatchOptions {
  std::vector<std::string> files;  ///< wheels, or bare ELF files
  PatchRequest request;
  std::optional<std::string> recipe;  ///< a file that says what to do to which wheel
  bool print_recipe = false;          ///< say it as a recipe, and stop
  bool in_place = false;              ///< ELF files: write only the bytes that change
  bool check_input = false;  ///< compare every member with RECORD, also those that pass through
  bool dry_run = false;
  std::optional<std::string> out_dir;  ///< none: the current folder; ELF files: where they lie
  bool force = false;
  TalkOptions talk;
};

struct VerifyOptions {
  std::vector<std::string> wheels;
  bool index_rules = false;
  Layout layout = Layout::kSitePackages;
  std::optional<std::string> against;  ///< the original wheel
  bool deep = false;
  TalkOptions talk;
};

enum class PreloadFormat { kList, kJson, kPython, kSitecustomize, kBazel };

struct PreloadOptions {
  std::vector<std::string> wheels;  ///< the main one first
  std::optional<PreloadFormat> format;
  std::optional<std::string> package;
  std::vector<std::string> global;  ///< GLOBs
  std::string output;               ///< a file; empty: stdout
  bool write = false;               ///< the main wheel, with the block in it
  bool check_input = false;         ///< this and all below: with `write` only
  bool dry_run = false;
  std::optional<std::string> out_dir;  ///< none: the current folder
  std::optional<std::string> suffix;
  std::optional<std::string> version;
  bool force = false;
  TalkOptions talk;
};

/// What was asked for is a text: help or the version.
struct Message {
  std::string text;
};

using Command = std::variant<SplitOptions, InspectOptions, PatchOptions, PreloadOptions,
                             VerifyOptions, Message>;

/// The command line, understood. Throws Failure with ExitCode::kUsage where it can't be. Pure, but
/// for the number of cores.
Command parse_options(const std::vector<std::string>& arguments);

}  // namespace spokeshave
