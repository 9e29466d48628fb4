"""`spokeshave patch`: files that come, go and get another mode; where the new wheel goes; what was tampered with."""
import os
import shutil
import stat
import zipfile

from bad_wheels import LIBRARY, small
from patching import PatchTest, Wheel
from support import DONE, FAILED, FOUND, USAGE, clean_environment, fixture, main
from wheel_maker import Wheel as WheelMaker, record_hash, zip_entry


class Files(PatchTest):
    def setUp(self):
        super().setUp()
        self.old = Wheel(fixture("gputoy"))
        self.text = self.folder / "new.txt"
        self.text.write_text("what is new\n" * 50)

    def test_what_is_added_has_bytes_and_exec_bit_of_the_file(self):
        program = self.folder / "program"
        program.write_bytes(b"#!/bin/sh\n" + os.urandom(3_000_000))
        program.chmod(0o750)
        new = self.patch(self.old.path, "--add", f"gputoy/new.txt={self.text}", "--add", f"gputoy/run={program}")
        self.assert_kept(self.old, new, added=["gputoy/new.txt", "gputoy/run"])
        self.assertEqual(new.contents["gputoy/new.txt"], self.text.read_bytes())
        self.assertEqual(new.contents["gputoy/run"], program.read_bytes())
        self.assertEqual((new.members["gputoy/new.txt"].mode, new.members["gputoy/run"].mode), (0o644, 0o755))

    def test_a_file_is_replaced_where_it_stood(self):
        new = self.patch(self.old.path, "--add", f"gputoy/__init__.py={self.text}")
        self.assert_kept(self.old, new, changed=["gputoy/__init__.py"])
        self.assertEqual(new.contents["gputoy/__init__.py"], self.text.read_bytes())
        self.assertIn("replaced by", self.result.stdout)

    def test_an_empty_file_and_one_in_dist_info_and_one_in_data(self):
        empty = self.folder / "empty"
        empty.write_bytes(b"")
        new = self.patch(self.old.path, "--suffix", "x.1", "--add", f"gputoy/py.typed={empty}",
                         "--add", f"{self.old.dist_info}/licenses/MIT.txt={self.text}",
                         "--add", f"gputoy-2.1.0.data/scripts/tool={self.text}")
        self.assertEqual(new.contents["gputoy/py.typed"], b"")
        self.assertIn("gputoy-2.1.0+x.1.dist-info/licenses/MIT.txt", new.names)
        self.assertIn("gputoy-2.1.0+x.1.data/scripts/tool", new.names)
        self.assertEqual(new.names[-1], f"{new.dist_info}/RECORD")

    def test_the_first_file_in_data_follows_the_version_too(self):
        new = self.patch(fixture("monotoy"), "--suffix", "x.1", "--add", f"monotoy-9.1.data/scripts/tool={self.text}")
        self.assertIn("monotoy-9.1+x.1.data/scripts/tool", new.names)

    def test_paths_that_no_member_may_have(self):
        for path in ("../x.txt", "/x.txt", "a/../b", "a//b", "a\\b", "C:/x", "gputoy/", "./x", "a\nb"):
            with self.subTest(path):
                self.refused(self.old.path, USAGE, "--add", f"{path}={self.text}")

    def test_what_cannot_be_added(self):
        own = self.old.dist_info
        for name in ("METADATA", "WHEEL", "RECORD", "RECORD.jws", "RECORD.p7s"):
            self.refused(self.old.path, USAGE, "--add", f"{own}/{name}={self.text}", words=[name])
        for form in ("gputoy/x", "=x", "gputoy/x=", ""):
            self.refused(self.old.path, USAGE, "--add", form, words=["--add"])
        fifo = self.folder / "fifo"
        os.mkfifo(fifo)
        for file in (self.folder / "absent", self.folder, fifo, "/dev/null"):
            self.refused(self.old.path, FAILED, "--add", f"gputoy/x={file}", words=[str(file)])

    def test_a_file_cannot_be_where_a_folder_is_and_no_second_dist_info_comes(self):
        for path in ("gputoy", "gputoy/lib", "gputoy/__init__.py/x", "other-1.0.dist-info/METADATA",
                     "gputoy-2.1.0.data/scripts/folder/run"):
            with self.subTest(path):
                result = self.spokeshave("patch", self.old.path, "--out", self.out, "--add", f"{path}={self.text}")
                self.assert_stopped(result, USAGE, path.split("/")[0])

    def test_a_file_is_added_once(self):
        self.refused(self.old.path, USAGE, "--add", f"gputoy/x={self.text}", "--add", f"gputoy/x={self.text}", words=["twice"])

    def test_files_are_removed(self):
        new = self.patch(self.old.path, "--remove", "*.cmake", "--remove", "gputoy/utils/*")
        removed = [name for name in self.old.names if name.endswith(".cmake") or name.startswith("gputoy/utils/")]
        self.assertGreater(len(removed), 1)
        self.assert_kept(self.old, new, removed=removed)
        self.assertIn("removed", self.result.stdout)

    def test_what_a_wheel_needs_is_not_removed(self):
        for glob in ("METADATA", "*/WHEEL", "*.dist-info/*", "*"):
            self.refused(self.old.path, USAGE, "--remove", glob, words=["without it there is no wheel"])
        self.refused(self.old.path, USAGE, "--remove", "*/RECORD", words=["writes it anew"])
        self.refused(self.old.path, USAGE, "--chmod", "*RECORD=755", words=["writes it anew"])
        self.refused(self.old.path, FOUND, "--remove", "nots.txt", words=["did you mean `notes.txt`"])
        self.refused(self.old.path, FOUND, "--remove", "")

    def test_modes(self):
        new = self.patch(self.old.path, "--chmod", "*.py=750", "--chmod", "gputoy/__init__.py=600", "--chmod", "gputoy-run=0644")
        modes = {name: member.mode for name, member in new.members.items()}
        self.assertEqual((modes["gputoy/__init__.py"], modes["gputoy/utils/__init__.py"]), (0o600, 0o750))
        self.assertEqual(modes["gputoy-2.1.0.data/scripts/gputoy-run"], 0o644)
        for name in self.old.names[:-1]:
            if not name.endswith("/RECORD"):
                self.assertEqual(self.old.members[name].packed, new.members[name].packed)
        self.assertTrue(all(stat.S_ISREG(member.entry.external_attr >> 16) for member in new.members.values()))

    def test_a_mode_that_a_file_has_already_is_no_change(self):
        new = self.patch(self.old.path, "--chmod", "gputoy-run=755")
        self.assert_kept(self.old, new)
        self.assertNotIn("mode 755", self.result.stdout)

    def test_wrong_modes(self):
        for mode in ("rwx", "1777", "8", "", "-1", "0x1ed", "u+x", " 755", "000", "044", "377"):
            self.refused(self.old.path, USAGE, "--chmod", f"*.py={mode}", words=["--chmod"])
        self.refused(self.old.path, FOUND, "--chmod", "absent.py=644", words=["absent.py"])

    def test_edits_that_contradict_each_other(self):
        for arguments in (["--remove", "gputoy/__init__.py", "--add", f"gputoy/__init__.py={self.text}"],
                          ["--remove", "notes.txt", "--chmod", "notes.txt=600"],
                          ["--remove", "libtoyblas*", "--set-runpath", "libtoyblas*=$ORIGIN"],
                          ["--add", f"gputoy/lib/libtoyblas.so.12={self.text}", "--set-runpath", "libtoyblas*=$ORIGIN"]):
            with self.subTest(arguments):
                self.refused(self.old.path, USAGE, *arguments)

    def test_a_mode_for_what_a_wider_glob_leaves(self):
        new = self.patch(self.old.path, "--remove", "gputoy/utils/*", "--chmod", "*.py=640")
        self.assertEqual(new.members["gputoy/__init__.py"].mode, 0o640)
        self.assertNotIn("gputoy/utils/__init__.py\n    mode", self.result.stdout)


class Signed(PatchTest):
    def test_signatures_are_dropped_and_told(self):
        wheel = WheelMaker("signed", "1.0", "py3-none-any").add("signed.py", "")
        path = wheel.write(self.folder)
        with zipfile.ZipFile(path, "a") as archive:
            for kind in ("jws", "p7s"):
                archive.writestr(zip_entry(f"{wheel.dist_info}/RECORD.{kind}"), "a signature")
        old = Wheel(path)
        new = self.patch(path, "--suffix", "a")
        self.assert_kept(old, new, changed=[f"{old.dist_info}/METADATA"],
                         removed=[f"{old.dist_info}/RECORD.jws", f"{old.dist_info}/RECORD.p7s"])
        self.assertEqual(self.result.stdout.count("dropped: it signs the old content"), 2)


class Outputs(PatchTest):
    def setUp(self):
        super().setUp()
        self.wheel = small().write(self.folder / "in")

    def test_the_current_folder_is_the_default(self):
        result = self.spokeshave("patch", self.wheel, "--suffix", "a", cwd=self.out)
        self.assertEqual(result.code, DONE, result.stderr)
        self.assertEqual([path.name for path in self.out.iterdir()], ["small-1.0+a-py3-none-manylinux_2_17_x86_64.whl"])
        self.assertIn("--find-links '.'", result.stdout)

    def test_the_wheel_itself_is_replaced_only_with_force(self):
        before = self.wheel.read_bytes()
        result = self.spokeshave("patch", self.wheel, "--remove", "data.txt", cwd=self.wheel.parent)
        self.assert_stopped(result, USAGE, "--suffix", "--force")
        self.assertEqual(self.wheel.read_bytes(), before)
        result = self.spokeshave("patch", self.wheel, "--remove", "data.txt", "--force", cwd=self.wheel.parent)
        self.assertEqual(result.code, DONE, result.stderr)
        self.assertEqual(list(self.wheel.parent.iterdir()), [self.wheel])
        self.assertNotIn("small/data.txt", Wheel(self.wheel).names)
        self.assertEqual(Wheel(self.wheel).wrong_rows(), set())

    def test_another_file_is_overwritten_only_with_force(self):
        there = self.out / "small-1.0+a-py3-none-manylinux_2_17_x86_64.whl"
        there.write_text("mine")
        result = self.spokeshave("patch", self.wheel, "--suffix", "a", "--out", self.out)
        self.assertEqual((result.code, there.read_text()), (FAILED, "mine"))
        self.assertIn("--force", result.stderr)
        self.assertEqual(self.spokeshave("patch", self.wheel, "--suffix", "a", "--out", self.out, "--force").code, DONE)
        self.assertEqual(Wheel(there).wrong_rows(), set())

    def test_a_folder_is_made_and_one_that_cannot_be_is_told(self):
        self.patch(self.wheel, "--suffix", "a", out=self.folder / "not/there/yet")
        shutil.rmtree(self.out)
        for out in (self.wheel, self.wheel / "x"):
            result = self.spokeshave("patch", self.wheel, "--suffix", "b", "--out", out)
            self.assert_stopped(result, FAILED, str(self.wheel), out=self.folder / "none")
        self.refused(self.wheel, USAGE, "--suffix", "b", "--out", "")

    def test_a_dry_run_writes_nothing_and_says_the_same(self):
        diff = self.folder / "a.diff"
        diff.write_text("--- a/small/__init__.py\n+++ b/small/__init__.py\n@@ -1 +1 @@\n-\"\"\"A small package.\"\"\"\n+x = 1\n")
        edits = ["--suffix", "a", "--patch", diff, "--set-runpath", "*.so=$ORIGIN/x", "--remove", "data.txt"]
        dry = self.spokeshave("patch", self.wheel, *edits, "--dry-run", "--out", self.folder / "new")
        self.assertEqual((dry.code, dry.stderr), (DONE, ""))
        self.assertFalse((self.folder / "new").exists())
        self.patch(self.wheel, *edits)
        self.assertTrue(self.result.stdout.startswith(dry.stdout), dry.stdout)
        self.assertEqual(self.spokeshave("patch", self.wheel, *edits, "-n", "--out", self.out).stdout, dry.stdout)
        for wrong in (["--remove", "absent"], ["--set-runpath", "absent=x"], ["--replace-needed", "*.so:absent=x"]):
            self.assertEqual(self.spokeshave("patch", self.wheel, *wrong, "--dry-run").code, FOUND)

    def test_a_dry_run_minds_no_file_that_is_there(self):
        for more in ([], ["--json"]):
            dry = self.spokeshave("patch", self.wheel, "--remove", "data.txt", "--dry-run", *more, cwd=self.wheel.parent)
            self.assertEqual((dry.code, dry.stderr), (DONE, ""))

    def test_a_library_that_goes_is_told_with_what_finds_the_losses(self):
        for arguments, is_told in ((["--remove", "*.so"], True), (["--set-runpath", "*.so=$ORIGIN"], True),
                                   (["--remove", "data.txt"], False)):
            with self.subTest(arguments):
                dry = self.spokeshave("patch", self.wheel, *arguments, "--dry-run", "--out", self.out)
                self.assertEqual(("verify --against ORIGINAL" in dry.stdout, dry.code), (is_told, DONE))

    def test_several_wheels_in_one_run(self):
        wheels = [fixture("gputoy"), fixture("monotoy"), self.wheel]
        result = self.spokeshave("patch", *wheels, "--suffix", "a", "--out", self.out, "--set-runpath", "lib*=$ORIGIN")
        self.assertEqual(result.code, DONE, result.stderr)
        self.assertEqual(len(list(self.out.iterdir())), 3)
        for path in self.out.iterdir():
            self.assertEqual(Wheel(path).wrong_rows(), set())
            self.assertIn(path.name, result.stdout)

    def test_the_same_input_gives_the_same_output_to_the_byte(self):
        big = self.folder / "big"
        big.write_bytes(os.urandom(1000) * 9000)
        edits = ["--suffix", "a", "--set-runpath", "lib*=$ORIGIN:$ORIGIN/there", "--add", f"gputoy/big={big}", "--remove", "notes.txt"]
        for env in (clean_environment(), clean_environment(SOURCE_DATE_EPOCH="1600000000")):
            made = set()
            for jobs in (1, 2, 7):
                new = self.patch(fixture("gputoy"), *edits, "--jobs", jobs, "--force", out=self.folder / str(jobs), env=env)
                made.add(new.path.read_bytes())
                shutil.rmtree(self.folder / str(jobs))
            self.assertEqual(len(made), 1)
        self.assertEqual(new.members["gputoy/big"].entry.date_time, (2020, 9, 13, 12, 26, 40))
        self.assertEqual(new.members["gputoy/__init__.py"].entry.date_time, (2024, 1, 2, 3, 4, 6))

    def test_quiet_says_nothing(self):
        self.patch(self.wheel, "--suffix", "a", "--quiet")
        self.assertEqual((self.result.stdout, self.result.stderr), ("", ""))


class Tampered(PatchTest):
    """A member whose bytes are not those of its row in RECORD."""

    def wheel(self, name, data):
        wheel = small()
        wheel.record_rows[name] = [name, record_hash(b"what its maker put there"), len(data)]
        return wheel.write(self.folder)

    def test_one_that_passes_through_keeps_its_row_so_that_it_shows(self):
        data = small().files["small/data.txt"][0]
        path = self.wheel("small/data.txt", data)
        result = self.spokeshave("patch", path, "--suffix", "a", "--out", self.out, allowed={"record-hash"})
        self.assertEqual(result.code, DONE, result.stderr)
        new = Wheel(next(self.out.iterdir()))
        self.assertEqual(new.wrong_rows(), {"small/data.txt"})
        self.assertEqual(new.record_rows()["small/data.txt"], Wheel(path).record_rows()["small/data.txt"])

    def test_check_input_finds_it(self):
        path = self.wheel("small/data.txt", small().files["small/data.txt"][0])
        self.refused(path, FAILED, "--suffix", "a", "--check-input", words=["small/data.txt"])
        self.refused(path, FAILED, "--suffix", "a", "--check-input", "--dry-run", words=["small/data.txt"])
        self.patch(small("good").write(self.folder), "--suffix", "a", "--check-input")

    def test_one_that_is_edited_is_refused(self):
        library = self.wheel(LIBRARY, small().files[LIBRARY][0])
        self.refused(library, FAILED, "--set-runpath", "*.so=$ORIGIN", words=[LIBRARY])
        path = "small/__init__.py"
        diff = self.folder / "a.diff"
        diff.write_text(f"--- a/{path}\n+++ b/{path}\n@@ -1 +1 @@\n-\"\"\"A small package.\"\"\"\n+x = 1\n")
        self.refused(self.wheel(path, small().files[path][0]), FAILED, "--patch", diff, words=[path])
        for name in ("METADATA", "WHEEL"):
            own = f"{small().dist_info}/{name}"
            self.refused(self.wheel(own, small().all_files()[own][0]), FAILED, "--suffix", "a", words=[own])


if __name__ == "__main__":
    main()
