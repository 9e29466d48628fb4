"""The preload block at work: real libraries, the real loader, every Python that is installed."""

import ast
import os
import subprocess
import sys
import textwrap
import unittest
import zipfile

from preloading import INIT, PreloadTest, block_for, probe, pythons
from support import TOOLS


class PreloadBlockTest(PreloadTest):
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

    def test_symbols_are_local_but_those_of_a_global_library(self):
        check = "import pkg, ctypes; print([hasattr(ctypes.CDLL(None), name) for name in 'ab'])"
        self.assertEqual(self.run_python(check).stdout, "[False, False]\n")
        a, b = self.libraries
        self.write_package([(*a, True), b])
        self.assertEqual(self.run_python(check).stdout, "[True, False]\n")

    def test_it_needs_python_3_7_and_the_standard_library(self):
        text = block_for(self.libraries)
        tree = ast.parse(text, feature_version=(3, 7))
        imports = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
        names = {alias.name for node in imports for alias in node.names}
        self.assertEqual(names, {"os", "sys", "ctypes"})
        if not os.path.exists(str(TOOLS / "vermin")):
            self.skipTest("scripts/setup could not fetch vermin")
        for text in (text, probe(self.libraries, "sitecustomize", "pkg")):
            with open(self.path("text.py"), "w") as file:
                file.write(text)
            judge = [str(TOOLS / "vermin"), "-t=3.7-", "--violations", self.path("text.py")]
            judged = subprocess.run(judge, stdout=subprocess.PIPE, text=True)
            self.assertEqual(judged.returncode, 0, judged.stdout)
            too_old = subprocess.run([*judge[:1], "-t=2.7", *judge[2:]], stdout=subprocess.DEVNULL)
            self.assertEqual(too_old.returncode, 1, "vermin judges nothing")

    def test_the_packages_own_folder_comes_before_sys_path(self):
        self.compile("main/a_pkg/lib/liba.so", "int a(void) { return 0; }")
        run = self.run_python("import pkg; print(pkg.ANSWER)", entries=("a", "main", "b"))
        self.assertEqual((run.stdout, run.stderr), ("2\n", ""))

    def test_of_two_copies_on_sys_path_the_first_is_loaded(self):
        self.compile("z/a_pkg/lib/liba.so", "int a(void) { return 1; }")
        for entries, answer in ((("main", "a", "z", "b"), "42\n"), (("main", "z", "a", "b"), "3\n")):
            run = self.run_python("import pkg; print(pkg.ANSWER)", entries=entries)
            self.assertEqual((run.stdout, run.stderr), (answer, ""))

    def test_a_copy_that_lacks_a_library_does_not_hide_the_other(self):
        os.makedirs(self.path("z/a_pkg/lib/liba.so"))  # a folder is no library
        os.makedirs(self.path("z/b_pkg/include"))
        self.assert_works(
            self.run_python("import pkg; print(pkg.ANSWER)", entries=("main", "z", "a", "b"))
        )

    def test_odd_entries_of_sys_path_are_passed_by(self):
        os.mkdir(self.path("closed"), 0o000)
        os.symlink("loop", self.path("loop"))
        odd = (
            "import ctypes, sys, pkg.place",  # ctypes: what import makes of them is not ours
            "sys.path[:0] = [None, b'/', 7, '/nowhere', '', sys.executable, 'x' * 5000, 'closed',",
            "  'loop', '\\0', '\\ud800', '/dev/null/x', type('Path', (str,), {})('/')]",
            "pkg.place.preload(); print(pkg.place.ANSWER)",
        )
        with open(self.path("main/pkg/__init__.py"), "w"):
            pass
        block = textwrap.indent(block_for(self.libraries, "pkg/place.py"), "    ")
        with open(self.path("main/pkg/place.py"), "w") as file:
            file.write("def preload():\n%s\n    global ANSWER\n" % block)
            file.write(textwrap.indent(INIT.partition("annotations")[2], "    "))
        for python in pythons():
            with self.subTest(python=python):
                self.assert_works(self.run_python(*odd, python=python))

    def test_a_module_without_a_file_finds_its_libraries_on_sys_path(self):
        frozen = (
            "import sys, types",
            "pkg = types.ModuleType('pkg')",
            "exec(%r, vars(pkg))" % block_for(self.libraries),
            "import ctypes; print(ctypes.CDLL(%r).answer())" % self.path("main/pkg/libuser.so"),
        )
        self.assert_works(self.run_python(*frozen, entries=("a", "b")))

    def test_a_module_in_a_zip_archive_finds_its_libraries_on_sys_path(self):
        with zipfile.ZipFile(self.path("main.zip"), "w") as archive:
            text = block_for(self.libraries) + "\nFILE = __file__\n"
            archive.writestr("pkg/__init__.py", text)
        run = self.run_python("import pkg; print(pkg.FILE)", entries=("main.zip", "a", "b"))
        self.assertEqual(
            (run.stdout, run.stderr), (self.path("main.zip/pkg/__init__.py") + "\n", "")
        )
        self.assertIn("is not installed", self.import_error(entries=("main.zip", "a")))

    def test_python_without_site_or_environment_loads_them_too(self):
        add = "import sys; sys.path[:0] = %r" % [self.path(name) for name in ("main", "a", "b")]
        for flags in (("-S",), ("-I",), ("-I", "-S")):
            run = self.run_python(add, "import pkg; print(pkg.ANSWER)", entries=(), flags=flags)
            self.assert_works(run)

    def test_threads_that_import_at_once_load_each_library_once(self):
        race = """
            import sys, threading
            sys.setswitchinterval(1e-6)
            start, answers = threading.Barrier(8), []
            def load():
                start.wait()
                import pkg
                answers.append(pkg.ANSWER)
            threads = [threading.Thread(target=load) for _ in range(8)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
            print(*answers)
        """
        run = self.run_python(textwrap.dedent(race), SPOKESHAVE_PRELOAD="verbose")
        self.assertEqual(run.stdout, "42 42 42 42 42 42 42 42\n")
        self.assertEqual(run.stderr.count(" loaded "), 2)

    def test_a_subinterpreter_loads_them(self):
        inner = "import pkg; print(pkg.ANSWER, flush=True)"
        outer = (
            "import sys",
            "sub = __import__('_interpreters' if sys.version_info > (3, 13) else '_xxsubinterpreters')",
            "options = {8: {}, 13: {'config': 'legacy'}}.get(sys.version_info[1], {'isolated': False})",
            "one = sub.create(**options)",
            "sub.run_string(one, %r)" % inner,
            "sub.destroy(one)",
        )
        for python in pythons():
            if not python.endswith("3.7"):  # it has none without a C program
                with self.subTest(python=python):
                    self.assert_works(self.run_python(*outer, python=python))

    def test_without_a_stderr_that_takes_it_verbose_tells_no_one(self):
        full = "sys.stderr = open('/dev/full', 'w', buffering=1)"
        for broken in ("sys.stderr = None", "sys.stderr.close()", full):
            with self.subTest(broken=broken):
                # Without Python's own words at its end, of what it could not flush.
                end = "sys.stdout.flush(); os._exit(0)"
                run = self.run_python(
                    "import os, sys", broken, "import pkg; print(pkg.ANSWER)", end, SPOKESHAVE_PRELOAD="verbose"
                )
                self.assert_works(run)

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

    def test_a_library_that_does_not_name_what_it_needs_finds_its_symbols(self):
        """libtorch_nvshmem.so of torch 2.11 is linked like this: what needs it names for it what it uses."""
        self.compile("a/a_pkg/lib/liba.so", "int a(void) { return 40; } int of_a = 1;")
        self.compile("b/b_pkg/lib/libb.so", "int a(void); extern int of_a; int *p = &of_a; int b(void) { return a() + 2 * *p; }")
        self.assert_works(self.run_python("import pkg; print(pkg.ANSWER)"))
        told = self.run_python("import pkg", SPOKESHAVE_PRELOAD="verbose").stderr
        self.assertRegex(told, "pkg: made visible %s, which has (of_)?a\n" % self.path("a/a_pkg/lib/liba.so"))

    def test_only_who_has_the_symbol_becomes_visible(self):
        self.compile("b/b_pkg/lib/libb.so", "int a(void); int (*p)(void) = a; int b(void) { return p() + 2; }")
        self.compile("c/c_pkg/lib/libc_.so", "int only_c(void) { return 1; }")
        self.write_package([("c_pkg/lib/libc_.so", "libc_.so", "c-pkg==3", False), *self.libraries])
        look = "import pkg, ctypes; all = ctypes.CDLL(None); print(hasattr(all, 'a'), hasattr(all, 'only_c'))"
        done = self.run_python(look, entries=("main", "a", "b", "c"))
        self.assertEqual((done.stdout, done.stderr), ("True False\n", ""))

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

    # ctypes is what costs time: without it the block takes microseconds (benchmarks/preload_block).
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

    def test_it_takes_less_than_half_a_millisecond_when_nothing_must_be_loaded(self):
        measure = """
            import statistics, sys, time
            times = []
            for _ in range(200):
                module = {"__name__": "pkg", "__file__": %r}
                start = time.perf_counter()
                exec(code, module)
                times.append(time.perf_counter() - start)
            print("ctypes" in sys.modules, statistics.median(times))
        """ % self.path("main/pkg/__init__.py")
        for libraries, mode in ((self.libraries, "off"), ([], "")):
            code = "code = compile(%r, 'pkg/__init__.py', 'exec')" % block_for(libraries)
            for python in pythons():
                with self.subTest(mode=mode, python=python):
                    run = self.run_python(code, textwrap.dedent(measure), python=python, SPOKESHAVE_PRELOAD=mode)
                    self.assertEqual(run.stderr, "")
                    loaded, median = run.stdout.split()
                    self.assertEqual(loaded, "False")
                    self.assertLess(float(median), 0.0005)

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
