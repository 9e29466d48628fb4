"""A process that opens libraries as it is told, and says what the loader answered."""
import dataclasses
import json
import os
import pathlib
import subprocess

from support import clean_environment

# One command a line. `open PATH`; `from PATH SYMBOL NAME`: what is loaded from PATH opens NAME, by its function SYMBOL, which
# gets dlopen itself. What stands between `[` and `]` happens in a copy of the process. Each answer is a line of JSON: the
# files that this brought in, and the loader's words where it failed.
SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef void* Open(const char*, int);
typedef void* OpenFromHere(Open*, const char*, int);

static unsigned long long seen;

static void quoted(const char* text) {
  putchar('"');
  for (; *text; ++text) {
    if (*text == '"' || *text == '\\') putchar('\\');
    putchar(*text);
  }
  putchar('"');
}

static void answer(void* handle, struct link_map* last) {
  struct link_map* map = last->l_next;
  printf("{\"error\":");
  const char* words = handle ? NULL : dlerror();
  if (handle) fputs("null", stdout); else quoted(words ? words : "not loaded");
  printf(",\"loaded\":[");
  for (const char* comma = ""; map; map = map->l_next, comma = ",") {
    fputs(comma, stdout);
    quoted(map->l_name);
  }
  puts("]}");
}

static struct link_map* last_loaded(void) {
  struct link_map* map = dlopen(NULL, RTLD_LAZY);
  while (map->l_next) map = map->l_next;
  return map;
}

static void* open_from(const char* path, const char* symbol, const char* name) {
  void* library = dlopen(path, RTLD_NOW | RTLD_NOLOAD);
  OpenFromHere* open_from_here = library ? (OpenFromHere*)dlsym(library, symbol) : NULL;
  return open_from_here ? open_from_here(dlopen, name, RTLD_NOW) : NULL;
}

int main(void) {
  static char line[1 << 16];
  static char* lines[1 << 16];
  int count = 0, depth = 0;
  while (fgets(line, sizeof line, stdin)) lines[count++] = strdup(strtok(line, "\n"));
  for (int i = 0; i < count; ++i) {
    char* word = strtok(lines[i], "\t");
    if (!strcmp(word, "[")) {
      fflush(stdout);
      const pid_t child = fork();
      if (child == 0) continue;
      int status = 0;
      waitpid(child, &status, 0);
      if (status) printf("{\"died\":%d}\n", status);
      for (depth = 1; depth; depth += !strcmp(lines[i], "[") - !strcmp(lines[i], "]")) ++i;
    } else if (!strcmp(word, "]")) {
      fflush(stdout);
      _exit(0);
    } else {
      struct link_map* last = last_loaded();
      char *path = strtok(NULL, "\t"), *symbol = strtok(NULL, "\t"), *name = strtok(NULL, "\t");
      answer(name ? open_from(path, symbol, name) : dlopen(path, RTLD_NOW | RTLD_LOCAL), last);
    }
  }
  fflush(stdout);
  _exit(0);  /* without the libraries' own last words */
}
"""


@dataclasses.dataclass
class Answer:
    error: str  # None where it was opened
    loaded: list  # paths, in the loader's order

    def __post_init__(self):
        self.loaded = [os.path.normpath(path) for path in self.loaded]  # $ORIGIN/.. stays as it is


class Opener:
    def __init__(self, folder):
        self.program = pathlib.Path(folder) / "opener"
        self.empty = pathlib.Path(folder) / "empty"
        self.empty.mkdir()
        subprocess.run(["gcc", "-O1", "-x", "c", "-", "-o", self.program, "-ldl"], input=SOURCE, text=True, check=True)

    def run(self, commands, **environment):
        """The answers, in order, of one fresh process that nothing tells where to search. `commands`: tuples of words."""
        said = subprocess.run([self.program], input="".join("\t".join(map(str, words)) + "\n" for words in commands),
                              text=True, capture_output=True, check=True, cwd=self.empty, timeout=300,
                              env=clean_environment(**environment))
        answers = [Answer(**json.loads(line)) for line in said.stdout.splitlines()]
        asked = sum(words[0] not in "[]" for words in commands)
        assert len(answers) == asked, (said.stdout, said.stderr, commands)
        return answers

    def open(self, paths, **environment):
        return self.run([("open", path) for path in paths], **environment)
