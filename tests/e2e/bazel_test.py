"""The rules of bazel/ in a real Bazel: offline, in its sandbox, every wheel unpacked into a folder of its own."""
import csv
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest
import zipfile

from bazel_runs import BUILDGRID, Bazel, buildgrid, make_inputs, test_workspace
from support import PROGRAM, ROOT, fixture, listing, main, read, run
from wheel_maker import Wheel, record_hash

# Wheels: their libraries, what each is made of, and which ones it needs.
# As torch 2.1.0: what the package opens needs a library of one wheel, and that needs one of another. The paths
# from wheel to wheel lead on in one site-packages only.
TOYS = {
    "toyjit-1.0-py3-none-linux_x86_64": {"toyjit/lib/libtoyjit.so.1": ("int jit(void) { return 40; }", [])},
    "toysparse-1.0-py3-none-linux_x86_64": {
        "toysparse/lib/libtoysparse.so.1": ("int jit(void); int sparse(void) { return jit() + 2; }", ["toyjit/lib/libtoyjit.so.1"])},
    "toy-1.0-py3-none-linux_x86_64": {
        "toy/lib/libtoy.so": ("int sparse(void); int answer(void) { return sparse(); }", ["toysparse/lib/libtoysparse.so.1"])},
}
# What docs/bazel.md names, as far as it matters there.
SHOWN = {
    "nvidia_nvjitlink_cu12-12.1-py3-none-manylinux1_x86_64": {"nvidia/nvjitlink/lib/libnvJitLink.so.12": ("int jit;", [])},
    "nvidia_cusparse_cu12-12.1-py3-none-manylinux1_x86_64": {
        "nvidia/cusparse/lib/libcusparse.so.12": ("extern int jit; int *sparse = &jit;", ["nvidia/nvjitlink/lib/libnvJitLink.so.12"])},
    "torch-2.1.2-cp311-cp311-manylinux1_x86_64": {
        "torch/lib/libtorch.so": ("extern int *sparse; int answer(void) { return *sparse; }", ["nvidia/cusparse/lib/libcusparse.so.12"])},
    "torch-2.0.1-cp311-cp311-manylinux1_x86_64": {"torch/lib/libtorch.so": ("int answer(void) { return 1; }", [])},
    "torch-2.1.2+cu118-cp311-cp311-linux_x86_64": {
        "torch/lib/libcudnn.so.8": ("int cudnn;", []),
        "torch/lib/libtorch.so": ("extern int cudnn; int answer(void) { return cudnn; }", ["torch/lib/libcudnn.so.8"])},
}
REQUIRES = {"toy-1.0": ["toysparse==1.0"], "toysparse-1.0": ["toyjit==1.0"], "torch-2.0.1": ["triton==2.0.0", "sympy"]}
INIT = """'''As published.'''
import ctypes
import os

answer = ctypes.CDLL(os.path.join(os.path.dirname(__file__), "lib", "{0}")).answer
"""


def setUpModule():
    if shutil.which("bazel") is None:
        raise unittest.SkipTest("no Bazel; scripts/setup --toolchains installs Debian's")
    if shutil.which("cc") is None:
        raise unittest.SkipTest("no C compiler, which makes the libraries")


def compile_library(folder, path, source, needs):
    """Each in a folder of its own below `folder`, as in a site-packages, so that paths lead from one to another."""
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    runpaths = [f"-Wl,-rpath,$ORIGIN/{os.path.relpath(pathlib.PurePath(need).parent, file.parent.relative_to(folder))}" for need in needs]
    subprocess.run(["cc", "-shared", "-fPIC", "-x", "c", "-", "-x", "none", "-o", file, "-Wl,-soname," + file.name,
                    *(folder / need for need in needs), *runpaths, "-Wl,--allow-shlib-undefined"],
                   input=source, text=True, check=True)
    return file.read_bytes()


def make_wheels(folder, wheels):
    for name, libraries in wheels.items():
        distribution, version, tag = name.split("-", 2)
        wheel = Wheel(distribution, version, tag)
        wheel.requires = REQUIRES.get(f"{distribution}-{version}", [])
        for path, (source, needs) in libraries.items():
            wheel.add(path, compile_library(folder / "compiled", path, source, needs))
        package, opened = path.split("/")[0], path.rsplit("/", 1)[1]
        wheel.add(f"{package}/__init__.py", INIT.format(opened) if distribution in ("toy", "torch") else "")
        yield wheel.write(folder)


class BazelTest(unittest.TestCase):
    """One build in one output base; the tests look at it, or build again in another."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="spokeshave-bazel-", dir=os.environ.get("SPOKESHAVE_TMP")))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        toys = list(make_wheels(cls.folder / "toys", TOYS))
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
        bazel = Bazel(cls.folder / name, *test_workspace(cls.inputs), *options)
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
        self.first.run("build", "//wrong:no_such_wheel")
        self.assertEqual(self.first.code, 1)
        self.assertIn("error: nothing was written: the import would fail\n  caused by: `libtoyjit.so.1`", self.first.said)

    def test_a_program_that_is_not_there_is_told_before_any_action(self):
        for program, cause in {"/nonexistent/spokeshave": r"\$SPOKESHAVE names no file there that can be run",
                               str(self.folder): r"\$SPOKESHAVE names no file there that can be run",
                               "workspace/spokeshave": r"\$SPOKESHAVE is no absolute path"}.items():
            self.first.run("build", "//:toy", "--repo_env=SPOKESHAVE=" + program)
            self.assertEqual(self.first.code, 1, self.first.said)
            self.assertRegex(self.first.said, rf"error: cannot find spokeshave at `{program}`\n  caused by: {cause}\nhint: ")
            self.assertNotIn("missing input file", self.first.said)

    def test_a_version_that_is_not_in_normal_form_is_told_before_any_action(self):
        for target, value, letter in (("odd_suffix", 'suffix = "A_b"', "A"), ("odd_version", 'version = "1.0-1"', "-")):
            self.first.run("build", "//wrong:" + target)
            self.assertEqual(self.first.code, 1, self.first.said)
            self.assertRegex(self.first.said, f"error: cannot tell what the wheel will be called with {value}\n"
                                              f"  caused by: `{letter}` is not in the normal form .*\nhint: ")
            self.assertNotIn("was not created", self.first.said)

    def test_an_action_sees_nothing_of_the_machine(self):
        self.first.run("build", "//seen")
        self.assertEqual(self.first.code, 0, self.first.said)
        seen = (self.first.bin / "seen/seen.txt").read_text()
        self.assertRegex(seen, r"^arguments patch external/inputs/toy-1\.0-py3-none-linux_x86_64\.whl "
                               r"--out bazel-out/\S+/bin/seen --jobs 1 --quiet\n")
        # The shell itself sets PWD, SHLVL and _, the sandbox TMPDIR.
        self.assertEqual(set(re.findall(r"(?m)^(\w+)=", seen)) - {"PWD", "SHLVL", "_", "OLDPWD", "TMPDIR"}, set())
        self.assertEqual(re.findall(r"(?m)^ *(\w+): ", seen), ["lo"])

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

    def test_a_block_that_was_put_in_comes_out_again(self):
        made, = self.first.made("block_removed/*")
        original, = self.inputs.glob("toy-1.0-*.whl")
        self.assertEqual(made.name, original.name)
        for name in listing(original):
            self.assertEqual(read(made, name), read(original, name), name)

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


class ShownRules(unittest.TestCase):
    """docs/bazel.md: its WORKSPACE and its BUILD.bazel make what they say they make."""

    def test_the_rules_of_the_page_make_the_wheels_that_it_names(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="spokeshave-bazel-", dir=os.environ.get("SPOKESHAVE_TMP")))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        workspace = folder / "shown"
        (workspace / "third_party/spokeshave").mkdir(parents=True)
        (workspace / "third_party/spokeshave/bazel").symlink_to(ROOT / "bazel")
        for block in re.findall(r"```starlark\n(.*?)```", (ROOT / "docs/bazel.md").read_text(), re.DOTALL):
            if name := re.match(r"# (WORKSPACE|BUILD\.bazel)\n", block):
                (workspace / name[1]).write_text(block)
        list(make_wheels(workspace / "wheels", SHOWN))
        bazel = Bazel(folder, workspace)
        self.addCleanup(bazel.remove)
        bazel.run("build", "//:all")
        self.assertEqual(bazel.code, 0, bazel.said)
        made = {str(path.relative_to(bazel.bin)) for path in bazel.made("*.whl", "*/*.whl")}
        page = (ROOT / "docs/bazel.md").read_text()
        self.assertEqual(made, set(re.findall(r"^# Makes (\S+\.whl)\.$", page, re.MULTILINE)) |
                         set(re.findall(r'^        "(\S+\.whl)",$', page, re.MULTILINE)))
        self.assertEqual(len(made), 4)


if __name__ == "__main__":
    main()
