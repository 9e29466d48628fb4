"""`spokeshave patch`: metadata, versions and tags, judged by Python's email and packaging's parsers, pip, uv and installer."""
import json
import os
import re
import unittest

from patching import PatchTest, Wheel, field_lines
from support import FOUND, TOOLS, USAGE, fixture, main, needs_tools, run
from wheel_maker import Wheel as WheelMaker


A_COMMENT = ("metadata-requires",)  # toy() requires something with a comment behind it, as no index takes it


def toy(**more):
    """A small wheel with requirements in every spelling."""
    wheel = WheelMaker("metatoy", "1.2", "py3-none-any")
    wheel.requires = ["triton (==2.0.0) ; platform_system == \"Linux\"", "Typing_Extensions>=4 # no comment", "numpy",
                      "Triton[all]>=2;extra=='gpu'", "sympy ; python_version>'3.8'"]
    wheel.description = "A text that says Requires-Dist: triton\n\nVersion: 1.2 of it.\n"
    for key, value in more.items():
        setattr(wheel, key, value)
    return wheel.add("metatoy/__init__.py", "answer = 42\n")


class Requirements(PatchTest):
    allowed = A_COMMENT

    def setUp(self):
        super().setUp()
        self.old = Wheel(toy().write(self.folder))

    def requirements(self, *arguments):
        new = self.patch(self.old.path, *arguments)
        self.assert_kept(self.old, new, changed=[f"{self.old.dist_info}/METADATA"])
        self.assertEqual(field_lines(new.text("METADATA"), "Requires-Dist")[1],
                         field_lines(self.old.text("METADATA"), "Requires-Dist")[1])
        return new.metadata.get_all("Requires-Dist")

    def test_all_lines_of_a_dropped_name_go_whatever_its_spelling(self):
        self.assertEqual(self.requirements("--drop-requires", "TRITON"),
                         ["Typing_Extensions>=4 # no comment", "numpy", "sympy ; python_version>'3.8'"])

    def test_several_names_can_be_dropped(self):
        left = self.requirements("--drop-requires", "typing.extensions", "--drop-requires", "numpy", "--drop-requires=triton")
        self.assertEqual(left, ["sympy ; python_version>'3.8'"])

    def test_a_new_requirement_stands_behind_the_others(self):
        before = self.old.metadata.get_all("Requires-Dist")
        self.assertEqual(self.requirements("--add-requires", "filelock>=3 ; python_version<'3.12'"),
                         [*before, "filelock>=3 ; python_version<'3.12'"])

    def test_a_set_requirement_takes_the_place_of_all_lines_of_its_name(self):
        self.assertEqual(self.requirements("--set-requires", "triton==2.1.0")[0], "triton==2.1.0")
        self.assertEqual(Wheel(next(self.out.iterdir())).metadata.get_all("Requires-Dist").count("triton==2.1.0"), 1)

    def test_a_name_that_is_dropped_twice_is_dropped_once(self):
        left = self.requirements("--drop-requires", "triton", "--drop-requires", "Triton")
        self.assertEqual(left, ["Typing_Extensions>=4 # no comment", "numpy", "sympy ; python_version>'3.8'"])

    def test_drop_set_and_add_in_one_run(self):
        self.assertEqual(self.requirements("--add-requires", "jinja2", "--set-requires", "numpy<2", "--drop-requires", "triton"),
                         ["Typing_Extensions>=4 # no comment", "numpy<2", "sympy ; python_version>'3.8'", "jinja2"])

    def test_one_that_is_not_there_is_an_error_with_the_nearest_name(self):
        self.refused(self.old.path, FOUND, "--drop-requires", "tritton", words=["`tritton`", "did you mean `triton"])
        self.refused(self.old.path, FOUND, "--set-requires", "nump>1", words=["nump", "numpy"])

    def test_what_is_no_requirement_is_refused(self):
        for option, value in (("--add-requires", "a b c"), ("--add-requires", "x=="), ("--set-requires", ">=1"),
                              ("--drop-requires", "triton>=2"), ("--drop-requires", ""), ("--add-requires", ""),
                              ("--requires-python", "three"), ("--requires-python", "")):
            with self.subTest(option, value=value):
                self.refused(self.old.path, USAGE, option, value, words=[option])

    def test_dropped_and_set_contradict_each_other(self):
        self.refused(self.old.path, USAGE, "--drop-requires", "triton", "--set-requires", "Triton==1")

    def test_one_that_stands_there_already_changes_nothing(self):
        new = self.patch(self.old.path, "--add-requires", "numpy")
        self.assert_kept(self.old, new)
        self.assertIn("stands there already", self.result.stdout)

    @needs_tools
    def test_packaging_reads_what_pip_would_need(self):
        self.requirements("--set-requires", "triton[all] >= 2.1 ; extra == 'gpu'", "--add-requires", "jinja2; python_version>'3'")
        judge = ("import sys; from packaging.metadata import Metadata; "
                 "print(len(Metadata.from_email(open(sys.argv[1]).read(), validate=False).requires_dist))")
        path = self.folder / "METADATA"
        path.write_text(Wheel(next(self.out.iterdir())).text("METADATA").replace(" # no comment", ""))
        result = run(TOOLS / "python", "-c", judge, path)
        self.assert_ran(result, "5\n")

    def test_requires_python_is_set_or_replaced(self):
        new = self.patch(self.old.path, "--requires-python", ">=3.8,<4")
        self.assertEqual(new.metadata["Requires-Python"], ">=3.8,<4")
        again = self.patch(new.path, "--requires-python", ">=3.9", out=self.folder / "again")
        self.assertEqual(again.metadata.get_all("Requires-Python"), [">=3.9"])

    def test_line_ends_of_metadata_stay(self):
        wheel = toy()
        wheel.add(wheel.dist_info + "/METADATA", wheel.metadata().replace("\n", "\r\n"))
        old = Wheel(wheel.write(self.folder / "crlf"))
        new = self.patch(old.path, "--drop-requires", "triton", "--add-requires", "z")
        self.assertEqual(new.text("METADATA").count("\n"), new.text("METADATA").count("\r\n"))
        self.assertNotIn("triton (", new.text("METADATA"))


class Versions(PatchTest):
    allowed = A_COMMENT

    def test_without_a_new_version_the_name_is_spelt_as_it_was(self):
        old = Wheel(fixture("Twin.Toy"))
        new = self.patch(old.path, "--requires-python", ">=3.8", allowed=("filename-name",))
        self.assertEqual((new.path.name, new.dist_info), (old.path.name, old.dist_info))
        self.assert_kept(old, new, changed=[f"{old.dist_info}/METADATA"])

    def test_a_suffix_becomes_the_local_version_everywhere(self):
        old = Wheel(fixture("gputoy"))
        new = self.patch(old.path, "--suffix", "stripe.1")
        self.assertEqual(new.path.name, "gputoy-2.1.0+stripe.1-cp38-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl")
        self.assertEqual(new.dist_info, "gputoy-2.1.0+stripe.1.dist-info")
        self.assertIn("gputoy-2.1.0+stripe.1.data/scripts/gputoy-run", new.names)
        self.assertEqual(field_lines(new.text("METADATA"), "Version"),
                         (["Version: 2.1.0+stripe.1"], field_lines(old.text("METADATA"), "Version")[1]))
        self.assert_kept(old, new, changed=[f"{old.dist_info}/METADATA"])

    def test_a_suffix_follows_a_local_version(self):
        new = self.patch(fixture("Twin.Toy"), "--suffix", "fix.2")
        self.assertEqual(new.path.name, "twin_toy-1.0+cu118.fix.2-7-cp38-abi3-linux_x86_64.whl")
        self.assertEqual(new.metadata["Version"], "1.0+cu118.fix.2")
        self.assertEqual(new.wheel_file.get_all("Tag"), ["cp38-abi3-linux_x86_64"])

    def test_the_whole_version_can_be_another(self):
        old = Wheel(fixture("Twin.Toy"))
        new = self.patch(old.path, "--version", "v3.0-rc1")  # normalised: PEP 440
        self.assertEqual((new.metadata["Version"], new.dist_info), ("3.0rc1", "twin_toy-3.0rc1.dist-info"))
        self.assert_kept(old, new, changed=[f"{old.dist_info}/METADATA"])

    def test_what_is_no_version_is_refused(self):
        wheel = toy().write(self.folder)
        for arguments, word in ((["--version", "one"], "one"), (["--suffix", "a b"], "a b"), (["--suffix", ""], "--suffix"),
                                (["--version", ""], "--version"), (["--version", "1", "--suffix", "a"], "--suffix"),
                                (["--suffix", "../../x"], "../../x"), (["--version", "1/../2"], "1/../2")):
            self.refused(wheel, USAGE, *arguments, words=[word])

    def test_the_same_version_again_is_told_and_nothing_else_changes(self):
        old = Wheel(toy().write(self.folder))
        new = self.patch(old.path, "--version", "1.2")
        self.assert_kept(old, new)
        self.assertEqual(new.dist_info, old.dist_info)


class Tags(PatchTest):
    allowed = A_COMMENT

    def test_tags_change_in_the_file_name_and_in_wheel(self):
        old = Wheel(fixture("monotoy"))
        new = self.patch(old.path, "--python-tag", "cp310.cp311", "--abi-tag", "abi3", "--platform-tag",
                         "manylinux_2_17_x86_64.manylinux2014_x86_64", "--build", "3x")
        self.assertEqual(new.path.name,
                         "monotoy-9.1-3x-cp310.cp311-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl")
        self.assertEqual(sorted(new.wheel_file.get_all("Tag")),
                         sorted(f"{python}-abi3-{platform}" for python in ("cp310", "cp311")
                                for platform in ("manylinux_2_17_x86_64", "manylinux2014_x86_64")))
        self.assertEqual(new.wheel_file.get_all("Build"), ["3x"])
        self.assertEqual(field_lines(new.text("WHEEL"), "Tag", "Build")[1].strip(),
                         field_lines(old.text("WHEEL"), "Tag", "Build")[1].strip())
        self.assert_kept(old, new, changed=[f"{old.dist_info}/WHEEL"])

    def test_tags_of_the_name_stay_where_those_in_wheel_are_others(self):
        old = Wheel(fixture("gputoy"))  # as torch's: cp38-abi3-linux_x86_64 in WHEEL, manylinux in the name
        new = self.patch(old.path, "--drop-requires", "jinja2")
        self.assertEqual(new.path.name, old.path.name)
        self.assertEqual(new.text("WHEEL"), old.text("WHEEL"))

    def test_a_build_tag_goes(self):
        wheel = toy(tag="7-py3-none-any", wheel_tag="py3-none-any")
        wheel.add(wheel.dist_info + "/WHEEL", wheel.wheel_file() + "Build: 7\n")
        new = self.patch(wheel.write(self.folder), "--build", "")
        self.assertEqual((new.path.name, new.wheel_file["Build"]), ("metatoy-1.2-py3-none-any.whl", None))

    def test_a_change_of_the_name_only_is_told(self):
        wheel = toy(tag="7-py3-none-any", wheel_tag="py3-none-any")
        wheel.add(wheel.dist_info + "/WHEEL", wheel.wheel_file().replace("Build: 7\n", ""))
        old = Wheel(wheel.write(self.folder))
        new = self.patch(old.path, "--build", "")
        self.assertEqual(new.path.name, "metatoy-1.2-py3-none-any.whl")
        self.assertIn("metatoy-1.2-7-py3-none-any.whl -> metatoy-1.2-py3-none-any.whl\n", self.result.stdout)
        self.assertNotIn("nothing", self.result.stdout)
        told = json.loads(self.spokeshave("patch", old.path, "--build", "", "--dry-run", "--json").stdout)["wheels"][0]
        self.assertEqual((told["original"]["file"], told["file"]), (old.path.name, new.path.name))

    def test_what_is_no_tag_is_refused(self):
        wheel = toy().write(self.folder)
        for option, value in (("--build", "x1"), ("--python-tag", "cp 311"), ("--abi-tag", ""), ("--platform-tag", "a-b"),
                              ("--platform-tag", "../x"), ("--python-tag", "py2..py3"), ("--build", "1/2")):
            with self.subTest(option, value=value):
                self.refused(wheel, USAGE, option, value, words=[option])


@needs_tools
class Installed(PatchTest):
    """pip, uv and installer take what was patched."""

    def patched(self, *arguments):
        return self.patch(fixture("gputoy"), "--suffix", "stripe.1", *arguments)

    def test_the_printed_line_installs_it(self):
        new = self.patched("--drop-requires", "jinja2")
        line = re.search(r"to install\n  pip (install --find-links '(.*)' '(.*)')\n", self.result.stdout)
        self.assertEqual((line[2], line[3]), (str(self.out), "gputoy==2.1.0+stripe.1"))
        venv = self.new_venv()
        done = run("sh", "-c", f"'{TOOLS}/python' -m pip --isolated --python '{venv.python_path}' --no-cache-dir "
                   + line[1] + " --no-index")
        self.assert_ran(done)
        self.assert_ran(venv.python("import gputoy; print(gputoy.answer())"), "511\n")
        listed = json.loads(run(TOOLS / "python", "-m", "pip", "--isolated", "--python", venv.python_path, "list",
                                "--format=json", "--disable-pip-version-check").stdout)
        self.assertIn({"name": "gputoy", "version": "2.1.0+stripe.1"}, listed)
        self.assertEqual(new.metadata.get_all("Requires-Dist"), ["packaging>=20 ; python_version < '3'"])

    def test_the_printed_line_is_right_for_folders_with_odd_names(self):
        out = self.folder / "it's a $HOME folder"
        out.mkdir()
        self.patch(toy(requires=[]).write(self.folder), "--suffix", "a", out=out)
        line = self.result.stdout.split("to install\n  pip ")[1].strip()
        venv = self.new_venv()
        self.assert_ran(run("sh", "-c", f"'{TOOLS}/python' -m pip --isolated --python '{venv.python_path}' {line} --no-index"))
        self.assert_ran(venv.python("import metatoy; print(metatoy.answer)"), "42\n")

    def test_uv_and_installer_take_it(self):
        new = self.patched("--set-runpath", "gputoy/lib/*.so=$ORIGIN:$ORIGIN/../lib", "--chmod", "*/notes.txt=600")
        venv = self.new_venv()
        self.assert_ran(venv.uv_install(new.path))
        self.assert_ran(venv.python("import gputoy; print(gputoy.answer())"), "511\n")
        self.assert_ran(venv.installer_install(new.path))
        script = venv.path / "bin/gputoy-run"
        self.assertTrue(os.access(script, os.X_OK))

    def test_every_fixture_is_installed_after_a_patch(self):
        for name in ("gputoy", "soundtoy", "Twin.Toy", "nstoy_render", "monotoy"):
            with self.subTest(name):
                new = self.patch(fixture(name), "--suffix", "a.1", out=self.folder)
                self.assert_ran(self.new_venv(name).installer_install(new.path))


if __name__ == "__main__":
    main()
