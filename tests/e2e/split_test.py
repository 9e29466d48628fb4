"""One wheel shaped like torch becomes two: they install, import, and are as the standards want them."""
import json
import re

from support import FOUND, TOOLS, EndToEnd, fixture, installed_size, listing, main, needs_tools, read, run, unpack

IMPORT = "import gputoy; print(gputoy.answer())"
BUDGET = 8_000_000


class Split(EndToEnd):
    def setUp(self):
        super().setUp()
        self.whole = fixture("gputoy")
        self.main, self.companion = self.split(self.whole, "--max-installed-size", "8MB", "--companion", "gputoy_cuda",
                                               "--suffix", "demo.1")


class Installed(Split):
    """All wheels unpacked into one folder."""

    def assert_works(self, venv):
        self.assert_ran(venv.python(IMPORT), "511\n")
        self.assert_ran(run(venv.site_packages / "gputoy/bin/gputoy-info"), "gputoy 7\n")
        self.assert_ran(run(venv.path / "bin/gputoy-run"), "511\n")
        self.assertTrue((venv.path / "share/gputoy/notes.txt").is_file())

    @needs_tools
    def test_pip_takes_the_companion_by_the_requirement_and_it_imports(self):
        venv = self.new_venv()
        self.assert_ran(venv.pip_install(self.main, "--find-links", self.out))
        self.assert_works(venv)

    @needs_tools
    def test_uv_installs_it_and_it_imports(self):
        venv = self.new_venv()
        self.assert_ran(venv.uv_install(self.main, "--find-links", self.out))
        self.assert_works(venv)

    @needs_tools
    def test_installer_finds_every_hash_of_record_right(self):
        venv = self.new_venv()
        for wheel in (self.main, self.companion):
            self.assert_ran(venv.installer_install(wheel))

    @needs_tools
    def test_it_works_without_the_preload_too(self):
        venv = self.new_venv()
        self.assert_ran(venv.pip_install(self.main, "--find-links", self.out))
        module = venv.site_packages / "gputoy/_C.abi3.so"
        self.assert_ran(venv.python(f"import ctypes; ctypes.CDLL({str(module)!r}); print('loaded')"), "loaded\n")
        for library in sorted(venv.site_packages.glob("gputoy*/lib/*.so*")):
            self.assertNotIn("not found", run("ldd", library).stdout, library.name)

    @needs_tools
    def test_without_its_companion_the_import_error_names_the_wheel(self):
        venv = self.new_venv()
        self.assert_ran(venv.pip_install(self.main, "--no-deps"))
        result = venv.python("import gputoy")
        self.assertEqual(result.code, 1)
        self.assertRegex(result.stderr, r"(?m)^ImportError: .*gputoy[_-]cuda==2\.1\.0\+demo\.1")

    @needs_tools
    def test_pip_check_is_content_and_pip_removes_every_file(self):
        venv = self.new_venv()
        self.assert_ran(venv.pip_install(self.main, "--find-links", self.out))
        pip = (TOOLS / "python", "-m", "pip", "--isolated", "--python", venv.python_path)
        self.assert_ran(run(*pip, "check"))
        self.assert_ran(run(*pip, "uninstall", "-y", "gputoy", "gputoy_cuda"))
        self.assertEqual([path for path in venv.site_packages.rglob("*") if path.is_file()], [])


class InFoldersOfTheirOwn(Split):
    """One folder a wheel, on PYTHONPATH: nothing crosses but what the preload block loads."""

    def test_it_imports_and_says_nothing(self):
        venv = self.new_venv()
        folders = [str(unpack(wheel, self.folder / wheel.name)) for wheel in (self.companion, self.main)]
        for order in (folders, folders[::-1]):
            self.assert_ran(venv.python(IMPORT, PYTHONPATH=":".join(order), PYTHONWARNINGS="error"), "511\n")

    def test_the_companions_folder_alone_makes_the_difference(self):
        venv = self.new_venv()
        folder = unpack(self.main, self.folder / "main")
        result = venv.python("import gputoy", PYTHONPATH=str(folder))
        self.assertEqual(result.code, 1)
        self.assertRegex(result.stderr, r"(?m)^ImportError: .*gputoy[_-]cuda")


class Contents(Split):
    def test_each_wheel_is_under_the_budget_and_they_share_the_libraries(self):
        for wheel in (self.main, self.companion):
            self.assertLessEqual(installed_size(wheel), BUDGET)
        def libraries(wheel):
            return {name.rsplit("/", 1)[1] for name in listing(wheel) if re.search(r"\.so(\.\d+)*$", name)}
        self.assertEqual(libraries(self.main) | libraries(self.companion), libraries(self.whole))
        self.assertFalse(libraries(self.main) & libraries(self.companion))
        self.assertTrue({"_C.abi3.so", "libgputoy_global_deps.so"} <= libraries(self.main))

    def test_names_and_versions_follow_everywhere(self):
        platform = "manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
        self.assertEqual(self.main.name, "gputoy-2.1.0+demo.1-cp38-abi3-" + platform)
        self.assertEqual(self.companion.name, "gputoy_cuda-2.1.0+demo.1-py3-none-" + platform)
        names = listing(self.main)
        self.assertIn("gputoy-2.1.0+demo.1.data/scripts/gputoy-run", names)
        self.assertIn("gputoy-2.1.0+demo.1.dist-info/RECORD", names)
        self.assertFalse([name for name in names if name.startswith("gputoy-2.1.0.")])

    def test_metadata_changes_only_where_it_must(self):
        old, new = (read(wheel, ".dist-info/METADATA").decode() for wheel in (self.whole, self.main))
        added = "Requires-Dist: " + re.search(r"(?m)^Requires-Dist: (gputoy[_-]cuda ?\(?==2\.1\.0\+demo\.1\)?)$", new).group(1)
        self.assertEqual(new.replace(added + "\n", "").replace("Version: 2.1.0+demo.1\n", "Version: 2.1.0\n"), old)
        self.assertEqual(read(self.main, ".dist-info/WHEEL").decode().count("Tag: cp38-abi3-linux_x86_64"), 1)

    def test_the_companion_requires_nothing_and_carries_the_licence(self):
        metadata = read(self.companion, ".dist-info/METADATA").decode()
        self.assertNotIn("Requires-Dist", metadata)
        self.assertRegex(metadata, r"(?m)^Version: 2\.1\.0\+demo\.1$")
        wheel = read(self.companion, ".dist-info/WHEEL").decode()
        self.assertRegex(wheel, r"(?m)^Root-Is-Purelib: false$")
        self.assertRegex(wheel, r"(?m)^Tag: py3-none-manylinux_2_17_x86_64$")
        self.assertEqual(read(self.companion, "LICENSE"), read(self.whole, "LICENSE"))

    def test_the_init_file_keeps_every_line_and_has_the_block_behind_the_future_import(self):
        old, new = (read(wheel, "gputoy/__init__.py").decode() for wheel in (self.whole, self.main))
        future = "from __future__ import annotations\n"
        head, rest = old.split(future)
        self.assertTrue(new.startswith(head + future), new[:500])
        self.assertTrue(new.endswith(rest))
        compile(new, "__init__.py", "exec")

    def test_libraries_that_do_not_change_pass_through(self):
        for name in ("gputoy/_C.abi3.so", "gputoy/bin/gputoy-info", "gputoy/include/gputoy.h"):
            self.assertEqual(read(self.main, name), read(self.whole, name), name)

    def test_every_library_reads_cleanly(self):
        for wheel in (self.main, self.companion):
            folder = unpack(wheel, self.folder / wheel.name)
            for library in sorted(folder.rglob("*.so*")):
                self.assert_ran(run("readelf", "-aW", library))
                self.assertEqual(run("readelf", "-aW", library).stderr, "", library.name)

    def test_the_user_is_told_what_moved_and_what_names_it(self):
        moved = [name.rsplit("/", 1)[1] for name in listing(self.companion) if ".so" in name]
        for library in moved:
            self.assertIn(library, self.result.stdout)
        if "libgputoy_cuda.so" in moved:
            told = self.result.stdout + self.result.stderr
            self.assertIn("GpuToyTargets.cmake", told)
            self.assertIn("cpp_extension.py", told)


class Chosen(EndToEnd):
    def test_move_takes_what_it_is_told(self):
        main_wheel, companion = self.split(fixture("gputoy"), "--move", "libgputoy_cuda*", "--move", "libgputoy_linalg*",
                                           "--companion", "movedtoy")
        moved = sorted(name.rsplit("/", 1)[1] for name in listing(companion) if ".so" in name)
        self.assertEqual(moved, ["libgputoy_cuda.so", "libgputoy_linalg.so"])
        venv = self.new_venv()
        folders = [str(unpack(wheel, self.folder / wheel.name)) for wheel in (main_wheel, companion)]
        self.assert_ran(venv.python(IMPORT, PYTHONPATH=":".join(folders)), "511\n")

    def test_a_moved_library_with_a_mangled_name_gets_the_soname_that_others_need(self):
        main_wheel, companion = self.split(fixture("gputoy"), "--move", "libtoymp*", "--companion", "movedtoy")
        folder = unpack(companion, self.folder / "companion")
        library, = folder.rglob("libtoymp-5f3e9c1a.so.1")
        self.assertIn("Library soname: [libtoymp-5f3e9c1a.so.1]", run("readelf", "-dW", library).stdout)
        path = f"{folder}:{unpack(main_wheel, self.folder / 'main')}"
        self.assert_ran(self.new_venv().python(IMPORT, PYTHONPATH=path), "511\n")

    def test_keep_holds_a_library_back(self):
        main_wheel, companion = self.split(fixture("gputoy"), "--max-installed-size", "8MB", "--keep", "libgputoy_cuda.so",
                                           "--companion", "movedtoy")
        self.assertIn("gputoy/lib/libgputoy_cuda.so", listing(main_wheel))

    def test_as_many_companions_as_it_takes(self):
        wheels = self.split(fixture("gputoy"), "--max-installed-size", "6MB", "--companion", "parttoy")
        self.assertGreaterEqual(len(wheels), 3)
        for wheel in wheels:
            self.assertLessEqual(installed_size(wheel), 6_000_000, wheel.name)
        folders = [str(unpack(wheel, self.folder / wheel.name)) for wheel in wheels]
        venv = self.new_venv()
        self.assert_ran(venv.python(IMPORT, PYTHONPATH=":".join(folders)), "511\n")

    @needs_tools
    def test_several_companions_install_together(self):
        wheels = self.split(fixture("gputoy"), "--max-installed-size", "6MB", "--companion", "parttoy")
        venv = self.new_venv()
        self.assert_ran(venv.pip_install(wheels[0], "--find-links", self.out))
        self.assert_ran(venv.python(IMPORT), "511\n")

    def test_a_limit_on_the_packed_size_holds_as_well(self):
        for wheel in self.split(fixture("gputoy"), "--max-wheel-size", "8MB", "--companion", "parttoy"):
            self.assertLessEqual(wheel.stat().st_size, BUDGET)

    def test_json_is_one_document_with_a_schema(self):
        self.split(fixture("gputoy"), "--max-installed-size", "8MB", "--companion", "parttoy", "--json")
        self.assertEqual(json.loads(self.result.stdout)["schema"], 1)

    def test_a_wheel_that_was_split_already_is_refused(self):
        """Its preload block knows nothing of what would move now."""
        main_wheel, _ = self.split(fixture("gputoy"), "--move", "libtoydnn.so.8", "--companion", "first")
        again = self.folder / "again"
        again.mkdir()
        result = self.spokeshave("split", main_wheel, "--move", "libgputoy_linalg.so", "--companion", "second", "--out", again)
        self.assert_stopped(result, FOUND, "gputoy/__init__.py", out=again)


if __name__ == "__main__":
    main()
