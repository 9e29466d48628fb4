"""`spokeshave patch`: a run that is stopped, or that the disk fails, leaves nothing behind; and memory stays small."""
import os
import pathlib
import random
import resource
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from interrupted_test import LIBRARY, MEGABYTE, MOUNT, can_mount, contents, make_big_wheel
from support import DONE, FAILED, PROGRAM, STAGED, EndToEnd, clean_environment, main, run

MEMORY_MEGABYTES = 100
SLOW_PATCH = """#!/bin/sh
{ sleep 0.4; } < /dev/null
exec patch "$@"
"""


class Stopped(EndToEnd):
    """A run is stopped at random moments; `self.folder` holds nothing but what was there before, or, where the signal
    came between the wheel's naming and the program's end, the wheel, whole."""

    @classmethod
    def setUpClass(cls):
        cls.inputs = pathlib.Path(tempfile.mkdtemp(prefix="spokeshave-e2e-"))
        cls.addClassCleanup(shutil.rmtree, cls.inputs)
        cls.wheel = make_big_wheel(cls.inputs, 100)
        cls.diff = cls.inputs / "a.diff"
        cls.diff.write_text("--- /dev/null\n+++ b/bigtoy/new.py\n@@ -0,0 +1 @@\n+new = 1\n")
        cls.slow = cls.inputs / "slow-patch"
        cls.slow.write_text(SLOW_PATCH)
        cls.slow.chmod(0o755)
        cls.seed = int(os.environ.get("SPOKESHAVE_SEED", time.time_ns() % 10**9))
        print("SPOKESHAVE_SEED =", cls.seed)

    def setUp(self):
        super().setUp()
        self.scratch = self.folder / "scratch"
        self.scratch.mkdir()

    def start(self, *arguments):
        return subprocess.Popen([PROGRAM, "patch", *map(str, arguments)], env=clean_environment(TMPDIR=str(self.scratch)),
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def assert_leaves_nothing(self, signal_number, *arguments, moments=8):
        random.seed(self.seed)
        start = time.monotonic()
        self.assertEqual(self.start(*arguments).wait(60), DONE)
        seconds = time.monotonic() - start
        whole = contents(self.out)
        shutil.rmtree(self.out)
        stopped = 0
        for _ in range(moments):
            self.out.mkdir()
            process = self.start(*arguments)
            time.sleep(random.uniform(0, seconds * 0.9))
            process.send_signal(signal_number)
            code = process.wait(60)
            if code != DONE:
                stopped += 1
                self.assertIn(code, (-signal_number, 128 + signal_number))
                self.assertIn(contents(self.out), ({}, whole))
            time.sleep(0.05)  # for what ends with it
            self.assertEqual(list(self.scratch.iterdir()), [])
            shutil.rmtree(self.out)
        self.assertGreaterEqual(stopped, 1)
        self.assertEqual(sorted(self.inputs.iterdir()), sorted([self.wheel, self.diff, self.slow]))

    def edits(self):
        return [self.wheel, "--suffix", "a", "--set-runpath", "*.so=$ORIGIN/there", "--patch", self.diff, "--out", self.out]

    def test_ctrl_c_and_being_told_to_end_and_a_lost_terminal(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number):
                self.assert_leaves_nothing(number, *self.edits())
                self.out.mkdir()

    def test_while_the_diffs_are_applied(self):
        self.diff_of_a_file()
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                self.assert_leaves_nothing(number, self.wheel, "--patch", self.diff, "--patch-prog", self.slow, "--dry-run",
                                           "--out", self.out, moments=5)
                self.out.mkdir()

    def diff_of_a_file(self):
        self.diff.write_text("--- a/bigtoy-1.0.dist-info/LICENSE\n+++ b/bigtoy-1.0.dist-info/LICENSE\n@@ -1 +1 @@\n"
                             "-Do with it what you like.\n+Do with it what you want.\n")

    def test_being_killed_leaves_no_wheel(self):
        self.assert_leaves_nothing(signal.SIGKILL, self.wheel, "--suffix", "a", "--set-runpath", "*.so=$ORIGIN/there",
                                   "--out", self.out)

    def test_the_wheel_itself_is_whole_when_its_replacement_is_stopped(self):
        random.seed(self.seed)
        wheel = self.out / self.wheel.name
        replace = (wheel, "--set-runpath", "*.so=$ORIGIN/there", "--out", self.out, "--force")
        shutil.copy(self.wheel, wheel)
        before = contents(self.out)
        self.assertEqual(self.start(*replace).wait(60), DONE)
        after = contents(self.out)
        self.assertNotEqual(before, after)
        for _ in range(8):
            shutil.copy(self.wheel, wheel)
            process = self.start(*replace)
            time.sleep(random.uniform(0, 0.5))
            process.terminate()
            allowed = (after,) if process.wait(60) == DONE else (before, after)
            self.assertIn(contents(self.out), allowed)

    def test_memory_stays_small_whatever_the_wheel(self):
        for edit in (["--suffix", "a"], ["--set-runpath", "*.so=$ORIGIN/there"], ["--suffix", "b", "--check-input"],
                     ["--suffix", "c", "--add", f"bigtoy/big={self.wheel}"]):
            process = self.start(self.wheel, *edit, "--out", self.out)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            self.assertEqual(process.returncode, DONE)
            self.assertLess(usage.ru_maxrss / 1024, MEMORY_MEGABYTES, edit)

    def test_a_file_size_limit_leaves_nothing(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (50 * MEGABYTE, 50 * MEGABYTE))
        done = subprocess.run([PROGRAM, "patch", *map(str, self.edits())], env=clean_environment(), capture_output=True, preexec_fn=limit)
        self.assertNotEqual(done.returncode, DONE)
        self.assertEqual(list(self.out.iterdir()), [])


class FullDisk(EndToEnd):
    @unittest.skipUnless(can_mount(), "this machine lets no one mount a tmpfs")
    def test_a_full_disk_is_told_and_leaves_nothing(self):
        wheel = make_big_wheel(self.folder, 40)
        for size, edit in ((1, "--suffix a"), (20, "--suffix a"), (20, f"--set-soname '{LIBRARY}=libx.so'"),
                           (38, f"--set-soname '{LIBRARY}=libx.so'"), (20, f"--add bigtoy/x='{wheel}'")):
            with self.subTest(f"{size} MB {edit}"):
                script = (f'mount -t tmpfs -o size={size}m none "{self.out}" && "{PROGRAM}" patch "{wheel}" {edit} '
                          f'--out "{self.out}"; code=$?; echo "left: $(ls -A "{self.out}")"; exit $code')
                result = run(*MOUNT, "sh", "-c", script)
                self.assert_stopped(result, FAILED, "No space left on device")
                self.assertEqual(result.stdout.splitlines()[-1], "left: ")

    @unittest.skipUnless(can_mount(), "this machine lets no one mount a tmpfs")
    def test_a_spliced_library_takes_the_room_of_the_new_wheel_only(self):
        wheel = make_big_wheel(self.folder, 40)
        script = (f'mount -t tmpfs -o size=42m none "{self.out}" && "{PROGRAM}" patch "{wheel}" --suffix a '
                  f'--set-soname "{LIBRARY}=libx.so" --out "{self.out}"')
        result = run(*MOUNT, "sh", "-c", script)
        self.assertEqual(result.code, DONE, result.stderr)

    @unittest.skipUnless(can_mount(), "this machine lets no one mount a tmpfs")
    def test_a_full_disk_leaves_a_library_as_it_was(self):
        library = STAGED / "gputoy/lib/libgputoy_cuda.so"
        long = ":".join(f"/no/such/folder/{number}" for number in range(4000))
        for how in ("", "--in-place"):
            with self.subTest(how):
                script = (f'mount -t tmpfs -o size=5160k none "{self.out}" && cp "{library}" "{self.out}" && '
                          f'"{PROGRAM}" patch "{self.out}/{library.name}" {how} --set-runpath "*={long}"; code=$?; '
                          f'cmp "{library}" "{self.out}/{library.name}" && echo same; ls -A "{self.out}"; exit $code')
                result = run(*MOUNT, "sh", "-c", script)
                self.assertEqual(result.stdout.splitlines()[-2:], ["same", library.name], result.stderr)
                self.assertEqual(result.code, FAILED, result.stderr)


if __name__ == "__main__":
    main()
