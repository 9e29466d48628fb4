"""The rules of bazel/ in a real Bazel: offline, in its sandbox, every wheel unpacked into a folder of its own."""
import csv
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest
import zipfile

from bazel_runs import BUILDGRID, Bazel, buildgrid, make_inputs
from support import PROGRAM, ROOT, fixture, main, run
from wheel_maker import Wheel, record_hash

# As torch 2.1.0: what the package opens needs a library of one wheel, and that needs one of another. The paths
# from wheel to wheel lead on in one site-packages only.
LIBRARIES = {
    "toyjit": ("toyjit/lib/libtoyjit.so.1", "int jit(void) { return 40; }", None),
    "toysparse": ("toysparse/lib/libtoysparse.so.1", "int jit(void); int sparse(void) { return jit() + 2; }", "toyjit"),
    "toy": ("toy/lib/libtoy.so", "int sparse(void); int answer(void) { return sparse(); }", "toysparse"),
}
INIT = '''"""As published."""
import ctypes
import os

answer = ctypes.CDLL(os.path.join(os.path.dirname(__file__), "lib", "libtoy.so")).answer
'''


def setUpModule():
    if shutil.which("bazel") is None:
        raise unittest.SkipTest("no Bazel; scripts/setup --toolchains installs Debian's")
    if shutil.which("cc") is None:
        raise unittest.SkipTest("no C compiler, which makes the libraries")


def compile_library(folder, path, source, needs):
    to_link_with = []
    if needs:
        to_link_with = [folder / LIBRARIES[needs][0], "-Wl,-rpath,$ORIGIN/../../" + LIBRARIES[needs][0].rsplit("/", 1)[0]]
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cc", "-shared", "-fPIC", "-x", "c", "-", "-x", "none", "-o", file, "-Wl,-soname," + file.name,
                    "-Wl,--allow-shlib-undefined", *to_link_with], input=source, text=True, check=True)
    return file.read_bytes()


def make_toys(folder):
    """toy, toysparse and toyjit, as wheels."""
    for name, (path, source, needs) in LIBRARIES.items():
        wheel = Wheel(name, "1.0").add(path, compile_library(folder / "compiled", path, source, needs))
        wheel.add(f"{name}/__init__.py", INIT if name == "toy" else "")
        wheel.requires = [f"{needs}==1.0"] if needs else []
        yield wheel.write(folder)


class BazelTest(unittest.TestCase):
    """One build in one output base; the tests look at it, or build again in another."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="spokeshave-bazel-", dir=os.environ.get("SPOKESHAVE_TMP")))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        toys = list(make_toys(cls.folder / "toys"))
        wheels = [fixture("gputoy"), *toys]
        made = run(PROGRAM, "preload", "--format", "bazel", "-o", cls.folder / "toy.patch", *sorted(toys))
        assert made.code == 0, made.stderr
        cls.inputs = make_inputs(cls.folder / "inputs", {**{wheel.name: wheel for wheel in wheels},
                                                         "toy.patch": cls.folder / "toy.patch",
                                                         "patches": ROOT / "fixtures/patches",
                                                         "recipes": ROOT / "fixtures/recipes"})
        cls.first = cls.new_bazel("first")
        cls.first.run("build", "//:all")
        assert cls.first.code == 0, cls.first.said
        cls.processes = cls.first.processes()

    @classmethod
    def new_bazel(cls, name, *options):
        (cls.folder / name).mkdir()
        bazel = Bazel(cls.folder / name, cls.inputs, ROOT / "tests/bazel", *options)
        cls.addClassCleanup(bazel.remove)
        return bazel

    def test_every_action_runs_in_the_sandbox(self):
        self.assertEqual(self.processes.keys(), {"linux-sandbox"})

    def test_a_split_imports_where_each_wheel_has_a_folder_of_its_own(self):
        self.first.run("test", "//:split_imports", "--test_output=all")
        self.assertEqual(self.first.code, 0, self.first.said)
        self.assertIn("\n511\n", self.first.said)

    def test_a_split_is_a_folder_or_the_files_that_are_named(self):
        files = {path.name: path.read_bytes() for path in self.first.made("gputoy*.whl")}
        folder = {path.name: path.read_bytes() for path in self.first.made("split_folder/*")}
        self.assertEqual(len(files), 2)
        self.assertEqual(files, folder)

    def test_a_wheel_that_outs_does_not_name_is_an_error(self):
        self.first.run("build", "//wrong:too_few")
        self.assertEqual(self.first.code, 1)
        self.assertIn("error: `outs` names 1 of 2 wheels", self.first.said)
        self.assertIn("`gputoy_cuda-2.1.0+split.1-py3-none-manylinux", self.first.said)
        self.first.run("build", "//wrong:other_names")
        self.assertEqual(self.first.code, 1)
        self.assertRegex(self.first.said, r"output 'wrong/gputoy-9-py3-none-any\.whl' was not created")

    def test_what_the_program_says_of_an_error_is_shown(self):
        self.first.run("build", "//wrong:no_such_library")
        self.assertEqual(self.first.code, 1)
        self.assertIn("libnosuch.so", self.first.said)
        self.assertRegex(self.first.said, r"(?m)^error: .*\n  caused by: .*\nhint: ")

    def test_a_patch_does_what_the_command_line_does(self):
        made, = self.first.made("patched/*")
        out = self.folder / "by_hand"
        result = run(PROGRAM, "patch", fixture("gputoy"), "--out", out, "--patch-dir", ROOT / "fixtures/patches/gputoy-2.1.0",
                     "--drop-requires", "jinja2", "--add-requires", "toyjit==1.0", "--suffix", "stripe.1", "--build", "2",
                     "--set-runpath", "libgputoy_cuda.so=$ORIGIN:$ORIGIN/../../nvidia/cublas/lib",
                     "--replace-needed", "libtoydnn_ops.so.8:libtoyblas.so.12=libother.so", "--add-needed", "libtoydnn.so.8=liba.so",
                     "--add-needed", "libtoydnn.so.8=libb.so", "--chmod", "gputoy/bin/*=700",
                     "--add", f"gputoy/100%.toml={ROOT}/fixtures/recipes/gputoy-2.1.0.toml", "--remove", "gputoy/share/**",
                     "--requires-python", ">=3.8", allowed=("missing",))
        self.assertEqual(result.code, 0, result.stderr)
        by_hand, = out.iterdir()
        self.assertEqual((made.name, made.read_bytes()), (by_hand.name, by_hand.read_bytes()))

    def test_a_recipe_does_what_the_command_line_does(self):
        made, = self.first.made("by_recipe/*")
        out = self.folder / "by_recipe"
        result = run(PROGRAM, "patch", fixture("gputoy"), "--out", out, "--recipe",
                     ROOT / "fixtures/recipes/gputoy-2.1.0.toml", allowed=("missing",))
        self.assertEqual(result.code, 0, result.stderr)
        by_hand, = out.iterdir()
        self.assertEqual((made.name, made.read_bytes()), (by_hand.name, by_hand.read_bytes()))

    def test_an_import_that_fails_as_published_works_with_what_it_needs_preloaded(self):
        self.first.run("test", "//:toy_as_published", "//:toy_preloaded", "--test_output=all", "--keep_going")
        self.assertEqual(self.first.code, 3, self.first.said)
        self.assertRegex(self.first.said, r"//:toy_as_published +FAILED")
        self.assertRegex(self.first.said, r"OSError: libtoysparse\.so\.1: cannot open shared object file")
        self.assertRegex(self.first.said, r"//:toy_preloaded +PASSED")
        self.assertIn("\n42\n", self.first.said)

    def test_the_diff_for_rules_python_is_applied_by_bazels_own_patch(self):
        self.first.run("test", "//:toy_with_patches", "--test_output=all")
        self.assertEqual(self.first.code, 0, self.first.said)
        self.assertIn("\n42\n", self.first.said)
        patched = self.first.folder / "base/external/toy_with_patches"
        init = (patched / "toy/__init__.py").read_bytes()
        rows = {row[0]: row[1:] for row in csv.reader((patched / "toy-1.0.dist-info/RECORD").read_text().splitlines())}
        self.assertEqual(rows["toy/__init__.py"], [record_hash(init), str(len(init))])

    def test_no_output_knows_where_it_was_made(self):
        for path in self.first.made("*.whl", "*/*.whl"):
            with zipfile.ZipFile(path) as archive:
                for content in [path.read_bytes(), *map(archive.read, archive.namelist())]:
                    self.assertNotIn(b"execroot", content)
                    self.assertNotIn(str(self.folder).encode(), content)

    def same_as_first(self, bazel):
        patterns = ("*.whl", "*/*.whl", "*_unpacked/**/*.so*")
        self.assertGreater(len(self.first.made(*patterns)), 20)
        self.assertEqual(self.first.hashes(*patterns), bazel.hashes(*patterns))

    def test_another_output_base_makes_the_same_bytes(self):
        second = self.new_bazel("second").run("build", "//:all")
        self.assertEqual(second.processes(), self.processes)
        self.same_as_first(second)

    def check_cache(self, name, option):
        """One fills the cache; another, elsewhere, gets every action from it. Bazel 4 calls a disk a remote cache too."""
        one, other = [self.new_bazel(f"{name}{i}", option).run("build", "//:all") for i in range(2)]
        self.assertEqual(one.processes(), self.processes, one.said)
        self.assertEqual(other.processes(), {"remote cache hit": self.processes["linux-sandbox"]}, other.said)
        self.same_as_first(other)

    def test_another_output_base_gets_every_action_from_a_disk_cache(self):
        self.check_cache("disk", f"--disk_cache={self.folder}/disk_cache")

    def test_another_client_gets_every_action_from_a_remote_cache(self):
        if not BUILDGRID.exists():
            self.skipTest("no BuildGrid; scripts/setup --toolchains installs it")
        with buildgrid(self.folder / "buildgrid") as address:
            self.check_cache("remote", f"--remote_cache={address}")


if __name__ == "__main__":
    main()
