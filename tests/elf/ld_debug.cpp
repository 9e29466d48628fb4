#include "tests/support/ld_debug.h"

#include <algorithm>
#include <regex>
#include <sstream>
#include <stdexcept>

#include "elf/search_path.h"
#include "tests/support/compile.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"

namespace support {
namespace {

// Arguments: `path PATH` and `name CALLER NAME` are dlopens, in order. The caller is looked for
// among what is loaded, by the file: asking dlopen for it would say more than the scenario.
constexpr const char* kOpener = R"(
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

typedef void* (*Call)(void* (*)(const char*, int), const char*, int);

static void* loaded(const char* path) {
  struct stat wanted, there;
  if (stat(path, &wanted) != 0) return NULL;
  for (struct link_map* map = _r_debug.r_map; map != NULL; map = map->l_next)
    if (map->l_name[0] == '/' && stat(map->l_name, &there) == 0 && there.st_dev == wanted.st_dev &&
        there.st_ino == wanted.st_ino)
      return dlopen(map->l_name, RTLD_LAZY | RTLD_NOLOAD);
  return NULL;
}

int main(int argc, char** argv) {
  fprintf(stderr, "STEP ok\n");
  for (int i = 1; i < argc; ++i) {
    void* handle = NULL;
    if (strcmp(argv[i], "path") == 0) {
      handle = dlopen(argv[++i], RTLD_LAZY);
    } else {
      void* caller = loaded(argv[++i]);
      ++i;
      if (caller == NULL) return 1;
      handle = ((Call)dlsym(caller, "call"))(dlopen, argv[i], RTLD_LAZY);
    }
    fprintf(stderr, "STEP %s\n", handle ? "ok" : "failed");
  }
  return 0;
}
)";

/// `glibc-hwcaps/x86-64-v3`, and until 2.36 `tls/haswell/x86_64` and the like.
bool is_for_one_processor(const std::string& path) {
  static const std::regex folder(
      "(^|.*/)(glibc-hwcaps/[^/]+|tls|x86_64|haswell|xeon_phi|avx512_1)/[^/]*");
  return std::regex_match(path, folder);
}

class LdDebugParser {
 public:
  LdRun parse(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) read(line);
    if (steps_.empty()) throw std::runtime_error("the opener did not start: " + text);
    LdRun run{.start = steps_.front()};
    run.steps.assign(steps_.begin() + 1, steps_.end());
    return run;
  }

 private:
  void read(const std::string& line) {
    static const std::regex step("STEP (ok|failed)");
    static const std::regex need(
        R"(\s*\d+:\tfile=(.*) \[0\];  (needed|dynamically loaded) by (.*) \[0\])");
    static const std::regex mapped(R"(\s*\d+:\tfile=(.*) \[0\];  generating link map)");
    static const std::regex label(R"(\s*\d+:\t search path=.*\t\t\((.*)\))");
    static const std::regex cache(R"(\s*\d+:\t search cache=.*)");
    static const std::regex file(R"(\s*\d+:\t  trying file=(.*))");
    std::smatch match;
    if (std::regex_match(line, match, step)) {
      current_.succeeded = match[1] == "ok";
      steps_.push_back(std::move(current_));
      current_ = {};
    } else if (std::regex_match(line, match, need)) {
      current_.needs.push_back(
          {.name = match[1], .by = match[3], .by_dlopen = match[2] != "needed"});
    } else if (current_.needs.empty()) {
      return;
    } else if (std::regex_match(line, match, mapped)) {
      current_.needs.back().mapped = true;
    } else if (std::regex_match(line, match, label)) {
      if (match[1] != "system search path") current_.needs.back().labels.push_back(match[1]);
    } else if (std::regex_match(line, cache)) {
      current_.needs.back().asked_system = true;
    } else if (std::regex_match(line, match, file)) {
      add_tried(current_.needs.back(), match[1]);
    }
  }

  static void add_tried(LdNeed& need, const std::string& path) {
    if (!need.asked_system && !is_for_one_processor(path)) {
      need.tried.push_back(elf::normalise_path(path));
    }
  }

  LdStep current_;
  std::vector<LdStep> steps_;
};

}  // namespace

LdRun parse_ld_debug(const std::string& text) {
  return LdDebugParser().parse(text);
}

LdRun run_under_ld_debug(const Scenario& scenario) {
  std::vector<std::string> argv{
      build({.source = kOpener, .flags = {"-ldl"}, .name = "debug-opener", .executable = true})
          .string()};
  for (const Dlopen& dlopen : scenario.dlopens) {
    if (dlopen.caller) {
      argv.insert(argv.end(), {"name", scenario.libraries[*dlopen.caller].path, dlopen.name});
    } else {
      argv.insert(argv.end(), {"path", dlopen.name});
    }
  }
  const TempDir elsewhere;
  const auto result = run_program(
      argv, {{"LD_LIBRARY_PATH", joined(scenario.ld_library_path)}, {"LD_DEBUG", "libs,files"}},
      elsewhere.path().string());
  LdRun run = parse_ld_debug(result.err);
  if (result.status != 0 || run.steps.size() != scenario.dlopens.size()) {
    throw std::runtime_error("the opener ended with status " + std::to_string(result.status) +
                             "\n" + result.err);
  }
  return run;
}

}  // namespace support
