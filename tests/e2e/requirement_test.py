"""packaging judges which requirements, version specifiers and tags are proper, and what they say."""
import json
import os
import random
import re
import subprocess
import unittest

from support import TOOLS, clean_environment, main, needs_tools

PROBE = os.environ["SPOKESHAVE_REQUIREMENT_PROBE"]
SEED = int(os.environ.get("SPOKESHAVE_SEED") or random.SystemRandom().randrange(2**32))

# Answers each line of JSON with one: null where packaging refuses, else what it makes of it.
JUDGE = r"""
import json, sys
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.tags import parse_tag
from packaging.utils import parse_wheel_filename

def requirement(text, ours):
    judged = Requirement(text)
    if "refused" in ours:
        return "accepted"
    assert judged.name == ours["name"], (judged, ours)
    assert judged.extras == set(ours["extras"]), (judged, ours)
    assert (judged.url or "") == ours["url"], (judged, ours)
    assert judged.specifier == SpecifierSet(ours["specifier"]), (judged, ours)
    assert judged.marker == (Marker(ours["marker"]) if ours["marker"] else None), (judged, ours)
    return "accepted"

def wheel_name(tags, build=""):
    return parse_wheel_filename("x-1" + build + "-" + tags + ".whl")

ASK = {
    "requirement": requirement,
    "specifiers": lambda text, ours: str(SpecifierSet(text)),
    "same": lambda pair, ours: Requirement(pair[0]) == Requirement(pair[1]),
    "python": lambda text, ours: bool(wheel_name(text + "-none-any")),
    "abi": lambda text, ours: bool(wheel_name("py3-" + text + "-any")),
    "platform": lambda text, ours: bool(wheel_name("py3-none-" + text)),
    "build": lambda text, ours: bool(wheel_name("py3-none-any", "-" + text)),
    "expanded": lambda text, ours: sorted(map(str, parse_wheel_filename(text)[3])),
}
for line in sys.stdin:
    kind, text, ours = json.loads(line)
    try:
        said = ASK[kind](text, ours)
    except ValueError:  # what every Invalid... of packaging is
        said = None
    print(json.dumps(said), flush=True)
"""

# Where we refuse what packaging lets pass, and why.
STRICTER = {
    r"does not begin and end with a letter or digit": "PEP 508, identifier: uv refuses them too",
    r"expected a version specifier within the parentheses": "PEP 508, versionspec: uv refuses `()` too",
    r"`(extras|dependency_groups)` is no marker variable": "variables of lock files only (PEP 751)",
    r"a marker's string is printable ASCII": "PEP 508, python_str",
    r"one side is a variable, the other a string": "evaluating it fails or means nothing",
    r"is not a version that .* could compare with": "it never holds",
    r"a URL is printable ASCII": "RFC 3986",
}

VALID = """
numpy|NumPy|a|A.b-c_d|zope.interface|3d
numpy>=1.2|numpy >= 1.2|numpy  >=  1.2 , < 2|numpy (>=1.2)|numpy (>=1.2,<2)|numpy( >= 1.2 , <2 )|numpy==1.2.*
numpy!=1.2.*|numpy~=1.2|numpy~=1.2.3a1|numpy==1.0+cu118|numpy!=1.0+cu118.split.1|numpy===anything*at+all
numpy==v1.0|numpy>=1!2.0|numpy<2.0.dev1|numpy<=1.0-1|numpy>1.0.post2|numpy>=1.0rc1,!=1.0rc2|numpy==1.0-alpha_2
numpy>=1.2,|numpy (>=1.2,)|numpy<  2|triton (==2.0.0)
x[a]|x[a,b]|x[ a , b ]|x[]|x[ ]|x [a] >=1|x[a-b.c]==1|x[a](>=1)
x @ https://example.org/x.whl|x@https://example.org/x.whl|x[a] @ file:///x ; os_name == "posix"|x @ git+ssh://h/p@v1
nvidia-cublas-cu12 (==12.1.3.1) ; platform_system == "Linux" and platform_machine == "x86_64"
x; python_version<"3.9"|x;python_version<'3.9'|x ;python_version < '3.9' and extra == "test"|x ; extra=='a' or extra=='b'
x; (extra == 'a')|x; ((extra == 'a') and (os_name == "b" or os_name == "c"))|x; "3.9" > python_version
x; "linux" in sys_platform|x; sys_platform in "linux linux2"|x; os_name not in "nt java"|x; os_name not  in "nt"
x; os.name == 'posix'|x; python_implementation == 'CPython'|x; platform.machine == 'x86_64'|x; sys.platform=='a'
x; python_version == "3.*"|x; python_version ~= "3.8"|x; python_full_version >= "3.8.1"|x; implementation_version > '1'
x; platform_release >= "4.0"|x; platform_python_implementation != "PyPy"|x; 'x'in os_name|x; os_name in'x'
x; extra == "with ; and , inside"|x>=1;extra == ''|x; platform_version == "#1 SMP (x)"|x; implementation_name<"a"
"""

# Each with the column, from 1, of what is wrong.
INVALID = [
    ("", 1), (" ", 2), (">=1", 1), ("@ https://x", 1), ("é", 1), ("x y", 3), ("x 1.0", 3), ("x=1.0", 2), ("x=>1.0", 2),
    ("x=<1.0", 2), ("x^1", 2), ("x>=", 4), ("x>= ", 5), ("x>=a", 4), ("x>=1.x", 4), ("x>=1.*", 4), ("x<1.0+local", 3),
    ("x~=1", 4), ("x~=1a1", 4), ("x==1.0a1.*", 4), ("x==1.0+l.*", 4), ("x==1..*", 4), ("x==1.*.*", 4), ("x==1*", 4),
    ("x>=1 <2", 6), ("x>=1,,<2", 6), ("x,>=1", 2), ("x>=1,2", 6), ("x>=1)", 5), ("x(>=1", 6), ("x(>=1;a", 6), ("x>=1]", 5),
    ("x[", 3), ("x[a", 4), ("x[a b]", 5), ("x[a,]", 5), ("x[,a]", 3), ("x[a]]", 5), ("x[é]", 3), ("x @", 4), ("x @ ", 5),
    ("x @ u v", 7), ("x;", 3), ("x; ", 4), ("x; foo == 'a'", 4), ("x; python_versio < '3'", 4), ("x; python_version", 18),
    ("x; python_version <", 20), ("x; python_version < 3.9", 21), ("x; python_version < '3.9", 21), ("x; os_name = 'a'", 12),
    ("x; os_name == a", 15), ("x; os_name == 'a' and", 22), ("x; os_name == 'a' xor os_name == 'b'", 19),
    ("x; os_name == 'a')", 18), ("x; (os_name == 'a'", 19), ("x; ()", 5), ("x; os_name not 'a'", 16), ("x; not os_name", 4),
    ("x; os_name notin 'a'", 12), ("x; os_name == 'a' andos_name == 'b'", 19), ("x; os_names == 'a'", 4),
    ("x; os_name is 'a'", 12), ("x; os_name == 'a' # c", 19), ("x\n>=1", 2), ("x>=1\nRequires-Dist: y", 5), ("x\0", 2),
    ("x; os_name == 'a\rb'", 17), ("x; " + "(" * 201 + "os_name == 'a'" + ")" * 201, 204), ("-x", 1), (".x", 1), ("x-", 1),
    ("é>=1", 1), ("x; os_name == 'é' oder", 16),
]

MORE_STRICT = [
    "x_", "x[a_]", "x()", "x ( )", "x; 'a' in extras", "x; 'a' in dependency_groups", r"x; os_name == 'a\\b'",
    "x; os_name == 'é'", "x; 'a' == 'a'", "x; os_name == sys_platform", "x; python_version < 'abc'",
    "x; python_full_version >= '3.8.x'", "x; python_version > '3.*'", "x @ https://é.org/x",
]

SPECIFIERS = [">=3.8", ">=3.8,!=3.9.*", " >= 3.8 , < 4 ", "==3.*", "~=3.8", "<4,", "===3.8", ">3", ">=3.8.0rc1"]
NOT_SPECIFIERS = [("3.8", 1), (">=3.8 <4", 7), (">=3,x", 5), (">=3.*", 3), ("=>3", 1), (">=3;", 4), ("(>=3)", 1),
                  ("~=3", 3), (">=", 3), ("==3.8.*.*", 3), (">=3.8.x", 3), ("py3", 1)]

SAME = [
    ("numpy>=1.2", "NumPy (>= 1.2)"), ("a.b", "A_B"), ("x[a,b-c]", "x[B_C,A]"), ("x>=1,<2", "x < 2, >=1,"),
    ("x; os_name=='a'", 'x ; os_name == "a"'), ("x @ u ; os_name=='a'", "x@u ;os_name=='a'"),
]
NOT_SAME = [
    ("numpy>=1.2", "numpy>1.2"), ("x", "y"), ("x[a]", "x"), ("x", "x; os_name=='a'"), ("x @ u", "x @ v"), ("x @ u", "x"),
    ("x; os_name=='a b'", "x; os_name=='ab'"), ("x>=1", "x>=1,<2"), ("x; extra=='a'", "x; extra=='b'"),
]
PYTHON_TAGS = ["py3", "cp311", "py2.py3", "pp310", "cp39.cp310", "py3x_1"]
ABI_TAGS = ["none", "abi3", "cp311", "cp36m.cp37m", "pypy310_pp73", "abi3.none"]
PLATFORM_TAGS = ["any", "linux_x86_64", "linux_aarch64", "manylinux1_x86_64", "manylinux2010_i686", "manylinux2014_s390x",
                 "manylinux_2_17_x86_64", "musllinux_1_2_aarch64", "manylinux2014_x86_64.manylinux_2_17_x86_64"]
BUILDS = ["1", "0", "1a", "20240101", "2_local", "1_stripe.4"]
NOT_TAGS = {"python": ["", "3", "py3.", ".py3", "py2..py3", "py-3", "3py"], "abi": ["", "a.", "a..b", "a-b-c"],
            "platform": ["", "any.", ".any", "a-b-c"], "build": ["", "a1", "-1", "1-2", "_1"]}
FILE_NAMES = ["x-1-py3-none-any.whl", "x-1-py2.py3-none-any.whl", "x-1-1b-cp39.cp310-abi3.none-linux_x86_64.any.whl",
              "x-1-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl"]

FRAGMENTS = ["x", "numpy", "a-b", "_", " ", " ", "\t", "[", "]", "[a]", "[a, b]", "(", ")", ",", ";", ";", "; ", "@", " @ ",
             "https://e.org/x", ">=", "==", "===", "~=", "!=", "<", ">", "=", "1", "1.0", "2.*", ".*", "1!2", "1.0a1", "+l",
             ">=1.0", "<2", "(>=1,<2)", "os_name", "python_version", "extra", "extras", "os.name", "'", '"', "'a'", '"3.8"',
             '"3.*"', "'x y'", " in ", " not in ", "not", " and ", " or ", " == ", "os_name == 'a'", "extra == 'b'",
             "python_version < '3'", ".", "-", "\\", "#"]
SHAPES = ["x{}", "x >=1 {}", "x; {}", "x; os_name == 'a' {}", "x{}>=1; extra == 'b'", "x[{}]", "x; python_version {} '3.8'",
          "x {} ; {}", "{}"]


class Both:
    """The probe and the judge, asked the same."""

    def __init__(self):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.probe = subprocess.Popen([PROBE], **pipes)
        self.judge = subprocess.Popen([TOOLS / "python", "-c", JUDGE], env=clean_environment(), **pipes)

    @staticmethod
    def _ask(process, question):
        process.stdin.write(json.dumps(question) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    def ask(self, kind, text):
        """(what we say, what packaging says, None where it refuses)"""
        texts = list(text) if isinstance(text, tuple) else [text]
        ours = self._ask(self.probe, [kind, *texts])
        return ours, self._ask(self.judge, [kind, text, ours])

    def close(self):
        for process in (self.probe, self.judge):
            process.stdin.close()
            process.stdout.close()
            process.wait()


def random_requirement(rng):
    shape = rng.choice(SHAPES)
    return "".join(part if part != "{}" else "".join(rng.choices(FRAGMENTS, k=rng.randrange(6)))
                   for part in re.split(r"({})", shape))


@needs_tools
class Requirements(unittest.TestCase):
    def setUp(self):
        self.both = Both()
        self.addCleanup(self.both.close)

    def accepted(self, kind, text):
        ours, judged = self.both.ask(kind, text)
        self.assertNotIn("refused", ours, text)
        self.assertIsNotNone(judged, f"packaging refuses {text!r}")
        return ours, judged

    def refused(self, kind, text):
        ours, judged = self.both.ask(kind, text)
        self.assertIn("refused", ours, text)
        self.assertIsNone(judged, f"packaging takes {text!r}: {judged}")
        return ours["refused"]

    def test_what_is_proper_is_read_as_packaging_reads_it(self):
        for line in VALID.strip().splitlines():
            for text in line.split("|"):
                self.accepted("requirement", text)

    def test_what_is_wrong_is_told_with_its_column(self):
        for text, column in INVALID:
            self.assertRegex(self.refused("requirement", text), rf"^column {column}: ", text)

    def test_each_thing_that_is_refused_though_packaging_takes_it_has_a_reason(self):
        for text in MORE_STRICT:
            ours, judged = self.both.ask("requirement", text)
            self.assertIsNotNone(judged, f"no longer stricter than packaging: {text!r}")
            self.assertRegex(ours.get("refused", "accepted"), "|".join(STRICTER), text)

    def test_random_requirements_are_judged_alike(self):
        print(f"SPOKESHAVE_SEED={SEED}")
        rng = random.Random(SEED)
        taken = refused = 0
        for _ in range(12000):
            text = random_requirement(rng)
            ours, judged = self.both.ask("requirement", text)
            if "refused" not in ours:
                taken += 1
                self.assertIsNotNone(judged, f"packaging refuses {text!r}")
            elif judged is not None:
                self.assertRegex(ours["refused"], "|".join(STRICTER), f"packaging takes {text!r}")
            else:
                refused += 1
        self.assertGreater(taken, 300)
        self.assertGreater(refused, 3000)

    def test_python_versions_are_checked(self):
        for text in SPECIFIERS:
            self.accepted("specifiers", text)
        for text, column in NOT_SPECIFIERS:
            self.assertRegex(self.refused("specifiers", text), rf"^column {column}: ", text)
        for text in (">=3,,<4", ",>=3"):  # packaging skips an empty item, uv refuses it
            ours, judged = self.both.ask("specifiers", text)
            self.assertRegex(ours["refused"], "but `,` stands here", text)
            self.assertIsNotNone(judged, text)
        ours, judged = self.both.ask("specifiers", "")  # packaging: no restriction; we: nothing said
        self.assertRegex(ours["refused"], "^column 1: ")
        self.assertEqual(judged, "")

    def test_tags_and_builds_that_may_be_asked_for_are_read_by_packaging(self):
        for kind, tags in {"python": PYTHON_TAGS, "abi": ABI_TAGS, "platform": PLATFORM_TAGS, "build": BUILDS}.items():
            for tag in tags:
                self.accepted(kind, tag)

    def test_what_packaging_takes_for_no_tag_is_refused(self):
        for kind, tags in NOT_TAGS.items():
            for tag in tags:
                self.refused(kind, tag)

    def test_the_tags_of_a_file_name_are_those_that_packaging_makes_of_it(self):
        for name in FILE_NAMES:
            ours, judged = self.accepted("expanded", name)
            self.assertEqual(sorted(ours["tags"]), judged, name)

    def test_the_same_requirement_is_known_in_another_spelling(self):
        for pair in SAME:
            ours, judged = self.accepted("same", pair)
            self.assertTrue(ours["same"] and judged, pair)
        for pair in NOT_SAME:
            ours, judged = self.accepted("same", pair)
            self.assertFalse(ours["same"] or judged, pair)


if __name__ == "__main__":
    main()
