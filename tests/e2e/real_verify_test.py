"""`verify` of twelve real wheels from PyPI, in which it must find nothing; and of torch, in which it must find what is there."""
import json
import unittest

from support import CACHE, DONE, FOUND, ROOT, EndToEnd, main, run


def setUpModule():
    fetched = run(ROOT / "scripts/fetch-real-wheels", timeout=1800)
    if fetched.code != 0:
        raise unittest.SkipTest("no wheels in the cache and no network: " + fetched.stderr)


class RealVerify(EndToEnd):
    def test_twelve_wheels_from_pypi_have_no_finding(self):
        dozen = sorted((CACHE / "dozen").glob("*.whl"))
        self.assertEqual(len(dozen), 12)
        page = (ROOT / "docs/verify.md").read_text()
        for wheel in dozen:
            with self.subTest(wheel.name):
                result = self.spokeshave("verify", "--index-rules", "--json", wheel)
                self.assertEqual(result.code, DONE, result.stdout + result.stderr)
                document = json.loads(result.stdout)
                self.assertEqual(document["findings"], [])
                self.assertIn("{name} {version}".format(**document["wheels"][0]), page)

    def test_together_one_library_that_numpy_makes_needless_has_no_path_of_its_own(self):
        dozen = sorted((CACHE / "dozen").glob("*.whl"))
        result = self.spokeshave("verify", "--index-rules", "--json", *dozen)
        found = json.loads(result.stdout)["findings"]
        # numpy's copy is loaded first and serves scipy; opened by itself, scipy's would not load.
        self.assertEqual([(finding["rule"], finding["path"]) for finding in found],
                         [("library-missing", "scipy.libs/libgfortran-040039e1.so.5.0.0")])

    def test_a_program_of_torch_does_not_start_and_all_else_is_whole(self):
        torch = next((CACHE / "wheels").glob("torch-2.1.2-*.whl"))
        result = self.spokeshave("verify", "--index-rules", "--json", torch)
        self.assertEqual(result.code, FOUND, result.stderr)
        findings = [finding for finding in json.loads(result.stdout)["findings"] if finding["severity"] == "finding"]
        self.assertEqual([(finding["rule"], finding["path"]) for finding in findings],
                         [("library-missing", "torch/bin/nvfuser_tests")])


if __name__ == "__main__":
    main()
