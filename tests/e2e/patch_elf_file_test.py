"""`spokeshave patch` on bare ELF files, in patchelf's place; judged by patchelf, readelf and dlopen."""
import filecmp
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

from patching import dynamic
from support import DONE, FAILED, FOUND, USAGE, EndToEnd, fixture, main, run

INNER = "int inner(void) { return 41; }\n"
OUTER = "int inner(void); int outer(void) { return inner() + 1; }\n"


def patchelf(*arguments):
    done = run("patchelf", *arguments)
    assert done.code == 0, done.stderr
    return done.stdout.strip()


@unittest.skipUnless(shutil.which("gcc") and shutil.which("patchelf"), "no gcc or patchelf")
class ElfFiles(EndToEnd):
    def setUp(self):
        super().setUp()
        self.lib = self.folder / "lib"
        self.lib.mkdir()
        self.inner, self.outer = self.compile("inner", INNER), None
        self.outer = self.compile("outer", OUTER, "-L", self.lib, "-linner", "-Wl,-rpath,/nowhere/at/all",
                                  "-Wl,--no-as-needed", "-lm")

    def compile(self, name, source, *more):
        path = self.lib / f"lib{name}.so"
        code = self.folder / f"{name}.c"
        code.write_text(source)
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", path, code, f"-Wl,-soname,lib{name}.so", *more], check=True)
        return path

    def patch(self, *arguments, expected=DONE):
        result = self.spokeshave("patch", *arguments)
        self.assertEqual(result.code, expected, result.stdout + result.stderr)
        return result

    def assert_answers(self, path, expected="42"):
        code = f"import ctypes; print(ctypes.CDLL({str(path)!r}).outer())"
        self.assert_ran(run(sys.executable, "-c", code), expected + "\n")

    def test_the_file_itself_is_patched_and_loads(self):
        code = f"import ctypes; ctypes.CDLL({str(self.outer)!r})"
        self.assertIn("libinner.so: cannot open", run(sys.executable, "-c", code).stderr)
        result = self.patch(self.outer, "--set-runpath", "*=$ORIGIN")
        self.assertIn("$ORIGIN", result.stdout)
        self.assertEqual(patchelf("--print-rpath", self.outer), "$ORIGIN")
        self.assertEqual(dynamic(self.outer)["RUNPATH"], ["$ORIGIN"])
        self.assert_answers(self.outer)
        self.assertEqual(sorted(path.name for path in self.lib.iterdir()), ["libinner.so", "libouter.so"])

    def test_two_files_of_one_name_do_not_become_one(self):
        other = self.folder / "other" / self.outer.name
        other.parent.mkdir()
        shutil.copy(self.outer, other)
        out = self.folder / "fresh"
        result = self.patch("--set-runpath", "*=$ORIGIN", self.outer, other, "--out", out, "--force", expected=USAGE)
        self.assertIn("two files would become", result.stderr)
        self.assertFalse(out.exists())

    def test_an_output_that_is_there_is_seen_before_the_first_file_is_written(self):
        out = self.folder / "fresh"
        out.mkdir()
        (out / self.outer.name).write_text("mine")
        self.patch("--set-runpath", "*=$ORIGIN", self.inner, self.outer, "--out", out, expected=FAILED)
        self.assertEqual([path.name for path in out.iterdir()], [self.outer.name])
        self.assertEqual((out / self.outer.name).read_text(), "mine")

    def test_every_edit_as_patchelf_sees_it(self):
        self.patch(self.outer, "--set-rpath", "libouter*=/a:$ORIGIN", "--set-soname", "libouter.so=libother.so.1",
                   "--add-needed", "*=libdl.so.2", "--remove-needed", "*=libm.so.6",
                   "--replace-needed", "*:libinner.so=libinner-1.so")
        self.assertEqual(patchelf("--print-rpath", self.outer), "/a:$ORIGIN")
        self.assertIn("RPATH", dynamic(self.outer))
        self.assertEqual(patchelf("--print-soname", self.outer), "libother.so.1")
        self.assertEqual(sorted(patchelf("--print-needed", self.outer).split()), ["libc.so.6", "libdl.so.2", "libinner-1.so"])
        self.inner.rename(self.lib / "libinner-1.so")
        self.assert_answers(self.outer)

    def test_a_path_longer_than_any_space_in_the_file(self):
        long = ":".join(f"/no/such/folder/{number}" for number in range(200)) + ":$ORIGIN"
        for how in ([], ["--in-place"]):
            self.patch(self.outer, "--set-runpath", f"*={long}", *how)
            self.assertEqual(patchelf("--print-rpath", self.outer), long)
            self.assert_answers(self.outer)
            self.patch(self.outer, "--remove-rpath", "*", *how)
            self.assertEqual(patchelf("--print-rpath", self.outer), "")

    def test_in_place_writes_into_the_same_file(self):
        before = self.outer.stat()
        link = self.folder / "hard"
        os.link(self.outer, link)
        self.patch(self.outer, "--in-place", "--set-runpath", "*=$ORIGIN")
        self.assertEqual(self.outer.stat().st_ino, before.st_ino)
        self.assertEqual(patchelf("--print-rpath", link), "$ORIGIN")
        self.assert_answers(self.outer)

    def test_without_it_the_old_file_stays_for_those_who_have_it_open(self):
        before, old = self.outer.stat(), self.outer.read_bytes()
        link = self.folder / "hard"
        os.link(self.outer, link)
        self.patch(self.outer, "--set-runpath", "*=$ORIGIN")
        self.assertNotEqual(self.outer.stat().st_ino, before.st_ino)
        self.assertEqual(link.read_bytes(), old)

    def test_both_ways_write_the_same_bytes(self):
        copy = shutil.copy(self.outer, self.folder / "copy.so")
        self.patch(self.outer, "--set-runpath", "*=$ORIGIN:/a/longer/path/than/before")
        self.patch(copy, "--in-place", "--set-runpath", "*=$ORIGIN:/a/longer/path/than/before")
        self.assertTrue(filecmp.cmp(self.outer, copy, shallow=False))

    def test_out_leaves_the_file_alone(self):
        old = self.outer.read_bytes()
        self.outer.chmod(0o751)
        self.patch(self.outer, self.inner, "--set-runpath", "*=$ORIGIN", "--out", self.out / "new")
        self.assertEqual(self.outer.read_bytes(), old)
        new = self.out / "new/libouter.so"
        self.assertEqual(new.stat().st_mode & 0o7777, 0o751)
        self.assert_answers(new)
        there = new.read_bytes()
        self.assertIn("--force", self.patch(self.outer, "--set-runpath", "*=/x", "--out", self.out / "new", expected=FAILED).stderr)
        self.assertEqual(new.read_bytes(), there)
        self.patch(self.outer, "--set-runpath", "*=/x", "--out", self.out / "new", "--force")
        self.assertEqual(patchelf("--print-rpath", new), "/x")

    def test_mode_owner_and_times(self):
        self.outer.chmod(0o4755)
        if os.geteuid() == 0:
            os.chown(self.outer, 1234, 2345)
            self.outer.chmod(0o4755)
        before = self.outer.stat()
        self.patch(self.outer, "--set-runpath", "*=$ORIGIN")
        after = self.outer.stat()
        self.assertEqual((after.st_mode, after.st_uid, after.st_gid), (before.st_mode, before.st_uid, before.st_gid))

    def test_what_is_so_already_leaves_the_file_untouched(self):
        os.utime(self.outer, ns=(10**18, 10**18))
        before = self.outer.stat()
        for how in ([], ["--in-place"]):
            result = self.patch(self.outer, "--set-runpath", "*=/nowhere/at/all", *how)
            self.assertIn("is so already", result.stdout)
            after = self.outer.stat()
            self.assertEqual((after.st_ino, after.st_mtime_ns, after.st_ctime_ns), (before.st_ino, before.st_mtime_ns, before.st_ctime_ns))

    def test_a_dry_run_writes_nothing_and_says_the_same(self):
        old = self.outer.read_bytes()
        dry = self.patch(self.outer, "--set-runpath", "*=$ORIGIN:/longer/than/it/was/before", "--dry-run")
        self.assertEqual(self.outer.read_bytes(), old)
        self.assertEqual(self.patch(self.outer, "--set-runpath", "*=$ORIGIN:/longer/than/it/was/before").stdout, dry.stdout)

    def test_a_symbolic_link_stays_one_and_leads_to_the_patched_file(self):
        link = self.lib / "libouter.so.1"
        link.symlink_to("libouter.so")
        self.patch(link, "--set-runpath", "*=$ORIGIN")
        self.assertEqual(os.readlink(link), "libouter.so")
        self.assertEqual(patchelf("--print-rpath", self.outer), "$ORIGIN")

    def test_several_files_all_or_none(self):
        old = {path: path.read_bytes() for path in (self.inner, self.outer)}
        text = self.lib / "text.so"
        text.write_text("INPUT(-lm)\n")
        self.patch(self.inner, self.outer, text, "--set-runpath", "*=$ORIGIN", expected=FAILED)
        self.patch(self.inner, self.outer, self.lib / "absent.so", "--set-runpath", "*=$ORIGIN", expected=FAILED)
        self.assertEqual({path: path.read_bytes() for path in old}, old)
        self.patch(self.inner, self.outer, "--set-runpath", "*=$ORIGIN")
        self.assert_answers(self.outer)

    def test_edits_that_change_nothing_are_refused(self):
        old = self.outer.read_bytes()
        for arguments, words in ((["--replace-needed", "*:libiner.so=x"], ["did you mean `libinner.so`"]),
                                 (["--remove-needed", "*=absent.so"], ["absent.so"]),
                                 (["--set-runpath", "libuter.so=x"], ["did you mean `libouter.so`"])):
            self.assert_stopped(self.spokeshave("patch", self.outer, *arguments), FOUND, *words)
        self.assertEqual(self.outer.read_bytes(), old)

    def test_what_is_for_wheels_is_refused(self):
        old = self.outer.read_bytes()
        for arguments in (["--suffix", "a"], ["--drop-requires", "a"], ["--add", f"a={self.inner}"], ["--chmod", "*=755"],
                          ["--remove", "*"], ["--patch", self.inner]):
            self.assert_stopped(self.spokeshave("patch", self.outer, "--set-runpath", "*=x", *arguments), USAGE, "no wheel")
        for arguments in ([fixture("monotoy")], ["--in-place", "--out", self.out], ["--check-input"]):
            self.assert_stopped(self.spokeshave("patch", self.outer, "--set-runpath", "*=x", *arguments), USAGE)
        self.assertEqual(self.outer.read_bytes(), old)

    def test_what_is_no_file(self):
        fifo = self.folder / "fifo"
        os.mkfifo(fifo)
        for path in (self.lib, fifo, "/dev/null", self.folder / "absent", self.folder / "inner.c"):
            with self.subTest(path):
                self.assert_stopped(self.spokeshave("patch", path, "--set-runpath", "*=x", timeout=10), FAILED, str(path))

    @unittest.skipIf(os.geteuid() == 0, "root may read and write everything")
    def test_files_and_folders_without_permission(self):
        self.outer.chmod(0o000)
        self.assert_stopped(self.spokeshave("patch", self.outer, "--set-runpath", "*=x"), FAILED, "ermission")
        self.outer.chmod(0o444)
        self.assert_stopped(self.spokeshave("patch", self.outer, "--set-runpath", "*=x", "--in-place"), FAILED, "ermission")
        self.lib.chmod(0o555)
        self.assert_stopped(self.spokeshave("patch", self.outer, "--set-runpath", "*=x"), FAILED, "ermission")
        self.lib.chmod(0o755)

    def test_a_program_that_runs(self):
        program = self.folder / "sleeper"
        shutil.copy("/bin/sleep", program)
        process = subprocess.Popen([program, "60"])
        try:
            in_place = self.spokeshave("patch", program, "--in-place", "--set-runpath", "*=$ORIGIN")
            self.assert_stopped(in_place, FAILED, "--in-place")
            self.patch(program, "--set-runpath", "*=$ORIGIN")
            self.assertIsNone(process.poll())
        finally:
            process.kill()
            process.wait()
        self.assertEqual(run(program, "0").code, 0)

    def test_a_file_in_the_current_folder_and_a_name_that_begins_with_a_dash(self):
        for name in ("libouter.so", "./libouter.so"):
            result = self.spokeshave("patch", "--set-runpath", "*=$ORIGIN/" + name[-3:] + str(len(name)), name, cwd=self.lib)
            self.assertEqual(result.code, DONE, result.stderr)
        self.outer.rename(self.lib / "-x.so")
        result = self.spokeshave("patch", "--set-runpath", "*=$ORIGIN", "--", "-x.so", cwd=self.lib)
        self.assertEqual(result.code, DONE, result.stderr)
        self.assertEqual(dynamic(pathlib.Path(self.lib / "-x.so"))["RUNPATH"], ["$ORIGIN"])


if __name__ == "__main__":
    main()
