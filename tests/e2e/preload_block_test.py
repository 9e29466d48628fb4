"""The preload block at work: real libraries, the real loader, every Python that is installed."""

import glob
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import unittest

PROBE = os.environ["SPOKESHAVE_PYTHON_SOURCE_PROBE"]

# The extension module's part is played by a CDLL of a library that needs the preloaded ones.
INIT = '''"""The package's docstring."""
from __future__ import annotations

import ctypes as _ctypes
import os as _os

ANSWER = _ctypes.CDLL(_os.path.join(_os.path.dirname(__file__), "libuser.so")).answer()
'''


def pythons():
    """Interpreters from 3.7 on: this one, those on PATH, those of pyenv."""
    folders = os.environ["PATH"].split(os.pathsep)
    folders += glob.glob(os.path.expanduser("~/.pyenv/versions/*/bin"))
    found = {}
    for minor in range(7, 16):
        for folder in folders:
            program = os.path.join(folder, "python3.%d" % minor)
            if minor not in found and os.path.exists(program):
                # A shim of pyenv is there whether its Python is or not.
                if subprocess.run([program, "-c", ""], stderr=subprocess.DEVNULL).returncode == 0:
                    found[minor] = program
    found.setdefault(sys.version_info[1], sys.executable)
    return [found[minor] for minor in sorted(found)]


def block_for(libraries, init_path="pkg/__init__.py"):
    lines = "".join("%s\t%s\t%s\t%d\t%d\n" % (*library, False)[:5] for library in libraries)
    made = subprocess.run(
        [PROBE, "block", init_path], input=lines, stdout=subprocess.PIPE, text=True, check=True
    )
    return made.stdout


class PreloadBlockTest(unittest.TestCase):
    """pkg/libuser.so needs libb.so of wheel b, which needs liba.so of wheel a; no search path leads
    from one to the other, and each wheel has a folder of its own."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="spokeshave-test-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.compile("a/a_pkg/lib/liba.so", "int a(void) { return 40; }")
        self.compile("b/b_pkg/lib/libb.so", "int a(void); int b(void) { return a() + 2; }", "a")
        self.compile("main/pkg/libuser.so", "int b(void); int answer(void) { return b(); }", "b")
        self.libraries = [
            ("a_pkg/lib/liba.so", "liba.so", "a-pkg==1.0+split.1", False),
            ("b_pkg/lib/libb.so", "libb.so", "b-pkg==2.0", False),
        ]
        self.write_package(self.libraries)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def compile(self, path, source, *needs):
        os.makedirs(os.path.dirname(self.path(path)), exist_ok=True)
        stubs = [self.path("%s/%s_pkg/lib/lib%s.so" % (name, name, name)) for name in needs]
        subprocess.run(
            ["cc", "-shared", "-fPIC", "-x", "c", "-", "-x", "none", "-o", self.path(path)]
            + ["-Wl,-soname," + os.path.basename(path), *stubs]
            + ["-Wl,--allow-shlib-undefined"],
            input=source,
            text=True,
            check=True,
        )

    def write_package(self, libraries, init=INIT):
        with open(self.path("main/pkg/__init__.py"), "w") as file:
            above, below = init.split("\n\n", 1)
            file.write("\n".join([above, block_for(libraries), below]))

    def run_python(self, *code, entries=("main", "a", "b"), python=sys.executable, flags=(), **env):
        env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **env}
        env["PYTHONPATH"] = os.pathsep.join(self.path(entry) for entry in entries)
        env.pop("LD_LIBRARY_PATH", None)
        return subprocess.run(
            [python, *flags, "-c", "\n".join(code)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=env,
            cwd=self.folder,
        )

    def assert_works(self, run):
        self.assertEqual((run.returncode, run.stdout, run.stderr), (0, "42\n", ""))

    def import_error(self, **options):
        """The text of the ImportError that `import pkg` raises."""
        code = "try: import pkg\nexcept ImportError as error: print(error.name, error, sep='\\n')"
        run = self.run_python(code, **options)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        name, text = run.stdout.split("\n", 1)
        self.assertEqual(name, "pkg")
        return text.rstrip("\n")

    def test_every_python_imports_a_package_whose_wheels_lie_apart(self):
        for python in pythons():
            with self.subTest(python=python):
                strict = ("-W", "error", "-bb", "-X", "dev")
                self.assert_works(
                    self.run_python("import pkg; print(pkg.ANSWER)", python=python, flags=strict)
                )
                off = self.run_python("import pkg", python=python, SPOKESHAVE_PRELOAD="off")
                self.assertIn("libb.so: cannot open shared object file", off.stderr)

    def test_optimised_python_imports_it_too(self):
        for flag in ("-O", "-OO"):
            self.assert_works(self.run_python("import pkg; print(pkg.ANSWER)", flags=(flag,)))

    def test_nothing_is_left_in_the_package(self):
        show = "import pkg; print(sorted(vars(pkg)), pkg.__doc__, pkg.annotations)"
        with_block = self.run_python(show)
        self.assertEqual(with_block.returncode, 0, with_block.stderr)
        with open(self.path("main/pkg/__init__.py"), "w") as file:
            file.write(INIT.replace("ANSWER = ", "ANSWER = 0 and "))
        self.assertEqual(with_block.stdout, self.run_python(show).stdout)

    def test_a_second_import_is_silent_and_works(self):
        self.assert_works(
            self.run_python("import importlib, pkg; importlib.reload(pkg); print(pkg.ANSWER)")
        )

    def test_symbols_stay_local(self):
        check = "import pkg, ctypes; print(hasattr(ctypes.CDLL(None), 'b'))"
        self.assertEqual(self.run_python(check).stdout, "False\n")

    def test_the_packages_own_folder_comes_before_sys_path(self):
        self.compile("main/a_pkg/lib/liba.so", "int a(void) { return 0; }")
        run = self.run_python("import pkg; print(pkg.ANSWER)", entries=("a", "main", "b"))
        self.assertEqual((run.stdout, run.stderr), ("2\n", ""))

    def test_odd_entries_of_sys_path_are_passed_by(self):
        odd = "import sys; sys.path[:0] = [None, b'/', 7, '/nowhere', '', sys.executable]"
        self.assert_works(self.run_python(odd, "import pkg; print(pkg.ANSWER)"))

    def test_a_relative_entry_is_relative_to_the_current_folder(self):
        move = "import os, sys; os.chdir('b'); sys.path.append('')"
        self.assert_works(
            self.run_python(move, "import pkg; print(pkg.ANSWER)", entries=("main", "a"))
        )

    def test_a_wheel_that_is_not_installed_is_named(self):
        self.assertEqual(
            self.import_error(entries=("main", "b")),
            "`liba.so` of the wheel a-pkg==1.0+split.1 is not installed\n"
            "  caused by: no folder of sys.path has a_pkg/lib/liba.so\n"
            "hint: pip install 'a-pkg==1.0+split.1'",
        )

    def test_all_wheels_that_are_not_installed_are_in_the_hint(self):
        hint = self.import_error(entries=("main",)).splitlines()[-1]
        self.assertEqual(hint, "hint: pip install 'a-pkg==1.0+split.1' 'b-pkg==2.0'")

    def test_a_library_that_does_not_load_is_named_with_the_loaders_words(self):
        with open(self.path("b/b_pkg/lib/libb.so"), "wb") as file:
            file.write(b"no library")
        self.assertEqual(
            self.import_error(),
            "`libb.so` of the wheel b-pkg==2.0 does not load\n"
            "  caused by: %s: file too short\n"
            "hint: pip install --force-reinstall 'b-pkg==2.0'" % self.path("b/b_pkg/lib/libb.so"),
        )

    def test_an_order_that_is_wrong_is_an_error(self):
        self.write_package(self.libraries[::-1])
        self.assertIn(
            "`libb.so` of the wheel b-pkg==2.0 does not load\n"
            "  caused by: liba.so: cannot open shared object file: No such file or directory\n",
            self.import_error(),
        )

    def test_a_need_that_no_listed_wheel_meets_is_an_error(self):
        self.write_package(self.libraries[1:])
        self.assertEqual(
            self.import_error(),
            "`libb.so` of the wheel b-pkg==2.0 does not load\n"
            "  caused by: liba.so: cannot open shared object file: No such file or directory\n"
            "hint: install what brings `liba.so`, or let the loader find it",
        )

    def without_wheel_a(self, *libraries):
        """A package whose own code loads liba.so, of a wheel that the list knows nothing of, and
        then what needs it: as torch does with NVIDIA's wheels."""
        own = "_ctypes.CDLL(%r)\n" % self.path("a/a_pkg/lib/liba.so")
        own += "_ctypes.CDLL(%r)\n" % self.path("b/b_pkg/lib/libb.so")
        self.write_package(libraries, INIT.replace("\nANSWER", "\n" + own + "ANSWER"))

    def test_what_needs_a_wheel_that_was_not_looked_at_is_passed_over(self):
        b = ("b_pkg/lib/libb.so", "libb.so", "b-pkg==2.0", True)
        self.without_wheel_a(b)
        self.assert_works(self.run_python("import pkg; print(pkg.ANSWER)"))
        told = self.run_python("import pkg", SPOKESHAVE_PRELOAD="verbose").stderr
        self.assertIn(
            "pkg: passed over %s, which lacks liba.so\n" % self.path("b/b_pkg/lib/libb.so"), told
        )

    def test_what_needs_a_library_that_was_passed_over_is_passed_over(self):
        self.compile("c/c_pkg/lib/libc_.so", "int b(void); int c(void) { return b(); }", "b")
        b = ("b_pkg/lib/libb.so", "libb.so", "b-pkg==2.0", True)
        c = ("c_pkg/lib/libc_.so", "libc_.so", "c-pkg==3", False)
        self.without_wheel_a(b, c)
        entries = ("main", "b", "c")
        self.assert_works(self.run_python("import pkg; print(pkg.ANSWER)", entries=entries))

    def test_passing_over_does_not_hide_a_wheel_that_is_not_installed(self):
        b = ("b_pkg/lib/libb.so", "libb.so", "b-pkg==2.0", True)
        c = ("c_pkg/lib/libc_.so", "libc_.so", "c-pkg==3", True)
        self.without_wheel_a(b, c)
        self.assertIn("`libc_.so` of the wheel c-pkg==3 is not installed", self.import_error())

    def test_an_undefined_symbol_is_never_passed_over(self):
        self.compile("b/b_pkg/lib/libb.so", "extern int gone; int b(void) { return gone; }")
        a, b = self.libraries
        self.write_package([a, (*b[:3], True)])
        self.assertIn("undefined symbol: gone\nhint: pip install --force-", self.import_error())

    def test_musls_words_are_understood(self):
        b = ("b_pkg/lib/libb.so", "libb.so", "b-pkg==2.0", True)
        self.without_wheel_a(b)
        musl = """
            import ctypes
            loads, real = [], ctypes.CDLL
            def load(path, *options):
                loads.append(path)
                if len(loads) == 1:
                    raise OSError("Error loading shared library %s: No such file or directory "
                                  "(needed by " + path + ")")
                return real(path, *options)
            ctypes.CDLL = load
            import pkg; print(pkg.ANSWER)
        """
        self.assert_works(self.run_python(textwrap.dedent(musl) % "liba.so"))
        own_path = self.run_python(textwrap.dedent(musl) % self.path("b/b_pkg/lib/libb.so"))
        self.assertIn("`libb.so` of the wheel b-pkg==2.0 does not load", own_path.stderr)

    def test_verbose_shows_each_step(self):
        run = self.run_python("import pkg", SPOKESHAVE_PRELOAD="verbose")
        self.assertEqual(
            run.stderr.splitlines(),
            [
                "spokeshave preload: pkg: found " + self.path("a/a_pkg/lib/liba.so"),
                "spokeshave preload: pkg: found " + self.path("b/b_pkg/lib/libb.so"),
                "spokeshave preload: pkg: loaded " + self.path("a/a_pkg/lib/liba.so"),
                "spokeshave preload: pkg: loaded " + self.path("b/b_pkg/lib/libb.so"),
            ],
        )

    # ctypes is what costs time: without it the block takes a twentieth of a millisecond.
    def assert_leaves_all_alone(self, libraries, platform="linux", **env):
        with open(self.path("main/pkg/__init__.py"), "w") as file:
            file.write(block_for(libraries))
        run = self.run_python(
            "import sys; sys.platform = %r" % platform,
            "import pkg; print('ctypes' in sys.modules)",
            entries=("main",),
            **env,
        )
        self.assertEqual((run.stdout, run.stderr), ("False\n", ""))

    def test_other_systems_are_left_alone(self):
        self.assert_leaves_all_alone(self.libraries, platform="darwin")
        self.assert_leaves_all_alone(self.libraries, platform="win32")

    def test_nothing_is_done_when_it_is_off_or_has_no_libraries(self):
        self.assert_leaves_all_alone(self.libraries, SPOKESHAVE_PRELOAD="off")
        self.assert_leaves_all_alone([])

    def test_names_outside_ascii_are_found(self):
        os.rename(self.path("a/a_pkg"), self.path("a/ä\U0001f34b'\""))
        odd = ("ä\U0001f34b'\"/lib/liba.so", *self.libraries[0][1:])
        self.write_package([odd, self.libraries[1]])
        self.assert_works(self.run_python("import pkg; print(pkg.ANSWER)"))

    def test_a_module_deep_in_its_package_finds_its_wheels_folder(self):
        os.makedirs(self.path("main/pkg/x/y"))
        os.makedirs(self.path("main/own"))
        os.rename(self.path("a/a_pkg/lib/liba.so"), self.path("main/own/liba.so"))
        own = ("own/liba.so", "liba.so", "pkg==1", False)
        with open(self.path("main/pkg/x/y/z.py"), "w") as file:
            file.write(block_for([own], "pkg/x/y/z.py") + "\nprint(42)\n")
        load = "import runpy; runpy.run_path(%r)" % self.path("main/pkg/x/y/z.py")
        self.assert_works(self.run_python(load, entries=()))


if __name__ == "__main__":
    unittest.main()
