#include "src/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "src/failure.h"
#include "src/nearest.h"

namespace spokeshave {

struct CommandSpec::State {
  CLI::App* app = nullptr;
  std::string group = "Options";

  CLI::Option* place(CLI::Option* option, const std::string& type) const {
    return option->type_name(type)->group(group);
  }
};

struct CommandLine::State {
  CLI::App app;
};

CommandSpec& CommandSpec::group(const std::string& name) {
  state_->group = name;
  return *this;
}

CommandSpec& CommandSpec::argument(const std::string& name, std::string& to,
                                   const std::string& help) {
  state_->app->add_option(name, to, help)->required()->type_name("");
  return *this;
}

CommandSpec& CommandSpec::arguments(const std::string& name, std::vector<std::string>& to,
                                    const std::string& help) {
  state_->app->add_option(name, to, help)->required()->type_name("");
  return *this;
}

CommandSpec& CommandSpec::flag(const std::string& names, bool& to, const std::string& help) {
  state_->app->add_flag(names, to, help)->group(state_->group);
  return *this;
}

CommandSpec& CommandSpec::text(const std::string& names, std::string& to, const std::string& type,
                               const std::string& help) {
  state_->place(state_->app->add_option(names, to, help), type);
  return *this;
}

CommandSpec& CommandSpec::text(const std::string& names, std::optional<std::string>& to,
                               const std::string& type, const std::string& help) {
  state_->place(state_->app->add_option(names, to, help), type);
  return *this;
}

CommandSpec& CommandSpec::texts(const std::string& names, std::vector<std::string>& to,
                                const std::string& type, const std::string& help) {
  state_->place(state_->app->add_option(names, to, help), type)
      ->expected(1)
      ->allow_extra_args(false)  // the word behind it is the wheel
      ->take_all();
  return *this;
}

CommandSpec& CommandSpec::value(const std::string& names,
                                const std::function<void(const std::string&)>& take,
                                const std::string& type, const std::string& help) {
  state_->place(state_->app->add_option_function<std::string>(names, take, help), type);
  return *this;
}

CommandSpec& CommandSpec::values(const std::string& names,
                                 const std::function<void(const std::string&)>& take,
                                 const std::string& type, const std::string& help) {
  const auto take_all = [take](const std::vector<std::string>& all) {
    std::for_each(all.begin(), all.end(), take);
  };
  state_
      ->place(state_->app->add_option_function<std::vector<std::string>>(names, take_all, help),
              type)
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  return *this;
}

CommandSpec& CommandSpec::flag_or_value(const std::string& name, std::string& to,
                                        const std::string& otherwise, const std::string& help) {
  // `--graph WHEEL` must not take the wheel for its value: the value is given with `=` only.
  state_->app->add_flag(fmt::format("{}{{{}}}", name, otherwise), to, help)->group(state_->group);
  return *this;
}

bool CommandSpec::used() const {
  return state_->app->parsed();
}

bool CommandSpec::given(const std::string& name) const {
  return state_->app->count(name) > 0;
}

std::vector<std::pair<std::string, std::string>> CommandSpec::in_order(
    const std::vector<std::string>& names) const {
  std::vector<std::pair<std::string, std::string>> result;
  std::map<const CLI::Option*, std::size_t> taken;
  for (const CLI::Option* option : state_->app->parse_order()) {
    const auto name = std::find_if(names.begin(), names.end(),
                                   [&](const auto& each) { return option->check_name(each); });
    if (name != names.end()) {
      result.emplace_back(*name, option->results().at(taken[option]++));
    }
  }
  return result;
}

namespace {

/// CLI11 leaves two empty lines between the groups.
std::string close_gaps(std::string help) {
  for (std::size_t at = help.find("\n\n\n"); at != std::string::npos;
       at = help.find("\n\n\n", at)) {
    help.erase(at, 1);
  }
  return help;
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

/// Whether an option of this name, of any command, takes a value.
bool takes_value(const CLI::App& app, const std::string& name) {
  const auto commands = app.get_subcommands({});
  return std::any_of(commands.begin(), commands.end(), [&](const CLI::App* command) {
    const CLI::Option* option = command->get_option_no_throw(name);
    return option != nullptr && option->get_items_expected_max() > 0;
  });
}

/// `--build=` as `--build ''`: else CLI11 would take the next word for its value.
std::vector<std::string> with_empty_values(const std::vector<std::string>& arguments,
                                           const CLI::App& app) {
  std::vector<std::string> words;
  bool are_files = false;  // behind `--`
  for (const auto& argument : arguments) {
    are_files = are_files || argument == "--";
    const std::string name = argument.substr(0, argument.size() - (argument.empty() ? 0 : 1));
    const bool has_empty_value = !are_files && argument.starts_with("--") &&
                                 argument.ends_with('=') && name.find('=') == std::string::npos;
    if (has_empty_value && takes_value(app, name)) {
      words.push_back(name);
      words.emplace_back();
    } else {
      words.push_back(argument);
    }
  }
  return words;
}

}  // namespace

CommandLine::CommandLine(const std::string& program, const std::string& description,
                         const std::string& version)
    : state_(std::make_unique<State>()) {
  CLI::App& app = state_->app;
  app.description(description);
  app.name(program);
  app.set_version_flag("--version", version);
  app.require_subcommand(1);
  app.get_formatter()->column_width(29);
}

CommandLine::~CommandLine() = default;

CommandSpec CommandLine::command(const std::string& name, const std::string& description,
                                 const std::string& footer) {
  auto* app = state_->app.add_subcommand(name, description);
  app->footer(footer);
  auto state = std::make_shared<CommandSpec::State>();
  state->app = app;
  return CommandSpec(state);
}

std::optional<std::string> CommandLine::parse(const std::vector<std::string>& arguments) {
  CLI::App& app = state_->app;
  try {
    const std::vector<std::string> words = with_empty_values(arguments, app);
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::CallForHelp&) {
    const auto used = app.get_subcommands();
    return close_gaps(used.empty() ? app.help() : used.front()->help(app.get_name()));
  } catch (const CLI::CallForVersion& version) {
    return std::string(version.what()) + "\n";
  } catch (const CLI::ParseError& error) {
    throw explain(error, app);
  }
  return std::nullopt;
}

void refuse_empty_values(const std::vector<std::string>& arguments,
                         const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string name = arguments[i].substr(0, arguments[i].find('='));
    const bool has_empty_value = arguments[i] == name + "=";
    const bool next_is_empty =
        arguments[i] == name && i + 1 < arguments.size() && arguments[i + 1].empty();
    if ((has_empty_value || next_is_empty) &&
        std::find(names.begin(), names.end(), name) != names.end()) {
      throw Failure(ExitCode::kUsage, fmt::format("{} has an empty value", name),
                    "there is nothing behind it", "give a value, or leave the option out");
    }
  }
}

}  // namespace spokeshave
