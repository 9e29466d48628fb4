#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "src/failure.h"
#include "src/need_graph.h"
#include "src/partition.h"
#include "src/symbol_output.h"

namespace spokeshave {

enum class Color { kAuto, kAlways, kNever };

/// How a command talks.
struct TalkOptions {
  bool json = false;
  bool quiet = false;
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

struct VerifyOptions {
  std::vector<std::string> wheels;
  bool index_rules = false;
  std::optional<Layout> layout;
  std::optional<std::string> against;
  bool deep = false;
  TalkOptions talk;
};

/// What was asked for is a text: help or the version.
struct Message {
  std::string text;
};

using Command = std::variant<SplitOptions, InspectOptions, Message>;

/// The command line, understood. Throws Failure with ExitCode::kUsage where it can't be. Pure, but
/// for the number of cores.
Command parse_options(const std::vector<std::string>& arguments);

}  // namespace spokeshave
