#include "src/option_words.h"
#include "src/options_parts.h"

namespace spokeshave {

namespace {

std::optional<GraphFormat> graph_format(const std::string& name) {
  if (name.empty()) {
    return std::nullopt;
  }
  return parse_word<GraphFormat>("--graph", name,
                                 {{"tree", GraphFormat::kTree},
                                  {"html", GraphFormat::kHtml},
                                  {"svg", GraphFormat::kSvg},
                                  {"dot", GraphFormat::kDot},
                                  {"json", GraphFormat::kJson}},
                                 "use --graph=tree");
}

void check_one_format(const InspectOptions& options) {
  const auto graph = options.graph.value_or(GraphFormat::kTree);
  if (options.talk.json && graph != GraphFormat::kTree && graph != GraphFormat::kJson) {
    throw Failure(ExitCode::kUsage, "--json and this --graph exclude each other",
                  "there is one output, and it has one format", "leave one of them out");
  }
}

void read_symbols_word(const std::string& word, InspectOptions& options) {
  options.symbols = !word.empty();
  const auto graph = options.graph.value_or(GraphFormat::kTree);
  if (options.symbols && graph != GraphFormat::kTree && graph != GraphFormat::kJson) {
    throw Failure(ExitCode::kUsage, "--symbols and this --graph exclude each other",
                  "a picture shows libraries; symbols are listed as text or JSON",
                  "leave --graph out, or use --graph=tree or --json");
  }
  if (options.symbols && word != "all") {
    if (options.graph && graph == GraphFormat::kTree) {
      throw Failure(ExitCode::kUsage, "--symbols=FROM:TO and --graph exclude each other",
                    "a list of symbols has no place in the tree",
                    "leave --graph out, or use --symbols for their numbers");
    }
    options.symbols_of = parse_edge(word);
  }
}

}  // namespace

CommandSpec declare_inspect(CommandLine& line, InspectOptions& options, InspectWords& words) {
  CommandSpec command = line.command("inspect", "Show who needs whom in wheels, and what is wrong",
                                     "Example: spokeshave inspect --graph torch-2.1.2-*.whl");
  command.arguments("WHEEL", options.wheels, "The wheels, installed together")
      .flag_or_value("--graph", words.graph, "tree",
                     "Who needs whom, as =tree, =html, =svg, =dot, =json")
      .value(
          "--layout", [&options](const std::string& name) { options.layout = parse_layout(name); },
          "LAYOUT", "site-packages, or separate: a folder a wheel")
      .flag_or_value("--symbols", words.symbols, "all",
                     "Symbols from library to library; =FROM:TO lists")
      .text("-o,--output", options.output, "FILE", "Write to FILE, not to stdout");
  declare_talk(command, options.talk);
  return command;
}

void finish_inspect(const InspectWords& words, InspectOptions& options) {
  options.graph = graph_format(words.graph);
  check_one_format(options);
  read_symbols_word(words.symbols, options);
}

}  // namespace spokeshave
