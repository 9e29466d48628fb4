"""`spokeshave preload`: the order over several wheels, as text, and written into the main wheel."""
import ast
import itertools
import json
import re
import shutil
import unittest

from bad_wheels import BAD_ARCHIVES
from load_set import CODE, apptoy, onetoy, twotoy, whole
from support import DONE, FAILED, FOUND, USAGE, EndToEnd, clean_environment, fixture, main, read, run, unpack
from wheel_maker import Wheel

ORDER = ["libcore.so", "libtrip.so", "libround.so", "libtwo.so", "libone.so", "libone_part.so"]
BEGIN, END = "# >>> spokeshave preload >>>", "# <<< spokeshave preload <<<"


class PreloadTest(EndToEnd):
    def preload(self, *arguments, code=DONE, **how):
        result = self.spokeshave("preload", *arguments, **how)
        self.assertEqual(result.code, code, result.stdout + result.stderr)
        return result

    def document(self, *arguments, code=DONE):
        return json.loads(self.preload(*arguments, "--json", code=code).stdout)

    def write(self, wheels, *arguments, out=None):
        """The main wheel with its block."""
        out = out or self.out
        out.mkdir(exist_ok=True)
        self.result = self.preload(*wheels, "--write", "--out", out, *arguments)
        made, = out.glob("*.whl")
        return made

    def run_apart(self, wheels, code, **env):
        """With each wheel in a folder of its own."""
        folder = self.folder / f"apart{len(list(self.folder.iterdir()))}"
        apart = [str(unpack(wheel, folder / wheel.name)) for wheel in wheels]
        return run("python3", "-c", code, env=clean_environment(PYTHONPATH=":".join(apart), **env), cwd=self.folder)


class Order(PreloadTest):
    def test_each_library_after_all_that_it_needs(self):
        document = self.document(*whole(self.folder))
        self.assertEqual([each["soname"] for each in document["libraries"]], ORDER)
        self.assertEqual([each["requirement"] for each in document["libraries"]],
                         ["apptoy==1.0", "twotoy==2.0", "twotoy==2.0", "twotoy==2.0", "onetoy==1.5", "onetoy==1.5"])
        self.assertEqual((document["package"], document["init"]), ("apptoy", "apptoy/__init__.py"))

    def test_why_each_is_loaded(self):
        told = {each["soname"]: each for each in self.document(*whole(self.folder))["libraries"]}
        self.assertEqual(told["libcore.so"]["reason"], "needed by libtwo.so of twotoy")
        self.assertEqual(told["libtwo.so"]["needed_by"], ["apptoy/_c.so", "onetoy/libone.so", "onetoy/libone_part.so"])
        self.assertEqual(told["libone_part.so"]["reason"], "opened by libone.so of onetoy")
        self.assertEqual([name for name in told if told[name]["by_dlopen"]], ["libone_part.so"])

    def test_a_circle_is_shown_and_opened_by_the_member_that_finds_the_other(self):
        circle, = self.document(*whole(self.folder))["circles"]
        self.assertEqual(circle["libraries"], ["twotoy/libround.so", "twotoy/libtrip.so"])
        self.assertIs(circle["loads"], True)

    def test_a_wheel_that_no_one_needs_is_named(self):
        wheels = whole(self.folder)
        document = self.document(*wheels)
        self.assertEqual([document["wheels"][each]["name"] for each in document["unneeded"]], ["idletoy"])
        self.assertIn("note: nothing of idletoy must be loaded beforehand", self.preload(*wheels).stdout)

    def test_a_plugin_that_lacks_something_is_left_to_the_code_that_opens_it(self):
        note, = [note for note in self.document(*whole(self.folder))["notes"] if "libplugin.so" in note]
        self.assertIn("`libnowhere.so.3`", note)

    def test_the_order_of_the_other_wheels_changes_nothing(self):
        first, *others = whole(self.folder)
        for format in ("list", "json", "python", "sitecustomize", "bazel"):
            texts = {self.preload(first, *order, "--format", format).stdout for order in itertools.permutations(others)}
            self.assertEqual(len(texts), 1, format)
        made = {self.write([first, *order], "--suffix", "a", out=self.folder / f"out{number}").read_bytes()
                for number, order in enumerate(itertools.permutations(others))}
        self.assertEqual(len(made), 1)

    def test_the_real_loader_takes_each_library_in_that_order_with_nothing_to_search(self):
        wheels = whole(self.folder)
        folders = [unpack(wheel, self.folder / "apart" / str(number)) for number, wheel in enumerate(wheels)]
        document = self.document(*wheels)
        names = [each["name"] for each in document["wheels"]]
        self.assertEqual(names, ["apptoy", "idletoy", "onetoy", "twotoy"])
        place = dict(zip(("apptoy", "onetoy", "twotoy", "idletoy"), folders))
        paths = [str(place[names[each["wheel"]]] / each["path"]) for each in document["libraries"]]
        code = "import ctypes, os, sys\nfor path in sys.argv[1:]: ctypes.CDLL(path, os.RTLD_NOW)"
        self.assert_ran(run("python3", "-c", code, *paths, env=clean_environment()), "")
        self.assertNotEqual(run("python3", "-c", code, *reversed(paths), env=clean_environment()).code, 0)

    def test_a_split_wheel_and_its_companion_are_loaded_as_split_loads_them(self):
        wheels = self.split(fixture("gputoy"), "--max-installed-size", "8MB", "--companion", "gputoy_cuda")
        split = re.findall(r'\("(gputoy_cuda/\S+)", "', read(wheels[0], "gputoy/__init__.py").decode())
        self.assertEqual([each["path"] for each in self.document(*wheels)["libraries"]], split)


class Missing(PreloadTest):
    def test_it_is_named_with_the_requirement_that_should_bring_it(self):
        wheels = [apptoy(self.folder), onetoy(self.folder)]
        document = self.document(*wheels, code=FOUND)
        missing, = document["missing"]
        self.assertEqual((missing["name"], missing["requirements"]), ("libtwo.so", ["twotoy"]))
        self.assertEqual(missing["needed_by"], ["apptoy/_c.so", "onetoy/libone.so", "onetoy/libone_part.so"])
        said = self.preload(*wheels, code=FOUND).stdout
        self.assertIn("problem: `libtwo.so` will be missing: no wheel here has it; `twotoy` should", said)

    def test_nothing_is_made_where_something_is_missing(self):
        wheels = [apptoy(self.folder), onetoy(self.folder)]
        for format in ("python", "sitecustomize", "bazel"):
            result = self.spokeshave("preload", *wheels, "--format", format, "--output", self.out / "x")
            self.assert_stopped(result, FOUND, "`libtwo.so` will be missing", "`twotoy`")
            self.assertEqual(result.stdout, "")
        result = self.spokeshave("preload", *wheels, "--write", "--suffix", "a", "--out", self.out)
        self.assert_stopped(result, FOUND, "nothing was written", "`libtwo.so` will be missing")
        document = self.spokeshave("preload", *wheels, "--write", "--suffix", "a", "--out", self.out, "--json")
        self.assertEqual(document.code, FOUND)
        self.assertIs(json.loads(document.stdout)["written"], None)
        self.assertEqual(list(self.out.iterdir()), [])

    def test_a_name_that_is_not_the_soname_cannot_be_met(self):
        wheels = [apptoy(self.folder), onetoy(self.folder), twotoy(self.folder, soname="libtwo-2.so")]
        missing = self.document(*wheels, code=FOUND)["missing"]
        self.assertEqual({each["name"] for each in missing}, {"libtwo.so"})
        self.assertIn("whose SONAME is `libtwo-2.so`", missing[0]["why"])
        self.assertIn("--set-soname 'libtwo.so=libtwo.so'", missing[0]["way_out"])
        patched = self.preload_after_patch(wheels, ["--set-soname", "libtwo.so=libtwo.so"])
        self.assertEqual([each["soname"] for each in patched["libraries"]], ORDER)

    def preload_after_patch(self, wheels, edit):
        """The way out, gone."""
        result = self.spokeshave("patch", wheels[-1], *edit, "--suffix", "fixed", "--out", self.out)
        self.assertEqual(result.code, DONE, result.stderr)
        return self.document(*wheels[:-1], *self.out.iterdir())

    def test_a_circle_over_wheels_that_nobody_opens_is_impossible(self):
        wheels = [apptoy(self.folder), onetoy(self.folder), twotoy(self.folder, needed=("libone.so",))]
        document = self.document(*wheels, code=FOUND)
        circle, = document["circles"]
        self.assertEqual(circle["libraries"], ["onetoy/libone.so", "twotoy/libtwo.so"])
        self.assertIs(circle["loads"], False)
        self.assertEqual(document["missing"], [])
        said = " ".join(self.preload(*wheels, code=FOUND).stdout.split())
        self.assertIn("problem: `libone.so` and `libtwo.so` need each other", said)
        result = self.spokeshave("preload", *wheels, "--write", "--suffix", "a", "--out", self.out)
        self.assert_stopped(result, FOUND, "libraries that need each other cannot be loaded")

    def test_under_musl_nothing_that_is_loaded_beforehand_helps(self):
        musl = "py3-none-musllinux_1_2_x86_64"
        wheels = [make(self.folder, tag=musl) for make in (apptoy, onetoy, twotoy)]
        self.assertIn("musl meets no need by a library that was loaded by its path",
                      " ".join(self.preload(*wheels, code=FOUND).stdout.split()))
        result = self.spokeshave("preload", *wheels, "--write", "--suffix", "a", "--out", self.out)
        self.assert_stopped(result, FOUND, "nothing was written", "install the wheels into one folder")


class Written(PreloadTest):
    def test_the_import_fails_without_the_block_and_works_with_it(self):
        wheels = whole(self.folder)
        code = "import apptoy; print('in')"
        result = self.run_apart(wheels, code)
        self.assertIn("libone.so: cannot open shared object file", result.stderr)
        made = self.write(wheels, "--suffix", "pre.1")
        self.assertEqual(made.name, wheels[0].name.replace("1.0", "1.0+pre.1"))
        self.assert_ran(self.run_apart([made, *wheels[1:]], code), "in\n")
        self.assertIn("libone.so", self.run_apart([made, *wheels[1:]], code, SPOKESHAVE_PRELOAD="off").stderr)

    def test_a_real_package_too(self):
        wheels = self.split(fixture("gputoy"), "--max-installed-size", "8MB", "--companion", "gputoy_cuda")
        bare = self.folder / "bare"
        bare.mkdir()
        patched = self.spokeshave("patch", wheels[0], "--remove-preload", "--suffix", "bare", "--out", bare)
        self.assertEqual(patched.code, DONE, patched.stderr)
        without, = bare.iterdir()
        code = "import gputoy; print(gputoy.answer())"
        self.assertNotEqual(self.run_apart([without, wheels[1]], code).code, 0)
        made = self.write([without, wheels[1]], "--suffix", "pre.1", out=self.folder / "made")
        self.assert_ran(self.run_apart([made, wheels[1]], code), "511\n")

    def test_a_second_run_changes_nothing_but_the_version(self):
        wheels = whole(self.folder)
        first = self.write(wheels, "--version", "1.1")
        second = self.write([first, *wheels[1:]], "--version", "1.2", out=self.folder / "again")
        self.assertEqual(read(second, "apptoy/__init__.py"),
                         read(first, "apptoy/__init__.py").replace(b"apptoy==1.1", b"apptoy==1.2"))
        third = self.write([second, *wheels[1:]], "--version", "1.1", out=self.folder / "back")
        self.assertEqual(third.read_bytes(), first.read_bytes())

    def test_removed_again_the_module_is_as_it_was(self):
        made = self.write(whole(self.folder), "--suffix", "a")
        back = self.folder / "back"
        back.mkdir()
        result = self.spokeshave("patch", made, "--remove-preload", "--version", "1.0", "--out", back)
        self.assertEqual(result.code, DONE, result.stderr)
        self.assertEqual(read(next(back.iterdir()), "apptoy/__init__.py"), CODE.encode())

    def test_a_dry_run_shows_the_change_and_writes_nothing(self):
        result = self.preload(*whole(self.folder), "--write", "--suffix", "a", "--out", self.out, "--dry-run")
        self.assertIn("preload block put in", result.stdout)
        self.assertEqual(list(self.out.iterdir()), [])

    def test_json_tells_what_was_written(self):
        result = self.preload(*whole(self.folder), "--write", "--suffix", "a", "--out", self.out, "--json")
        written = json.loads(result.stdout)["written"]
        self.assertEqual(written["path"], str(next(self.out.iterdir())))
        self.assertEqual(written["requirement"], "apptoy==1.0+a")

    def test_quiet_says_nothing(self):
        self.assertEqual(self.preload(*whole(self.folder), "--write", "--suffix", "a", "--out", self.out, "-q").stdout, "")

    def test_where_nothing_must_be_loaded_a_wheel_is_written_all_the_same(self):
        """A build rule promises a file, whatever is in it."""
        made = self.write([fixture("monotoy")], "--suffix", "a")
        self.assertIn("nothing must be loaded before monotoy 9.1 is imported", self.result.stdout)
        self.assert_ran(self.run_apart([made], "import monotoy; print(monotoy.answer())"), "55\n")

    def test_the_package_is_the_users_choice(self):
        wheel = Wheel("twopack", "1.0").add("twopack/__init__.py", "").add("other/inner/__init__.py", "x = 1\n").write(self.folder)
        made = self.write([wheel], "--suffix", "a", "--package", "other.inner")
        self.assertIn(BEGIN.encode(), read(made, "other/inner/__init__.py"))
        self.assertNotIn(BEGIN.encode(), read(made, "twopack/__init__.py"))

    def test_without_a_package_there_is_nothing_to_write_into(self):
        wheels = [apptoy(self.folder, init=None), onetoy(self.folder), twotoy(self.folder)]
        self.assertIs(self.document(*wheels)["package"], None)
        result = self.spokeshave("preload", *wheels, "--write", "--suffix", "a", "--out", self.out)
        self.assert_stopped(result, FOUND, "has no package that could load them")
        document = self.spokeshave("preload", *wheels, "--write", "--suffix", "a", "--out", self.out, "--json")
        self.assertEqual((document.code, json.loads(document.stdout)["written"]), (FOUND, None))
        self.assertEqual(list(self.out.iterdir()), [])

    def test_a_name_that_is_taken_is_told_before_the_long_work(self):
        wheels = whole(self.folder)
        result = self.spokeshave("preload", *wheels, "--write", "--out", wheels[0].parent)
        self.assert_stopped(result, USAGE, "it is the wheel that is to be patched")
        self.assertEqual(result.stdout, "")
        self.write(wheels, "--suffix", "a")
        result = self.spokeshave("preload", *wheels, "--write", "--suffix", "a", "--out", self.out)
        self.assertEqual((result.code, result.stdout), (FAILED, ""), result.stderr)


class Formats(PreloadTest):
    def test_python_is_the_block_that_write_puts_in(self):
        wheels = whole(self.folder)
        block = self.preload(*wheels, "--format", "python").stdout
        ast.parse(block)
        self.assertTrue(block.startswith(BEGIN) and block.endswith(END + "\n"))
        made = read(self.write(wheels, "--version", "1.0", "--force"), "apptoy/__init__.py").decode()
        self.assertEqual(made.count(block), 1)

    def test_sitecustomize_loads_the_same_from_outside(self):
        wheels = whole(self.folder)
        outside = self.folder / "outside"
        outside.mkdir()
        self.preload(*wheels, "--format", "sitecustomize", "--output", outside / "sitecustomize.py")
        folders = [str(unpack(wheel, self.folder / "apart" / wheel.name)) for wheel in wheels]
        env = clean_environment(PYTHONPATH=":".join([str(outside), *folders]))
        self.assert_ran(run("python3", "-c", "import apptoy; print('in')", env=env), "in\n")

    @unittest.skipUnless(shutil.which("patch"), "no GNU patch")
    def test_bazel_is_a_diff_that_makes_the_same_module(self):
        wheels = whole(self.folder)
        diff = self.folder / "preload.patch"
        self.preload(*wheels, "--format", "bazel", "-o", diff)
        tree = unpack(wheels[0], self.folder / "tree")
        self.assert_ran(run("patch", "-p1", "--no-backup-if-mismatch", "-i", diff, cwd=tree))
        made = self.write(wheels, "--version", "1.0", "--force")
        self.assertEqual((tree / "apptoy/__init__.py").read_bytes(), read(made, "apptoy/__init__.py"))

    def test_the_list_fits_80_columns_and_its_columns_are_aligned(self):
        said = self.preload(*whole(self.folder)).stdout
        self.assertLessEqual(max(len(line) for line in said.splitlines()), 80)
        table = said.split("\n\n")[0].splitlines()
        self.assertEqual([line.split()[0] for line in table], ["library", *ORDER])
        for column in ("wheel", "needed by"):
            at = table[0].index(column)
            self.assertEqual({line[at - 2:at] for line in table}, {"  "}, column)

    def test_format_json_is_json_and_a_file_can_take_it(self):
        wheels = whole(self.folder)
        text = self.preload(*wheels, "--json").stdout
        self.assertEqual(self.preload(*wheels, "--format", "json").stdout, text)
        self.assertEqual(self.preload(*wheels, "--json", "-o", self.out / "x.json").stdout, "")
        self.assertEqual((self.out / "x.json").read_text(), text)

    def test_globals_are_marked(self):
        wheels = whole(self.folder)
        told = self.document(*wheels, "--global", "libone*")["libraries"]
        self.assertEqual([each["soname"] for each in told if each["global"]], ["libone.so", "libone_part.so"])
        self.assertIn("RTLD_GLOBAL", self.preload(*wheels, "--global", "libone.so").stdout)


class Usage(PreloadTest):
    def wrong(self, *arguments, words=(), code=USAGE):
        result = self.spokeshave("preload", *arguments, cwd=self.out, timeout=20)
        self.assert_stopped(result, code, *words)

    def test_what_excludes_each_other(self):
        app = apptoy(self.folder)
        for format in ("list", "json", "python", "sitecustomize", "bazel"):
            self.wrong(app, "--write", "--format", format, words=["--write and --format"])
        self.wrong(app, "--json", "--format", "python", words=["--json and this --format"])
        self.wrong(app, "--write", "-o", "x.txt", words=["--write and --output"])
        self.wrong(app, "--write", "--suffix", "a", "--version", "2", words=["--version and --suffix"])

    def test_what_is_for_write_alone(self):
        app = apptoy(self.folder)
        for option in (["--suffix", "a"], ["--version", "2"], ["--out", "."], ["--force"], ["--dry-run"], ["-n"], ["--check-input"]):
            self.wrong(app, *option, words=["needs --write"])

    def test_misspelt_words_are_told_with_the_right_one(self):
        app = apptoy(self.folder)
        self.wrong(app, "--format", "bazle", words=["--format knows no `bazle`", "did you mean `bazel`?"])
        self.wrong(app, "--format=", words=["--format"])
        self.wrong(app, "--globl", "x", words=["did you mean `--global`"])
        self.wrong(words=["WHEEL"])
        self.wrong(app, "--package", "gone", words=["--package `gone`"])
        self.wrong(*whole(self.folder), "--global", "libtow.so", words=["--global `libtow.so`", "`libtwo.so`"])

    def test_two_wheels_of_one_distribution(self):
        app, again = apptoy(self.folder), apptoy(self.folder, version="1.1")
        self.wrong(app, again, words=["cannot be installed together"])

    def test_the_output_is_none_of_the_wheels(self):
        wheels = whole(self.folder)
        for wheel in wheels:
            self.wrong(*wheels, "-o", wheel, words=["--output is the wheel"])

    def test_the_wheel_itself_is_not_overwritten(self):
        wheels = whole(self.folder)
        before = wheels[0].read_bytes()
        result = self.spokeshave("preload", *wheels, "--write", cwd=self.folder)
        self.assert_stopped(result, USAGE, "it is the wheel that is to be patched")
        self.assertEqual(wheels[0].read_bytes(), before)

    def test_what_cannot_be_read(self):
        app = apptoy(self.folder)
        self.wrong(app, self.folder / "gone-1.0-py3-none-any.whl", words=["gone-1.0", "No such file"], code=FAILED)
        (self.folder / "x-1.0-py3-none-any.whl").write_bytes(b"no zip")
        self.wrong(app, self.folder / "x-1.0-py3-none-any.whl", words=["x-1.0"], code=FAILED)

    def test_damaged_wheels_beside_the_main_one(self):
        app = apptoy(self.folder)
        for number, (fault, (make, words)) in enumerate(BAD_ARCHIVES.items()):
            with self.subTest(fault):
                folder = self.folder / str(number)
                folder.mkdir()
                self.wrong(app, make(folder), "--write", "--suffix", "a", words=words, code=FAILED)


if __name__ == "__main__":
    main()
