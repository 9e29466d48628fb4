"""torch/__init__.py of every torch from 1.12 to 2.15: the preload block goes in before all that it does, and out again."""
import ast
import os
import shutil
import subprocess
import textwrap
import unittest

from patching import PatchTest, Wheel
from preloading import write_wheel
from support import CACHE, DONE, FOUND, ROOT, clean_environment, main, run

INITS = CACHE / "torch-inits"
MODULE = "torch/__init__.py"
EXTENSION = "torch/_C.cpython-311-x86_64-linux-gnu.so"
STUB = "stub_pkg/lib/libstub.so"

# Stops at the first import that torch's own code asks for, and tells whether the stub was loaded by then.
WATCH = """
    import builtins, sys
    real = builtins.__import__
    def watch(name, *arguments, **options):
        caller = sys._getframe(1)
        if caller.f_globals.get("__name__") == "torch" and caller.f_code.co_name == "<module>" and name != "__future__":
            print("libstub.so" in open("/proc/self/maps").read(), "_spokeshave_preload" in caller.f_globals)
            sys.stdout.flush()
            __import__("os")._exit(0)
        return real(name, *arguments, **options)
    builtins.__import__ = watch
    import torch
"""


def setUpModule():
    fetched = run(ROOT / "scripts/fetch-torch-inits", timeout=600)
    if fetched.code != 0:
        raise unittest.SkipTest(fetched.stderr.strip())


def versions():
    """1.12.0, ... 2.15.0, in their order."""
    found = [path.parent.name for path in INITS.glob("*/__init__.py")]
    return sorted(found, key=lambda version: tuple(map(int, version.split("."))))


def is_head(statement, is_first):
    is_docstring = isinstance(statement, ast.Expr) and isinstance(getattr(statement.value, "value", None), str)
    return is_first and is_docstring or isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


class TorchInitsTest(PatchTest):
    """Each is made a wheel with an extension module that needs a library of another wheel."""

    allowed = ("library-missing",)  # by itself the wheel lacks that library

    def setUp(self):
        super().setUp()
        library = self.folder / "stub" / STUB
        library.parent.mkdir(parents=True)
        extension = self.folder / "extension.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", library, "-Wl,-soname,libstub.so"],
                       input="int stub(void) { return 1; }", text=True, check=True)
        subprocess.run(["cc", "-shared", "-fPIC", "-x", "c", "-", "-x", "none", library, "-o", extension],
                       input="int stub(void); void *PyInit__C(void) { stub(); return 0; }", text=True, check=True)
        self.extension = extension.read_bytes()
        self.stub = write_wheel(self.folder, STUB, library.read_bytes(), name="stub_pkg")

    def torch(self, folder, text):
        folder.mkdir()
        return write_wheel(folder, MODULE, text, data={EXTENSION: self.extension}, name="torch", requires=["stub-pkg==1.0"])

    def put(self, wheel, name):
        out = self.folder / name
        result = self.spokeshave("preload", wheel, self.stub, "--write", "--out", out)
        self.assertEqual(result.code, DONE, result.stdout + result.stderr)
        new = Wheel(next(out.iterdir()))
        self.assertEqual(new.wrong_rows(), set())
        return new

    def first_import(self, text):
        """What WATCH prints of a module."""
        folder = self.folder / "main"
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "torch").mkdir(parents=True)
        (folder / MODULE).write_bytes(text)
        environment = clean_environment(PYTHONPATH=os.pathsep.join([str(folder), str(self.folder / "stub")]))
        done = run("python3", "-B", "-c", textwrap.dedent(WATCH), env=environment, cwd=self.folder)
        self.assertEqual((done.code, done.stderr), (0, ""))
        return done.stdout

    def test_all_versions_are_there(self):
        found = {tuple(map(int, version.split(".")[:2])) for version in versions()}
        self.assertEqual(found, {(1, 12), (1, 13), *((2, minor) for minor in range(16))})

    def test_the_block_stands_before_every_statement_and_comes_out_again(self):
        for version in versions():
            with self.subTest(version=version):
                text = (INITS / version / "__init__.py").read_bytes()
                old = Wheel(self.torch(self.folder / version, text))
                new = self.put(old.path, version + "-with")
                self.assert_kept(old, new, changed=[MODULE])
                self.check_place(ast.parse(text), ast.parse(new.contents[MODULE]))
                self.assertEqual(self.put(new.path, version + "-again").contents, new.contents)
                shutil.rmtree(self.out)
                self.assertEqual(self.patch(new.path, "--remove-preload").contents, old.contents)
                self.assertEqual(self.first_import(new.contents[MODULE]), "True False\n")
                self.assertEqual(self.first_import(text), "False False\n")

    def check_place(self, before, after):
        """Of the statements, as Python's own parser reads them, only the block's are new; above it is only the head."""
        head = 0
        while is_head(before.body[head], head == 0):
            head += 1
        block = after.body[head:head + 3]
        self.assertEqual([type(statement) for statement in block], [ast.FunctionDef, ast.Expr, ast.Delete])
        self.assertEqual(block[0].name, "_spokeshave_preload")
        rest = after.body[:head] + after.body[head + 3:]
        self.assertEqual(list(map(ast.dump, rest)), list(map(ast.dump, before.body)))

    def test_without_a_block_there_is_nothing_to_take_out(self):
        for version in versions()[::10]:
            wheel = self.torch(self.folder / version, (INITS / version / "__init__.py").read_bytes())
            self.refused(wheel, FOUND, "--remove-preload", words=["finds no preload block"])


if __name__ == "__main__":
    main()
