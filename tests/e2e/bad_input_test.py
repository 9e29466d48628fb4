"""What is broken is refused: three lines, exit 3, nothing written, and soon."""
import resource
import shutil
import subprocess
import time

from bad_wheels import BAD_ARCHIVES, BAD_LIBRARIES, BAD_WHEELS, LIBRARY, named, small
from support import FAILED, PROGRAM, EndToEnd, main

SECONDS = 10
MEGABYTES = 100  # of memory, whatever a header claims


class BadInput(EndToEnd):
    def tearDown(self):
        self.assertLess(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, MEGABYTES)

    def test_the_good_wheel_that_the_bad_ones_are_made_of_is_split(self):
        self.split(small().write(self.folder), "--move", "libgputoy_core.so", "--companion", "parttoy")

    def test_broken_archives(self):
        self.assert_refused(BAD_ARCHIVES)

    def test_wheels_that_contradict_themselves(self):
        self.assert_refused(BAD_WHEELS)

    def test_damaged_libraries(self):
        self.assert_refused({f"a library {fault}": (make, [LIBRARY]) for fault, make in BAD_LIBRARIES.items()})

    def assert_refused(self, cases):
        for fault, (make, words) in cases.items():
            with self.subTest(fault):
                folder = self.folder / "case"
                folder.mkdir()
                self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
                wheel, start = make(folder), time.monotonic()
                result = self.spokeshave("split", wheel, "--move", "libgputoy_core.so", "--companion", "parttoy",
                                         "--out", self.out)
                self.assertLess(time.monotonic() - start, SECONDS)
                try:
                    self.assert_stopped(result, FAILED, *words)
                    self.assertTrue(all(32 <= ord(letter) < 127 or letter in "\n" for letter in result.stderr), result.stderr)
                finally:
                    shutil.rmtree(folder)
                    for path in self.out.iterdir():
                        path.unlink()

    def test_a_message_that_nobody_can_read_is_no_crash(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([PROGRAM, "split", "none.whl", "--move", "x"], stderr=full, stdout=full)
        self.assertEqual(done.returncode, FAILED)

    def test_a_file_that_is_not_there(self):
        result = self.spokeshave("split", self.folder / "small-1.0-py3-none-linux_x86_64.whl", "--move", "x", "--out", self.out)
        self.assert_stopped(result, FAILED, "small-1.0-py3-none-linux_x86_64.whl", "No such file")

    def test_a_folder_instead_of_a_file(self):
        folder = self.folder / "small-1.0-py3-none-linux_x86_64.whl"
        folder.mkdir()
        result = self.spokeshave("split", folder, "--move", "x", "--out", self.out)
        self.assert_stopped(result, FAILED, folder.name)

    def test_a_windows_wheel_is_told_apart_from_a_broken_one(self):
        result = self.spokeshave("split", named("small-1.0-py3-none-win_amd64.whl")(self.folder), "--move", "x",
                                 "--out", self.out)
        self.assert_stopped(result, FAILED, "win_amd64")


if __name__ == "__main__":
    main()
