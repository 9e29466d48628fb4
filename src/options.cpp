#include "src/options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <thread>

#include "src/nearest.h"
#include "src/size.h"

namespace spokeshave {

namespace {

constexpr const char* kSharedGroup = "Shared";

constexpr const char* kSplitFooter =
    "Example: spokeshave split torch-2.1.2-*.whl --max-installed-size 3GB";
constexpr const char* kInspectFooter = "Example: spokeshave inspect --graph torch-2.1.2-*.whl";

/// A GLOB option that may be given several times, one value each.
void add_globs(CLI::App& app, const char* name, std::vector<std::string>& globs, const char* help) {
  app.add_option(name, globs, help)
      ->type_name("GLOB")
      ->expected(1)
      ->allow_extra_args(false)  // the word behind it is the wheel
      ->take_all();
}

/// What an option's word stands for, by the words that it takes.
template <typename Value>
using Words = std::vector<std::pair<std::string, Value>>;

/// `otherwise`: the hint where no word is near.
template <typename Value>
Value parse_word(const std::string& option, const std::string& word, const Words<Value>& words,
                 const std::string& otherwise) {
  std::vector<std::string> known;
  for (const auto& [name, value] : words) {
    if (name == word) {
      return value;
    }
    known.push_back(name);
  }
  const std::string last = known.back();
  known.pop_back();
  const std::string all = fmt::format("{} or {}", fmt::join(known, ", "), last);
  known.push_back(last);
  throw Failure(ExitCode::kUsage, fmt::format("{} knows no `{}`", option, word),
                fmt::format("it takes {}", all), did_you_mean(word, known, otherwise));
}

Color parse_color(const std::string& when) {
  return parse_word<Color>(
      "--color", when,
      {{"auto", Color::kAuto}, {"always", Color::kAlways}, {"never", Color::kNever}},
      "leave it out");
}

Layout parse_layout(const std::string& name) {
  return parse_word<Layout>(
      "--layout", name, {{"site-packages", Layout::kSitePackages}, {"separate", Layout::kSeparate}},
      "leave it out for one folder, as pip installs");
}

unsigned parse_jobs(const std::string& text) {
  constexpr unsigned kMostJobs = 256;
  unsigned jobs = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, jobs);
  if (error != std::errc() || stop != end || jobs < 1 || jobs > kMostJobs) {
    throw Failure(ExitCode::kUsage, fmt::format("--jobs `{}` is no number of threads", text),
                  fmt::format("it takes a whole number from 1 to {}", kMostJobs),
                  "leave it out to use every core");
  }
  return jobs;
}

void add_size(CLI::App& app, const char* name, std::optional<std::uint64_t>& bytes,
              const char* help) {
  app.add_option_function<std::string>(
         name,
         [&bytes, name](const std::string& text) {
           bytes = parse_size(text);
           if (!bytes) {
             throw Failure(ExitCode::kUsage, fmt::format("{} `{}` is no size", name, text),
                           "a size is a number above 0 and a unit",
                           "write it as 3GB (3e9 bytes), 3GiB (3 x 2^30) or 500MB");
           }
         },
         help)
      ->type_name("SIZE");
}

void add_talk(CLI::App& app, TalkOptions& talk) {
  app.add_flag("--json", talk.json, "Print the result as one JSON document")->group(kSharedGroup);
  app.add_flag("-q,--quiet", talk.quiet, "Show errors only")->group(kSharedGroup);
  app.add_option_function<std::string>(
         "--color", [&talk](const std::string& when) { talk.color = parse_color(when); },
         "Colour the report: auto, always, never [auto]")
      ->type_name("WHEN")
      ->group(kSharedGroup);
  app.add_option_function<std::string>(
         "-j,--jobs", [&talk](const std::string& count) { talk.jobs = parse_jobs(count); },
         fmt::format("Use N threads [{}]", talk.jobs))
      ->type_name("N")
      ->group(kSharedGroup);
}

void add_output(CLI::App& app, SplitOptions& options) {
  app.add_option("--out", options.out_dir, "Write the wheels into DIR [the current folder]")
      ->type_name("DIR")
      ->group(kSharedGroup);
  app.add_option("--suffix", options.suffix, "Append LOCAL to the version [split.1]")
      ->type_name("LOCAL")
      ->group(kSharedGroup);
  app.add_option("--version", options.version, "Replace the whole version by V")
      ->type_name("V")
      ->group(kSharedGroup);
  app.add_flag("--force", options.force, "Overwrite wheels that exist")->group(kSharedGroup);
}

CLI::App* add_split(CLI::App& app, SplitOptions& options) {
  auto* split = app.add_subcommand("split", "Make several wheels of one, none over the budget");
  split->footer(kSplitFooter);
  split->add_option("WHEEL", options.wheel, "The wheel to split")->required()->type_name("");
  add_size(*split, "--max-installed-size", options.limit.installed,
           "Let no wheel unpack to more than SIZE");
  add_size(*split, "--max-wheel-size", options.limit.packed,
           "Let no wheel file be larger than SIZE");
  add_globs(*split, "--move", options.move, "Move these libraries to a companion");
  add_globs(*split, "--keep", options.keep, "Keep these libraries in the main wheel");
  split
      ->add_option("--companion", options.companion,
                   "Call the companion NAME [the wheel's name-libs]")
      ->type_name("NAME");
  split->add_option("--runpath", options.runpath, "Give each moved library this RUNPATH [computed]")
      ->type_name("VALUE");
  split
      ->add_option("--package", options.package,
                   "Preload in this package's __init__.py [found out]")
      ->type_name("NAME");
  split->add_flag("-n,--dry-run", options.dry_run, "Print the plan and stop; nothing is written");
  add_output(*split, options);
  add_talk(*split, options.talk);
  return split;
}

/// Options that may have a value behind `=`, as they were typed.
struct InspectWords {
  std::string graph;
  std::string symbols;
};

CLI::App* add_inspect(CLI::App& app, InspectOptions& options, InspectWords& words) {
  auto* inspect = app.add_subcommand("inspect", "Show who needs whom in wheels, and what is wrong");
  inspect->footer(kInspectFooter);
  inspect->add_option("WHEEL", options.wheels, "The wheels, installed together")
      ->required()
      ->type_name("");
  // `--graph WHEEL` must not take the wheel for its value: the value is given with `=` only.
  inspect->add_flag("--graph{tree}", words.graph,
                    "Who needs whom, as =tree, =html, =svg, =dot, =json");
  inspect
      ->add_option_function<std::string>(
          "--layout", [&options](const std::string& name) { options.layout = parse_layout(name); },
          "site-packages, or separate: a folder a wheel")
      ->type_name("LAYOUT");
  inspect->add_flag("--symbols{all}", words.symbols,
                    "Symbols from library to library; =FROM:TO lists");
  inspect->add_option("-o,--output", options.output, "Write to FILE, not to stdout")
      ->type_name("FILE");
  add_talk(*inspect, options.talk);
  return inspect;
}

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

/// `--graph=`, as a script writes it whose variable is empty. CLI11 takes the next word, or
/// nothing.
void refuse_empty_values(const std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    const bool is_output = word == "-o" || word == "--output";
    const bool next_is_empty = i + 1 < arguments.size() && arguments[i + 1].empty();
    if (word == "--graph=" || word == "--symbols=" || word == "--layout=" || word == "--output=" ||
        (is_output && next_is_empty)) {
      throw Failure(ExitCode::kUsage,
                    fmt::format("{} has an empty value", word.substr(0, word.find('='))),
                    "there is nothing behind it", "give a value, or leave the option out");
    }
  }
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

std::vector<std::string> known_words(const CLI::App& app) {
  std::vector<std::string> words;
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) {
      words.push_back("--" + name);
    }
  }
  for (const auto* subcommand : app.get_subcommands({})) {
    words.push_back(subcommand->get_name());
  }
  return words;
}

Failure usage(const std::string& cause, const std::string& hint) {
  return {ExitCode::kUsage, "the command line cannot be understood", cause, hint};
}

/// CLI11's words for what is wrong, with the nearest word that would have been right.
Failure explain(const CLI::ParseError& error, const CLI::App& app) {
  const auto commands = app.get_subcommands();
  const CLI::App& used = commands.empty() ? app : *commands.front();
  const std::string see = fmt::format(
      "see `{} --help`", commands.empty() ? "spokeshave" : "spokeshave " + used.get_name());
  const auto not_placed = app.remaining(true);
  const bool extra = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError);
  // A misspelt command is told as a missing one.
  if (not_placed.empty() || (!extra && !commands.empty())) {
    std::string cause = error.what();
    std::replace(cause.begin(), cause.end(), '\n', ' ');
    return usage(commands.empty() ? "there is no command" : cause, see);
  }
  // A misspelt option leaves its value behind as well: the option is to blame.
  const auto option = std::find_if(not_placed.begin(), not_placed.end(),
                                   [](const auto& word) { return word.starts_with("-"); });
  const std::string& word = option != not_placed.end() ? *option : not_placed.front();
  return usage(fmt::format("`{}` is not known here", word),
               did_you_mean(word.substr(0, word.find('=')), known_words(used), see));
}

void check_split(const SplitOptions& options, bool has_suffix) {
  if (options.version && has_suffix) {
    throw Failure(ExitCode::kUsage, "--version and --suffix exclude each other",
                  "--version gives the whole version, --suffix appends to the old one",
                  "leave one of them out");
  }
  if (!options.limit.installed && !options.limit.packed && options.move.empty()) {
    throw Failure(ExitCode::kUsage, "nothing says how to split",
                  "there is neither a limit nor a library to move",
                  "give --max-installed-size, --max-wheel-size or --move");
  }
}

}  // namespace

Command parse_options(const std::vector<std::string>& arguments) {
  CLI::App app("Reworks built Python wheels that carry native libraries.", "spokeshave");
  app.set_version_flag("--version", std::string("spokeshave ") + SPOKESHAVE_VERSION);
  app.require_subcommand(1);
  app.get_formatter()->column_width(29);

  SplitOptions split;
  InspectOptions inspect;
  split.talk.jobs = inspect.talk.jobs = std::max(1u, std::thread::hardware_concurrency());
  InspectWords words;
  auto* split_command = add_split(app, split);
  auto* inspect_command = add_inspect(app, inspect, words);
  refuse_empty_values(arguments);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    const auto used = app.get_subcommands();
    return Message{used.empty() ? app.help() : used.front()->help("spokeshave")};
  } catch (const CLI::CallForVersion& version) {
    return Message{std::string(version.what()) + "\n"};
  } catch (const CLI::ParseError& error) {
    throw explain(error, app);
  }
  if (inspect_command->parsed()) {
    inspect.graph = graph_format(words.graph);
    check_one_format(inspect);
    read_symbols_word(words.symbols, inspect);
    return inspect;
  }
  check_split(split, split_command->count("--suffix") > 0);
  return split;
}

}  // namespace spokeshave
