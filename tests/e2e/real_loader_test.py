"""The loader model against ld.so on real wheels: torch 2.1.2 and NVIDIA's, all in one folder and each in its own."""
import ast
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from ld_debug import Comparison, Model
from support import CACHE, ROOT, clean_environment, main, run, unpack

PROBE = os.environ.get("SPOKESHAVE_LOADER_PROBE", str(ROOT / "build/release/tests/loader_probe"))
LD_SO = "/lib64/ld-linux-x86-64.so.2"
LD_SO_FAILED = 127
FREE_DISK = 8_000_000_000

OPENER = r"""
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i)
    if (dlopen(argv[i], RTLD_LAZY) == NULL) printf("%s\n", dlerror());
  fflush(stdout);
  _Exit(0);  /* without the libraries' own last words */
}
"""


def setUpModule():
    if sys.version_info[:2] != (3, 11) or platform.machine() != "x86_64":
        raise unittest.SkipTest("torch 2.1.2's wheels here are for Python 3.11 on x86-64")
    if shutil.which("gcc") is None:
        raise unittest.SkipTest("no gcc, which compiles what opens the libraries")
    if shutil.disk_usage(tempfile.gettempdir()).free < FREE_DISK:
        raise unittest.SkipTest("less than 8 GB of disk free")
    fetched = run(ROOT / "scripts/fetch-real-wheels", timeout=1800)
    if fetched.code != 0:
        raise unittest.SkipTest("no wheels in the cache and no network: " + fetched.stderr)


def link_unless_there(source, target):
    if not os.path.exists(target):  # NVIDIA's wheels all bring an empty nvidia/__init__.py
        os.link(source, target)


def system_names():
    """What ld.so.cache holds for this class: the default folders are in it."""
    listed = run("/sbin/ldconfig", "-p").stdout
    return sorted({line.split()[0] for line in listed.splitlines() if "x86-64" in line} | {"ld-linux-x86-64.so.2"})


def libraries_below(folder):
    """Path and SONAME (or "") of every ELF file, by readelf, and the paths of those that are programs."""
    sonames, programs = {}, []
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.is_file() and not path.is_symlink():
            with open(path, "rb") as file:
                if file.read(4) != b"\x7fELF":
                    continue
            dynamic = run("readelf", "-ldW", path).stdout
            soname = re.search(r"\(SONAME\) +Library soname: \[(.*)\]", dynamic)
            sonames[str(path)] = soname.group(1) if soname else ""
            if " INTERP " in dynamic:
                programs.append(str(path))
    return sonames, programs


class RealWheels(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="spokeshave-real-", dir=os.environ.get("SPOKESHAVE_TMP"))).resolve()
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        cls.folder = folder
        cls.apart = [unpack(wheel, folder / "apart" / wheel.name.split("-")[0])
                     for wheel in sorted((CACHE / "wheels").glob("*.whl"))]
        # The same files under one folder: hard links, which no process opens by both names.
        for wheel in cls.apart:
            shutil.copytree(wheel, folder / "together", copy_function=link_unless_there, dirs_exist_ok=True)
        cls.opener = folder / "opener"
        subprocess.run(["gcc", "-x", "c", "-", "-o", cls.opener, "-ldl"], input=OPENER, text=True, check=True)
        cls.names = folder / "system"
        cls.names.write_text("".join(name + "\n" for name in system_names()))

    def check(self, log, what, program=None):
        """The count of needs that were compared; fails on any difference."""
        comparison = Comparison(self.model, self.sonames)
        self.assertEqual(comparison.run_program(log, program) if program else comparison.run(log), [], what)
        return comparison.compared

    def debugged(self, *command, codes=(0,), **environment):
        """What ld.so wrote about the process itself, not about those that it starts."""
        prefix = self.folder / "debug"
        for old in self.folder.glob("debug.*"):
            old.unlink()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   text=True, cwd=self.folder / "apart",
                                   env=clean_environment(LD_DEBUG="libs,files", LD_DEBUG_OUTPUT=prefix, **environment))
        self.said = process.communicate(timeout=300)[0]
        self.assertIn(process.returncode, codes, self.said)
        return pathlib.Path(f"{prefix}.{process.pid}").read_text(errors="replace")

    def check_layout(self, folders, torch_says):
        self.sonames, programs = {}, []
        for folder in folders:
            sonames, found = libraries_below(folder)
            self.sonames.update(sonames)
            programs += found
        self.assertGreater(len(self.sonames), 60)
        self.model = Model(PROBE, self.names, folders)
        self.addCleanup(self.model.close)

        compared = 0
        for path in self.sonames.keys() - set(programs):
            compared += self.check(self.debugged(self.opener, path), path)
        for path in programs:
            compared += self.check(self.debugged(LD_SO, "--list", path, codes=(0, LD_SO_FAILED)), path, program=path)
        preload = self.preload_order(self.sonames)
        self.assertGreater(len(preload), 10)
        compared += self.check(self.debugged(self.opener, *preload), "torch's preload order")
        log = self.debugged(sys.executable, "-c", "import torch; print(torch.ones(3).sum().item())", codes=(0, 1),
                            PYTHONPATH=":".join(map(str, folders)))
        self.assertRegex(self.said, torch_says)
        imported = self.check(log, "import torch")
        self.assertGreater(imported, 50)
        print(f"{len(self.sonames)} files, {compared} needs, {imported} more of `import torch`: no difference", file=sys.stderr)

    def preload_order(self, sonames):
        """What torch/__init__.py opens one after another where the first attempt fails, and then its own libraries."""
        source = next(self.folder.glob("apart/torch/torch/__init__.py")).read_text()
        cuda_libs = ast.literal_eval(re.search(r"cuda_libs: Dict\[str, str\] = (\{.*?\})", source, re.S).group(1))
        paths = []
        for folder, pattern in cuda_libs.items():
            paths += [path for path in sonames if pathlib.PurePath(path).match(f"nvidia/{folder}/lib/{pattern}")]
        return paths + [path for name in ("libtorch_global_deps.so", "libtorch.so", "libtorch_cuda_linalg.so")
                        for path in sonames if path.endswith("/torch/lib/" + name)]

    def test_all_wheels_in_one_folder(self):
        self.check_layout([self.folder / "together"], r"^3\.0$")

    def test_every_wheel_in_a_folder_of_its_own(self):
        # The issue in pytorch's own words: no preload opens the library that libcusparse.so.12 needs.
        self.check_layout(self.apart, r"libnvJitLink\.so\.12: cannot open shared object file")


if __name__ == "__main__":
    main()
