"""Wheels that keep their libraries elsewhere than torch does."""
import shutil

from support import FOUND, EndToEnd, fixture, installed_size, listing, main, needs_tools, read, run, unpack


class Layouts(EndToEnd):
    def import_from(self, wheels, code, **env):
        """In site-packages layout and with every wheel in a folder of its own: what the code prints, if alike."""
        venv = self.new_venv("venv" + str(len(list(self.folder.iterdir()))))
        together = self.folder / ("together" + venv.path.name)
        for wheel in wheels:
            unpack(wheel, together)
        apart = [str(unpack(wheel, self.folder / venv.path.name / wheel.name)) for wheel in wheels]
        results = [venv.python(code, PYTHONPATH=path, **env) for path in (str(together), ":".join(apart))]
        for result in results:
            self.assert_ran(result)
            self.assertEqual(result.stderr, "")
        self.assertEqual(results[0].stdout, results[1].stdout)
        return results[0].stdout

    def libraries(self, wheel):
        return sorted(name.rsplit("/", 1)[1] for name in listing(wheel) if ".so" in name)

    def test_libraries_beside_the_package_in_name_dot_libs(self):
        wheels = self.split(fixture("soundtoy"), "--max-installed-size", "1500kB", "--companion", "soundtoy_codec")
        self.assertEqual(len(wheels), 2)
        for wheel in wheels:
            self.assertLessEqual(installed_size(wheel), 1_500_000)
        self.assertEqual(self.import_from(wheels, "import soundtoy; print(soundtoy.answer())"), "21\n")

    def test_a_record_with_crlf_keeps_its_line_ends_or_changes_all(self):
        for wheel in self.split(fixture("soundtoy"), "--move", "libtoycodec*", "--companion", "soundtoy_codec"):
            record = read(wheel, ".dist-info/RECORD")
            self.assertIn(record.count(b"\r\n"), (0, record.count(b"\n")))

    def test_two_libraries_of_one_name_stay_apart(self):
        wheels = self.split(fixture("Twin.Toy"), "--move", "libtwintoy_big.so", "--companion", "twin_big")
        self.assertEqual(self.libraries(wheels[1]), ["libtwintoy_big.so"])
        code = "import twintoy; print(twintoy.answer())"
        self.assertEqual(self.import_from(wheels, code, TWINTOY="plain"), "105\n")
        self.assertEqual(self.import_from(wheels, code, TWINTOY="fast"), "104\n")

    def test_an_old_name_a_local_version_and_a_build_tag_are_kept(self):
        main_wheel, companion = self.split(fixture("Twin.Toy"), "--move", "libtwintoy_big.so", "--companion", "twin_big",
                                           "--suffix", "demo.1")
        self.assertRegex(main_wheel.name, r"(?i)^twin[._]toy-1\.0\+cu118\.demo\.1-7-cp38-abi3-linux_x86_64\.whl$")
        self.assertIn("twin_big-1.0+cu118.demo.1-", companion.name)

    @needs_tools
    def test_pip_and_uv_take_the_old_name(self):
        main_wheel, _ = self.split(fixture("Twin.Toy"), "--move", "libtwintoy_big.so", "--companion", "twin_big")
        for install in ("pip_install", "uv_install"):
            venv = self.new_venv(install)
            self.assert_ran(getattr(venv, install)(main_wheel, "--find-links", self.out))
            self.assert_ran(venv.python("import twintoy; print(twintoy.answer())"), "105\n")

    def test_a_package_in_a_namespace(self):
        wheels = self.split(fixture("nstoy_render"), "--max-installed-size", "1500kB", "--companion", "nstoy_parts")
        self.assertEqual(self.import_from(wheels, "import nstoy.render; print(nstoy.render.answer())"), "33\n")

    def test_a_library_that_python_opens_by_path_stays_and_is_named(self):
        result = self.spokeshave("split", fixture("monotoy"), "--max-installed-size", "2MB", "--companion", "mono_part",
                                 "--out", self.out)
        self.assert_stopped(result, FOUND, "libmonotoy.so")

    def test_what_that_library_needs_can_move(self):
        wheels = self.split(fixture("monotoy"), "--max-installed-size", "3400kB", "--companion", "mono_part")
        self.assertEqual(self.libraries(wheels[1]), ["libmonotoy_helper.so"])
        self.assertEqual(self.import_from(wheels, "import monotoy; print(monotoy.answer())"), "55\n")

    @needs_tools
    def test_a_musllinux_wheel_is_proved_by_the_rules_of_musl(self):
        wheel = self.folder / "gputoy-2.1.0-cp38-abi3-musllinux_1_1_x86_64.whl"
        shutil.copy(fixture("gputoy"), wheel)
        self.split(wheel, "--move", "libtoyblas.so.12", "--companion", "gputoy_blas")
        said = " ".join(self.result.stdout.split())
        self.assertIn("are met as before, in one folder", said)
        self.assertNotIn("in separate ones", said)
        self.assertIn("musl meets no need by a library that was loaded by its path", said)

    def test_installed_splits_need_no_preload(self):
        for name, module, moved in (("soundtoy", "soundtoy/_ext.abi3.so", "libtoycodec*"),
                                    ("nstoy_render", "nstoy/render/_ext.abi3.so", "libnstoy_mesh*")):
            wheels = self.split(fixture(name), "--move", moved, "--companion", name + "_part")
            venv = self.new_venv(name)
            self.assert_ran(venv.pip_install(wheels[0], "--find-links", self.out))
            self.assertNotIn("not found", run("ldd", venv.site_packages / module).stdout)
            for wheel in wheels:
                wheel.unlink()


if __name__ == "__main__":
    main()
