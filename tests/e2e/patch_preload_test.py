"""The preload block put into a wheel and taken out again by the program, judged by zipfile and hashlib."""
import random
import shutil
import subprocess
import sys
import zipfile

import support
from patching import PatchTest, Wheel
from preloading import BODIES, HEADS, LIBRARIES, PROBE, SEED, block_for, write_wheel
from support import FAILED, FOUND, USAGE, fixture, needs_tools

BLOCK = block_for(LIBRARIES, "toy/__init__.py")


class PatchPreloadTest(PatchTest):
    def toy(self, text=b"x = 1\n", module="toy/__init__.py", **data):
        return write_wheel(self.folder, module, text, data=data)

    def put(self, wheel, init="toy/__init__.py", *more, code=0, name="with"):
        """The wheel with the block in the module at `init`, as `preload --write` makes it."""
        out = self.folder / name
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        lines = "".join("%s\t%s\t%s\t%d\t%d\n" % library for library in LIBRARIES)
        made = subprocess.run([PROBE, "write", wheel, init, out, *more], input=lines, capture_output=True, text=True)
        self.assertEqual(made.returncode, code, made.stdout + made.stderr)
        if code:
            self.assertEqual(list(out.iterdir()), [])
            return made.stderr
        self.told = made.stdout
        new = Wheel(next(out.iterdir()))
        self.assertEqual(new.wrong_rows(), set())
        return new

    def remove(self, wheel, *more):
        shutil.rmtree(self.out)
        return self.patch(wheel, "--remove-preload", *more)

    def test_a_block_goes_in_and_out_and_leaves_the_module_as_it_was(self):
        print("SPOKESHAVE_SEED=%d" % SEED, file=sys.stderr)
        rng = random.Random(SEED)
        texts = [(head + body).replace("\n", end).encode("latin-1") for head in HEADS for body in BODIES for end in ("\n", "\r\n", "\r")]
        marked = [b"\xef\xbb\xbf" + text for text in texts if b"latin-1" not in text]
        for text in rng.sample(texts + marked, 40):
            with self.subTest(text=text):
                old = Wheel(self.toy(text))
                new = self.put(old.path)
                self.assert_kept(old, new, changed=["toy/__init__.py"])
                self.assertIn(b"# >>> spokeshave preload >>>", new.contents["toy/__init__.py"])
                again = self.remove(new.path)
                self.assertEqual(again.contents, old.contents)
                self.assert_kept(old, again, changed=["toy/__init__.py"])

    def test_a_second_block_takes_the_place_of_the_first(self):
        first = self.put(self.toy())
        again = self.put(first.path, name="again")
        self.assertEqual(first.contents, again.contents)
        self.assertIn("3 other files stay, byte for byte", self.told)
        old = self.toy(b"'doc'\n# >>> spokeshave preload >>>\nold()\n# <<< spokeshave preload <<<\nx\n")
        self.assertEqual(self.put(old).contents["toy/__init__.py"], ("'doc'\n" + BLOCK + "\nx\n").encode())
        self.assertIn("preload block replaced, ", self.told)

    def test_it_is_told_what_becomes_of_the_module(self):
        self.put(self.toy())
        self.assertIn(f"  toy/__init__.py\n    preload block put in, 6 -> {len(BLOCK) + 7} bytes\n", self.told)
        self.remove(next((self.folder / "with").iterdir()))
        self.assertIn(f"  toy/__init__.py\n    preload block taken out, {len(BLOCK) + 7} -> 6 bytes\n", self.result.stdout)

    def test_a_module_in_the_data_folder_is_found_where_it_is_installed(self):
        for scheme in ("purelib", "platlib"):
            member = f"toy-1.0.data/{scheme}/toy/__init__.py"
            new = self.put(self.toy(module=member), name=scheme)
            self.assertEqual(new.contents[member], (BLOCK + "\nx = 1\n").encode())
            self.assertIn(b"\n    2,  # folders", new.contents[member])

    def test_diffs_come_first(self):
        diff = self.folder / "a.diff"
        diff.write_text("--- a/toy/__init__.py\n+++ b/toy/__init__.py\n@@ -1 +1,2 @@\n-x = 1\n+'doc'\n+x = 2\n")
        new = self.put(self.toy(), "toy/__init__.py", "stripe.1", diff)
        self.assertEqual(new.contents["toy/__init__.py"], ("'doc'\n" + BLOCK + "\nx = 2\n").encode())
        self.assertEqual(new.path.name, "toy-1.0+stripe.1-py3-none-any.whl")
        self.assertIn("changed by a diff", self.told)
        self.assertIn("preload block put in", self.told)
        taken = self.remove(self.put(self.toy()).path, "--patch", self.into("toy/__init__.py", "-x = 1\n+x = 3\n", "x = 1"))
        self.assertEqual(taken.contents["toy/__init__.py"], b"x = 3\n")

    def into(self, name, change, line):
        """A diff that changes the module's last line, `line`, behind the block."""
        count = len(BLOCK.splitlines()) + 1
        diff = self.folder / "b.diff"
        diff.write_text(f"--- a/{name}\n+++ b/{name}\n@@ -{count} +{count} @@\n{change}")
        return diff

    def test_every_module_loses_its_block_and_no_other_file_changes(self):
        text = ("x\n" + BLOCK + "\ny\n").encode()
        wheel = self.toy(text, **{"toy/deep/m.py": text, "toy/note.txt": text,
                         "toy/quoted.py": b"'''\n" + text + b"'''\n", "toy-1.0.data/scripts/run.py": text})
        new = self.remove(wheel)
        changed = ["toy/__init__.py", "toy/deep/m.py", "toy-1.0.data/scripts/run.py"]
        self.assert_kept(Wheel(wheel), new, changed=changed)
        for name in changed:
            self.assertEqual(new.contents[name], b"x\ny\n")

    def test_a_split_loses_its_block(self):
        main = self.split(fixture("gputoy"), "--max-wheel-size", "6MB")[0]
        self.out = self.folder / "removed"
        self.out.mkdir()
        self.allowed = ("need-lost", "library-missing")
        new = self.patch(main, "--remove-preload")
        self.assertEqual(new.contents["gputoy/__init__.py"], Wheel(fixture("gputoy")).contents["gputoy/__init__.py"])

    def test_recipes_take_it_out_too(self):
        recipe = self.folder / "recipe.toml"
        printed = self.spokeshave("patch", self.toy(), "--print-recipe", "--remove-preload", "--suffix", "a")
        self.assertEqual(printed.stdout, '["toy==1.0"]\nsuffix = "a"\nremove-preload = true\n')
        recipe.write_text(printed.stdout)
        new = self.put(self.toy())
        by_recipe = self.patch(new.path, "--recipe", recipe)
        self.assertEqual(by_recipe.contents["toy/__init__.py"], b"x = 1\n")
        self.assertEqual(by_recipe.path.read_bytes(), self.remove(new.path, "--suffix", "a").path.read_bytes())

    def test_what_has_no_block_or_is_no_wheel_is_refused(self):
        self.refused(self.toy(), FOUND, "--remove-preload", words=["--remove-preload finds no preload block"])
        library = self.folder / "libx.so"
        shutil.copy(sys.executable, library)
        self.refused(library, USAGE, "--remove-preload", words=["is no wheel"])

    def test_a_block_without_its_end_is_refused_by_name(self):
        broken = self.toy(b"# >>> spokeshave preload >>>\nx\n")
        self.refused(broken, FOUND, "--remove-preload", words=["`toy/__init__.py`", "has no `# <<< spokeshave preload <<<`"])
        self.assertIn("`toy/__init__.py`", self.put(broken, code=FOUND))

    def test_a_module_that_is_not_there_or_has_no_place_is_refused_by_name(self):
        said = self.put(self.toy(), "toys/__init__.py", code=FOUND)
        self.assertIn("no preload block can be put into `toys/__init__.py`", said)
        self.assertIn("did you mean `toy/__init__.py`?", said)
        self.assertIn("cannot change `toy/__init__.py`", self.put(self.toy(b"'''doc\n"), code=FOUND))

    def test_a_module_that_was_tampered_with_is_refused(self):
        wheel = self.toy()
        with zipfile.ZipFile(wheel) as archive:
            members = {entry.filename: archive.read(entry) for entry in archive.infolist()}
        members["toy/__init__.py"] = b"y = 2\n"
        with zipfile.ZipFile(wheel, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        self.refused(wheel, FAILED, "--remove-preload", words=["toy/__init__.py", "RECORD"])

    def test_dry_run_and_json_say_the_same(self):
        wheel = self.put(self.toy()).path
        told = self.spokeshave("patch", wheel, "--remove-preload", "--dry-run")
        self.assertIn("preload block taken out", told.stdout)
        self.assertEqual(list(self.out.iterdir()), [])
        self.assertIn("preload block taken out", self.spokeshave("patch", wheel, "--remove-preload", "-n", "--json").stdout)

    @needs_tools
    def test_the_wheel_installs_with_every_hash_checked(self):
        wheel = self.put(self.toy())
        self.assert_ran(self.new_venv().installer_install(wheel.path))


if __name__ == "__main__":
    support.main()
