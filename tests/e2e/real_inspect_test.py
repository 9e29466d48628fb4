"""`inspect` of torch 2.1.0 with NVIDIA's wheels, each in a folder of its own, against what a real `import torch` says."""
import json
import platform
import shutil
import sys
import tempfile
import unittest

from support import CACHE, DONE, FOUND, ROOT, EndToEnd, main, run, unpack

FREE_DISK = 12_000_000_000
MISSING = "libnvJitLink.so.12"


def setUpModule():
    if sys.version_info[:2] != (3, 11) or platform.machine() != "x86_64":
        raise unittest.SkipTest("torch 2.1.0's wheels here are for Python 3.11 on x86-64")
    if shutil.disk_usage(tempfile.gettempdir()).free < FREE_DISK:
        raise unittest.SkipTest("less than 12 GB of disk free")
    fetched = run(ROOT / "scripts/fetch-real-wheels", timeout=1800)
    if fetched.code != 0:
        raise unittest.SkipTest("no wheels in the cache and no network: " + fetched.stderr)


class RealInspect(EndToEnd):
    @classmethod
    def setUpClass(cls):
        cached = sorted((CACHE / "wheels").glob("*.whl"))
        nvidia = [path for path in cached if path.name.startswith("nvidia_")]
        cls.wheels = [next((CACHE / "older").glob("torch-2.1.0-*.whl")), *nvidia]
        cls.others = [path for path in cached if path not in nvidia and not path.name.startswith("torch-")]

    def inspect(self, *arguments):
        result = self.spokeshave("inspect", *self.wheels, *arguments, timeout=600)
        self.assertIn(result.code, (DONE, FOUND), result.stderr)
        return result

    def test_apart_the_import_misses_one_library_and_the_wheel_that_has_it_is_named(self):
        document = json.loads(self.inspect("--layout", "separate", "--json").stdout)
        libraries, wheels = document["libraries"], document["wheels"]
        def name(index):
            return libraries[index]["path"].rsplit("/", 1)[1]
        reasons = [need for need in document["missing"] if need["loaded_by"] == "import" and not need["because_of"]]
        self.assertEqual({need["name"] for need in reasons}, {MISSING})
        self.assertEqual({name(need["from"]) for need in reasons}, {"libcusolver.so.11", "libcusparse.so.12"})
        self.assertEqual({wheels[libraries[bearer]["wheel"]]["name"] for need in reasons for bearer in need["in"]},
                         {"nvidia-nvjitlink-cu12"})
        followers = [need for need in document["missing"] if need["loaded_by"] == "import" and need["because_of"]]
        self.assertEqual({name(reason) for need in followers for reason in need["because_of"]}, {"libcusparse.so.12"})

    def test_apart_it_is_the_first_problem_that_the_report_tells(self):
        result = self.inspect("--layout", "separate", "--graph")
        self.assertEqual(result.code, FOUND)
        problems = [" ".join(part.split()) for part in result.stdout.split("\n\n") if part.startswith("problem: ")]
        self.assertTrue(problems[0].startswith(f"problem: `{MISSING}` will be missing"), problems[0])
        self.assertIn("of `nvidia-nvjitlink-cu12 ", problems[0])
        self.assertEqual([problem for problem in problems[1:] if "the import fails" in problem], [])

    def test_in_one_folder_the_import_misses_nothing(self):
        document = json.loads(self.inspect("--json").stdout)
        self.assertEqual([need for need in document["missing"] if need["loaded_by"] == "import"], [])

    def test_a_real_import_from_folders_of_their_own_fails_on_that_library(self):
        folders = [str(unpack(path, self.folder / "apart" / path.name)) for path in self.wheels + self.others]
        result = self.new_venv().python("import torch", PYTHONPATH=":".join(folders))
        self.assertNotEqual(result.code, 0)
        self.assertRegex(result.stderr.splitlines()[-1], rf"(OSError|ImportError): {MISSING}: cannot open shared object file")


if __name__ == "__main__":
    main()
