#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// The door to CLI11: what a command line may hold, declared; then, what it holds.
namespace spokeshave {

/// The options of one command, in the order in which its help lists them. What they are declared
/// with is filled in by CommandLine::parse() and must live until then. `names`: `-n,--dry-run`;
/// `type`: the value's name in the help.
class CommandSpec {
 public:
  /// Options declared from here on stand under this heading of the help.
  CommandSpec& group(const std::string& name);

  CommandSpec& argument(const std::string& name, std::string& to, const std::string& help);
  /// One or more.
  CommandSpec& arguments(const std::string& name, std::vector<std::string>& to,
                         const std::string& help);
  CommandSpec& flag(const std::string& names, bool& to, const std::string& help);
  CommandSpec& text(const std::string& names, std::string& to, const std::string& type,
                    const std::string& help);
  CommandSpec& text(const std::string& names, std::optional<std::string>& to,
                    const std::string& type, const std::string& help);
  /// May be given several times, one value each.
  CommandSpec& texts(const std::string& names, std::vector<std::string>& to,
                     const std::string& type, const std::string& help);
  /// The value, as it was typed, goes to `take`, which throws Failure for one that it cannot be.
  CommandSpec& value(const std::string& names, const std::function<void(const std::string&)>& take,
                     const std::string& type, const std::string& help);
  /// The same for an option that may be given several times.
  CommandSpec& values(const std::string& names, const std::function<void(const std::string&)>& take,
                      const std::string& type, const std::string& help);
  /// May have a value, behind `=` only; without one it is `otherwise`.
  CommandSpec& flag_or_value(const std::string& name, std::string& to, const std::string& otherwise,
                             const std::string& help);

  /// After parse(): whether this command was given, and whether an option of it was.
  bool used() const;
  bool given(const std::string& name) const;
  /// After parse(): name and value of each of these options, as they follow each other.
  std::vector<std::pair<std::string, std::string>> in_order(
      const std::vector<std::string>& names) const;

 private:
  friend class CommandLine;
  struct State;
  explicit CommandSpec(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

class CommandLine {
 public:
  CommandLine(const std::string& program, const std::string& description,
              const std::string& version);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  CommandSpec command(const std::string& name, const std::string& description,
                      const std::string& footer);

  /// Fills in what was declared. A text where one was asked for: help, or the version. Throws
  /// Failure with ExitCode::kUsage, and the nearest word that would have been right, where the
  /// arguments cannot be understood.
  std::optional<std::string> parse(const std::vector<std::string>& arguments);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// `--graph=`, as a script writes it whose variable is empty: throws Failure for those of `names`,
/// which have no use for it. Of CLI11 they would take the next word, or nothing.
void refuse_empty_values(const std::vector<std::string>& arguments,
                         const std::vector<std::string>& names);

}  // namespace spokeshave
