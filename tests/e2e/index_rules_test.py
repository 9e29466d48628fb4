"""`verify --index-rules` names who refuses a wheel: uv and pip are asked whether they do.

The wheels are made up by tests/support/faulty_*.cpp, each with one thing wrong; what is found in them is asserted in
tests/wheel/index_rules_test.cpp."""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from support import TOOLS, main, needs_tools

PROBE = os.environ["SPOKESHAVE_INDEX_RULES_PROBE"]
UV = TOOLS / "uv"
PIP = TOOLS / "pip"


def faulty_wheels(folder):
    """The probe's lines: of each wheel its claim, its path and its flaws."""
    lines = subprocess.run([PROBE, folder], capture_output=True, text=True, check=True).stdout.splitlines()
    return [json.loads(line) for line in lines]


def uv_refuses(path):
    """uv reads a wheel from an index as a stream, with all its checks; so it does one whose hash it must check."""
    with tempfile.TemporaryDirectory() as folder:
        name = path.name.split("-")[0]
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        requirements = pathlib.Path(folder, "requirements.txt")
        requirements.write_text(f"{name} @ file://{path} --hash=sha256:{digest}\n")
        run = subprocess.run(
            [UV, "pip", "install", "--no-deps", "--offline", "--no-config", "--no-cache", "--quiet",
             "--python-platform", "x86_64-manylinux_2_28", "--target", pathlib.Path(folder, "site"),
             "--require-hashes", "-r", requirements], capture_output=True, text=True)
        return run.returncode != 0, run.stderr


def pip_refuses(path):
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(
            [PIP, "install", "--no-index", "--no-deps", "--quiet", "--disable-pip-version-check", "--target",
             pathlib.Path(folder, "site"), path], capture_output=True, text=True)
        return run.returncode != 0, run.stderr


# PyPI reads METADATA with packaging; the interpreter is that of python-tools, which has it.
PACKAGING = """
import sys, zipfile
from packaging.metadata import Metadata
for path in sys.argv[1:]:
    with zipfile.ZipFile(path) as wheel:
        try:
            Metadata.from_email(wheel.read(next(name for name in wheel.namelist() if name.endswith("/METADATA"))))
            print()
        except Exception as error:
            print(repr(getattr(error, "exceptions", error)).replace("\\n", " "))
"""


def packaging_refuses(paths):
    run = subprocess.run([TOOLS / "python", "-c", PACKAGING, *paths], capture_output=True, text=True, check=True)
    return run.stdout.split("\n")[:-1]


@needs_tools
class IndexRules(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.wheels = faulty_wheels(folder.name)

    def each(self, refuses, wheels):
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            answers = pool.map(refuses, [pathlib.Path(wheel["path"]) for wheel in wheels])
            yield from zip(wheels, answers)

    def test_uv_refuses_what_it_is_said_to_and_nothing_else(self):
        for wheel, (refused, why) in self.each(uv_refuses, self.wheels):
            said = any("uv" in flaw["refused_by"] for flaw in wheel["flaws"])
            with self.subTest(wheel["claim"]):
                self.assertEqual(refused, said, why)

    def test_pip_refuses_what_it_is_said_to(self):
        wheels = [wheel for wheel in self.wheels if any("pip" in flaw["refused_by"] for flaw in wheel["flaws"])]
        self.assertGreaterEqual(len(wheels), 5)
        for wheel, (refused, _) in self.each(pip_refuses, wheels):
            with self.subTest(wheel["claim"]):
                self.assertTrue(refused)

    def test_packaging_refuses_the_metadata_that_pypi_is_said_to(self):
        """Of what is said of METADATA, the rules for what a field may hold; the others are warehouse's own."""
        fields = {"metadata-requires", "metadata-requires-python", "metadata-encoding"}
        wheels = [wheel for wheel in self.wheels if not wheel["flaws"] or wheel["flaws"][0]["rule"] in fields]
        self.assertGreaterEqual(sum(1 for wheel in wheels if wheel["flaws"]), 30)
        for wheel, why in zip(wheels, packaging_refuses([wheel["path"] for wheel in wheels]), strict=True):
            with self.subTest(wheel["claim"]):
                self.assertEqual(why != "", any("PyPI" in flaw["refused_by"] for flaw in wheel["flaws"]), why)

    def test_pip_installs_what_nothing_is_wrong_with(self):
        wheels = [wheel for wheel in self.wheels if not wheel["flaws"] and "linux" not in wheel["path"]]
        for wheel, (refused, why) in self.each(pip_refuses, wheels):
            with self.subTest(wheel["claim"]):
                self.assertFalse(refused, why)


if __name__ == "__main__":
    main()
