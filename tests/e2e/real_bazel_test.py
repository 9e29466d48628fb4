"""torch 2.1.0 and 2.1.2 with NVIDIA's wheels in Bazel's sandbox, each wheel in a folder of its own: the import fails as
published, and works when preload_wheel has made the wheel."""
import os
import pathlib
import re
import shutil
import tempfile
import unittest

from bazel_runs import Bazel, make_inputs, test_workspace
from real_torch_test import setUpModule as needs_wheels
from support import CACHE, main

FREE_DISK = 20_000_000_000
VERSIONS = ("2.1.0", "2.1.2")


def setUpModule():
    needs_wheels()
    if shutil.which("bazel") is None:
        raise unittest.SkipTest("no Bazel; scripts/setup --toolchains installs Debian's")
    if shutil.disk_usage(tempfile.gettempdir()).free < FREE_DISK:
        raise unittest.SkipTest("less than 20 GB of disk free")


class RealBazel(unittest.TestCase):
    def new_bazel(self, name):
        (self.folder / name).mkdir()
        bazel = Bazel(self.folder / name, *test_workspace(self.inputs))
        self.addCleanup(bazel.remove)
        return bazel

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="spokeshave-bazel-", dir=os.environ.get("SPOKESHAVE_TMP")))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        wheels = [*(CACHE / "wheels").glob("*.whl"), *(CACHE / "older").glob("torch-2.1.0-*.whl")]
        self.inputs = make_inputs(self.folder / "inputs", {wheel.name: wheel for wheel in wheels})

    def test_torch_fails_as_published_and_works_when_it_preloads(self):
        bazel = self.new_bazel("first")
        bazel.run("test", "//torch:all", "--test_output=all", "--keep_going", timeout=2400)
        self.assertEqual(bazel.code, 3, bazel.said)  # built, and tests failed
        self.assertEqual(bazel.processes().keys(), {"linux-sandbox"})
        for version in VERSIONS:
            self.assertRegex(bazel.said, rf"(?m)^//torch:torch_{re.escape(version)}_as_published +FAILED")
            self.assertRegex(bazel.said, rf"(?m)^//torch:torch_{re.escape(version)}_preloaded +PASSED")
            self.assertRegex(self.log(bazel, f"torch_{version}_as_published"),
                             r"libnvJitLink\.so\.12: cannot open shared object file")
            self.assertIn(f"\n{version}+cu121 3.0\n", self.log(bazel, f"torch_{version}_preloaded"))

        second = self.new_bazel("second")
        second.run("build", "//torch:torch_2.1.2_preloading")
        self.assertEqual(second.code, 0, second.said)
        made = "torch/torch_2.1.2_preloading/*.whl"
        self.assertEqual(len(second.made(made)), 1)
        self.assertEqual(bazel.hashes(made), second.hashes(made))

    def log(self, bazel, test):
        return (bazel.bin.parent / f"testlogs/torch/{test}/test.log").read_text()


if __name__ == "__main__":
    main()
