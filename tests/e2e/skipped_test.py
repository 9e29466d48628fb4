"""A test that is skipped is no failure; in .ci/run it is one, where it stands for what only real wheels or Bazel can show."""
import sys

from support import ROOT, SKIPPED, EndToEnd, clean_environment, main, run

ALL_SKIPPED = """
def setUpModule():
    raise unittest.SkipTest("no wheels in the cache\\nand no network")

class Real(unittest.TestCase):
    def test_a(self): pass
"""
ONE_SKIPPED = """
class Real(unittest.TestCase):
    def test_a(self): pass
    def test_b(self): self.skipTest("no BuildGrid")
"""
ALL_RUN = """
class Real(unittest.TestCase):
    def test_a(self): pass
"""


class SkippedTest(EndToEnd):
    def run_file(self, name, text, **environment):
        file = self.folder / name
        file.write_text(f"import sys, unittest\nsys.path.insert(0, {str(ROOT / 'tests/e2e')!r})\n"
                        f"from support import main\n{text}\nmain()\n")
        environment = {**clean_environment(), "SPOKESHAVE_REQUIRE_ALL": "", **environment}
        return run(sys.executable, "-B", file, env=environment)

    def test_what_is_required_fails_with_the_reason_where_any_of_it_is_skipped(self):
        for name in ("real_torch_test.py", "bazel_test.py"):
            for text, reason in ((ALL_SKIPPED, "no wheels in the cache and no network"), (ONE_SKIPPED, "no BuildGrid")):
                result = self.run_file(name, text, SPOKESHAVE_REQUIRE_ALL="1")
                self.assertEqual(result.code, 1, result.stderr)
                self.assertIn("error: 1 skipped where SPOKESHAVE_REQUIRE_ALL allows none\n"
                              f"  caused by: {reason}\nhint: ", result.stderr)
            self.assertEqual(self.run_file(name, ALL_RUN, SPOKESHAVE_REQUIRE_ALL="1").code, 0)

    def test_elsewhere_and_in_other_files_a_skipped_test_is_no_failure(self):
        for name, environment in (("real_torch_test.py", {}), ("split_test.py", {"SPOKESHAVE_REQUIRE_ALL": "1"})):
            self.assertEqual(self.run_file(name, ALL_SKIPPED, **environment).code, SKIPPED)
            self.assertEqual(self.run_file(name, ONE_SKIPPED, **environment).code, 0)

    def test_ci_requires_them_and_ends_with_what_ctest_says(self):
        lines = (ROOT / ".ci/run").read_text().splitlines()
        self.assertIn("export SPOKESHAVE_REQUIRE_ALL=1", lines)
        self.assertRegex(lines[-1], r"^exec \S*/scripts/test\b")


if __name__ == "__main__":
    main()
