"""What is unusual but right is taken, and comes out as every reader wants it."""
import io
import unicodedata
import zipfile

from bad_wheels import LIBRARY, small
from support import EndToEnd, listing, main, needs_tools, read, unpack
from wheel_maker import zip_entry

SPLIT = ("--move", "libgputoy_core.so", "--companion", "parttoy")


class OneWay(io.RawIOBase):
    """A file that cannot go back: zipfile then writes data descriptors."""

    def __init__(self, file):
        self.file = file

    def writable(self):
        return True

    def write(self, data):
        return self.file.write(data)


class OddInput(EndToEnd):
    def written(self, wheel=None, line=lambda entry: entry, zip64=False, stream=False):
        """The wheel's archive, each entry passed through `line`, with zip64 fields or data descriptors."""
        wheel = wheel or small()
        path = self.folder / wheel.file_name()
        with open(path, "wb") as file, zipfile.ZipFile(OneWay(file) if stream else file, "w") as archive:
            for name, (data, executable) in wheel.all_files().items():
                with archive.open(line(zip_entry(name, executable)), "w", force_zip64=zip64) as member:
                    member.write(data)
        return path

    def assert_splits(self, path):
        """Both wheels are sound to Python's zipfile and to installer, and have all files between them."""
        wheels = self.split(path, *SPLIT)
        for wheel in wheels:
            with zipfile.ZipFile(wheel) as archive:
                self.assertIsNone(archive.testzip())
                self.assertEqual(len(set(archive.namelist())), len(archive.namelist()))
                for entry in archive.infolist():
                    self.assertEqual(entry.flag_bits & ~0x806, 0, entry.filename)  # UTF-8 and deflate's level only
                    self.assertIn(entry.compress_type, (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
                    self.assertFalse(entry.comment or entry.is_dir(), entry.filename)
            self.assert_strictly_installable(wheel)
        before = {name for name in listing(path) if ".dist-info/" not in name and not name.endswith("/")}
        after = {name for wheel in wheels for name in listing(wheel) if ".dist-info/" not in name}
        self.assertEqual({name for name in before if not name.startswith("small-1.0.data/") and name != LIBRARY} - after, set())
        return wheels

    @needs_tools
    def assert_strictly_installable(self, wheel):
        venv = self.new_venv(wheel.name)
        self.assert_ran(venv.installer_install(wheel))

    def test_data_descriptors(self):
        self.assert_splits(self.written(stream=True))

    def test_zip64_fields_where_none_are_needed(self):
        self.assert_splits(self.written(zip64=True))

    def test_members_that_are_stored(self):
        def stored(entry):
            entry.compress_type = zipfile.ZIP_STORED
            return entry
        self.assert_splits(self.written(line=stored))

    def test_folders_as_members(self):
        path = small().write(self.folder)
        with zipfile.ZipFile(path, "a") as archive:
            for name in ("small/", "small/lib/"):
                archive.mkdir(name) if hasattr(archive, "mkdir") else archive.writestr(zip_entry(name), b"")
        self.assert_splits(path)

    def test_a_record_with_crlf(self):
        wheel = small()
        wheel.record_line_end = "\r\n"
        self.assert_splits(self.written(wheel))

    def test_names_that_record_must_quote(self):
        self.assert_splits(self.written(small().add('small/a,b "c".txt', "text")))

    def test_names_that_are_not_ascii(self):
        name = unicodedata.normalize("NFC", "small/Größe-尺寸.txt")
        main_wheel, _ = self.assert_splits(self.written(small().add(name, "text")))
        self.assertIn(name, listing(main_wheel))

    def test_empty_files_and_empty_modules(self):
        self.assert_splits(self.written(small().add("small/empty.txt", "").add("small/__init__.py", "")))

    def test_five_thousand_members(self):
        wheel = small()
        for number in range(5_000):
            wheel.add(f"small/include/{number % 100}/{number}.h", "")
        self.assert_splits(self.written(wheel))

    def test_signatures_that_become_void_are_dropped_with_a_warning(self):
        wheel = small().add("small-1.0.dist-info/RECORD.jws", "{}")
        wheel.record_rows["small-1.0.dist-info/RECORD.jws"] = None  # signed RECORD, so made after it
        main_wheel, _ = self.split(self.written(wheel), *SPLIT)
        self.assertFalse([name for name in listing(main_wheel) if name.endswith(".jws")])
        self.assertIn("RECORD.jws", self.result.stdout + self.result.stderr)

    def test_metadata_keeps_folded_lines_and_a_version_in_the_description(self):
        wheel = small()
        text = ("Metadata-Version: 2.1\nName: small\nVersion: 1.0\nSummary: one\n        two\n"
                "Requires-Dist: x (==1) ; python_version < '3'\nX-Unknown: kept\n\nVersion: 9.9 is no header here\n")
        wheel.add("small-1.0.dist-info/METADATA", text)
        main_wheel, _ = self.assert_splits(self.written(wheel))
        new = read(main_wheel, ".dist-info/METADATA").decode()
        for line in text.splitlines():
            if line != "Version: 1.0":
                self.assertIn(line + "\n", new)

    def test_exec_bits_and_data_folders(self):
        wheel = small().add("small/bin/tool", "#!/bin/sh\necho ran\n", executable=True)
        wheel.add("small-1.0.data/scripts/run-small", "#!python\nprint('ran')\n", executable=True)
        main_wheel, _ = self.assert_splits(self.written(wheel))
        folder = unpack(main_wheel, self.folder / "unpacked")
        self.assertTrue((folder / "small/bin/tool").stat().st_mode & 0o100)
        self.assertTrue(list(folder.glob("small-1.0+*.data/scripts/run-small")))

    def test_files_whose_names_end_like_a_librarys_but_are_none(self):
        self.assert_splits(self.written(small().add("small/lib/libnote.so", "INPUT(libother.so)\n").add("small/x.so.txt", "")))

    def test_an_init_file_in_windows_manner_with_a_byte_order_mark(self):
        source = b"\xef\xbb\xbf# coding: utf-8\r\n'''A docstring.'''\r\nfrom __future__ import annotations\r\nX = 'X'\r\n"
        wheels = self.assert_splits(self.written(small().add("small/__init__.py", source)))
        new = read(wheels[0], "small/__init__.py")
        self.assertTrue(new.startswith(source[:-len(b"X = 'X'\r\n")]))
        self.assertEqual(new.count(b"\n"), new.count(b"\r\n"))
        folders = ":".join(str(unpack(wheel, self.folder / ("apart" + wheel.name))) for wheel in wheels)
        self.assert_ran(self.new_venv().python("import small; print(small.X, small.__doc__)", PYTHONPATH=folders),
                        "X A docstring.\n")


if __name__ == "__main__":
    main()
