#include "tests/support/real_loader.h"

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>

#include "tests/support/compile.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_library.h"

namespace support {
namespace {

// Arguments: `lib PATH` names library number 0, 1, ...; `path PATH` and `name CALLER NAME` are
// dlopens, in order. The caller is asked for with RTLD_NOLOAD: one handle more does not change
// what a name stands for.
constexpr const char* kOpener = R"(
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void* (*Call)(void* (*)(const char*, int), const char*, int);
static const char* paths[1000];
static int count;

static int number_of(const char* path) {
  char real[4096];
  if (path[0] != '/' || realpath(path, real) == NULL) return -1;
  for (int i = 0; i < count; ++i)
    if (strcmp(real, paths[i]) == 0) return i;
  return -1;
}

static void* marker(void* handle, int number) {
  char name[32];
  snprintf(name, sizeof name, "marker_%d", number);
  return dlsym(handle, name);
}

static void report(const char* what, void* handle) {
  printf("dlopen %s: %s; loaded:", what, handle ? "ok" : "failed");
  for (struct link_map* map = _r_debug.r_map; map != NULL; map = map->l_next)
    if (number_of(map->l_name) >= 0) printf(" %d", number_of(map->l_name));
  printf("\n");
  if (handle == NULL) fprintf(stderr, "%s\n", dlerror());
}

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (strcmp(argv[i], "lib") == 0) {
      paths[count++] = argv[++i];
    } else if (strcmp(argv[i], "path") == 0) {
      ++i;
      report(argv[i], dlopen(argv[i], RTLD_LAZY));
    } else {
      int caller = atoi(argv[++i]);
      void* handle = dlopen(paths[caller], RTLD_LAZY | RTLD_NOLOAD);
      ++i;
      if (handle == NULL) {
        printf("the caller %d is not loaded\n", caller);
        continue;
      }
      Call call = (Call)marker(handle, caller);
      report(argv[i], call(dlopen, argv[i], RTLD_LAZY));
    }
  }
  for (int i = 0; i < count; ++i) {
    void* handle = dlopen(paths[i], RTLD_LAZY | RTLD_NOLOAD);
    if (handle == NULL) continue;
    printf("%d reaches:", i);
    for (int j = 0; j < count; ++j)
      if (marker(handle, j) != NULL) printf(" %d", j);
    printf("\n");
  }
  return 0;
}
)";

std::string marker(std::size_t library) {
  return "marker_" + std::to_string(library);
}

void write_library(const elf::InstalledLibrary& library, std::size_t number) {
  TinyLibrary tiny{.soname = library.soname,
                   .needed = library.needed,
                   .rpath = library.rpath,
                   .runpath = library.runpath,
                   .symbol = marker(number),
                   .elf_class = static_cast<std::uint8_t>(library.format.elf_class),
                   .byte_order = static_cast<std::uint8_t>(library.format.byte_order),
                   .machine = library.machine};
  write_file(library.path, bytes_of(tiny));
}

std::string joined(const std::vector<std::string>& folders) {
  std::string path;
  for (const std::string& folder : folders) (path += path.empty() ? "" : ":") += folder;
  return path;
}

std::string numbers(const auto& libraries) {
  std::string text;
  for (const std::size_t library : libraries) (text += ' ') += std::to_string(library);
  return text;
}

/// What the model says, gathered in the form in which the real loader shows it.
class ModelRun {
 public:
  explicit ModelRun(const Scenario& scenario)
      : scenario_(scenario), process_(scenario.libraries, {scenario.ld_library_path, is_system}) {}

  std::string transcript() {
    for (const Dlopen& dlopen : scenario_.dlopens) step(dlopen);
    for (std::size_t i = 0; i < scenario_.libraries.size(); ++i) {
      if (!process_.is_loaded(i)) continue;
      text_ += std::to_string(i) + " reaches:" + numbers(reached_from(i)) + "\n";
    }
    return text_;
  }

 private:
  void step(const Dlopen& dlopen) {
    const auto resolutions = dlopen.caller ? process_.open_by_name(*dlopen.caller, dlopen.name)
                                           : process_.open(dlopen.name);
    const bool succeeded = std::ranges::none_of(
        resolutions, [](const elf::Resolution& met) { return met.rule == elf::Rule::kMissing; });
    if (!dlopen.caller) add_loaded(number_of(dlopen.name));
    for (std::size_t i = 0; i < resolutions.size(); ++i) {
      if (!succeeded || !resolutions[i].to) continue;
      add_loaded(*resolutions[i].to);
      if (!dlopen.caller || i != 0) needs_[resolutions[i].from].insert(*resolutions[i].to);
    }
    text_ += "dlopen " + dlopen.name + ": " + (succeeded ? "ok" : "failed") +
             "; loaded:" + numbers(loaded_) + "\n";
  }

  std::size_t number_of(const std::string& path) const {
    for (std::size_t i = 0; i < scenario_.libraries.size(); ++i) {
      if (scenario_.libraries[i].path == path) return i;
    }
    throw std::out_of_range(path);
  }

  void add_loaded(std::size_t library) {
    const bool known = std::find(loaded_.begin(), loaded_.end(), library) != loaded_.end();
    if (!known && process_.is_loaded(library)) loaded_.push_back(library);
  }

  std::set<std::size_t> reached_from(std::size_t library) const {
    std::set<std::size_t> reached{library};
    std::vector<std::size_t> open{library};
    while (!open.empty()) {
      const auto needs = needs_.find(open.back());
      open.pop_back();
      if (needs == needs_.end()) continue;
      for (const std::size_t need : needs->second) {
        if (reached.insert(need).second) open.push_back(need);
      }
    }
    return reached;
  }

  const Scenario& scenario_;
  elf::Process process_;
  std::vector<std::size_t> loaded_;
  std::map<std::size_t, std::set<std::size_t>> needs_;
  std::string text_;
};

}  // namespace

bool is_system(std::string_view soname) {
  return soname == "libc.so.6" || soname == "libm.so.6";
}

elf::InstalledLibrary library(elf::InstalledLibrary described) {
  constexpr std::uint16_t kX8664 = 62;
  if (described.machine == 0) described.machine = kX8664;
  return described;
}

std::string real_transcript(const Scenario& scenario) {
  const auto opener =
      build({.source = kOpener, .flags = {"-ldl"}, .name = "opener", .executable = true});
  std::vector<std::string> argv{opener.string()};
  for (std::size_t i = 0; i < scenario.libraries.size(); ++i) {
    write_library(scenario.libraries[i], i);
    argv.insert(argv.end(), {"lib", scenario.libraries[i].path});
  }
  for (const Dlopen& dlopen : scenario.dlopens) {
    if (dlopen.caller) {
      argv.insert(argv.end(), {"name", std::to_string(*dlopen.caller), dlopen.name});
    } else {
      argv.insert(argv.end(), {"path", dlopen.name});
    }
  }
  // Every library is reached by relative entries only from a folder that holds none.
  const TempDir elsewhere;
  const auto result = run_program(argv, {{"LD_LIBRARY_PATH", joined(scenario.ld_library_path)}},
                                  elsewhere.path().string());
  if (result.status != 0) {
    throw std::runtime_error("the opener ended with status " + std::to_string(result.status) +
                             "\n" + result.out + result.err);
  }
  return result.out;
}

std::string model_transcript(const Scenario& scenario) {
  return ModelRun(scenario).transcript();
}

}  // namespace support
