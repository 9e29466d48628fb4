"""What the program says and does before, or instead of, writing."""
import os
import re

from support import DONE, FAILED, FOUND, USAGE, EndToEnd, fixture, main


class Plan(EndToEnd):
    def test_a_dry_run_tells_the_plan_and_writes_nothing(self):
        result = self.spokeshave("split", fixture("gputoy"), "--max-installed-size", "8MB", "--companion", "parttoy",
                                 "--dry-run", "--out", self.out)
        self.assertEqual(result.code, DONE, result.stderr)
        self.assertIn("parttoy", result.stdout)
        self.assertIn("libtoydnn.so.8", result.stdout)
        self.assertEqual(list(self.out.iterdir()), [])

    def test_the_dry_runs_plan_is_the_one_that_is_carried_out(self):
        def plan(*more):
            result = self.spokeshave("split", fixture("gputoy"), "--max-installed-size", "8MB", "--companion", "parttoy",
                                     "--out", self.out, *more)
            self.assertEqual(result.code, DONE, result.stderr)
            return [line for line in result.stdout.splitlines() if ".so" in line]
        self.assertEqual(plan("--dry-run"), plan())

    def test_an_impossible_budget_names_the_smallest_and_the_library(self):
        result = self.spokeshave("split", fixture("gputoy"), "--max-installed-size", "4MB", "--companion", "parttoy",
                                 "--out", self.out)
        self.assert_stopped(result, FOUND, "libgputoy_cuda.so")

    def test_the_smallest_budget_that_it_names_is_possible_and_less_is_not(self):
        result = self.spokeshave("split", fixture("gputoy"), "--max-installed-size", "4MB", "--companion", "parttoy",
                                 "--out", self.out)
        # The exact number of bytes must be among what is said: 5 MB of it are the library's.
        numbers = [int(number.replace(",", "").replace("'", "")) for number in re.findall(r"\b\d[\d,']{6,}\b", result.stderr)]
        smallest = [number for number in numbers if 5_242_880 < number < 6_000_000]
        self.assertTrue(smallest, result.stderr)
        def split(budget):
            return self.spokeshave("split", fixture("gputoy"), "--max-installed-size", budget, "--companion", "parttoy",
                                   "--dry-run", "--out", self.out).code
        self.assertEqual(split(min(smallest)), DONE)
        self.assertEqual(split(min(smallest) - 1), FOUND)

    def test_usage_errors(self):
        wheel = fixture("gputoy")
        for arguments in (["split"], ["split", wheel, "--max-installed-size", "lots"], ["split", wheel, "--no-such-option"],
                          ["split", wheel, "--max-installed-size", "-3GB"], ["split", wheel, "--companion", "no name!"],
                          ["no-such-command"], [], ["split", wheel]):
            result = self.spokeshave(*arguments, cwd=self.out)
            self.assertEqual(result.code, USAGE, (arguments, result.stderr))
            self.assertNotEqual(result.stderr, "", arguments)
        self.assertEqual(list(self.out.iterdir()), [])

    def test_help_goes_to_stdout_and_names_every_option(self):
        result = self.spokeshave("split", "--help")
        self.assertEqual(result.code, DONE)
        for option in ("--max-installed-size", "--max-wheel-size", "--move", "--keep", "--companion", "--runpath", "--dry-run",
                       "--out", "--suffix", "--version", "--force", "--json", "--jobs", "--quiet", "--color",
                       "--verbose"):
            self.assertIn(option, result.stdout)

    def test_the_version_is_told(self):
        result = self.spokeshave("--version")
        self.assertEqual(result.code, DONE)
        self.assertRegex(result.stdout, r"\d+\.\d+\.\d+")

    def test_a_glob_that_matches_nothing_is_told(self):
        result = self.spokeshave("split", fixture("gputoy"), "--move", "libnothing*", "--companion", "parttoy", "--out", self.out)
        self.assertNotEqual(result.code, DONE)
        self.assert_stopped(result, result.code, "libnothing*")

    def test_an_extension_module_cannot_move(self):
        result = self.spokeshave("split", fixture("gputoy"), "--move", "_C.abi3.so", "--companion", "parttoy", "--out", self.out)
        self.assertNotEqual(result.code, DONE)
        self.assert_stopped(result, result.code, "_C.abi3.so")


class Outputs(EndToEnd):
    ARGUMENTS = ("--max-installed-size", "8MB", "--companion", "parttoy")

    def contents(self, folder):
        return {path.name: path.read_bytes() for path in folder.iterdir()}

    def test_the_same_input_gives_the_same_bytes(self):
        first, second = self.folder / "first", self.folder / "second"
        first.mkdir(), second.mkdir()
        self.split(fixture("gputoy"), *self.ARGUMENTS, "--jobs", "1", out=first)
        os.utime(fixture("gputoy"))
        self.split(fixture("gputoy"), *self.ARGUMENTS, "--jobs", "7", out=second)
        self.assertEqual(self.contents(first), self.contents(second))

    def test_what_is_there_already_is_not_overwritten_unless_forced(self):
        main_wheel, _ = self.split(fixture("gputoy"), *self.ARGUMENTS)
        right = self.contents(self.out)
        main_wheel.write_bytes(b"mine")
        changed = self.contents(self.out)
        result = self.spokeshave("split", fixture("gputoy"), *self.ARGUMENTS, "--out", self.out)
        self.assertNotEqual(result.code, DONE)
        self.assertIn(main_wheel.name, result.stderr)
        self.assertEqual(self.contents(self.out), changed)
        self.split(fixture("gputoy"), *self.ARGUMENTS, "--force")
        self.assertEqual(self.contents(self.out), right)

    def test_the_current_folder_is_where_they_go(self):
        result = self.spokeshave("split", fixture("gputoy"), *self.ARGUMENTS, cwd=self.out)
        self.assertEqual(result.code, DONE, result.stderr)
        self.assertEqual(len(list(self.out.glob("*.whl"))), 2)

    def test_the_input_is_never_touched(self):
        before = fixture("gputoy").read_bytes()
        self.split(fixture("gputoy"), *self.ARGUMENTS)
        self.assertEqual(fixture("gputoy").read_bytes(), before)

    def test_quiet_leaves_stderr_empty(self):
        self.split(fixture("soundtoy"), "--move", "libtoycodec*", "--companion", "parttoy", "--quiet")
        self.assertEqual(self.result.stderr, "")

    def test_no_colour_and_no_progress_where_nobody_looks(self):
        self.split(fixture("gputoy"), *self.ARGUMENTS)
        self.assertNotIn("\x1b", self.result.stdout + self.result.stderr)
        self.assertNotIn("\r", self.result.stdout + self.result.stderr)

    def test_an_out_folder_that_is_a_file(self):
        blocked = self.folder / "blocked"
        blocked.write_text("")
        result = self.spokeshave("split", fixture("gputoy"), *self.ARGUMENTS, "--out", blocked)
        self.assert_stopped(result, FAILED, "blocked")


if __name__ == "__main__":
    main()
