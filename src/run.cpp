#include "src/run.h"

#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <new>
#include <system_error>

#include "src/failure.h"
#include "src/inspect_command.h"
#include "src/options.h"
#include "src/patch_command.h"
#include "src/preload_command.h"
#include "src/split_command.h"
#include "src/talk.h"
#include "src/verify_command.h"

namespace spokeshave {

namespace {

ExitCode carry_out(const Message& message) {
  print(message.text);
  return ExitCode::kDone;
}
ExitCode carry_out(const SplitOptions& options) {
  return run_split(options);
}
ExitCode carry_out(const InspectOptions& options) {
  return run_inspect(options);
}
ExitCode carry_out(const PatchOptions& options) {
  return run_patch(options);
}
ExitCode carry_out(const PreloadOptions& options) {
  return run_preload(options);
}
ExitCode carry_out(const VerifyOptions& options) {
  return run_verify(options);
}

/// "what: why" of the exception without the why.
std::string context(const std::system_error& error) {
  const std::string what = error.what();
  const std::string why = ": " + error.code().message();
  return what.ends_with(why) ? what.substr(0, what.size() - why.size()) : what;
}

Failure io_failure(const std::system_error& error) {
  const bool full = error.code() == std::errc::no_space_on_device;
  return {ExitCode::kFailed, fmt::format("reading or writing failed: {}", context(error)),
          error.code().message(),
          full ? "make room, or write to another disk; nothing was written"
               : "check that the path exists and that you may use it"};
}

ExitCode run_command(const std::vector<std::string>& arguments) {
  return std::visit([](const auto& options) { return carry_out(options); },
                    parse_options(arguments));
}

int fail(const Failure& failure) {
  // Nobody is left to be told where stderr is closed or full.
  std::fputs(to_text(failure).c_str(), stderr);
  return static_cast<int>(failure.code());
}

}  // namespace

int run(const std::vector<std::string>& arguments) {
  // Writing to a reader that has gone away is to fail, not to kill: print() passes over it.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // the same where a file may not become so large
  try {
    return static_cast<int>(run_command(arguments));
  } catch (const Failure& failure) {
    return fail(failure);
  } catch (const std::system_error& error) {
    return fail(io_failure(error));
  } catch (const std::bad_alloc&) {
    return fail(
        {ExitCode::kFailed, "out of memory", "the system gave no more", "use fewer --jobs"});
  } catch (const std::exception& error) {
    return fail(
        {ExitCode::kFailed, "this should not have happened", error.what(),
         "nothing was written; please report it with the command line and the wheel's name"});
  }
}

}  // namespace spokeshave
