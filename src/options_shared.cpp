#include <fmt/format.h>

#include <charconv>

#include "src/option_words.h"
#include "src/options_parts.h"

namespace spokeshave {

namespace {

Color parse_color(const std::string& when) {
  return parse_word<Color>(
      "--color", when,
      {{"auto", Color::kAuto}, {"always", Color::kAlways}, {"never", Color::kNever}},
      "leave it out");
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

}  // namespace

Layout parse_layout(const std::string& name) {
  return parse_word<Layout>(
      "--layout", name, {{"site-packages", Layout::kSitePackages}, {"separate", Layout::kSeparate}},
      "leave it out for one folder, as pip installs");
}

void refuse_suffix_and_version(bool has_suffix, bool has_version) {
  if (has_suffix && has_version) {
    throw Failure(ExitCode::kUsage, "--version and --suffix exclude each other",
                  "--version gives the whole version, --suffix appends to the old one",
                  "leave one of them out");
  }
}

void declare_talk(CommandSpec& command, TalkOptions& talk) {
  command.group("Shared")
      .flag("--json", talk.json, "Print the result as one JSON document")
      .flag("-q,--quiet", talk.quiet, "Show errors only")
      .value(
          "--color", [&talk](const std::string& when) { talk.color = parse_color(when); }, "WHEN",
          "Colour the report: auto, always, never [auto]")
      .value(
          "-j,--jobs", [&talk](const std::string& count) { talk.jobs = parse_jobs(count); }, "N",
          fmt::format("Use N threads [{}]", talk.jobs));
}

void declare_packing_talk(CommandSpec& command, TalkOptions& talk) {
  declare_talk(command, talk);
  command.flag("--verbose", talk.verbose, "Say how each rewritten library was packed");
}

void refuse_quiet_and_verbose(const TalkOptions& talk) {
  if (talk.quiet && talk.verbose) {
    throw Failure(ExitCode::kUsage, "--quiet and --verbose exclude each other",
                  "one shows errors only, the other more than usual", "leave one of them out");
  }
}

}  // namespace spokeshave
