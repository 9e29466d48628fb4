"""A wheel that another program changes while we work on it: a library that was read once is not what is read later.
Nothing is written then."""
import pathlib
import shutil
import subprocess
import tempfile
import zipfile

from patching import PatchTest
from splice_test import LIBRARY, content
from support import FAILED, clean_environment, main
from wheel_maker import Wheel, zip_entry

# Flips a bit of the wheel when the program opens its first nameless file, or when it first has the kernel copy.
HOOK = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
static void flip(const char* moment) {
  static int done;
  if (strcmp(moment, getenv("FLIP_WHEN")) != 0 || done++) return;
  char byte;
  const off_t at = atoll(getenv("FLIP_AT"));
  const int file = syscall(SYS_openat, AT_FDCWD, getenv("FLIP_FILE"), O_RDWR);
  if (pread(file, &byte, 1, at) != 1) abort();
  byte ^= 16;
  if (pwrite(file, &byte, 1, at) != 1) abort();
  close(file);
}
static int opened(const char* path, int flags, int mode) {
  if ((flags & O_TMPFILE) == O_TMPFILE) flip("spooling");
  return syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}
#define OPEN(name)                                                 \
  int name(const char* path, int flags, ...) {                     \
    va_list more; va_start(more, flags);                           \
    const int mode = va_arg(more, int); va_end(more);              \
    return opened(path, flags, mode);                              \
  }
OPEN(open)
OPEN(open64)
ssize_t splice(int in, off_t* in_at, int out, off_t* out_at, size_t size, unsigned flags) {
  flip("copying");
  return syscall(SYS_splice, in, in_at, out, out_at, size, flags);
}
ssize_t copy_file_range(int in, off_t* in_at, int out, off_t* out_at, size_t size, unsigned flags) {
  flip("copying");
  return syscall(SYS_copy_file_range, in, in_at, out, out_at, size, flags);
}
"""

SPLIT = ("split", "--move", "*.so", "--companion", "part", "--runpath", "$ORIGIN:$ORIGIN/there")


class ChangingWheel(PatchTest):
    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="spokeshave-e2e-"))
        cls.addClassCleanup(shutil.rmtree, folder)
        (folder / "hook.c").write_text(HOOK)
        cls.hook = folder / "hook.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", cls.hook, folder / "hook.c"], check=True)

    def make_wheel(self, method):
        maker = Wheel("toy", "1.0").add("toy/__init__.py", "").add(LIBRARY, content())
        path = self.folder / maker.file_name()
        with zipfile.ZipFile(path, "w") as archive:
            for name, (data, executable) in maker.all_files().items():
                archive.writestr(zip_entry(name, executable), data, compress_type=method)
        return path

    def stopped(self, when, method, *words):
        wheel = self.make_wheel(method)
        before = wheel.read_bytes()
        member = zipfile.ZipFile(wheel).getinfo(LIBRARY)
        at = member.header_offset + 30 + len(LIBRARY) + member.compress_size // 2
        env = clean_environment(LD_PRELOAD=str(self.hook), FLIP_WHEN=when, FLIP_FILE=str(wheel), FLIP_AT=str(at))
        result = self.spokeshave(*words[:1], wheel, *words[1:], "--suffix", "a", "--out", self.out, env=env)
        self.assertNotEqual(wheel.read_bytes(), before, "the hook was not called")
        self.assert_stopped(result, FAILED, pathlib.PurePath(LIBRARY).name)
        return result.stderr

    def test_after_split_has_read_it(self):
        self.assertIn(f"the rewritten `{LIBRARY}` did not pass its proof",
                      self.stopped("spooling", zipfile.ZIP_DEFLATED, *SPLIT))
        self.assertIn("its CRC-32 is", self.stopped("spooling", zipfile.ZIP_STORED, *SPLIT))

    def test_while_the_new_wheel_is_written(self):
        for words in (SPLIT, ("patch", "--set-runpath", "*.so=$ORIGIN/there")):
            with self.subTest(words[0]):
                stderr = self.stopped("copying", zipfile.ZIP_DEFLATED, *words)
                self.assertIn("its packed bytes are not those that were proved", stderr)


if __name__ == "__main__":
    main()
