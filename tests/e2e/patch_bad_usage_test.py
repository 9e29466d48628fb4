"""`spokeshave patch`: wrong usage, broken wheels, and outputs that go nowhere."""
import os
import resource
import shutil
import subprocess
import time

from bad_wheels import BAD_ARCHIVES, BAD_WHEELS, LIBRARY, small
from patching import PatchTest
from support import DONE, FAILED, PROGRAM, USAGE, clean_environment, fixture, main, run

SECONDS, MEGABYTES = 10, 100
# Those of BAD_ARCHIVES and BAD_WHEELS that only show when the member is decoded: patch takes such a member over as it is, with
# its row of RECORD, and says so only with --check-input.
ONLY_DECODED = {"a wrong CRC in both headers", "other bytes in the deflate stream", "a library that was tampered with", "a text that was tampered with"}


class Usage(PatchTest):
    def setUp(self):
        super().setUp()
        self.wheel = small().write(self.folder)

    def wrong(self, *arguments, words=(), code=USAGE, talks=False):
        result = self.spokeshave("patch", *arguments, cwd=self.out, timeout=20)
        self.assert_stopped(result, code, *words)
        self.assertTrue(talks or result.stdout == "", result.stdout)

    def test_misspelt_options_are_told_with_the_right_one(self):
        for typed, meant in (("--sufix", "--suffix"), ("--drop-require", "--drop-requires"), ("--set-rpaths", "--set-rpath"),
                             ("--patchdir", "--patch-dir"), ("--set-run-path", "--set-runpath"), ("--inplace", "--in-place")):
            self.wrong(self.wheel, typed, "x", words=[f"`{typed}`", f"did you mean `{meant}`"])
            self.wrong(self.wheel, f"{typed}=x", words=[f"did you mean `{meant}`"])

    def test_options_without_their_value_and_flags_with_one(self):
        for option in ("--suffix", "--drop-requires", "--patch", "--patch-dir", "--add", "--remove", "--chmod", "--set-runpath",
                       "--recipe", "--out", "--strip-count", "--build"):
            self.wrong(self.wheel, option, words=[option])
        self.wrong(self.wheel, "--suffix", "a", "--dry-run=maybe", words=["--dry-run"])

    def test_options_that_can_be_given_once(self):
        for option in ("--suffix", "--version", "--requires-python", "--strip-count", "--out", "--build"):
            self.wrong(self.wheel, "--remove", "data.txt", option, "1", option, "2", words=[option])

    def test_nothing_to_do_and_nothing_to_do_it_to(self):
        self.wrong(self.wheel, words=["nothing says what to change"])
        self.wrong(self.wheel, "--force", "--check-input", "--strip-count", "2", words=["nothing says what to change"])
        self.wrong("--suffix", "a", words=["FILE"])

    def test_options_that_exclude_each_other(self):
        self.wrong(self.wheel, "--suffix", "a", "--version", "1", words=["--suffix", "--version"])
        self.wrong(self.wheel, "--suffix", "a", "--recipe", "x.toml", words=["--recipe"])
        self.wrong(self.wheel, "--print-recipe", "--recipe", "x.toml", words=["--print-recipe", "--recipe"])
        self.wrong(self.wheel, "--set-runpath", "*=x", "--in-place", words=["--in-place"])
        self.wrong(self.wheel, "--set-runpath", "*=x", "--in-place", "--out", self.out, words=["--in-place"])

    def test_wheels_and_libraries_do_not_mix(self):
        library = self.folder / "lib.so"
        library.write_bytes(small().files[LIBRARY][0])
        before = library.read_bytes()
        for files in ([self.wheel, library], [library, self.wheel]):
            self.wrong(*files, "--set-runpath", "*=x", words=["one run"])
        self.assertEqual(library.read_bytes(), before)

    def test_files_that_are_none(self):
        absent = self.folder / "absent-1.0-py3-none-any.whl"
        self.wrong(absent, "--suffix", "a", words=[absent.name, "No such file"], code=FAILED)
        absent.mkdir()
        self.wrong(absent, "--suffix", "a", words=[absent.name], code=FAILED)
        fifo = self.folder / "fifo-1.0-py3-none-any.whl"
        os.mkfifo(fifo)
        self.wrong(fifo, "--suffix", "a", words=[fifo.name], code=FAILED)

    def test_two_wheels_cannot_become_one(self):
        for more in ([], ["--force"], ["--dry-run"]):
            result = self.spokeshave("patch", self.wheel, self.wheel, "--suffix", "a", "--out", self.out, *more)
            self.assert_stopped(result, USAGE, "two wheels would become")

    def test_the_first_wheel_is_not_written_where_the_second_cannot_be_read(self):
        self.wrong(self.wheel, self.folder / "absent-1.0-py3-none-any.whl", "--suffix", "a", words=["absent"], code=FAILED,
                   talks=True)

    def test_jobs(self):
        for jobs in ("0", "-1", "x", "1.5", "99999999999999999999"):
            self.wrong(self.wheel, "--suffix", "a", f"--jobs={jobs}", words=["--jobs"])

    def test_a_source_date_epoch_that_is_none(self):
        result = run(PROGRAM, "patch", self.wheel, "--suffix", "a", "--out", self.out, env=clean_environment(SOURCE_DATE_EPOCH="noon"))
        self.assertNotEqual(result.code, DONE)
        self.assertIn("SOURCE_DATE_EPOCH", result.stderr)
        self.assertEqual(list(self.out.iterdir()), [])

    def test_no_terminal_sequences_reach_the_terminal(self):
        self.wrong(self.wheel, "--remove", "\x1b[2J", words=["matches no file"], code=1)
        result = self.spokeshave("patch", self.wheel, "--remove", "\x1b[2J", "--out", self.out)
        self.assertNotIn("\x1b", result.stderr)


class Broken(PatchTest):
    def tearDown(self):
        self.assertLess(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, MEGABYTES)

    def assert_refused(self, cases):
        for fault, (make, words) in cases.items():
            with self.subTest(fault):
                folder = self.folder / "case"
                folder.mkdir()
                try:
                    self.assert_case_is_refused(make(folder), words, fault in ONLY_DECODED)
                finally:
                    shutil.rmtree(folder)
                    for path in self.out.iterdir():
                        path.unlink()

    def assert_case_is_refused(self, wheel, words, only_decoded):
        for more in ([], ["--check-input"]):
            start = time.monotonic()
            result = self.spokeshave("patch", wheel, "--suffix", "a.1", "--out", self.out, *more)
            self.assertLess(time.monotonic() - start, SECONDS)
            if only_decoded and not more:
                self.assertEqual(result.code, DONE, result.stderr)
                next(self.out.iterdir()).unlink()
            else:
                self.assert_stopped(result, FAILED, *words)
                self.assertTrue(all(32 <= ord(letter) < 127 or letter == "\n" for letter in result.stderr), result.stderr)

    def test_broken_archives(self):
        self.outputs_may_have("member-crc", "member-data")
        self.assert_refused(BAD_ARCHIVES)

    def test_wheels_that_contradict_themselves(self):
        self.outputs_may_have("record-hash")
        self.assert_refused({fault: case for fault, case in BAD_WHEELS.items() if fault != "a file name that is no wheel's"})


class Talk(PatchTest):
    def test_a_closed_stdout_and_a_full_one(self):
        wheel = fixture("gputoy")
        command = f"'{PROGRAM}' patch '{wheel}' --suffix a --out '{self.out}' --force"
        for redirection in (">&-", ">/dev/full"):
            result = run("sh", "-c", f"{command} {redirection}")
            self.assertEqual(result.code, FAILED, redirection)
            self.assertIn("error: ", result.stderr)
        quiet = run("sh", "-c", f"{command} --quiet >&- 2>&-")
        self.assertEqual(quiet.code, DONE)

    def test_a_reader_that_goes_away_is_no_error(self):
        done = subprocess.run(f"'{PROGRAM}' patch '{fixture('gputoy')}' --suffix a --out '{self.out}' | true; echo ${{PIPESTATUS[0]}}",
                              shell=True, executable="/bin/bash", capture_output=True, text=True, env=clean_environment())
        self.assertEqual(done.stderr, "")
        self.assertIn(done.stdout.strip(), ("0", "141"))

    def test_lines_are_80_columns_wide_and_plain(self):
        self.outputs_may_have("need-lost", "library-missing")
        text = self.folder / "new.txt"
        text.write_text("new")
        self.patch(fixture("gputoy"), "--suffix", "a", "--set-runpath", "*.so*=" + ":".join(["$ORIGIN/../../nvidia/cublas/lib"] * 9),
                   "--add", f"gputoy/{'long' * 25}/name.txt={text}", "--requires-python", ">=3.8", "--remove", "*.cmake")
        self.assertNotIn("\x1b", self.result.stdout)
        for line in self.result.stdout.splitlines():
            self.assertTrue(len(line) <= 80 or " " not in line.strip() or line.startswith("  pip install"), line)

    def test_colour_when_asked_for(self):
        self.patch(small().write(self.folder), "--suffix", "a", "--color", "always")
        self.assertIn("\x1b[", self.result.stdout)


if __name__ == "__main__":
    main()
