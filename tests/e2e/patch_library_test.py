"""`spokeshave patch`: libraries inside a wheel, judged by readelf and by ld.so (dlopen by ctypes)."""
import subprocess
import sys
import zipfile

from bad_wheels import BAD_LIBRARIES, LIBRARY
from patching import PatchTest, Wheel, dynamic
from support import DONE, FAILED, FOUND, USAGE, clean_environment, fixture, main, run, unpack
from wheel_maker import Wheel as WheelMaker

CUDA, CORE = "gputoy/lib/libgputoy_cuda.so", "gputoy/lib/libgputoy_core.so"


BROKEN = ("need-lost", "library-missing")  # paths that lead nowhere, as asked for


class Libraries(PatchTest):
    allowed = BROKEN

    def setUp(self):
        super().setUp()
        self.old = Wheel(fixture("gputoy"))
        self.unpacked = unpack(self.old.path, self.folder / "old")
        self.libraries = [name for name in self.old.names if self.old.contents[name][:4] == b"\x7fELF"]

    def patched(self, *arguments, changed=(CUDA,), wheel=None):
        """The unpacked new wheel, in which only `changed` is otherwise."""
        new = self.patch(wheel or self.old.path, *arguments)
        self.assert_kept(self.old, new, changed=changed)
        return unpack(new.path, self.folder / "new")

    def assert_answers(self, folder, expected="511"):
        result = run(sys.executable, "-c", "import gputoy; print(gputoy.answer())", env=clean_environment(PYTHONPATH=str(folder)))
        self.assert_ran(result, expected + "\n")

    def test_a_runpath_takes_the_place_of_an_rpath(self):
        self.assertEqual(dynamic(self.unpacked / CUDA)["RPATH"], ["$ORIGIN"])
        folder = self.patched("--set-runpath", "*cuda.so=$ORIGIN:$ORIGIN/../../elsewhere/lib")
        found = dynamic(folder / CUDA)
        self.assertEqual((found["RUNPATH"], found.get("RPATH")), (["$ORIGIN:$ORIGIN/../../elsewhere/lib"], None))
        self.assertEqual({key: value for key, value in found.items() if key != "RUNPATH"},
                         {key: value for key, value in dynamic(self.unpacked / CUDA).items() if key != "RPATH"})
        self.assert_answers(folder)
        self.assertIn("RPATH `$ORIGIN` -> RUNPATH", self.result.stdout)

    def test_an_rpath_takes_the_place_of_a_runpath(self):
        name = "gputoy/lib/libtoydnn.so.8"
        self.assertIn("RUNPATH", dynamic(self.unpacked / name))
        found = dynamic(self.patched("--set-rpath", f"{name}=$ORIGIN/x", changed=[name]) / name)
        self.assertEqual((found["RPATH"], found.get("RUNPATH")), (["$ORIGIN/x"], None))

    def test_paths_are_removed_from_all_that_match(self):
        changed = [name for name in self.libraries if {"RPATH", "RUNPATH"} & dynamic(self.unpacked / name).keys()]
        self.assertGreater(len(changed), 5)
        folder = self.patched("--remove-rpath", "*", changed=changed)
        for name in self.libraries:
            self.assertFalse({"RPATH", "RUNPATH"} & dynamic(folder / name).keys(), name)
        result = run(sys.executable, "-c", "import gputoy._C", env=clean_environment(PYTHONPATH=str(folder)))
        self.assertIn("cannot open shared object file", result.stderr)
        run(sys.executable, "-c", "import gputoy._C", env=clean_environment(
            PYTHONPATH=str(folder), LD_LIBRARY_PATH=str(folder / "gputoy/lib")))

    def test_a_soname(self):
        found = dynamic(self.patched("--set-soname", f"{CORE}=libcore-renamed.so.7", changed=[CORE]) / CORE)
        self.assertEqual(found["SONAME"], ["libcore-renamed.so.7"])

    def test_a_need_is_replaced_with_its_version_need(self):
        """libgputoy_core.so has version definitions: verneed names the file as well, or ld.so refuses."""
        users = [name for name in self.libraries if "libgputoy_core.so" in dynamic(self.unpacked / name).get("NEEDED", [])]
        self.assertGreaterEqual(len(users), 1)
        new_name = "libgputoy_core-abcdef.so"
        folder = self.patched("--replace-needed", f"gputoy/*:libgputoy_core.so={new_name}", changed=users)
        for name in users:
            self.assertIn(new_name, dynamic(folder / name)["NEEDED"])
            self.assertNotIn("libgputoy_core.so", dynamic(folder / name)["NEEDED"])
        (folder / CORE).rename(folder / "gputoy/lib" / new_name)
        self.assert_answers(folder)

    def test_needs_are_added_and_removed(self):
        before = dynamic(self.unpacked / CUDA)["NEEDED"]
        folder = self.patched("--add-needed", f"{CUDA}=libm.so.6", "--add-needed", f"{CUDA}=libdl.so.2",
                              "--remove-needed", f"{CUDA}=libtoyblas.so.12")
        after = dynamic(folder / CUDA)["NEEDED"]
        self.assertEqual(sorted(after), sorted({*before, "libm.so.6", "libdl.so.2"} - {"libtoyblas.so.12"}))
        self.assertEqual([name for name in after if name in before], [name for name in before if name in after])

    def test_an_added_need_is_really_loaded(self):
        wheel = fixture("monotoy")
        self.old = Wheel(wheel)
        libraries = [name for name in self.old.names if ".so" in name]
        changed = next(name for name in libraries if "_C" in name or "core" in name or name)
        folder = self.patched("--add-needed", f"{changed}=libbz2.so.1.0", changed=[changed], wheel=wheel)
        code = (f"import ctypes; ctypes.CDLL({str(folder / changed)!r}); "
                "print('libbz2.so.1.0' in open('/proc/self/maps').read())")
        if subprocess.run([sys.executable, "-c", "import ctypes; ctypes.CDLL('libbz2.so.1.0')"], capture_output=True).returncode:
            self.skipTest("no libbz2.so.1.0 here")
        result = run(sys.executable, "-c", code)
        self.assert_ran(result, "True\n")

    def test_several_edits_of_one_library_are_made_in_one_rewrite(self):
        folder = self.patched("--set-runpath", "*cuda.so=$ORIGIN/a", "--set-soname", f"{CUDA}=libx.so.1",
                              "--replace-needed", "*cuda.so:libtoydnn.so.8=libtoydnn.so.9", "--add-needed", f"{CUDA}=libz.so.1")
        found = dynamic(folder / CUDA)
        self.assertEqual((found["RUNPATH"], found["SONAME"]), (["$ORIGIN/a"], ["libx.so.1"]))
        self.assertIn("libtoydnn.so.9", found["NEEDED"])
        self.assertIn("libz.so.1", found["NEEDED"])

    def test_a_program_keeps_its_exec_bit_and_runs(self):
        name = "gputoy/bin/gputoy-info"
        folder = self.patched("--set-runpath", "gputoy-info=$ORIGIN/../lib", changed=[name])
        self.assert_ran(run(folder / name))

    def test_a_path_is_emptied(self):
        folder = self.patched("--set-runpath", "*cuda.so=")
        self.assertNotEqual(dynamic(folder / CUDA).get("RUNPATH", [""])[0], "$ORIGIN")

    def test_what_is_so_already_is_told_and_stays_byte_for_byte(self):
        self.patched("--set-rpath", "*cuda.so=$ORIGIN", changed=[])
        self.assertIn("is so already", self.result.stdout)

    def test_a_rewritten_library_is_the_old_bytes_with_patches_and_a_tail(self):
        new = Wheel(self.patch(self.old.path, "--set-runpath", f"{CUDA}=$ORIGIN:$ORIGIN/../../a/long/one/for/a/tail").path)
        before, after = self.old.contents[CUDA], new.contents[CUDA]
        self.assertGreaterEqual(len(after), len(before))
        differing = sum(a != b for a, b in zip(before, after))
        self.assertLess(differing, 1000)

    def test_globs_that_match_nothing_and_needs_that_nobody_has(self):
        for arguments, words in ((["--set-runpath", "libgputoy_cud.so=x"], ["did you mean `libgputoy_cuda.so`"]),
                                 (["--set-runpath", "*.py=x"], ["*.py", "matches no library"]),
                                 (["--remove-rpath", "gputoy/libs/*"], ["gputoy/libs/*"]),
                                 (["--set-runpath", "*cuda.so=$ORIGIN", "--set-soname", "absent=x"], ["--set-soname 'absent=x'"]),
                                 (["--replace-needed", "*cuda.so:libtoydn.so.8=x"], ["did you mean `libtoydnn.so.8`"]),
                                 (["--remove-needed", "*core.so=libabsent.so"], ["libabsent.so"])):
            with self.subTest(arguments):
                self.refused(self.old.path, FOUND, *arguments, words=words)

    def test_edits_that_contradict_each_other(self):
        for arguments in (["--set-runpath", "*=a", "--set-runpath", "*cuda.so=b"],
                          ["--set-runpath", "*=a", "--set-rpath", "*cuda.so=a"],
                          ["--set-runpath", "*=a", "--remove-rpath", "*cuda.so"],
                          ["--set-soname", "*cuda.so=a", "--set-soname", "*cuda.so=b"],
                          ["--replace-needed", "*cuda.so:libtoydnn.so.8=a", "--replace-needed", "*cuda.so:libtoydnn.so.8=b"],
                          ["--replace-needed", "*cuda.so:libtoydnn.so.8=a", "--remove-needed", "*cuda.so=libtoydnn.so.8"],
                          ["--add-needed", "*cuda.so=a", "--remove-needed", "*cuda.so=a"]):
            with self.subTest(arguments):
                self.refused(self.old.path, USAGE, *arguments)

    def test_the_same_edit_twice_is_one(self):
        self.patched("--set-runpath", "*cuda.so=$ORIGIN/a", "--set-runpath", f"{CUDA}=$ORIGIN/a")

    def test_forms_that_are_none(self):
        for option, value in (("--set-runpath", "libx.so"), ("--set-runpath", "=x"), ("--set-rpath", ""), ("--set-soname", "*="),
                              ("--replace-needed", "*=x"), ("--replace-needed", ":a=b"), ("--replace-needed", "*:=b"),
                              ("--replace-needed", "*:a="), ("--replace-needed", "a:b"), ("--add-needed", "*"),
                              ("--remove-needed", "*="), ("--remove-rpath", "")):
            with self.subTest(option, value=value):
                self.refused(self.old.path, FOUND if option == "--remove-rpath" else USAGE, option, value, words=[option])

    def test_a_text_that_a_glob_matches_as_well_stays(self):
        """A linker script is called like a library."""
        wheel = WheelMaker("script", "1.0").add("script/lib.so", "INPUT(-lm)\n").add("script/real.so", self.old.contents[CORE])
        self.old = Wheel(wheel.write(self.folder))
        self.patched("--set-runpath", "*.so=$ORIGIN", changed=["script/real.so"])

    def test_libraries_that_a_path_cannot_hold_odd_characters_of(self):
        found = dynamic(self.patched("--set-runpath", "*cuda.so=$ORIGIN/a b=c:ä") / CUDA)
        self.assertEqual(found["RUNPATH"], ["$ORIGIN/a b=c:ä"])


class Damaged(PatchTest):
    allowed = ("elf-unreadable",)

    def test_a_damaged_library_that_is_edited_is_refused_in_time_and_named(self):
        for fault, make in BAD_LIBRARIES.items():
            with self.subTest(fault):
                result = self.spokeshave("patch", make(self.folder), "--set-runpath", "*.so=$ORIGIN/a/b/c", "--out", self.out,
                                         timeout=20)
                self.assert_stopped(result, FAILED, LIBRARY)

    def test_one_that_passes_through_is_none_of_our_business(self):
        for fault, make in BAD_LIBRARIES.items():
            with self.subTest(fault):
                self.patch(make(self.folder), "--suffix", "a")
                next(self.out.iterdir()).unlink()


class Stored(PatchTest):
    def test_members_that_are_stored_and_data_descriptors_pass_through(self):
        wheel = WheelMaker("stored", "1.0", "py3-none-any").add("stored/a.txt", "text " * 100).add("stored/b.txt", "b" * 50)
        path = self.folder / wheel.file_name()

        class Unseekable:
            """zipfile writes data descriptors where it cannot go back."""
            def __init__(self, file):
                self.file = file

            def write(self, data):
                return self.file.write(data)

            def flush(self):
                self.file.flush()
        with open(path, "wb") as file, zipfile.ZipFile(Unseekable(file), "w", zipfile.ZIP_STORED) as archive:
            for name, (data, _) in wheel.all_files().items():
                archive.writestr(name, data, zipfile.ZIP_STORED if name.endswith("a.txt") else zipfile.ZIP_DEFLATED)
        new = self.patch(path, "--suffix", "a")
        for name in ("stored/a.txt", "stored/b.txt"):
            self.assertEqual(new.members[name].packed, Wheel(path).members[name].packed)
        self.assertEqual(new.members["stored/a.txt"].entry.compress_type, zipfile.ZIP_STORED)
        self.assertEqual(self.result.code, DONE)


if __name__ == "__main__":
    main()
