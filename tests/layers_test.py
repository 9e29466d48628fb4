"""The layers hold: read from the #include lines, whoever links what."""
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
LAYERS = ("elf", "wheel", "src")
MAY_INCLUDE = {"elf": {"elf"}, "wheel": {"wheel"}, "src": {"src", "elf", "wheel"}}
OUTSIDE_LIBRARIES = {
    "libzip": r"zip\.h|zipconf\.h",
    "ISA-L": r"isa-l.*|igzip_lib\.h|crc\.h",
    "zlib": r"zlib\.h|zconf\.h",
    "OpenSSL": r"openssl/.*",
    "LIEF": r"LIEF/.*",
    "CLI11": r"CLI/.*",
    "toml++": r"toml\+\+/.*",
}
# Text goes through these two everywhere above elf and wheel: they stay out of headers, but not in two files.
TEXT_LIBRARIES = {"nlohmann-json": r"nlohmann/.*", "fmt": r"fmt/.*"}


def files(layer, *suffixes):
    return sorted(path for path in (ROOT / layer).rglob("*") if path.suffix in suffixes)


def includes(path):
    return re.findall(r'^\s*#\s*include\s*[<"]([^">]+)[">]', path.read_text(), re.MULTILINE)


def including(library, paths):
    return [path.relative_to(ROOT).as_posix() for path in paths
            if any(re.fullmatch(library, name) for name in includes(path))]


class Layers(unittest.TestCase):
    def test_each_layer_has_files(self):
        for layer in LAYERS:
            self.assertTrue(files(layer, ".cpp"), layer)
            self.assertTrue(files(layer, ".h"), layer)

    def test_dependencies_point_down_only(self):
        for layer in LAYERS:
            for path in files(layer, ".cpp", ".h"):
                for name in includes(path):
                    folder = name.split("/")[0]
                    if "/" in name and folder in (*LAYERS, "tests"):
                        self.assertIn(folder, MAY_INCLUDE[layer], f"{path.relative_to(ROOT)} includes {name}")

    def test_our_headers_are_included_from_the_root(self):
        own = {path.name for layer in LAYERS for path in files(layer, ".h")}
        for layer in LAYERS:
            for path in files(layer, ".cpp", ".h"):
                for line in re.findall(r'^\s*#\s*include\s*"([^"]+)"', path.read_text(), re.MULTILINE):
                    self.assertTrue((ROOT / line).is_file(), f"{path.relative_to(ROOT)} includes {line}")
                self.assertFalse(own.intersection(includes(path)), path.relative_to(ROOT))

    def test_no_header_of_ours_shows_an_outside_library(self):
        headers = [path for layer in LAYERS for path in files(layer, ".h")]
        for name, library in {**OUTSIDE_LIBRARIES, **TEXT_LIBRARIES}.items():
            self.assertEqual(including(library, headers), [], name)

    def test_an_outside_library_lives_in_two_files_at_most(self):
        sources = [path for layer in LAYERS for path in files(layer, ".cpp")]
        for name, library in OUTSIDE_LIBRARIES.items():
            self.assertLessEqual(len(including(library, sources)), 2, (name, including(library, sources)))

    def test_elf_uses_no_outside_library_but_lief(self):
        libraries = {**OUTSIDE_LIBRARIES, **TEXT_LIBRARIES}
        libraries.pop("LIEF")
        for name, library in libraries.items():
            self.assertEqual(including(library, files("elf", ".cpp")), [], name)

    def test_only_the_one_checked_door_reads_from_a_source(self):
        for path in files("elf", ".cpp"):
            if path.stem not in ("bytes", "source"):
                self.assertNotRegex(path.read_text(), r"\bsource_?(\.|->)read\s*\(", path.relative_to(ROOT))

    def test_the_systems_elf_header_is_never_included(self):
        for layer in LAYERS:
            for path in files(layer, ".cpp", ".h"):
                self.assertFalse({"elf.h", "link.h"}.intersection(includes(path)), path.relative_to(ROOT))

    def test_lower_layers_print_nothing(self):
        for layer in ("elf", "wheel"):
            for path in files(layer, ".cpp", ".h"):
                self.assertNotRegex(path.read_text(), r"std::c(out|err)\b|\bf?printf\s*\(", path.relative_to(ROOT))


class Files(unittest.TestCase):
    def test_no_file_is_over_four_hundred_lines(self):
        for folder in (*LAYERS, "tests", "fixtures", "benchmarks", "scripts", "cmake"):
            for path in (ROOT / folder).rglob("*"):
                if path.is_file() and path.suffix != ".pyc":
                    lines = path.read_text().count("\n")
                    self.assertLessEqual(lines, 400, f"{path.relative_to(ROOT)} has {lines} lines")


if __name__ == "__main__":
    unittest.main()
