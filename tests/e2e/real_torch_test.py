"""The real thing: torch 2.1.2, and the wheel with every CUDA library in it, from PyPI's wheels."""
import ast
import fnmatch
import platform
import re
import shutil
import sys
import tempfile
import unittest
import zipfile

from support import CACHE, ROOT, EndToEnd, installed_size, listing, main, needs_tools, run, unpack

IMPORT = "import torch; print(torch.ones(3).sum().item(), torch.__version__)"
GIGABYTE = 1_000_000_000
FREE_DISK = 25 * GIGABYTE


def setUpModule():
    if sys.version_info[:2] != (3, 11) or platform.machine() != "x86_64":
        raise unittest.SkipTest("torch 2.1.2's wheels here are for Python 3.11 on x86-64")
    if shutil.disk_usage(tempfile.gettempdir()).free < FREE_DISK:
        raise unittest.SkipTest("less than 25 GB of disk free")
    fetched = run(ROOT / "scripts/fetch-real-wheels", timeout=1800)
    if fetched.code != 0:
        raise unittest.SkipTest("no wheels in the cache and no network: " + fetched.stderr)


def wheel(folder, pattern):
    return next(path for path in (CACHE / folder).iterdir() if fnmatch.fnmatch(path.name, pattern))


def cuda_libs(path):
    """The list of CUDA libraries that torch 2.0 to 2.9 keeps by hand: folder below nvidia/ -> pattern, in its order."""
    with zipfile.ZipFile(path) as archive:
        tree = ast.parse(archive.read("torch/__init__.py"))
    assigned, = [node for node in ast.walk(tree) if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "cuda_libs"]
    return ast.literal_eval(assigned.value)


class RealTorch(EndToEnd):
    seconds_to_split = 1200

    def assert_imports_installed(self, main_wheel):
        venv = self.new_venv()
        self.assert_ran(venv.pip_install(main_wheel, "--find-links", self.out, "--find-links", CACHE / "wheels", "numpy<2"))
        result = venv.python(IMPORT)
        self.assert_ran(result)
        self.assertRegex(result.stdout, r"^3\.0 2\.1\.2")
        self.assertEqual(result.stderr, "")
        shutil.rmtree(venv.path)

    def assert_imports_from_folders_of_their_own(self, wheels):
        """Every wheel in a folder of its own, as Bazel's rules_python lays them out."""
        self.assert_imports_from([unpack(path, self.folder / "apart" / path.name) for path in wheels + self.dependencies()])
        shutil.rmtree(self.folder / "apart")

    def assert_imports_from(self, folders, version="2.1.2"):
        result = self.python_from(folders, IMPORT)
        self.assert_ran(result)
        self.assertRegex(result.stdout, rf"^3\.0 {re.escape(version)}")
        self.assertEqual(result.stderr, "")

    def python_from(self, folders, code, **env):
        """What a Python says that has these folders on its path, and none else."""
        if not hasattr(self, "bare"):
            self.bare = self.new_venv("bare")
        return self.bare.python(code, PYTHONPATH=":".join(map(str, folders)), **env)

    def dependencies(self):
        """What the fat torch requires: all that was fetched, but torch itself and NVIDIA's."""
        return [path for path in sorted((CACHE / "wheels").glob("*.whl")) if not path.name.startswith(("torch-", "nvidia_"))]


class FatTorch(RealTorch):
    """2.6 GB, 4.4 GB unpacked: the shape of torch 2.1.2+cu118, for which this was made."""

    @needs_tools
    def test_three_gigabytes_split_install_and_import(self):
        wheels = self.split(wheel("fat", "torch-2.1.2-*.whl"), "--max-installed-size", "3GB", "--companion", "cudatorch")
        self.assertEqual([path.name.split("-")[0] for path in wheels], ["torch", "cudatorch"])
        for path in wheels:
            self.assertLessEqual(installed_size(path), 3 * GIGABYTE)
        self.assert_imports_from_folders_of_their_own(wheels)
        self.assert_imports_installed(wheels[0])


class PlainTorch(RealTorch):
    """As PyPI has it: its CUDA libraries come as wheels of NVIDIA's, which do not move."""

    @needs_tools
    def test_libtorch_cuda_moves_and_torch_imports(self):
        wheels = self.split(wheel("wheels", "torch-2.1.2-*.whl"), "--move", "libtorch_cuda*", "--companion", "cudatorch")
        moved = sorted(name.rsplit("/", 1)[1] for name in listing(wheels[1]) if ".so" in name)
        self.assertEqual(moved, ["libtorch_cuda.so", "libtorch_cuda_linalg.so"])
        self.assert_imports_installed(wheels[0])


if __name__ == "__main__":
    main()
