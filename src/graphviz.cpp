#include "src/graphviz.h"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

#include "src/failure.h"
#include "src/program_run.h"

namespace spokeshave {

namespace {

Failure cannot_draw(const std::string& cause, const std::string& hint) {
  return {ExitCode::kFailed, "cannot draw the graph", cause, hint};
}

constexpr const char* kOtherWays = "--graph=tree, dot or json, which need nothing";

Failure cannot_start(int error) {
  if (error == ENOENT) {
    return cannot_draw("there is no program `dot` on PATH: Graphviz draws the pictures",
                       fmt::format("install graphviz, or use {}", kOtherWays));
  }
  return cannot_draw(
      fmt::format("`dot` does not start: {}", std::generic_category().message(error)),
      fmt::format("mend the installation of graphviz, or use {}", kOtherWays));
}

}  // namespace

std::string graphviz_svg(const std::string& dot_text, std::chrono::milliseconds limit) {
  // A graph out of a hostile wheel must not take the machine's memory; thousands of boxes take 1 GB
  // of it, a fourth of what is allowed by default.
  const ProgramCall call{.words = {"dot", "-Tsvg"},
                         .input = dot_text,
                         .folder = {},
                         .environment = plain_environment(),
                         .limits = {.time = limit}};
  const ProgramEnd end = run_program(call);
  if (end.start_error != 0) {
    throw cannot_start(end.start_error);
  }
  if (end.was_late || end.said_too_much) {
    const std::string late = fmt::format("`dot` had not laid it out after {} s",
                                         std::chrono::duration<double>(limit).count());
    throw cannot_draw(end.was_late ? late : "`dot` draws a picture of more than 1 GB",
                      fmt::format("look at fewer wheels at once, or use {}", kOtherWays));
  }
  if (end.status != 0) {
    throw cannot_draw(how_it_ended("dot", end),
                      fmt::format("update graphviz, or use {}", kOtherWays));
  }
  if (end.out.find("<svg") == std::string::npos) {
    throw cannot_draw("`dot` gave no picture",
                      fmt::format("update graphviz, or use {}", kOtherWays));
  }
  return end.out;
}

}  // namespace spokeshave
