"""`spokeshave patch --recipe` and `--print-recipe`: the same wheels as the options make; judged by tomllib."""
import shutil
import tomllib

from patching import PatchTest, Wheel
from support import DONE, FAILED, FOUND, ROOT, USAGE, fixture, main

OPTIONS = ["--suffix", "stripe.1", "--drop-requires", "jinja2", "--patch-dir", ROOT / "fixtures/patches/gputoy-2.1.0",
           "--set-runpath", "libgputoy_cuda.so=$ORIGIN:$ORIGIN/../../nvidia/cublas/lib"]
RECIPE = ROOT / "fixtures/recipes/gputoy-2.1.0.toml"


class Recipes(PatchTest):
    def recipe(self, text, name="recipe.toml"):
        path = self.folder / name
        path.write_text(text)
        return path

    def printed(self, *arguments):
        result = self.spokeshave("patch", fixture("gputoy"), "--print-recipe", *arguments, cwd=self.out)
        self.assertEqual((result.code, result.stderr), (DONE, ""))
        self.assertEqual(list(self.out.iterdir()), [])
        return result.stdout

    def test_a_recipe_makes_the_same_wheel_as_the_options(self):
        by_options = self.patch(fixture("gputoy"), *OPTIONS)
        by_recipe = self.patch(fixture("gputoy"), "--recipe", RECIPE, out=self.folder / "recipe")
        self.assertEqual(by_options.path.name, by_recipe.path.name)
        self.assertEqual(by_options.path.read_bytes(), by_recipe.path.read_bytes())

    def test_a_printed_recipe_makes_the_same_wheel_again(self):
        text = self.folder / "new.txt"
        text.write_text("new")
        options = [*OPTIONS, "--add-requires", "a ; extra == \"x\"", "--requires-python", ">=3.8", "--build", "3",
                   "--platform-tag", "manylinux_2_28_x86_64", "--add", f"gputoy/new.txt={text}", "--remove", "*.cmake",
                   "--chmod", "*.py=640", "--set-soname", "libtoyblas*=libtoyblas.so.12.1",
                   "--replace-needed", "gputoy/*:libtoyblas.so.12=libtoyblas.so.12.1", "--add-needed", "*_cpu.so=libm.so.6",
                   "--remove-needed", "*_cuda.so=libtoydnn.so.8"]
        printed = self.printed(*options)
        table = tomllib.loads(printed)["gputoy==2.1.0"]
        self.assertEqual((table["suffix"], table["build"], table["chmod"]), ("stripe.1", "3", {"*.py": "640"}))
        allowed = {"allowed": ("need-lost", "library-missing")}
        by_options = self.patch(fixture("gputoy"), *options, **allowed)
        recipe = self.recipe(printed)
        by_recipe = self.patch(fixture("gputoy"), "--recipe", recipe, out=self.folder / "recipe", **allowed)
        self.assertEqual(by_options.path.read_bytes(), by_recipe.path.read_bytes())

    def test_what_a_recipe_may_not_say_is_not_printed(self):
        for option, value in (("--drop-requires", "x>=2"), ("--suffix", ""), ("--suffix", "a!"), ("--build", "zz"),
                              ("--version", "one"), ("--python-tag", "?"), ("--add-requires", "a b")):
            with self.subTest(option=option, value=value):
                result = self.spokeshave("patch", fixture("gputoy"), "--print-recipe", option, value)
                self.assert_stopped(result, USAGE, option)
                self.assertEqual(result.stdout, "")

    def test_wheels_of_one_name_and_version_have_one_printed_table(self):
        other = self.folder / fixture("gputoy").name.replace("linux", "manylinux_2_28")
        shutil.copy(fixture("gputoy"), other)
        self.assertEqual(self.printed(other, "--suffix", "a"), '["gputoy==2.1.0"]\nsuffix = "a"\n')

    def test_each_wheel_has_its_table(self):
        recipe = self.recipe('[gputoy]\nsuffix = "any"\n["monotoy==9.1"]\nsuffix = "exact"\n[monotoy]\nsuffix = "no"\n')
        result = self.spokeshave("patch", fixture("gputoy"), fixture("monotoy"), "--recipe", recipe, "--out", self.out)
        self.assertEqual(result.code, DONE, result.stderr)
        self.assertEqual(sorted(path.name.split("-")[1] for path in self.out.iterdir()), ["2.1.0+any", "9.1+exact"])

    def test_a_wheel_without_a_table_ends_the_run_before_any_is_written(self):
        recipe = self.recipe('[gputoy]\nsuffix = "a"\n')
        result = self.spokeshave("patch", fixture("gputoy"), fixture("monotoy"), "--recipe", recipe, "--out", self.out)
        self.assertNotEqual(result.code, DONE)
        self.assertIn("monotoy", result.stderr)
        self.assertEqual(list(self.out.iterdir()), [])

    def test_mistakes_are_told_with_their_line(self):
        for text, words in (('[gputoy]\nsufix = "a"\n', ["sufix", "suffix"]),
                            ('[gputoy]\nsuffix = 1\n', ["suffix"]),
                            ('[gputoy]\nsuffix = "a\n', ["line 2"]),
                            ('[gputoy]\nsuffix = "a b"\n', ["a b"]),
                            ('[gputoy]\nadd-requires = "a b"\n', ["a b"]),
                            ('[gputoy.chmod]\n"*.py" = "999"\n', ["999"]),
                            ('[gputoy]\nsuffix = "a"\nversion = "1"\n', ["version"])):
            with self.subTest(text):
                self.refused(fixture("gputoy"), USAGE, "--recipe", self.recipe(text), words=words)

    def test_files_that_are_no_recipe(self):
        self.refused(fixture("gputoy"), FAILED, "--recipe", self.folder / "absent.toml", words=["absent.toml"])
        self.refused(fixture("gputoy"), FAILED, "--recipe", self.folder, words=[str(self.folder)])

    def test_what_a_recipe_asks_for_and_is_not_there(self):
        self.refused(fixture("gputoy"), FOUND, "--recipe", self.recipe('[gputoy]\ndrop-requires = "jinja"\n'), words=["jinja2"])
        self.refused(fixture("gputoy"), FAILED, "--recipe", self.recipe('[gputoy]\npatch = "absent.diff"\n'), words=["absent.diff"])

    def test_paths_count_from_the_recipe(self):
        shutil.copytree(ROOT / "fixtures/patches/gputoy-2.1.0", self.folder / "diffs")
        (self.folder / "new.txt").write_text("new")
        recipe = self.recipe('[gputoy]\npatch-dir = "diffs"\nadd = { "gputoy/new.txt" = "new.txt" }\n')
        new = self.patch(fixture("gputoy"), "--recipe", recipe, cwd=ROOT)
        self.assertEqual(new.contents["gputoy/new.txt"], b"new")
        self.assert_kept(Wheel(fixture("gputoy")), new, changed=["gputoy/utils/cpp_extension.py"], added=["gputoy/new.txt"])


if __name__ == "__main__":
    main()
