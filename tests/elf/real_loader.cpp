#include "tests/support/real_loader.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "elf/search_path.h"
#include "tests/support/compile.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_library.h"

namespace support {
namespace {

// Arguments: `lib PATH` names library number 0, 1, ..., `lib -` a link, which is none; `path PATH`
// and `name CALLER NAME` are dlopens, in order. The caller is asked for with RTLD_NOLOAD: one
// handle more does not change what a name stands for.
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

static int print_path(struct dl_phdr_info* info, size_t size, void* data) {
  printf("\t%s", info->dlpi_name);
  return 0;
}

static void* marker(void* handle, int number) {
  char name[32];
  snprintf(name, sizeof name, "marker_%d", number);
  return dlsym(handle, name);
}

static void report(const char* what, void* handle) {
  printf("dlopen %s: %s; loaded:", what, handle ? "ok" : "failed");
  dl_iterate_phdr(print_path, NULL);
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
    void* handle = paths[i][0] == '-' ? NULL : dlopen(paths[i], RTLD_LAZY | RTLD_NOLOAD);
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

constexpr std::uint64_t kNoDefaultLib = 0x800;  // DF_1_NODEFLIB

void write_library(const elf::InstalledLibrary& library, std::size_t number) {
  TinyLibrary tiny{.soname = library.soname,
                   .needed = library.needed,
                   .rpath = library.rpath,
                   .runpath = library.runpath,
                   .flags_1 = library.no_default_folders ? kNoDefaultLib : 0,
                   .symbol = marker(number),
                   .elf_class = static_cast<std::uint8_t>(library.format.elf_class),
                   .byte_order = static_cast<std::uint8_t>(library.format.byte_order),
                   .machine = library.machine};
  write_file(library.path, bytes_of(tiny));
}

enum class LinkKind { kSymbolic, kHard };

void write_link(const elf::InstalledLibrary& link, LinkKind kind) {
  const std::filesystem::path path = link.path;
  std::filesystem::create_directories(path.parent_path());
  if (kind == LinkKind::kSymbolic) {
    std::filesystem::create_symlink(*link.link_to, path);
  } else {
    std::filesystem::create_hard_link(*link.link_to, path);
  }
}

std::string numbers(const auto& libraries) {
  std::string text;
  for (const std::size_t library : libraries) (text += ' ') += std::to_string(library);
  return text;
}

std::optional<std::size_t> path_number(const Scenario& scenario, const std::string& path) {
  const auto found = std::ranges::find(scenario.libraries, path, &elf::InstalledLibrary::path);
  if (found == scenario.libraries.end()) return std::nullopt;
  return static_cast<std::size_t>(found - scenario.libraries.begin());
}

/// The opener's words with the paths of libraries replaced by their numbers; the system's have
/// none.
std::string numbered(const Scenario& scenario, const std::string& text) {
  std::istringstream lines(text);
  std::string result;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string word;
    std::getline(words, word, '\t');
    result += word;
    while (std::getline(words, word, '\t')) {
      const auto number = path_number(scenario, elf::normalise_path(word));
      if (number) result += " " + std::to_string(*number);
    }
    result += '\n';
  }
  return result;
}

std::string opener_of(elf::LoaderKind loader) {
  return build({.source = kOpener,
                .flags = {"-ldl"},
                .name = "opener",
                .compiler = loader == elf::LoaderKind::kMusl ? "musl-gcc" : "gcc",
                .executable = true})
      .string();
}

std::set<std::size_t> reached_from(std::size_t library,
                                   const std::map<std::size_t, std::set<std::size_t>>& needs) {
  std::set<std::size_t> reached{library};
  std::vector<std::size_t> open{library};
  while (!open.empty()) {
    const auto found = needs.find(open.back());
    open.pop_back();
    if (found == needs.end()) continue;
    for (const std::size_t need : found->second) {
      if (reached.insert(need).second) open.push_back(need);
    }
  }
  return reached;
}

std::string folder_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

}  // namespace

std::string joined(const std::vector<std::string>& folders) {
  std::string path;
  for (const std::string& folder : folders) (path += path.empty() ? "" : ":") += folder;
  return path;
}

bool is_system(std::string_view soname) {
  return soname == "libc.so.6" || soname == "libm.so.6";
}

elf::Environment environment_of(const Scenario& scenario) {
  return {.ld_library_path = scenario.ld_library_path,
          .is_system = is_system,
          .loader = scenario.loader,
          .lib = lib_of_this_system()};
}

elf::InstalledLibrary library(elf::InstalledLibrary described) {
  constexpr std::uint16_t kX8664 = 62;
  if (described.machine == 0) described.machine = kX8664;
  return described;
}

std::string lib_of_this_system() {
#ifdef __x86_64__
  static const std::string text =
      run_program({"/lib64/ld-linux-x86-64.so.2", "--list-diagnostics"}).out;
  const std::string before = "dl_dst_lib=\"";
  const std::size_t begin = text.find(before);
  if (begin == std::string::npos) throw std::runtime_error("ld.so does not tell its $LIB");
  const std::size_t end = text.find('"', begin + before.size());
  return text.substr(begin + before.size(), end - begin - before.size());
#else
  return {};
#endif
}

std::string described(const Scenario& scenario) {
  std::string text;
  for (std::size_t i = 0; i < scenario.libraries.size(); ++i) {
    const auto& library = scenario.libraries[i];
    text += std::to_string(i) + " " + library.path;
    if (library.link_to) {
      text += " -> " + *library.link_to + "\n";
      continue;
    }
    text += " machine " + std::to_string(library.machine);
    text += " class " + std::to_string(static_cast<int>(library.format.elf_class));
    text += " byte order " + std::to_string(static_cast<int>(library.format.byte_order));
    if (library.soname) text += " SONAME " + *library.soname;
    for (const auto& needed : library.needed) text += " NEEDED " + needed;
    if (library.rpath) text += " RPATH " + *library.rpath;
    if (library.runpath) text += " RUNPATH " + *library.runpath;
    text += "\n";
  }
  for (const auto& folder : scenario.ld_library_path) text += "LD_LIBRARY_PATH " + folder + "\n";
  for (const auto& dlopen : scenario.dlopens) {
    text += "dlopen " + dlopen.name;
    if (dlopen.caller) text += " by " + std::to_string(*dlopen.caller);
    text += "\n";
  }
  return text;
}

void write_libraries(const Scenario& scenario) {
  for (std::size_t i = 0; i < scenario.libraries.size(); ++i) {
    if (!scenario.libraries[i].link_to) write_library(scenario.libraries[i], i);
  }
  write_links(scenario);
}

void write_links(const Scenario& scenario) {
  LinkKind kind = LinkKind::kSymbolic;
  for (const auto& library : scenario.libraries) {
    if (!library.link_to) continue;
    write_link(library, kind);
    kind = kind == LinkKind::kSymbolic ? LinkKind::kHard : LinkKind::kSymbolic;
  }
}

std::string real_transcript(const Scenario& scenario) {
  std::vector<std::string> argv{opener_of(scenario.loader)};
  for (const auto& library : scenario.libraries) {
    argv.insert(argv.end(), {"lib", library.link_to ? "-" : library.path});
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
  return numbered(scenario, result.out);
}

std::string model_transcript(const Scenario& scenario) {
  ModelRun run(scenario);
  std::map<std::size_t, std::set<std::size_t>> needs;
  std::string text;
  for (const Dlopen& dlopen : scenario.dlopens) {
    const ModelRun::Step step = run.step(dlopen);
    for (std::size_t i = dlopen.caller ? 1 : 0; i < step.resolutions.size(); ++i) {
      const elf::Resolution& met = step.resolutions[i];
      if (step.succeeded && met.to) needs[met.from].insert(*met.to);
    }
    std::vector<std::size_t> opened;
    for (const std::size_t library : run.loaded()) {
      opened.push_back(path_number(scenario, run.opened_path(library)).value());
    }
    text += "dlopen " + dlopen.name + ": " + (step.succeeded ? "ok" : "failed") +
            "; loaded:" + numbers(opened) + "\n";
  }
  for (std::size_t i = 0; i < scenario.libraries.size(); ++i) {
    if (scenario.libraries[i].link_to || !run.is_loaded(i)) continue;
    text += std::to_string(i) + " reaches:" + numbers(reached_from(i, needs)) + "\n";
  }
  return text;
}

std::size_t library_at(const Scenario& scenario, const std::string& path) {
  const auto number = path_number(scenario, path);
  if (!number) throw std::out_of_range("no library at " + path);
  const auto& library = scenario.libraries[*number];
  return library.link_to ? path_number(scenario, *library.link_to).value() : *number;
}

ModelRun::ModelRun(const Scenario& scenario)
    : scenario_(scenario), process_(scenario.libraries, environment_of(scenario)) {}

ModelRun::Step ModelRun::step(const Dlopen& dlopen) {
  Step step;
  if (dlopen.caller) {
    step.resolutions = process_.open_by_name(*dlopen.caller, dlopen.name);
  } else {
    const std::size_t library = library_at(scenario_, dlopen.name);
    step.resolutions = process_.open(dlopen.name);
    note_opened({.needed = dlopen.name, .rule = elf::Rule::kPath, .to = library});
  }
  for (const elf::Resolution& met : step.resolutions) note_opened(met);
  step.succeeded = std::ranges::none_of(
      step.resolutions, [](const elf::Resolution& met) { return met.rule == elf::Rule::kMissing; });
  std::erase_if(loaded_, [this](std::size_t library) { return !process_.is_loaded(library); });
  return step;
}

void ModelRun::note_opened(const elf::Resolution& met) {
  if (!met.to || std::ranges::find(loaded_, *met.to) != loaded_.end()) return;
  loaded_.push_back(*met.to);
  opened_[*met.to] = path_taken(met);
}

/// The entry that the model names, with the file name behind it.
std::string ModelRun::path_taken(const elf::Resolution& met) const {
  if (met.rule == elf::Rule::kPath) {
    const std::string origin = met.needed.front() == '/' ? "" : folder_of(opened_.at(met.from));
    return elf::normalise_path(elf::expand_tokens(met.needed, {.origin = origin}));
  }
  if (met.rule == elf::Rule::kLdLibraryPath) {
    return elf::normalise_path(scenario_.ld_library_path.at(met.path_entry) + "/" + met.needed);
  }
  const auto& owner = scenario_.libraries[met.path_owner];
  const std::string path = (met.rule == elf::Rule::kRpath ? owner.rpath : owner.runpath).value();
  const std::string origin = folder_of(opened_.at(met.path_owner));
  const auto folders =
      scenario_.loader == elf::LoaderKind::kMusl
          ? elf::expand_musl_search_path(path, origin).value()
          : elf::expand_search_path(path, {.origin = origin, .lib = lib_of_this_system()});
  return elf::normalise_path(folders.at(met.path_entry) + "/" + met.needed);
}

}  // namespace support
