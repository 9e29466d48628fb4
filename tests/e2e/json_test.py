"""The documents of `inspect`, `split`, `patch`, `preload` and `verify` with `--json`, against the JSON schemas in docs/."""
import json
import re
import shutil
import unittest
import zipfile

from bad_wheels import small
from json_documents import Documents, can_read_symbols, setUpModule  # noqa: F401  unittest calls the last
from load_set import apptoy, onetoy, twotoy, whole
from odd_set import oddtoy, othertoy, searchtoy
from planted_faults import FAULTS
from support import DONE, FIXTURES, FOUND, PROGRAM, ROOT, STAGED, EndToEnd, fixture, installed_size, listing, main, run
from tiny_elf import library
from wheel_maker import Wheel


def corpus_of_inspect(folder):
    """Command lines with their exit code: what they print is what is judged."""
    wheels = sorted(FIXTURES.glob("*.whl"))
    odd, other = oddtoy(folder), othertoy(folder)
    musl = oddtoy(folder / "musl", "cp38-abi3-musllinux_1_2_x86_64")
    for layout in ("site-packages", "separate"):
        for wheel in wheels:
            yield DONE, [wheel, "--layout", layout]
        yield DONE, [*wheels, "--layout", layout]
        yield FOUND, [odd, "--layout", layout]
        yield FOUND, [odd, other, "--layout", layout]
        yield FOUND, [other, musl, "--layout", layout]
    yield DONE, [other]
    yield FOUND, [searchtoy(folder)]
    if can_read_symbols():
        yield DONE, [fixture("gputoy"), "--symbols"]
        yield FOUND, [odd, other, "--symbols=_c.so:*"]


def corpus_of_split(folder):
    gputoy, moved = fixture("gputoy"), ["--move", "libtoy*", "--companion", "parttoy"]
    yield DONE, [gputoy, *moved, "--out", folder / "moved"]
    yield DONE, [gputoy, *moved, "--dry-run"]
    yield DONE, [gputoy, "--max-installed-size", "8MB", "--companion", "parttoy", "--out", folder / "halves"]
    yield DONE, [gputoy, "--max-wheel-size", "6MB", "--companion", "parttoy", "--out", folder / "packed"]
    yield DONE, [gputoy, "--max-installed-size", "1GB", "--dry-run"]
    yield DONE, [fixture("soundtoy"), "--move", "libtoycodec*", "--companion", "parttoy", "--out", folder / "sound"]
    yield DONE, [fixture("Twin.Toy"), "--move", "*big*", "--companion", "parttoy", "--out", folder / "twin"]
    yield FOUND, [gputoy, "--max-installed-size", "4MB", "--dry-run"]
    yield FOUND, [fixture("monotoy"), "--max-installed-size", "2MB", "--max-wheel-size", "2MB"]


def corpus_of_patch(folder):
    gputoy, cuda = fixture("gputoy"), STAGED / "gputoy/lib/libgputoy_cuda.so"
    text, diff = folder / "new.txt", folder / "a.diff"
    text.write_text("new\n" * 20)
    listed = "".join(f" line {number}\n" for number in range(9, 16)).replace(" line 12", "-line 12\n+line twelve")
    diff.write_text("--- a/linetoy/x.txt\n+++ b/linetoy/x.txt\n@@ -5,7 +5,7 @@\n" + listed.replace(" line 9\n", " line nine\n"))
    signed = Wheel("linetoy", "1.0", "py3-none-any").add("linetoy/x.txt", "".join(f"line {n}\n" for n in range(30)))
    signed.requires = ["numpy"]
    signed = signed.write(folder)
    with zipfile.ZipFile(signed, "a") as archive:
        archive.writestr("linetoy-1.0.dist-info/RECORD.jws", "{}")
    crlf = folder / "crlf.diff"
    crlf.write_bytes(b"--- /dev/null\r\n+++ b/linetoy/y.txt\r\n@@ -0,0 +1 @@\r\n+new\r\n")
    edits = ["--suffix", "a.1", "--set-runpath", "lib*=$ORIGIN", "--chmod", "*.py=600", "--remove", "notes.txt",
             "--add", f"gputoy/new.txt={text}", "--drop-requires", "jinja2"]
    yield DONE, [gputoy, fixture("monotoy"), "--suffix", "b", "--out", folder / "two"]
    yield DONE, [gputoy, *edits, "--out", folder / "many"]
    yield DONE, [gputoy, *edits, "--dry-run"]
    yield DONE, [signed, "--patch", diff, "--patch", crlf, "--add-requires", "numpy", "--out", folder / "diffs"]
    yield DONE, [gputoy, "--set-rpath", "libgputoy_cuda.so=$ORIGIN", "--out", folder / "same"]
    yield DONE, [cuda, "--set-runpath", "*=$ORIGIN:" + "/long" * 30, "--out", folder / "file"]
    yield DONE, [cuda, "--set-rpath", "*=$ORIGIN", "--dry-run"]


def corpus_of_preload(folder):
    wheels = whole(folder)
    yield DONE, wheels
    yield DONE, [*wheels, "--global", "libone.so"]
    yield DONE, [*wheels, "--write", "--suffix", "a", "--out", folder / "made"]
    yield DONE, [*wheels, "--write", "--suffix", "a", "--dry-run"]
    yield DONE, [fixture("monotoy")]
    yield FOUND, wheels[:2]
    yield FOUND, [wheels[0], wheels[1], twotoy(folder / "circle", needed=("libone.so",))]
    yield FOUND, [apptoy(folder / "bare", init=None, requires=()), onetoy(folder / "bare")]


def corpus_of_verify(folder):
    gputoy, local = fixture("gputoy"), fixture("Twin.Toy")
    changed = Wheel("oddtoy", "1.0", "cp38-abi3-manylinux_2_17_x86_64").add("oddtoy/__init__.py", "x = 1\n", executable=True)
    changed.description = "Another text.\n"
    changed.add("oddtoy/moved/libaway.so", library("libaway.so")).add("oddtoy/new.txt", "new")
    changed.add("oddtoy/bin/tool", library(needed=["libtools.so"], runpath="$ORIGIN", program=True))
    changed.add("oddtoy/_c.so", library(needed=["libaway.so"], rpath="$ORIGIN/gone:$ORIGIN", symbol="PyInit__c"))
    for layout in ("site-packages", "separate"):
        yield DONE, [gputoy, "--layout", layout, "--index-rules"]
    yield FOUND, [oddtoy(folder), "--index-rules"]
    yield DONE, [local, "--index-rules", "--against", local]
    yield FOUND, [changed.write(folder / "changed"), "--against", oddtoy(folder)]
    yield DONE, [small(version="1.0+ours").write(folder), "--against", small().write(folder)]
    yield FOUND, [FAULTS["bytes in front"][0](folder)]
    yield DONE, [Wheel("musltoy", "1.0", "cp38-abi3-musllinux_1_2_x86_64").write(folder)]


class Inspect(Documents, EndToEnd):
    command, corpus = "inspect", staticmethod(corpus_of_inspect)
    rare = {"symbols.unread[].library", "symbols.unread[].why",  # tests/src/symbol_survey_test.cpp
            "needs[].tried[].rule=path"}  # of `missing` only: a name among bytes has no slash

    def test_indices_lead_to_what_they_mean(self):
        for document in self.documents():
            libraries, wheels = document["libraries"], document["wheels"]
            for library in libraries:
                self.assertLess(library["wheel"], len(wheels))
            for need in document["needs"]:
                user, used = libraries[need["from"]], libraries[need["to"]]
                if need["by"] == "needed":
                    self.assertIn(need["name"], user["needed"])
                if "/" not in need["name"]:
                    self.assertIn(need["name"], (used["soname"], used["path"].rsplit("/", 1)[-1]))
            for need in document["missing"]:
                self.assertIn(need["name"], libraries[need["from"]]["needed"])
                for bearer in need["in"]:
                    self.assertIn(need["name"], (libraries[bearer]["soname"], libraries[bearer]["path"].rsplit("/", 1)[-1]))
                self.assertLessEqual(set(need["because_of"]), set(need["in"]))
            for finding in document["findings"]:
                self.assertLess(max(finding["libraries"], default=-1), len(libraries))

    def test_every_need_is_told_as_met_outside_or_missing(self):
        for document in self.documents():
            told = {(need["from"], need["name"]) for key in ("needs", "outside", "missing") for need in document[key]
                    if need.get("by") != "dlopen"}
            self.assertEqual(told, {(number, name) for number, library in enumerate(document["libraries"])
                                    for name in library["needed"]})

    def test_starts_are_numbered_from_nought(self):
        for document in self.documents():
            starts = sorted(library["start"] for library in document["libraries"] if library["start"] is not None)
            self.assertEqual(starts, list(range(len(starts))))

    def test_sizes_are_those_of_the_archive(self):
        for document, (_, arguments, _) in zip(self.documents(), self.runs):
            for number, wheel in enumerate(document["wheels"]):
                path = next(path for path in arguments if str(path).endswith(wheel["file"]))
                self.assertEqual(wheel["packed_bytes"], path.stat().st_size)
                self.assertEqual(wheel["installed_bytes"], installed_size(path))
                with zipfile.ZipFile(path) as archive:
                    for library in document["libraries"]:
                        if library["wheel"] == number:
                            entry = archive.getinfo(library["path"])
                            self.assertEqual((library["installed_bytes"], library["packed_bytes"]),
                                             (entry.file_size, entry.compress_size))

    def test_bytes_that_are_no_utf_8_and_letters_that_json_escapes(self):
        wheel = Wheel("bytetoy", "1.0").add("bytetoy/x.so", library(b"lib\xff\"\\\x1b[2J.so", [b"l\xc3\x28\n"], rpath=b"\x80"))
        result = self.spokeshave("inspect", wheel.write(self.folder), "--json")
        self.assertEqual(result.code, DONE, result.stderr)
        self.assertEqual(self.judged([result.stdout]), [])
        self.assertEqual(json.loads(result.stdout)["libraries"][0]["soname"], "lib\ufffd\"\\\x1b[2J.so")

    def test_what_was_tried_and_how_much_of_it_is_not_listed(self):
        document = json.loads(self.spokeshave("inspect", searchtoy(self.folder), "--json").stdout)
        missing, = document["missing"]
        self.assertEqual([attempt["path"] for attempt in missing["tried"]], [f"/gone/{n}/libtwo.so" for n in range(128)])
        self.assertEqual(missing["not_listed"], 300 + 1 - 128)  # the system is asked too
        self.assertEqual({need["name"]: [attempt["path"] for attempt in need["tried"]] for need in document["needs"]},
                         {"libtwo.so": ["searchtoy/gone/libtwo.so", "libtwo.so"]})

    def test_graph_json_is_the_same_document(self):
        arguments = ["inspect", fixture("gputoy")]
        self.assertEqual(self.spokeshave(*arguments, "--json").stdout, self.spokeshave(*arguments, "--graph=json").stdout)


class Split(Documents, EndToEnd):
    command, corpus = "split", staticmethod(corpus_of_split)
    # tests/elf/rewrite_test.cpp; no fixture is laid out so.
    rare = {f"wheels[].libraries[].rewritten.placement={word}" for word in (
        "none", "in place", "reused", "string table extended", "string table copied, PT_NOTE slot")}

    def test_a_run_that_is_stopped_prints_nothing(self):
        for command in ("split", "inspect"):
            result = self.spokeshave(command, self.folder / "absent-1.0-py3-none-any.whl", "--move", "x", "--json")
            self.assertNotEqual(result.code, DONE)
            self.assertEqual(result.stdout, "")


class Preload(Documents, EndToEnd):
    command, corpus, rare = "preload", staticmethod(corpus_of_preload), set()

    def test_indices_lead_to_what_they_mean(self):
        for document in self.documents():
            wheels, bringing = document["wheels"], {library["wheel"] for library in document["libraries"]}
            self.assertEqual(wheels[0], document["main"])
            self.assertEqual(set(document["unneeded"]), set(range(1, len(wheels))) - bringing)
            for library in document["libraries"]:
                wheel = wheels[library["wheel"]]
                self.assertTrue(library["requirement"].startswith(wheel["name"] + "=="), library)
                if not document["written"]:
                    self.assertTrue(library["requirement"].endswith("==" + wheel["version"]), library)

    def test_paths_are_those_of_the_archives(self):
        for document, (_, arguments, _) in zip(self.documents(), self.runs):
            paths = [set(listing(next(path for path in arguments if str(path).endswith(wheel["file"])))) for wheel in document["wheels"]]
            for library in document["libraries"]:
                self.assertIn(library["path"], paths[library["wheel"]])
            for told in [each["needed_by"] for each in document["libraries"] + document["missing"]] + \
                        [circle["libraries"] for circle in document["circles"]]:
                self.assertLessEqual(set(told), set.union(*paths))


class Verify(Documents, EndToEnd):
    command, corpus = "verify", staticmethod(corpus_of_verify)
    rare = set()

    def test_indices_lead_to_what_they_mean(self):
        for document in self.documents():
            changes = document["against"]["changes"] if document["against"] else []
            for part in document["findings"] + changes:
                self.assertLess(part["wheel"] if part["wheel"] is not None else -1, len(document["wheels"]))

    def test_a_change_has_the_sides_that_its_kind_says(self):
        for document in self.documents():
            for change in (document["against"] or {"changes": []})["changes"]:
                self.assertEqual(change["before"] is None, change["kind"] == "added")
                self.assertEqual(change["after"] is None, change["kind"] == "removed")

    def test_how_deeply_it_was_compared(self):
        if not can_read_symbols():
            self.skipTest("this build has no LIEF")
        changed = Wheel("gputoy", "2.1.0", "cp38-abi3-manylinux_2_17_x86_64").add("gputoy/lib/libtoyblas.so.12", library("libtoyblas.so.12"))
        result = self.spokeshave("verify", "--json", "--deep", "--against", fixture("gputoy"), changed.write(self.folder))
        self.assertEqual(self.judged([result.stdout]), [])
        document = json.loads(result.stdout)
        self.assertEqual(document["against"]["compared_deeply"], 1)
        self.assertIn("deep-symbols", {finding["rule"] for finding in document["findings"]})


class Patch(Documents, EndToEnd):
    command, corpus = "patch", staticmethod(corpus_of_patch)
    # tests/elf/rewrite_test.cpp; no fixture is laid out so.
    rare = {f"{what}[].placement={word}" for what in ("wheels[].changed", "elf_files") for word in (
        "none", "in place", "reused", "string table extended", "string table copied, PT_NOTE slot",
        "string table copied, new program header table")}

    def test_members_are_those_of_the_archives(self):
        for document, (_, arguments, _) in zip(self.documents(), self.runs):
            for wheel in document["wheels"]:
                old = next(path for path in arguments if str(path).endswith(wheel["original"]["file"]))
                self.assertEqual(wheel["original"]["packed_bytes"], old.stat().st_size)
                old_names = [name for name in listing(old) if not name.endswith(("/", "/RECORD"))]
                told = [member["was"] for member in wheel["changed"] if member["was"]] + wheel["removed"] + wheel["dropped"]
                self.assertLessEqual(set(told), set(old_names))
                self.assertEqual(len(set(old_names)) - len(set(told)), wheel["untouched"])
                if wheel["path"]:
                    new = self.inputs / wheel["path"]
                    self.assertEqual((new.name, new.stat().st_size), (wheel["file"], wheel["packed_bytes"]))
                    names = listing(new)
                    self.assertEqual(len(names), wheel["proof"]["members"])
                    self.assertLessEqual({member["path"] for member in wheel["changed"]}, set(names))

    def test_nothing_but_the_document_is_on_stdout_where_it_fails(self):
        result = self.spokeshave("patch", fixture("gputoy"), "--remove", "absent", "--json")
        self.assertEqual((result.code, result.stdout), (FOUND, ""))


@unittest.skipUnless(shutil.which("jq"), "no jq, which the page's examples call")
class PageExamples(EndToEnd):
    """The programs for jq in docs/json.md."""

    def filters(self):
        return re.findall(r"jq -r '(.*?)'", (ROOT / "docs/json.md").read_text(), re.DOTALL)

    def answer(self, program, document):
        path = self.folder / "document.json"
        path.write_text(document)
        result = run("jq", "-r", program, path)
        self.assertEqual(result.code, 0, result.stderr)
        return result.stdout

    def test_what_is_missing(self):
        missing, _, _ = self.filters()
        document = self.spokeshave("inspect", oddtoy(self.folder), "--json").stdout
        self.assertEqual(self.answer(missing, document), "oddtoy/_c.so needs libaway.so of oddtoy\n"
                         "oddtoy/_d.so needs /opt/libslash.so of oddtoy\n"
                         "oddtoy/libfails.so needs libaway.so of oddtoy\n")

    def test_the_size_of_each_wheel(self):
        _, sizes, _ = self.filters()
        document = self.spokeshave("split", fixture("gputoy"), "--move", "libtoyblas*", "--dry-run", "--json").stdout
        self.assertRegex(self.answer(sizes, document),
                         r"^gputoy-2\.1\.0.*: at most \d+ bytes, 11 libraries\ngputoy_libs-.*: at most \d+ bytes, 1 libraries\n$")

    def test_how_often_each_rule_is_broken(self):
        _, _, rules = self.filters()
        document = self.spokeshave("verify", FAULTS["a RECORD that is no table"][0](self.folder), "--json").stdout
        self.assertEqual(self.answer(rules, document), "1 record-csv\n7 record-unlisted\n")


if __name__ == "__main__":
    main()
