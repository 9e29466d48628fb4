#include <stdexcept>

#include "tests/support/compile.h"
#include "tests/support/elf_judges.h"
#include "tests/support/run_program.h"

namespace support {
namespace {

// The steps, each one argument:
//   open:PATH          dlopen(PATH, RTLD_NOW), as ctypes and Python's import do
//   global:PATH        the same with RTLD_GLOBAL
//   call:NAME          int NAME(void) of the library opened last
//   call:NAME@VERSION  that version of it
//   thread:NAME        the same as call, in a thread of its own: its thread-local storage is fresh
//   headers:SONAME     what dl_iterate_phdr shows for a library: loads, and whether its notes are
//   in sight
constexpr const char* kDriver = R"(
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *library;

static void fail(void) {
  printf("failed: %s\n", dlerror());
  exit(1);
}

static int (*find(char *name))(void) {
  char *version = strchr(name, '@');
  void *symbol;
  if (version) {
    *version++ = 0;
    symbol = dlvsym(library, name, version);
  } else {
    symbol = dlsym(library, name);
  }
  if (!symbol) fail();
  return (int (*)(void))symbol;
}

static void *in_thread(void *function) { return (void *)(long)((int (*)(void))function)(); }

static int show_headers(struct dl_phdr_info *info, size_t size, void *wanted) {
  int loads = 0, bad = 0;
  (void)size;
  if (!strstr(info->dlpi_name, wanted)) return 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr) *header = &info->dlpi_phdr[i];
    loads += header->p_type == PT_LOAD;
    bad += header->p_type == PT_PHDR &&
           (const void *)(info->dlpi_addr + header->p_vaddr) != (const void *)info->dlpi_phdr;
  }
  printf("headers: %s, %s\n", loads > 0 ? "loads" : "no loads", bad ? "stale" : "true");
  return 1;
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; ++i) {
    char *step = argv[i];
    char *rest = strchr(step, ':') + 1;
    if (!strncmp(step, "open:", 5) || !strncmp(step, "global:", 7)) {
      library = dlopen(rest, RTLD_NOW | (*step == 'g' ? RTLD_GLOBAL : 0));
      if (!library) fail();
      printf("opened\n");
    } else if (!strncmp(step, "headers:", 8)) {
      dl_iterate_phdr(show_headers, rest);
    } else if (!strncmp(step, "thread:", 7)) {
      pthread_t thread;
      void *result = NULL;
      if (pthread_create(&thread, NULL, in_thread, (void *)find(rest))) return 1;
      pthread_join(thread, &result);
      printf("%s in a thread = %d\n", rest, (int)(long)result);
    } else {
      int (*function)(void) = find(rest);
      printf("%s = %d\n", rest, function());
    }
    fflush(stdout);
  }
  return 0;
}
)";

std::string joined(const std::vector<std::string>& folders) {
  std::string text;
  for (const std::string& folder : folders) text += (text.empty() ? "" : ":") + folder;
  return text;
}

}  // namespace

LoadResult load_and_call(const LoadPlan& plan) {
  const auto driver = build({.source = kDriver,
                             .flags = {"-ldl", "-pthread"},
                             .name = "load_and_call",
                             .compiler = plan.compiler,
                             .executable = true});
  std::vector<std::string> argv = plan.run_by;
  std::map<std::string, std::string> env;
  if (argv.empty()) {
    env = {{"LD_BIND_NOW", "1"}, {"LD_WARN", "1"}};
    if (!plan.library_path.empty()) env["LD_LIBRARY_PATH"] = joined(plan.library_path);
  } else {
    // qemu takes the variables of the program that it runs as options: its own loader shall not see
    // them.
    argv.insert(argv.end(), {"-E", "LD_BIND_NOW=1", "-E", "LD_WARN=1"});
    if (!plan.library_path.empty()) {
      argv.insert(argv.end(), {"-E", "LD_LIBRARY_PATH=" + joined(plan.library_path)});
    }
  }
  argv.push_back(driver.string());
  argv.insert(argv.end(), plan.steps.begin(), plan.steps.end());
  const ProgramResult result = run_program(argv, env, plan.folder);
  return {result.status, result.out + result.err};
}

}  // namespace support
