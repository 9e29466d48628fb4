"""`inspect` as a user runs it."""
import errno
import json
import os
import pty
import re
import resource
import signal
import subprocess
import time
import unittest

from bad_wheels import BAD_ARCHIVES, BAD_LIBRARIES, BAD_WHEELS, LIBRARY, small
from odd_set import oddtoy, othertoy
from support import DONE, FAILED, FIXTURES, FOUND, PROGRAM, USAGE, EndToEnd, clean_environment, fixture, main, run
from tiny_elf import library, module
from wheel_maker import Wheel

COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Report(EndToEnd):
    def inspect(self, *arguments, code=DONE, **how):
        result = self.spokeshave("inspect", *arguments, **how)
        self.assertEqual(result.code, code, result.stdout + result.stderr)
        return result

    def test_the_table_names_every_library_with_its_sizes(self):
        text = self.inspect(fixture("nstoy_render")).stdout
        self.assertRegex(text, r"^nstoy_render 3\.0  2\.\d+ MB packed  2\.\d+ MB installed  3 libraries\n")
        self.assertRegex(text, r"1\.06 MB +1\.\d+ MB  library +nstoy/render/\.libs/libnstoy_mesh\.so\.1\n")
        self.assertRegex(text, r"15\.\d kB +\S+ kB  extension module  nstoy/render/_ext\.abi3\.so\n")

    def test_a_file_may_be_named_without_a_folder(self):
        self.inspect(fixture("gputoy"), "-o", "report", cwd=self.out)
        self.assertEqual((self.out / "report").read_text(), self.inspect(fixture("gputoy")).stdout)

    def test_quiet_leaves_the_report_out_and_keeps_the_exit_code_and_documents(self):
        self.assertEqual(self.inspect(fixture("gputoy"), "-q").stdout, "")
        self.assertEqual(self.inspect(oddtoy(self.folder), "-q", code=FOUND).stdout, "")
        self.assertEqual(json.loads(self.inspect(fixture("gputoy"), "-q", "--json").stdout)["schema"], 1)

    def test_an_empty_value_is_a_mistake(self):
        for option in ("--graph=", "--symbols=", "--layout=", "--output="):
            self.assert_stopped(self.spokeshave("inspect", option, fixture("gputoy")), USAGE, option[:-1])
        self.assert_stopped(self.spokeshave("inspect", fixture("gputoy"), "-o", ""), USAGE, "-o")

    def test_the_tree(self):
        text = self.inspect(fixture("nstoy_render"), "--graph").stdout
        lines = text.splitlines()
        start = lines.index("Loaded by import")
        self.assertRegex(lines[start + 1], r"^nstoy/render/_ext\.abi3\.so +extension module, [\d.]+ kB$")
        self.assertRegex(lines[start + 2], r"^└─ libnstoy_render\.so\.1 +R(UN)?PATH, 1\.06 MB$")
        self.assertRegex(lines[start + 3], r"^   └─ libnstoy_mesh\.so\.1 +R(UN)?PATH, 1\.06 MB$")
        self.assertEqual(text, self.inspect(fixture("nstoy_render"), "--graph=tree").stdout)

    def test_everything_stays_within_eighty_columns(self):
        wheels = [*sorted(FIXTURES.glob("*.whl")), oddtoy(self.folder), othertoy(self.folder)]
        for option in ("--layout=site-packages", "--graph"):
            for line in self.inspect(*wheels, option, code=FOUND).stdout.splitlines():
                self.assertLessEqual(len(line), 80, line)

    def test_a_layout_of_separate_folders_is_another_answer(self):
        user = Wheel("usertoy", "1.0").add("usertoy/_c.so", module("_c", needed=["libother.so"], rpath="$ORIGIN/../othertoy"))
        user.requires = ["othertoy"]
        wheels = [user.write(self.folder), othertoy(self.folder)]
        self.inspect(*wheels)
        text = self.inspect(*wheels, "--layout", "separate", code=FOUND).stdout
        self.assertIn("problem: `libother.so` will be missing", text)
        self.assertIn("othertoy/libother.so of `othertoy 2.0` is it", " ".join(text.split()))

    def test_the_same_run_gives_the_same_bytes_whatever_the_threads(self):
        wheels = sorted(FIXTURES.glob("*.whl"))
        first = self.inspect(*wheels, "--graph", "--jobs", "1").stdout
        for jobs in ("2", "7"):
            self.assertEqual(self.inspect(*wheels, "--graph", "--jobs", jobs).stdout, first)

    def test_dot_takes_the_graph(self):
        for wheels in ([fixture("gputoy")], [oddtoy(self.folder), othertoy(self.folder)]):
            result = self.spokeshave("inspect", *wheels, "--graph=dot")
            drawn = subprocess.run(["dot", "-Tplain"], input=result.stdout, capture_output=True, text=True, timeout=60)
            self.assertEqual((drawn.returncode, drawn.stderr), (0, ""))
            count = {word: sum(line.startswith(word + " ") for line in drawn.stdout.splitlines()) for word in ("node", "edge")}
            document = json.loads(self.spokeshave("inspect", *wheels, "--json").stdout)
            elsewhere = [need for need in document["outside"] if need["brought_by"] == "another wheel"]
            strangers = {need["name"] for need in document["missing"]}, {need["name"] for need in elsewhere}
            self.assertEqual(count["node"], len(document["libraries"]) + sum(map(len, strangers)))
            self.assertEqual(count["edge"], len(document["needs"]) + len(document["missing"]) + len(elsewhere))

    def test_names_in_a_wheel_break_neither_dot_nor_the_terminal(self):
        evil = 'li"b<\\N>&\x1b[2J\\.so'
        wheel = Wheel("eviltoy", "1.0").add("eviltoy/x.so", library(evil, [evil, 'o"<>\\u.so'], rpath=b"\xff\x1b]0;x\x07"))
        path = wheel.write(self.folder)
        for option in ("--graph", "--graph=dot", "--layout=separate"):
            text = self.inspect(path, option).stdout
            self.assertNotIn("\x1b", text)
        drawn = subprocess.run(["dot", "-Tplain"], input=self.inspect(path, "--graph=dot").stdout, capture_output=True,
                               text=True, timeout=60)
        self.assertEqual((drawn.returncode, drawn.stderr), (0, ""))

    def test_a_wheel_without_libraries(self):
        path = Wheel("plaintoy", "1.0", "py3-none-any").add("plaintoy/__init__.py", "").write(self.folder)
        self.assertIn("0 libraries", self.inspect(path).stdout)
        self.assertIn("0 libraries", self.inspect(path, "--graph").stdout)


class Broken(EndToEnd):
    def test_of_several_wheels_the_one_that_is_wrong_is_named(self):
        wheel = Wheel("twice", "1.0", "py3-none-any").add("twice/a.py", "").add("twice-1.0.data/purelib/twice/a.py", "")
        path = wheel.write(self.folder)
        self.assert_stopped(self.spokeshave("inspect", fixture("gputoy"), path), FAILED, path.name, "twice/a.py")

    def test_a_broken_library_is_a_finding_and_the_rest_is_shown(self):
        for what, make in BAD_LIBRARIES.items():
            with self.subTest(what):
                path = make(self.folder)
                result = self.spokeshave("inspect", path)
                self.assertEqual((result.code, result.stderr), (FOUND, ""))
                self.assertIn(f"problem: `{LIBRARY}` is broken", " ".join(result.stdout.split()))

    def test_what_is_beside_a_broken_library_is_shown(self):
        wheel = small().add("small/lib/libwhole.so", library("libwhole.so")).add("small/lib/libcut.so", b"\x7fELF\2\1\1")
        result = self.spokeshave("inspect", wheel.write(self.folder))
        self.assertEqual(result.code, FOUND)
        self.assertRegex(result.stdout, r"library +small/lib/libwhole\.so\n")
        self.assertIn("`small/lib/libcut.so` is broken", result.stdout)

    def test_a_bad_archive_or_wheel_is_refused_with_its_name_among_others(self):
        good = fixture("gputoy")
        for what, (make, words) in {**BAD_ARCHIVES, **BAD_WHEELS}.items():
            with self.subTest(what):
                folder = self.folder / re.sub(r"\W", "-", what)
                folder.mkdir()
                path = make(folder)
                result = self.spokeshave("inspect", good, path)
                self.assert_stopped(result, FAILED, path.name, *words)
                self.assertEqual(result.stdout, "")
                self.assertNotIn(good.name, result.stderr)

    def test_a_member_that_record_does_not_match_stops_it(self):
        path = BAD_WHEELS["a library that was tampered with"][0](self.folder)
        self.assert_stopped(self.spokeshave("inspect", path), FAILED, LIBRARY, path.name)

    def test_what_is_no_wheel(self):
        text = self.folder / "notes.txt"
        text.write_text("no wheel")
        self.assert_stopped(self.spokeshave("inspect", text), FAILED, "notes.txt")
        self.assert_stopped(self.spokeshave("inspect", self.folder / "absent-1.0-py3-none-any.whl"), FAILED, "absent-1.0")
        self.assert_stopped(self.spokeshave("inspect", self.folder), FAILED, self.folder.name)

    def test_a_wheel_given_twice_and_two_of_one_distribution(self):
        other = small(name="Small", version="2.0").write(self.folder)
        one = small().write(self.folder)
        self.assert_stopped(self.spokeshave("inspect", one, one), USAGE, one.name)
        self.assert_stopped(self.spokeshave("inspect", one, other), USAGE, one.name, other.name)

    def test_exit_codes(self):
        for code, arguments in ((DONE, [fixture("gputoy")]), (FOUND, [oddtoy(self.folder)]), (USAGE, []),
                                (USAGE, [fixture("gputoy"), "--no-such"]), (FAILED, ["absent.whl"])):
            self.assertEqual(self.spokeshave("inspect", *arguments).code, code, arguments)

    def test_a_misspelt_value_is_told_with_the_nearest(self):
        for option, words in (("--graph=tre", ["tre", "tree"]), ("--graph=jsno", ["json"]), ("--layout=seperate", ["separate"]),
                              ("--layout=x", ["site-packages"]), ("--grap", ["--graph"]), ("--color=allways", ["always"])):
            self.assert_stopped(self.spokeshave("inspect", fixture("gputoy"), option), USAGE, *words)

    def test_help_names_every_option(self):
        text = self.spokeshave("inspect", "--help").stdout
        for option in ("--graph", "--layout", "--output", "--json", "--quiet", "--color", "--jobs"):
            self.assertIn(option, text)
        for line in text.splitlines():
            self.assertLessEqual(len(line), 80, line)


class Output(EndToEnd):
    def setUp(self):
        super().setUp()
        self.report = self.out / "report"

    def test_a_file_gets_what_stdout_would_have(self):
        for options in ([], ["--graph"], ["--graph=dot"], ["--json"]):
            result = self.spokeshave("inspect", fixture("gputoy"), *options, "-o", self.report)
            self.assertEqual((result.code, result.stdout, result.stderr), (DONE, "", ""))
            self.assertEqual(self.report.read_text(), self.spokeshave("inspect", fixture("gputoy"), *options).stdout)
        self.assertEqual([path.name for path in self.out.iterdir()], ["report"])

    def test_it_has_the_rights_that_any_new_file_has(self):
        self.spokeshave("inspect", fixture("gputoy"), "-o", self.report)
        plain = self.out / "plain"
        plain.write_text("")
        self.assertEqual(self.report.stat().st_mode, plain.stat().st_mode)

    def test_a_file_that_exists_is_replaced_and_a_link_stays_one(self):
        target = self.folder / "target"
        target.write_text("old " * 100_000)
        self.report.symlink_to(target)
        self.assertEqual(self.spokeshave("inspect", fixture("gputoy"), "-o", self.report).code, DONE)
        self.assertTrue(self.report.is_symlink())
        self.assertEqual(target.read_text(), self.spokeshave("inspect", fixture("gputoy")).stdout)

    def test_a_wheel_that_is_read_is_never_written_over(self):
        path = small().write(self.folder)
        before = path.read_bytes()
        link = self.folder / "link"
        link.symlink_to(path)
        for name in (path, link, self.folder / "." / path.name):
            self.assert_stopped(self.spokeshave("inspect", path, "-o", name), USAGE, path.name)
        self.assertEqual(path.read_bytes(), before)

    def test_a_folder_that_is_not_there_or_a_file(self):
        self.assert_stopped(self.spokeshave("inspect", fixture("gputoy"), "-o", self.out / "absent/report"), FAILED, "absent")
        self.assert_stopped(self.spokeshave("inspect", fixture("gputoy"), "-o", self.out), FAILED, str(self.out))
        blocked = self.folder / "blocked"
        blocked.write_text("mine")
        self.assert_stopped(self.spokeshave("inspect", fixture("gputoy"), "-o", blocked / "report"), FAILED, "blocked")
        self.assertEqual(blocked.read_text(), "mine")

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_a_folder_that_may_not_be_written(self):
        self.out.chmod(0o555)
        self.assert_stopped(self.spokeshave("inspect", fixture("gputoy"), "-o", self.report), FAILED, str(self.out))

    def test_a_full_disk_is_told(self):
        for arguments in (["-o", "/dev/full"], ["--json", "-o", "/dev/full"]):
            result = self.spokeshave("inspect", fixture("gputoy"), *arguments)
            self.assert_stopped(result, FAILED, "No space left on device")
            self.assertNotIn("--out ", result.stderr)
        with open("/dev/full", "w") as full:
            done = subprocess.run([PROGRAM, "inspect", fixture("gputoy")], stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, FAILED)
        self.assertIn("No space left on device", done.stderr)

    def test_a_file_that_cannot_be_finished_leaves_the_old_one(self):
        self.report.write_text("old")
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        done = subprocess.run([PROGRAM, "inspect", fixture("gputoy"), "-o", self.report], capture_output=True, text=True,
                              preexec_fn=limit)
        self.assertEqual(done.returncode, FAILED, done.stderr)
        self.assertEqual(self.report.read_text(), "old")
        self.assertEqual([path.name for path in self.out.iterdir()], ["report"])

    def test_a_reader_that_goes_away_is_no_error(self):
        wheels = " ".join(f"'{path}'" for path in sorted(FIXTURES.glob("*.whl")))
        for option in ("", "--graph", "--json"):
            result = run("bash", "-c", f"'{PROGRAM}' inspect {wheels} {option} | head -n 1; exit ${{PIPESTATUS[0]}}")
            self.assertEqual((result.code, result.stderr), (DONE, ""))

    def test_ctrl_c_leaves_nothing(self):
        noise = os.urandom(40_000_000)
        path = Wheel("bigtoy", "1.0").add("bigtoy/data", noise).add("bigtoy/x.so", library("x.so")).write(self.folder)
        for after in (0.0, 0.02, 0.05):
            process = subprocess.Popen([PROGRAM, "inspect", path, "-o", self.report, "--jobs", "1"], env=clean_environment())
            time.sleep(after)
            process.send_signal(signal.SIGINT)
            code = process.wait(60)
            if code != DONE:
                self.assertIn(code, (-signal.SIGINT, 128 + signal.SIGINT))
                self.assertEqual(list(self.out.iterdir()), [])
            self.report.unlink(missing_ok=True)
        self.assertEqual(sorted(each.name for each in self.folder.iterdir()), sorted([path.name, "out"]))


def read_all(descriptor):
    """What a terminal shows."""
    text = b""
    while True:
        try:
            piece = os.read(descriptor, 65536)
        except OSError as error:  # Linux tells so that the other end is closed
            if error.errno != errno.EIO:
                raise
            piece = b""
        if not piece:
            return text.decode()
        text += piece


class Terminal(EndToEnd):
    def on_terminal(self, *arguments, stream, **env):
        """Runs it with one of its streams on a terminal: what that shows, and what the other got."""
        outer, inner = pty.openpty()
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, stream: inner}
        process = subprocess.Popen([PROGRAM, "inspect", *map(str, arguments)], stdin=subprocess.DEVNULL,
                                   env=clean_environment(TERM="xterm", **env), **streams)
        os.close(inner)
        shown = read_all(outer)
        os.close(outer)
        other = process.stderr if stream == "stdout" else process.stdout
        rest = other.read().decode()
        other.close()
        process.wait(60)
        return shown.replace("\r\n", "\n"), rest

    def test_colour_only_on_a_terminal_or_where_asked(self):
        wheel = oddtoy(self.folder)
        plain = self.spokeshave("inspect", wheel, "--graph").stdout
        self.assertNotIn("\x1b", plain)
        shown, _ = self.on_terminal(wheel, "--graph", stream="stdout")
        asked = self.spokeshave("inspect", wheel, "--graph", "--color", "always").stdout
        for coloured in (shown, asked):
            self.assertRegex(coloured, COLOUR)
            self.assertEqual(COLOUR.sub("", coloured), plain)
        self.assertEqual(self.on_terminal(wheel, "--graph", "--color=never", stream="stdout")[0], plain)
        self.assertEqual(self.on_terminal(wheel, "--graph", stream="stdout", NO_COLOR="1")[0], plain)

    def test_a_file_has_colour_only_where_asked(self):
        wheel, report = oddtoy(self.folder), self.out / "report"
        self.on_terminal(wheel, "-o", report, stream="stdout")
        plain = report.read_text()
        self.assertNotIn("\x1b", plain)
        self.spokeshave("inspect", wheel, "-o", report, "--color=always")
        self.assertRegex(report.read_text(), COLOUR)
        self.assertEqual(COLOUR.sub("", report.read_text()), plain)

    def test_documents_and_drawings_have_no_colour(self):
        for option in ("--json", "--graph=dot"):
            self.assertNotIn("\x1b", self.spokeshave("inspect", fixture("gputoy"), option, "--color=always").stdout)

    def test_progress_only_on_a_terminal_and_wiped(self):
        path = Wheel("bigtoy", "1.0").add("bigtoy/data", os.urandom(30_000_000)).write(self.folder)
        shown, stdout = self.on_terminal(path, "--jobs", "1", stream="stderr")
        self.assertIn("reading", shown)
        self.assertRegex(shown, r"(\r\x1b\[K|\r *\r|\x1b\[2K\r?)$")
        self.assertIn("bigtoy 1.0", stdout)
        self.assertEqual(self.on_terminal(path, "--quiet", stream="stderr")[0], "")
        self.assertEqual(self.spokeshave("inspect", path).stderr, "")


if __name__ == "__main__":
    main()
