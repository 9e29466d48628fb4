"""`spokeshave patch`: diffs. What they mean is judged by git, in a repository of the unpacked wheel."""
import os
import shutil
import threading

from patching import PatchTest, Wheel
from support import FAILED, FOUND, PROGRAM, USAGE, clean_environment, fixture, main, run, unpack
from wheel_maker import Wheel as WheelMaker

LINES = [f"line {number}" for number in range(1, 61)]
TEXT = "".join(f"{line}\n" for line in LINES)


def toy():
    wheel = WheelMaker("difftoy", "1.0", "py3-none-any")
    wheel.add("difftoy/__init__.py", TEXT)
    wheel.add("difftoy/run.sh", "#!/bin/sh\necho run\n")
    wheel.add("difftoy/old.txt", TEXT.upper())
    wheel.add("difftoy/gone.txt", "soon gone\n")
    wheel.add("difftoy/crlf.txt", TEXT.replace("\n", "\r\n"))
    wheel.add("difftoy/no_end.txt", TEXT.rstrip("\n"))
    return wheel.add("difftoy/other.txt", "".join(f"other {number}\n" for number in range(60)))


class Repository:
    """The unpacked wheel in git; what it commits comes out as diffs."""

    def __init__(self, wheel, folder):
        self.path = unpack(wheel, folder)
        self.git("init", "-q")
        self.commit("the wheel")

    def git(self, *words):
        done = run("git", "-c", "user.name=n", "-c", "user.email=e@x", "-c", "core.autocrlf=false", *words, cwd=self.path,
                   env=clean_environment(GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_SYSTEM="/dev/null"))
        assert done.code == 0, done.stderr + done.stdout
        return done.stdout

    def commit(self, message):
        self.git("add", "-A", "-f")
        self.git("commit", "-q", "-m", message)

    def edit(self, name, old, new):
        path = self.path / name
        data = path.read_bytes()
        assert old in data
        path.write_bytes(data.replace(old, new))

    def files(self):
        """What a wheel of the last commit must hold: bytes, and whether executable."""
        return {path.relative_to(self.path).as_posix(): (path.read_bytes(), bool(path.stat().st_mode & 0o100))
                for path in self.path.rglob("*") if path.is_file() and ".git" not in path.parts}


class Diffs(PatchTest):
    def setUp(self):
        super().setUp()
        self.old = Wheel(toy().write(self.folder))
        self.diffs = self.folder / "diffs"
        self.diffs.mkdir()

    def repository(self, wheel=None):
        return Repository(wheel or self.old.path, self.folder / "repository")

    def assert_holds(self, new, repository):
        expected = repository.files()
        record = f"{new.dist_info}/RECORD"
        found = {name: (new.contents[name], bool(new.members[name].mode & 0o100)) for name in new.names if name != record}
        self.assertEqual(found, {name: file for name, file in expected.items() if not name.endswith(".dist-info/RECORD")})

    def diff(self, name, text):
        path = self.diffs / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path


class ByGit(Diffs):
    def test_a_folder_of_format_patch_with_a_rename_a_mode_an_added_and_a_deleted_file(self):
        repository = self.repository()
        repository.edit("difftoy/__init__.py", b"line 7\n", b"line seven\n")
        (repository.path / "difftoy/run.sh").chmod(0o755)
        (repository.path / "difftoy/new.py").write_text("new = 1\n")
        repository.commit("One")
        repository.git("mv", "difftoy/old.txt", "difftoy/renamed.txt")
        repository.edit("difftoy/renamed.txt", b"LINE 30\n", b"LINE THIRTY\n")
        (repository.path / "difftoy/gone.txt").unlink()
        repository.edit("difftoy/new.py", b"1", b"2")
        repository.commit("Two")
        repository.git("format-patch", "-q", "-M", "HEAD~2", "-o", self.diffs)
        self.assertEqual(len(list(self.diffs.iterdir())), 2)
        new = self.patch(self.old.path, "--patch-dir", self.diffs)
        self.assert_holds(new, repository)
        self.assert_kept(self.old, new, changed=["difftoy/__init__.py", "difftoy/run.sh", "difftoy/old.txt"],
                         added=["difftoy/new.py"], removed=["difftoy/gone.txt"],
                         renamed={"difftoy/old.txt": "difftoy/renamed.txt"})
        self.assertEqual(self.old.members["difftoy/run.sh"].packed, new.members["difftoy/run.sh"].packed)
        for words in ("0001-One.patch", "0002-Two.patch", "renamed from difftoy/old.txt", "mode 755", "removed"):
            self.assertIn(words, self.result.stdout)

    def assert_as_git(self, *diff_options):
        """The wheel after the diff of what was committed last."""
        repository = self.made
        repository.git("diff", *diff_options, "--output", self.diffs / "a.diff", "HEAD~1", "HEAD")
        new = self.patch(self.old.path, "--patch-dir", self.diffs)
        self.assert_holds(new, repository)
        return new

    def test_two_files_that_change_places(self):
        self.made = self.repository()
        for step in (("old.txt", "x"), ("other.txt", "old.txt"), ("x", "other.txt")):
            self.made.git("mv", *(f"difftoy/{name}" for name in step))
        self.made.commit("Swap")
        self.assert_as_git("-B", "-M")

    def test_a_file_that_takes_the_place_of_another(self):
        self.made = self.repository()
        (self.made.path / "difftoy/other.txt").unlink()
        self.made.git("mv", "difftoy/old.txt", "difftoy/other.txt")
        self.made.commit("Onto")
        self.assert_as_git("-M")

    def test_a_new_file_in_the_place_of_a_renamed_one(self):
        self.made = self.repository()
        self.made.git("mv", "difftoy/old.txt", "difftoy/moved.txt")
        (self.made.path / "difftoy/old.txt").write_text("see moved.txt\n")
        self.made.commit("Leaves a note")
        self.assert_as_git("-B", "-M")

    def test_a_chain_of_renames(self):
        self.made = self.repository()
        for step in (("other.txt", "third.txt"), ("old.txt", "other.txt")):
            self.made.git("mv", *(f"difftoy/{name}" for name in step))
        self.made.commit("Chain")
        self.assert_as_git("-B", "-M")

    def test_a_copy(self):
        self.made = self.repository()
        shutil.copy(self.made.path / "difftoy/old.txt", self.made.path / "difftoy/copy.txt")
        self.made.commit("Copy")
        self.assert_as_git("-C", "--find-copies-harder")

    def test_line_ends_and_files_without_a_last_one(self):
        self.made = self.repository()
        self.made.edit("difftoy/crlf.txt", b"line 9\r\n", b"line nine\r\n")
        self.made.edit("difftoy/no_end.txt", b"line 60", b"line sixty")
        self.made.edit("difftoy/__init__.py", b"line 60\n", b"line 60")
        self.made.commit("Ends")
        self.assert_as_git()

    def test_a_library_may_be_renamed_and_stays_as_it_is_packed(self):
        self.old = Wheel(fixture("monotoy"))
        self.made = self.repository()
        library = next(name for name in self.old.names if name.endswith(".so"))
        self.made.git("mv", library, library + ".1")
        self.made.commit("Rename a library")
        new = self.assert_as_git("-M")
        self.assertEqual(new.members[library + ".1"].kept, self.old.members[library].kept)
        self.assertIn("verify --against ORIGINAL", self.result.stdout)

    def test_what_is_too_large_for_a_hunk_may_be_renamed_copied_and_made_executable(self):
        made = toy().add("difftoy/large.bin", bytes(65 << 20)).add("difftoy/tool.bin", bytes(66 << 20))
        self.old = Wheel(made.write(self.folder / "large"))
        self.allowed = ("zip-ratio",)  # zeros pack too well for PyPI
        self.made = self.repository()
        self.made.git("mv", "difftoy/large.bin", "difftoy/moved.bin")
        (self.made.path / "difftoy/tool.bin").chmod(0o755)
        shutil.copy(self.made.path / "difftoy/tool.bin", self.made.path / "difftoy/copy.bin")
        self.made.commit("Large ones")
        new = self.assert_as_git("-M", "-C", "--find-copies-harder")
        self.assertEqual(new.members["difftoy/moved.bin"].kept, self.old.members["difftoy/large.bin"].kept)
        hunk = "--- a/difftoy/large.bin\n+++ b/difftoy/large.bin\n@@ -1 +1 @@\n-x\n+y\n"
        shutil.rmtree(self.out)
        self.out.mkdir()
        self.refused(self.old.path, FAILED, "--patch", self.diff("hunk.diff", hunk),
                     words=["difftoy/large.bin", "68.2 MB", "--add"])

    def test_metadata_may_be_changed_but_for_name_and_version(self):
        self.made = self.repository()
        metadata = f"{self.old.dist_info}/METADATA"
        self.made.edit(metadata, b"Summary: a fixture", b"Summary: a patched fixture")
        self.made.commit("Summary")
        self.diff("a.diff", self.made.git("diff", "HEAD~1"))
        new = self.patch(self.old.path, "--patch-dir", self.diffs, "--suffix", "a", "--add-requires", "numpy")
        self.assertEqual((new.metadata["Summary"], new.metadata["Version"], new.metadata["Requires-Dist"]),
                         ("a patched fixture", "1.0+a", "numpy"))
        self.made.edit(metadata, b"Version: 1.0", b"Version: 1.1")
        self.made.commit("Version")
        shutil.rmtree(self.out)
        self.out.mkdir()
        self.diff("b.diff", self.made.git("diff", "HEAD~1"))
        self.refused(self.old.path, FOUND, "--patch-dir", self.diffs, words=["METADATA"])

    def test_a_diff_that_leaves_a_text_of_dist_info_faulty_is_refused(self):
        self.made = self.repository()
        for name, old, new, word in (("WHEEL", b"Wheel-Version: 1.0", b"Wheel-Version: 2.0", "Wheel-Version is 2.0"),
                                     ("WHEEL", b"Root-Is-Purelib: false\n", b"", "Root-Is-Purelib"),
                                     ("WHEEL", b"Tag: py3-none-any\n", b"", "Tag"),
                                     ("METADATA", b"Metadata-Version: 2.1\n", b"", "Metadata-Version"),
                                     ("METADATA", b"Metadata-Version: 2.1", b"Metadata-Version: 9.1", "9.1"),
                                     ("METADATA", b"Metadata-Version: 2.1\n", b"Metadata-Version: 2.4\nLicense-File: no\n",
                                      "License-File no"),
                                     ("METADATA", b"Summary:", b"Requires-Dist: ???\nSummary:", "???"),
                                     ("METADATA", b"Summary:", b"Requires-Python: banana\nSummary:", "banana")):
            with self.subTest(new):
                path = f"{self.old.dist_info}/{name}"
                self.made.edit(path, old, new)
                diff = self.diff("fault.diff", self.made.git("diff"))
                self.made.git("checkout", "-q", "--", path)
                for more in ([], ["--dry-run"]):
                    result = self.refused(self.old.path, FOUND, "--patch", diff, *more, words=["would be refused", path, word])
                    self.assertNotIn("fault of spokeshave", result.stderr)

    def test_entry_points_that_none_can_read_are_refused_from_a_diff_and_from_a_file(self):
        self.made = self.repository()
        path = f"{self.old.dist_info}/entry_points.txt"
        (self.made.path / path).write_text("garbage\n")
        self.made.git("add", "-f", path)
        diff = self.diff("points.diff", self.made.git("diff", "--cached"))
        for arguments, hint in ((["--patch", diff], "mend the diff"),
                                (["--add", f"{path}={self.made.path / path}"], f"mend `{self.made.path / path}`")):
            self.refused(self.old.path, FOUND, *arguments, words=[path, hint])
            self.refused(self.old.path, FOUND, *arguments, "--dry-run", words=[path, hint])
        (self.made.path / path).write_text("[console_scripts]\nrun = difftoy:run\n")
        self.patch(self.old.path, "--add", f"{path}={self.made.path / path}")

    def test_a_fault_that_the_wheel_has_already_is_no_reason(self):
        wheel = toy()
        wheel.add(wheel.dist_info + "/WHEEL", wheel.wheel_file().replace("Root-Is-Purelib: false\n", ""))
        wheel.name = "difftoy"
        path = wheel.write(self.folder / "faulty")
        diff = self.diff("1.diff", CHANGE)
        self.patch(path, "--patch", diff, allowed=("wheel-purelib",))


CHANGE = """--- a/difftoy/__init__.py
+++ b/difftoy/__init__.py
@@ -5,7 +5,7 @@
 line 5
 line 6
 line 7
-line 8
+line eight
 line 9
 line 10
 line 11
"""


def change(path="difftoy/__init__.py", at=5, old="line 8"):
    return CHANGE.replace("difftoy/__init__.py", path).replace("-5,7 +5,7", f"-{at},7 +{at},7").replace("-line 8", f"-{old}")


class Plain(Diffs):
    def test_diffs_are_applied_in_the_order_of_the_command_line_and_of_their_names(self):
        self.diff("0002-b.patch", change(old="line eight").replace("+line eight", "+line VIII"))
        self.diff("0001-a.diff", change())
        self.diff("notes.txt", "no diff")
        last = self.folder / "last.diff"
        last.write_text(change(old="line VIII").replace("+line eight", "+line ate"))
        new = self.patch(self.old.path, "--patch-dir", self.diffs, "--patch", last)
        self.assertIn(b"line 7\nline ate\nline 9\n", new.contents["difftoy/__init__.py"])
        self.assertLess(self.result.stdout.index("0001-a.diff"), self.result.stdout.index("0002-b.patch"))
        self.assertLess(self.result.stdout.index("0002-b.patch"), self.result.stdout.index("last.diff"))
        shutil.rmtree(self.out)
        self.refused(self.old.path, FOUND, "--patch", last, "--patch-dir", self.diffs, words=["last.diff"])

    def test_offset_and_fuzz_are_reported(self):
        self.diff("a.diff", change(at=9))
        self.patch(self.old.path, "--patch-dir", self.diffs)
        self.assertIn("hunk 1 of difftoy/__init__.py fits 4 lines above", self.result.stdout)
        fuzzy = self.diff("a.diff", change().replace(" line 5\n", " line five\n"))
        self.patch(self.old.path, "--patch", fuzzy, out=self.folder / "fuzzy")
        self.assertIn("fuzz", self.result.stdout)

    def test_a_hunk_that_fails_writes_nothing_and_says_what_was_expected_and_what_stands_there(self):
        self.diff("1.diff", change())
        self.diff("2.diff", change("difftoy/crlf.txt").replace("\n", "\r\n"))
        self.diff("3.diff", change("difftoy/no_end.txt", old="line acht"))
        result = self.refused(self.old.path, FOUND, "--patch-dir", self.diffs,
                              words=["3.diff", "hunk 1", "difftoy/no_end.txt", "line acht", "line 8"])
        self.assertNotIn("1.diff", result.stderr)

    def test_strip_count(self):
        for count, prefix in ((0, ""), (2, "a/b/"), (3, "x/y/z/")):
            text = CHANGE.replace("a/difftoy", prefix + "difftoy").replace("b/difftoy", prefix + "difftoy")
            diff = self.diff(f"{count}.diff", text)
            self.patch(self.old.path, "--patch", diff, "--strip-count", count, out=self.folder / str(count))
        self.refused(self.old.path, FOUND, "--patch", self.diff("1.diff", CHANGE), "--strip-count", 0)
        for bad in ("-1", "x", "1.5", "", "101"):
            self.refused(self.old.path, USAGE, "--patch", self.diffs / "1.diff", f"--strip-count={bad}", words=["--strip-count"])

    def test_another_patch_program(self):
        diff = self.diff("1.diff", CHANGE)
        program = shutil.which("patch")
        self.patch(self.old.path, "--patch", diff, "--patch-prog", program)
        shutil.rmtree(self.out)
        self.refused(self.old.path, FAILED, "--patch", diff, "--patch-prog", "no-such-patch", words=["no-such-patch"])
        self.refused(self.old.path, FAILED, "--patch", diff, "--patch-prog", "/bin/true", words=["/bin/true"])
        self.refused(self.old.path, USAGE, "--patch", diff, "--patch-prog", "", words=["--patch-prog"])

    def test_it_does_not_leave_the_wheel_or_touch_record(self):
        self.diff("0.diff", change())
        record = f"{self.old.dist_info}/RECORD"
        for path in ("../outside.py", "difftoy/../../x.py", record):
            for text in (change(path), f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+new\n",
                         f"--- a/{path}\n+++ /dev/null\n@@ -1 +0,0 @@\n-new\n"):
                with self.subTest(path, text=text):
                    self.diff("1.diff", text)
                    self.refused(self.old.path, FAILED, "--patch-dir", self.diffs, words=["1.diff"])
        (self.diffs / "0.diff").unlink()
        self.diff("1.diff", "--- /dev/null\n+++ /etc/x\n@@ -0,0 +1 @@\n+new\n")
        self.refused(self.old.path, FAILED, "--patch-dir", self.diffs, "--strip-count", 0, words=["/etc/x"])
        for name in (f"{self.old.dist_info}/METADATA", f"{self.old.dist_info}/WHEEL"):
            self.diff("1.diff", f"diff --git a/{name} b/difftoy/x\nsimilarity index 100%\nrename from {name}\nrename to difftoy/x\n")
            self.refused(self.old.path, FOUND, "--patch-dir", self.diffs, words=[name])

    def test_binary_diffs_and_links_are_refused_with_a_reason(self):
        for text, word in ((b"diff --git a/x b/x\nindex 1..2 100644\nGIT binary patch\nliteral 1\nIcmZ\n\n", "binary"),
                           (b"Binary files a/difftoy/run.sh and b/difftoy/run.sh differ\n", "inary"),
                           (b"diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc/passwd\n"
                            b"\\ No newline at end of file\n", "link")):
            self.refused(self.old.path, FAILED, "--patch", self.diff("1.diff", text), words=[word])

    def test_a_binary_file_that_is_deleted_is_one_for_remove(self):
        self.old = Wheel(toy().add("difftoy/x.bin", bytes(range(256))).write(self.folder / "binary"))
        made = self.repository()
        made.git("rm", "-q", "difftoy/x.bin")
        made.commit("Remove")
        for options in (["--binary"], []):
            diff = self.diff("1.diff", made.git("diff", *options, "HEAD~1"))
            self.refused(self.old.path, FAILED, "--patch", diff, words=["binary", "--remove 'difftoy/x.bin'"])

    def test_a_pipe_is_read_where_it_is_named_and_refused_in_a_folder(self):
        pipe = self.diffs / "x.patch"
        os.mkfifo(pipe)
        self.refused(self.old.path, FAILED, "--patch-dir", self.diffs, words=[str(pipe), "no regular file"])
        writer = threading.Thread(target=lambda: pipe.write_text(CHANGE), daemon=True)
        writer.start()
        self.patch(self.old.path, "--patch", pipe)
        writer.join()

    def test_errors_show_the_path_as_it_was_given(self):
        broken = self.diff("1.diff", "words")
        for option, value in (("--patch", broken), ("--patch-dir", self.diffs)):
            self.refused(self.old.path, FAILED, option, value, words=[f"`{broken}`"])
        self.refused(self.old.path, FOUND, "--patch", self.diff("1.diff", change(old="line acht")), words=[f"`{broken}`"])

    def test_what_is_no_diff_and_what_is_not_there(self):
        for text in (b"", b"some words\n", os.urandom(3000)):
            self.refused(self.old.path, FAILED, "--patch", self.diff("1.diff", text), words=["1.diff"])
        self.refused(self.old.path, FAILED, "--patch", self.folder / "absent.diff", words=["absent.diff"])
        self.refused(self.old.path, FAILED, "--patch-dir", self.folder / "absent", words=["absent"])
        self.refused(self.old.path, FAILED, "--patch-dir", self.old.path)
        self.refused(self.old.path, FAILED, "--patch", self.diffs)
        self.refused(self.old.path, USAGE, "--patch", "", words=["--patch"])
        (self.diffs / "1.diff").unlink()
        self.refused(self.old.path, FAILED, "--patch-dir", self.diffs, words=["diffs"])

    def test_one_that_is_applied_already_is_told_so(self):
        diff = self.diff("1.diff", CHANGE)
        new = self.patch(self.old.path, "--patch", diff)
        result = self.spokeshave("patch", new.path, "--patch", diff, "--out", self.folder / "again")
        self.assertEqual(result.code, FOUND)
        self.assertIn("applied already", result.stderr)

    def test_the_private_folder_is_gone_whatever_happens(self):
        scratch = self.folder / "scratch"
        scratch.mkdir()
        env = clean_environment(TMPDIR=str(scratch))
        for text, code in ((CHANGE, 0), (change(old="line acht"), FOUND)):
            result = run_patch(self.old.path, self.diff("1.diff", text), self.folder / "there", env)
            self.assertEqual(result.code, code, result.stdout + result.stderr)
            self.assertEqual(list(scratch.iterdir()), [])
        result = run_patch(self.old.path, self.diff("1.diff", CHANGE), self.folder / "there",
                           clean_environment(TMPDIR=str(self.folder / "no-such-folder")))
        self.assertEqual(result.code, FAILED, result.stderr)
        self.assertIn("hint: set TMPDIR", result.stderr)

    def test_without_diffs_no_folder_for_temporary_files_is_needed(self):
        result = run(PROGRAM, "patch", self.old.path, "--suffix", "z", "--out", self.out,
                     env=clean_environment(TMPDIR=str(self.folder / "no-such-folder")))
        self.assertEqual(result.code, 0, result.stderr)


def run_patch(wheel, diff, out, env):
    return run(PROGRAM, "patch", wheel, "--patch", diff, "--out", out, "--force", env=env)


if __name__ == "__main__":
    main()
