"""Python's email parser, packaging and pip judge an edited METADATA; what was not named is the same to the byte."""
import email.parser
import json
import os
import pathlib
import random
import re
import subprocess
import tempfile
import unittest
import zipfile

from support import CACHE, TOOLS, main, needs_tools, run

PROBE = os.environ["SPOKESHAVE_METADATA_PROBE"]
SEED = int(os.environ.get("SPOKESHAVE_SEED") or random.SystemRandom().randrange(2**32))
NOTHING = {"drop": [], "add": [], "set": [], "python": None, "version": None}

NAMES = ["filelock", "Foo.Bar", "foo-bar", "FOO_bar", "sympy", "nvidia-cublas-cu12", "a"]
VERSIONS = ["", " (>=1.2)", ">=1.2,<2", " ==2.0.0", "[x]~=1.4", " @ https://e.org/a.whl"]
MARKERS = ["", " ; extra == 'opt'", ' ; platform_system == "Linux" and platform_machine == "x86_64"']
OTHER_LINES = ["Summary: Tensors; Requires-Dist: a", "Classifier: A :: B", "Provides-Extra: opt", "X-Odd:no blank",
               "License: BSD\n        folded\n\tagain", "Author: Łukasz", "Requires-External: foo-bar", "Version: 7"]
BODIES = ["", "\n", "\n# Title\n\nRequires-Dist: foo-bar\nVersion: 3\n", "\nno line end"]

# What pip itself reads of each wheel.
PIP = """
import json, sys
from pip._internal.metadata import FilesystemWheel, get_wheel_distribution
for path in sys.argv[1:]:
    dist = get_wheel_distribution(FilesystemWheel(path), "x")
    print(json.dumps([str(dist.version), str(dist.requires_python), sorted(str(r) for r in dist.iter_dependencies(["opt"]))]))
"""


def canonical(requirement):
    name = re.match(r"\s*([A-Za-z0-9._-]+)", requirement).group(1)
    return re.sub(r"[-_.]+", "-", name).lower()


def requirements(text):
    message = email.parser.Parser().parsestr(text)
    return [re.sub(r"\s+", " ", value) for value in message.get_all("Requires-Dist") or []]


def expected_requirements(before, edits):
    """The model, by list and not by text. None where something to drop or set is not there."""
    lines = list(before)
    for name in dict.fromkeys(map(canonical, edits["drop"])):  # spellings of one name are one
        kept = [line for line in lines if canonical(line) != canonical(name)]
        if len(kept) == len(lines):
            return None
        lines = kept
    for name in dict.fromkeys(map(canonical, edits["set"])):
        places = [i for i, line in enumerate(lines) if canonical(line) == name]
        if not places:
            return None
        new = [line for line in edits["set"] if canonical(line) == name]
        lines = [line for i, line in enumerate(lines) if i not in places[1:]]
        lines[places[0]:places[0] + 1] = new
    for line in edits["add"]:
        if as_stands(line) not in map(as_stands, lines):
            lines.append(line)
    return lines


def as_stands(requirement):
    """All of it but the spelling of its name."""
    return re.sub(r"^[A-Za-z0-9._-]+", canonical(requirement), requirement)


def without_edited(text):
    """The text without the lines that edits may name; folded lines belong to the line before."""
    head, separator, body = text.partition("\n\n")
    head = head.rstrip("\n") + "\n"
    fields = re.findall(r"[^ \t\n][^\n]*\n(?:[ \t][^\n]*\n)*", head)
    kept, seen_version = [], False
    for field in fields:
        name = field.split(":")[0].lower()
        if name in ("requires-dist", "requires-python") or (name == "version" and not seen_version):
            seen_version = seen_version or name == "version"
            continue
        kept.append(field)
    return "".join(kept), separator, body


class Probe:
    def __init__(self):
        self.process = subprocess.Popen([PROBE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def edit(self, metadata, **edits):
        self.process.stdin.write(json.dumps({**NOTHING, **edits, "metadata": metadata}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


def random_requirement(rng):
    # A URL ends at a blank, so it takes every marker here.
    return rng.choice(NAMES) + rng.choice(VERSIONS) + rng.choice(MARKERS)


def random_metadata(rng):
    lines = ["Metadata-Version: 2.1", "Name: x", "Version: 1.0"]
    some = ["Requires-Dist: " + random_requirement(rng) for _ in range(rng.randrange(8))]
    some += rng.sample(OTHER_LINES, rng.randrange(len(OTHER_LINES)))
    if rng.random() < 0.5:
        some.append("requires-python: >=3.6")
    rng.shuffle(some)
    return "\n".join(lines + some) + "\n" + rng.choice(BODIES)


def random_edits(rng):
    edits = {"drop": rng.sample(NAMES, rng.choice([0, 0, 1, 2])),
             "add": [random_requirement(rng) for _ in range(rng.choice([0, 0, 1, 2]))],
             "set": [random_requirement(rng) for _ in range(rng.choice([0, 0, 1, 3]))],
             "python": rng.choice([None, ">=3.9"]), "version": rng.choice([None, "1.0+stripe.1"])}
    dropped = set(map(canonical, edits["drop"]))
    edits["set"] = [line for line in edits["set"] if canonical(line) not in dropped]
    return edits


def write_wheel(folder, version, metadata):
    path = pathlib.Path(folder) / f"x-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"x-{version}.dist-info/METADATA", metadata)
        wheel.writestr(f"x-{version}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    return path


class EditedMetadata(unittest.TestCase):
    def setUp(self):
        self.probe = Probe()
        self.addCleanup(self.probe.close)

    def test_random_edits_change_what_they_name_and_nothing_else(self):
        print(f"SPOKESHAVE_SEED={SEED}")
        rng = random.Random(SEED)
        done = 0
        for _ in range(3000):
            text, edits = random_metadata(rng), random_edits(rng)
            expected = expected_requirements(requirements(text), edits)
            edited = self.probe.edit(text, **edits)
            self.assertEqual("refused" in edited, expected is None, (text, edits, edited))
            if expected is None:
                self.assertEqual(edited["code"], 1, edited)
                continue
            done += 1
            self.assertEqual(requirements(edited["text"]), expected, (text, edits))
            self.assertEqual(without_edited(edited["text"]), without_edited(text), (text, edits))
            message = email.parser.Parser().parsestr(edited["text"])
            self.assertEqual(message["Version"], edits["version"] or "1.0")
            before = email.parser.Parser().parsestr(text)
            self.assertEqual(message["Requires-Python"], edits["python"] or before["Requires-Python"])
            self.assertEqual(edited["text"] == text, not edited["changes"], edited)
        self.assertGreater(done, 500)

    @needs_tools
    def test_pip_reads_what_was_asked_for(self):
        metadata = ("Metadata-Version: 2.1\nName: x\nVersion: 1.0\nRequires-Python: >=3.6\nProvides-Extra: opt\n"
                    "Requires-Dist: triton (==2.0.0) ; platform_system == \"Linux\"\nRequires-Dist: sympy\n"
                    "Requires-Dist: Tri.ton ; extra == 'opt'\nRequires-Dist: tri-ton>=1 ; extra == 'opt'\n\nText\n")
        edited = self.probe.edit(metadata, drop=["tri_ton"], set=["sympy (>=1.2)"], add=["a[b]==1 ; extra=='opt'"],
                                 python=">=3.8", version="1.0+stripe.1")
        with tempfile.TemporaryDirectory() as folder:
            said = run(TOOLS / "python", "-c", PIP, write_wheel(folder, "1.0+stripe.1", edited["text"]))
            self.assertEqual(said.code, 0, said.stderr)
            version, python, depends = json.loads(said.stdout)
        self.assertEqual(version, "1.0+stripe.1")
        self.assertEqual(python, ">=3.8")
        self.assertEqual(depends, ['a[b]==1; extra == "opt"', "sympy>=1.2", 'triton==2.0.0; platform_system == "Linux"'])

    def test_every_requirement_of_a_real_wheel_can_be_dropped_alone(self):
        paths = sorted((CACHE / "wheels").glob("*.whl")) + sorted((CACHE / "older").glob("*.whl"))
        if not paths:
            self.skipTest("no wheels from PyPI in the cache")
        for path in paths:
            with zipfile.ZipFile(path) as wheel:
                name = next(name for name in wheel.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name))
                text = wheel.read(name).decode()
            for required in dict.fromkeys(map(canonical, requirements(text))):
                edited = self.probe.edit(text, drop=[required])
                self.assertEqual(requirements(edited["text"]),
                                 [line for line in requirements(text) if canonical(line) != required], path.name)
                self.assertEqual(without_edited(edited["text"]), without_edited(text), path.name)


if __name__ == "__main__":
    main()
