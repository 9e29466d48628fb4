"""Rewritten libraries are spliced: all but a little of their packed bytes are those that the publisher shipped. zlib, through
zipfile, is the judge of what they hold."""
import random
import shutil
import unittest
import zipfile

from patching import Member, PatchTest, Wheel, dynamic
from support import DONE, STAGED, USAGE, main, run, unpack
from wheel_maker import Wheel as WheelMaker
from wheel_maker import zip_entry

LIBRARY = "toy/lib/libgputoy_cuda.so"
SEVEN_ZIP = shutil.which("7zz") or shutil.which("7za") or shutil.which("7z")


def content():
    """A library, with 3 MB behind it that no loader reads and that pack to a half or so."""
    source = random.Random(1)
    words = [source.randbytes(source.randrange(1, 40)) for _ in range(3000)]
    tail = b"".join(source.choice(words) + source.randbytes(2) for _ in range(140_000))
    return (STAGED / "gputoy/lib/libgputoy_cuda.so").read_bytes() + tail


class Splice(PatchTest):
    allowed = ("need-lost", "library-missing")

    def make_wheel(self, **packing):
        maker = WheelMaker("toy", "1.0").add("toy/__init__.py", "").add(LIBRARY, content())
        path = self.folder / maker.file_name()
        with zipfile.ZipFile(path, "w") as archive:
            for name, (data, executable) in maker.all_files().items():
                archive.writestr(zip_entry(name, executable), data, **(packing if name == LIBRARY else {}))
        return path

    def test_only_what_changes_is_packed_anew_whatever_the_level(self):
        for level in (1, 6, 9):
            with self.subTest(level):
                old = Wheel(self.make_wheel(compresslevel=level))
                new = self.patch(old.path, "--set-runpath", "*.so=$ORIGIN/some/where/else", "--force", "--verbose",
                                 "--suffix", f"level{level}")
                self.assert_kept(old, new, changed=[LIBRARY, f"{old.dist_info}/METADATA"])
                before, after = old.members[LIBRARY].packed, new.members[LIBRARY].packed
                # Edited are the head, the library's end at 5 MB, and the member's end, where a string is appended.
                self.assertTrue(before[100_000:4_000_000] in after)
                self.assertTrue(before[-1_000_000:-100_000] in after)
                self.assertLess(len(after), len(before) + 2_000)
                self.assertRegex(self.result.stderr, rf"{LIBRARY}: spliced, [\d.]+ kB of [\d.]+ MB new, [\d.]+ s\n")
                self.assertEqual(dynamic(unpack(new.path, self.folder / str(level)) / LIBRARY)["RUNPATH"],
                                 ["$ORIGIN/some/where/else"])

    @unittest.skipUnless(SEVEN_ZIP, "there is no 7-Zip on this machine")
    def test_what_7_zip_packed_is_spliced_too(self):
        files = unpack(self.make_wheel(), self.folder / "files")
        names = [str(path.relative_to(files)) for path in sorted(files.rglob("*")) if path.is_file()]
        for level in (1, 5, 9):
            with self.subTest(level):
                path = self.folder / f"toy-1.0-{level}-py3-none-linux_x86_64.whl"
                packed = run(SEVEN_ZIP, "a", "-tzip", "-mm=Deflate", f"-mx={level}", path, *names, cwd=files)
                self.assertEqual(packed.code, 0, packed.stdout)
                old = Wheel(path)
                new = self.patch(path, "--set-runpath", "*.so=$ORIGIN/some/where/else", "--suffix", "a", "--verbose")
                before, after = old.members[LIBRARY].packed, new.members[LIBRARY].packed
                self.assertTrue(before[100_000:4_000_000] in after)
                self.assertTrue(before[-1_000_000:-100_000] in after)
                self.assertIn(f"{LIBRARY}: spliced", self.result.stderr)

    def test_a_stored_library_is_packed_and_verbose_says_why(self):
        old = self.make_wheel(compress_type=zipfile.ZIP_STORED)
        new = self.patch(old, "--set-runpath", "*.so=$ORIGIN/there", "--suffix", "a", "--verbose")
        self.assertEqual(new.members[LIBRARY].entry.compress_type, zipfile.ZIP_DEFLATED)
        self.assertRegex(self.result.stderr,
                         rf"^{LIBRARY}: packed anew to [\d.]+ MB, since it is stored, not deflated, [\d.]+ s\n$")

    def test_nothing_is_said_unasked(self):
        self.patch(self.make_wheel(), "--set-runpath", "*.so=$ORIGIN/there", "--suffix", "a")
        self.assertEqual(self.result.stderr, "")

    def test_split_splices_and_says_so(self):
        wheels = self.split(self.make_wheel(), "--move", "*.so", "--companion", "part", "--runpath", "$ORIGIN:$ORIGIN/there",
                            "--verbose")
        self.assertRegex(self.result.stderr, rf"^{LIBRARY}: spliced, ")
        moved, = [name for name in Wheel(wheels[1]).names if name.endswith(".so")]
        folder = unpack(wheels[1], self.folder / "part")
        self.assertEqual(dynamic(folder / moved)["RUNPATH"], ["$ORIGIN:$ORIGIN/there"])

    def test_quiet_and_verbose_exclude_each_other(self):
        for command in (["patch", "--suffix", "a"], ["split", "--move", "*.so"]):
            result = self.spokeshave(*command, self.make_wheel(), "--out", self.out, "--quiet", "--verbose")
            self.assert_stopped(result, USAGE, "--quiet and --verbose exclude each other")

    def test_the_same_bytes_for_any_number_of_threads(self):
        old = self.make_wheel()
        made = [self.patch(old, "--set-runpath", "*.so=$ORIGIN/there", "--suffix", "a", "--jobs", jobs, "--force",
                           out=self.folder / jobs).path.read_bytes() for jobs in ("1", "2", "7")]
        self.assertEqual(made[0], made[1])
        self.assertEqual(made[0], made[2])

    def test_a_library_whose_packed_data_is_damaged_is_refused(self):
        old = self.make_wheel()
        member = Member(old.read_bytes(), zipfile.ZipFile(old).getinfo(LIBRARY))
        raw = bytearray(old.read_bytes())
        at = raw.index(member.packed) + len(member.packed) // 2
        raw[at] ^= 16
        old.write_bytes(raw)
        result = self.spokeshave("patch", old, "--set-runpath", "*.so=$ORIGIN/there", "--suffix", "a", "--out", self.out)
        self.assertNotEqual(result.code, DONE)
        self.assert_stopped(result, result.code, LIBRARY)


if __name__ == "__main__":
    main()
