"""What is made of the preload block for those who cannot change the wheel: a sitecustomize module, judged by Python and the
real loader, and a diff for rules_python, judged by git, GNU patch and `installer`."""

import ast
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import unittest

from patching import Wheel
from preloading import BODIES, HEADS, INIT, LIBRARIES, PROBE, SEED, PreloadTest, block_for, probe, pythons, write_wheel
from support import FOUND, Venv, run, unpack


class SitecustomizeTest(PreloadTest):
    """The same wheels as for the block, none of which has one."""

    def setUp(self):
        super().setUp()
        with open(self.path("main/pkg/__init__.py"), "w") as file:
            file.write(INIT)
        self.write_module(self.libraries)

    def write_module(self, libraries, name="site/sitecustomize.py", package="pkg"):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w") as file:
            file.write(probe(libraries, "sitecustomize", package))

    def run_python(self, *code, entries=("site", "main", "a", "b"), **options):
        return super().run_python(*code, entries=entries, **options)

    def test_every_python_imports_a_package_that_fails_without_it(self):
        use = "import sys, pkg; print(pkg.ANSWER)"
        for python in pythons():
            with self.subTest(python=python):
                strict = ("-W", "error", "-bb", "-X", "dev")
                self.assert_works(self.run_python(use, python=python, flags=strict))
                alone = self.run_python(use, python=python, entries=("main", "a", "b"))
                self.assertIn("libb.so: cannot open shared object file", alone.stderr)

    def test_it_says_what_the_block_says(self):
        for options in ({"entries": ("site", "main", "b")}, {"entries": ("site", "main")}):
            outside = self.import_error(**options)
            self.write_package(self.libraries)
            os.rename(self.path("site"), self.path("no-site"))
            self.assertEqual(outside, self.import_error(**options))
            os.rename(self.path("no-site"), self.path("site"))
            with open(self.path("main/pkg/__init__.py"), "w") as file:
                file.write(INIT)
        told = self.run_python("import pkg", SPOKESHAVE_PRELOAD="verbose").stderr
        self.assertEqual([line.split(": ", 2)[1] for line in told.splitlines()], ["pkg"] * 4)
        self.assertIn("pkg: loaded " + self.path("b/b_pkg/lib/libb.so\n"), told)

    def test_it_is_off_where_the_block_is(self):
        off = self.run_python("import pkg", SPOKESHAVE_PRELOAD="off")
        self.assertIn("libb.so: cannot open shared object file", off.stderr)

    def test_nothing_is_loaded_until_the_package_is_imported(self):
        loaded = "def loaded(): return 'liba.so' in open('/proc/self/maps').read()"
        run = self.run_python(
            "import importlib.util, json, sys",
            loaded,
            "print('ctypes' in sys.modules, loaded())",
            "spec = importlib.util.find_spec('pkg')",
            "print(spec.origin.endswith('pkg/__init__.py'), spec.loader.is_package('pkg'), loaded())",
            "try: import pkg.none_such",
            "except ImportError: print(loaded())",
        )
        self.assertEqual((run.stdout, run.stderr), ("False False\nTrue True False\nTrue\n", ""))

    def test_a_package_of_a_longer_name_is_another(self):
        for name in ("pkgs", "other/pkg"):
            os.makedirs(self.path("main", name))
            with open(self.path("main", name, "__init__.py"), "w"):
                pass
        run = self.run_python("import pkgs, other.pkg, sys; print('ctypes' in sys.modules)")
        self.assertEqual((run.stdout, run.stderr), ("False\n", ""))

    def test_no_trace_is_left_when_the_package_is_there(self):
        show = "import sys; before = list(sys.meta_path); import pkg; import inspect; " \
               "print(type(pkg.__loader__).__name__, pkg.__spec__.loader is pkg.__loader__, " \
               "before[0].find_spec('pkg'), inspect.getsource(pkg)[:6])"
        run = self.run_python(show)
        self.assertEqual(
            (run.stdout, run.stderr), ("SourceFileLoader True None \"\"\"The\n", "")
        )

    def test_the_list_of_finders_stays_the_one_that_others_hold(self):
        run = self.run_python(
            "import sys; held = sys.meta_path; before = list(held)",
            "import pkg; print(sys.meta_path is held, held == before)",
        )
        self.assertEqual((run.stdout, run.stderr), ("True True\n", ""))

    def test_its_loader_can_be_copied(self):
        run = self.run_python(
            "import copy, importlib.util, sys",
            "spec = importlib.util.find_spec('pkg')",
            "print(copy.copy(spec.loader).get_filename('pkg') == spec.origin)",
            "spec.loader = copy.copy(spec.loader)",
            "pkg = sys.modules['pkg'] = importlib.util.module_from_spec(spec)",
            "spec.loader.exec_module(pkg); print(pkg.ANSWER)",
        )
        self.assertEqual((run.stdout, run.stderr), ("True\n42\n", ""))

    def test_without_a_stderr_that_takes_it_verbose_tells_no_one(self):
        close = "import sys; sys.stderr.close()"
        self.assert_works(self.run_python(close, "import pkg; print(pkg.ANSWER)", SPOKESHAVE_PRELOAD="verbose"))

    def test_after_an_error_the_next_import_tries_again(self):
        run = self.run_python(
            "import sys; sys.path.remove(%r)" % self.path("a"),
            "try: import pkg",
            "except ImportError as error: print(error.name)",
            "sys.path.append(%r)" % self.path("a"),
            "import pkg; print(pkg.ANSWER)",
        )
        self.assertEqual((run.stdout, run.stderr), ("pkg\n42\n", ""))

    def test_a_package_that_is_absent_stays_absent(self):
        run = self.run_python("import pkg", entries=("site", "a", "b"))
        self.assertIn("ModuleNotFoundError: No module named 'pkg'", run.stderr)

    def test_a_finder_that_asks_all_finders_gets_its_way(self):
        """Tools that watch imports ask importlib for the spec, and put a loader of theirs around it."""
        watcher = (
            "import importlib.util, sys",
            "class Watcher:",
            "    busy = False",
            "    def find_spec(self, name, path=None, target=None):",
            "        if self.busy or name != 'pkg': return None",
            "        self.busy = True",
            "        spec = importlib.util.find_spec(name)",
            "        self.busy = False",
            "        spec.loader = Loader(spec.loader)",
            "        return spec",
            "class Loader:",
            "    def __init__(self, loader): self.loader = loader",
            "    def create_module(self, spec): return self.loader.create_module(spec)",
            "    def exec_module(self, module):",
            "        print('watched')",
            "        self.loader.exec_module(module)",
        )
        for place in ("0", "1", "len(sys.meta_path)"):
            insert = "sys.meta_path.insert(%s, Watcher())" % place
            run = self.run_python(*watcher, insert, "import pkg; print(pkg.ANSWER)", SPOKESHAVE_PRELOAD="verbose")
            watched = "" if place.startswith("len") else "watched\n"
            self.assertEqual(run.stdout, watched + "42\n")
            steps = [line.split(": ")[2].split()[0] for line in run.stderr.splitlines()]
            self.assertEqual(steps, ["found", "found", "loaded", "loaded"], run.stderr)

    def test_two_of_them_live_together(self):
        self.write_module(self.libraries, "site/again.py")
        self.write_module(self.libraries, "site/other.py", package="json")
        self.assert_works(self.run_python("import again, other, json, pkg; print(pkg.ANSWER)"))

    def test_two_of_them_in_one_file_serve_both_packages(self):
        os.makedirs(self.path("main/gkp"))
        with open(self.path("main/gkp/__init__.py"), "w") as file:
            file.write("import ctypes\nANSWER = ctypes.CDLL('liba.so').a()\n")
        both = [probe(self.libraries, "sitecustomize", "pkg"), probe(self.libraries[:1], "sitecustomize", "gkp")]
        for texts in (both, both[::-1]):
            with open(self.path("site/sitecustomize.py"), "w") as file:
                file.write("".join(texts))
            for first, answer in (("pkg", "42\n"), ("gkp", "40\n"), ("gkp, pkg", "42\n"), ("pkg, gkp", "40\n")):
                run = self.run_python("import %s; print(%s.ANSWER)" % (first, first.split()[-1]))
                self.assertEqual((run.stdout, run.stderr), (answer, ""))

    def test_its_head_names_the_package_and_a_file_for_it_alone(self):
        for package, shown, name in (("pkg", "pkg", "pkg"), ("a.b_c", "a.b_c", "a_b_c"),
                                     ("a\nimport os", "a\\u000aimport os", "a_import_os"), ("\u00e4", "\\u00e4", "__")):
            text = probe(self.libraries, "sitecustomize", package)
            self.assertTrue(text.isascii())
            self.assertIn("when `%s` is imported" % shown, text.splitlines()[0])
            self.assertIn(" spokeshave_preload_%s.py" % name, text)
            self.assertIn("\n#     import spokeshave_preload_%s\n" % name, text)
            ast.parse(text)

    def test_threads_that_import_at_once_find_all_else_too(self):
        race = (
            "import sys, threading",
            "sys.setswitchinterval(1e-6)",
            "names = ['pkg', 'csv', 'wave', 'calendar', 'plistlib', 'mailbox', 'sndhdr', 'cgi'][:6]",
            "start, missing = threading.Barrier(len(names)), []",
            "def load(name):",
            "    start.wait()",
            "    try: __import__(name)",
            "    except ImportError as error: missing.append(error)",
            "threads = [threading.Thread(target=load, args=[name]) for name in names]",
            "for thread in threads: thread.start()",
            "for thread in threads: thread.join()",
            "print(missing, sys.modules['pkg'].ANSWER)",
        )
        for _ in range(5):
            run = self.run_python(*race)
            self.assertEqual((run.stdout, run.stderr), ("[] 42\n", ""))

    def test_a_package_that_is_an_extension_module_is_served_before_it_is_opened(self):
        source = """
            #include <Python.h>
            int b(void);
            static struct PyModuleDef def = {PyModuleDef_HEAD_INIT, "ext"};
            PyMODINIT_FUNC PyInit_ext(void) {
              PyObject *module = PyModule_Create(&def);
              PyModule_AddIntConstant(module, "ANSWER", b());
              return module;
            }"""
        include = subprocess.run(
            [sys.executable, "-c", "import sysconfig; print(sysconfig.get_path('include'))"],
            stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
        os.environ["CPATH"] = include
        self.addCleanup(os.environ.pop, "CPATH")
        self.compile("main/ext.so", source, "b")
        self.write_module(self.libraries, package="ext")
        use = "import ext; print(ext.ANSWER)"
        self.assertIn("libb.so", self.run_python(use, entries=("main", "a", "b")).stderr)
        self.assert_works(self.run_python(use))

    def test_it_lives_in_a_virtual_environment_by_either_way_that_it_names(self):
        venv = Venv(self.path("venv"))
        for entry in ("main", "a", "b"):
            shutil.copytree(self.path(entry), venv.site_packages, dirs_exist_ok=True)
        use = "import pkg; print(pkg.ANSWER)"
        self.assertIn("libb.so", venv.python(use).stderr)
        module = pathlib.Path(self.path("site/sitecustomize.py")).read_text()
        (venv.site_packages / "sitecustomize.py").write_text(module)
        works = (0, "42\n", "")
        for flags in ((), ("-I",), ("-E",)):
            done = run(venv.python_path, *flags, "-c", use)
            self.assertEqual((done.code, done.stdout, done.stderr), works)
        self.assertIn("libb.so", run(venv.python_path, "-S", "-c", "import sys; sys.path.append(%r); %s" % (
            str(venv.site_packages), use)).stderr)
        (venv.site_packages / "sitecustomize.py").rename(venv.site_packages / "spokeshave_preload_pkg.py")
        self.assertIn("libb.so", venv.python(use).stderr)
        (venv.site_packages / "spokeshave_preload_pkg.pth").write_text("import spokeshave_preload_pkg\n")
        done = venv.python(use)
        self.assertEqual((done.code, done.stdout, done.stderr), works)


class DiffTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="spokeshave-test-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def diff(self, wheel, module):
        path = self.folder / "preload.patch"
        path.write_bytes(probe(LIBRARIES, "diff", wheel, module).encode("utf-8", "surrogateescape"))
        return path

    def applied(self, program, wheel, diff):
        """Every file as the program leaves it."""
        folder = unpack(wheel, self.folder / program)
        command = {"git": ["git", "apply", "--whitespace=nowarn", "-p1", diff],
                   "patch": ["patch", "-p1", "--batch", "--fuzz=0", "-i", diff]}[program]
        done = run(*command, cwd=folder)
        self.assertEqual(done.code, 0, done.stdout + done.stderr)
        for word in ("fuzz", "offset", "Stripping", "garbage"):
            self.assertNotIn(word, done.stdout + done.stderr)
        files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        shutil.rmtree(folder)
        return files

    def written(self, wheel, init):
        """Every member as `preload --write` leaves it."""
        out = self.folder / "out"
        out.mkdir()
        probe(LIBRARIES, "write", wheel, init, out)
        made = Wheel(next(out.iterdir()))
        shutil.rmtree(out)
        self.assertEqual(made.wrong_rows(), set())
        return made.contents

    def check(self, module, text, **options):
        wheel = write_wheel(self.folder, module, text, **options)
        init = module.split(".data/purelib/")[-1]
        diff = self.diff(wheel, init)
        expected = self.written(wheel, init)
        self.assertNotEqual(expected[module], text)
        for program in ("git", "patch"):
            self.assertEqual(self.applied(program, wheel, diff), expected, diff.read_bytes())
        return diff.read_text(errors="replace")

    def test_git_and_patch_make_of_it_what_write_makes(self):
        print("SPOKESHAVE_SEED=%d" % SEED, file=sys.stderr)
        rng = random.Random(SEED)
        texts = [head + body for head in HEADS for body in BODIES]
        for end in ("\n", "\r\n", "\r"):
            for text in rng.sample(texts, 12):
                made = text.replace("\n", end).encode()
                with self.subTest(text=made):
                    self.check("toy/__init__.py", made)

    def test_a_block_that_is_there_is_replaced(self):
        old = block_for([("b/libb.so", "libb.so", "b==1")], "toy/__init__.py")
        self.check("toy/__init__.py", ("'doc'\n" + old + "\nx = 1\n").encode())

    def refused(self, text):
        """What is said where no diff is made."""
        made = run(PROBE, "diff", write_wheel(self.folder, "toy/__init__.py", text), "toy/__init__.py")
        self.assertEqual((made.code, made.stdout), (FOUND, ""))
        return made.stderr

    def test_where_this_very_block_is_there_no_diff_is_made(self):
        said = self.refused((block_for([], "toy/__init__.py") + "\nx = 1\n").encode())
        self.assertIn("error: `toy/__init__.py` needs no patch\n  caused by: it has this very block already\n", said)

    def test_a_module_that_has_no_place_for_it_is_named(self):
        for text, why in ((b"\'\'\'doc\n", "a string that does not end"),
                          (b"# >>> spokeshave preload >>>\nx\n", "has no `# <<< spokeshave preload <<<` below it"),
                          (b"# coding: utf-7\n", "its encoding may use the bytes of quotes")):
            with self.subTest(text=text):
                said = self.refused(text)
                self.assertIn("error: cannot change `toy/__init__.py`", said)
                self.assertIn(why, said)

    def test_its_head_shows_what_a_workspace_takes(self):
        wheel = write_wheel(self.folder, "toy/__init__.py", b"x\n")
        head = self.diff(wheel, "toy/__init__.py").read_text().split("\ndiff --git ")[0]
        call, = (line.lstrip("# ") for line in head.splitlines() if "install_deps(" in line)
        given = eval(call, {"json": type("json", (), {"encode": json.dumps}), "install_deps": lambda **given: given})
        (label, value), = given["whl_patches"].items()
        self.assertEqual(label, "//:THIS_FILE")
        self.assertEqual(json.loads(value), {"whls": [wheel.name], "patch_strip": 1})

    def test_records_row_fits_whatever_the_csv_looks_like(self):
        for newline in ("\n", "\r\n"):
            self.check("toy/__init__.py", b"x\n", newline=newline)
            self.check("toy, or not/__init__.py", b"x\n", newline=newline)

    def test_names_are_those_inside_the_wheel(self):
        text = self.check("toy-1.0.data/purelib/toy/__init__.py", b"x\n")
        self.assertIn("\n--- a/toy-1.0.data/purelib/toy/__init__.py\n", text)

    def test_names_of_all_kinds_are_found(self):
        for name in ("t\u00f6y", "a b", "a\"b", "a'b"):
            with self.subTest(name=name):
                self.check(name + "/__init__.py", b"x\n")

    def test_its_head_warns_of_what_bazel_would_change(self):
        for text, warned in ((b"x\n", False), (b"", False), ("'\u00e9'\n".encode(), False),
                             (b"x\r\n", True), (b"x", True), (b"# coding: latin-1\n'\xe9'\n", True)):
            with self.subTest(text=text):
                diff = self.diff(write_wheel(self.folder, "toy/__init__.py", text), "toy/__init__.py")
                self.assertEqual(b"\n# Caution: Bazel" in diff.read_bytes().split(b"\ndiff --git ")[0], warned)

    def test_its_head_says_how_it_is_used_and_what_becomes_of_record(self):
        wheel = write_wheel(self.folder, "toy/__init__.py", b"x\n")
        head = self.diff(wheel, "toy/__init__.py").read_text().split("\ndiff --git ")[0]
        self.assertTrue(all(line.startswith("# ") or line == "#" for line in head.splitlines()), head)
        for words in ('file = "toy-1.0-py3-none-any.whl"', "patch_strip = 1", "RECORD"):
            self.assertIn(words, head)


if __name__ == "__main__":
    unittest.main()
