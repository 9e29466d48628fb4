"""How many instructions each command takes on a small wheel: a guard against regressions that the clock of a shared machine
cannot be. Counted by valgrind, whose processor has neither AVX-512 nor SHA-NI, so that machines with AVX2 count alike.

`python3 tests/e2e/instructions_test.py --update` counts anew and writes instructions.json.
"""
import json
import os
import pathlib
import random
import re
import shutil
import sys
import tempfile
import unittest

import support
from tiny_elf import library, module
from wheel_maker import Wheel

NUMBERS = pathlib.Path(__file__).with_name("instructions.json")
TOLERANCE = 0.10  # another compiler, libc or ISA-L of the same kind stays below
COMMANDS = {
    "inspect": ["inspect", "--graph", "COUNTED"],
    "verify": ["verify", "--index-rules", "COUNTED"],
    "patch --suffix": ["patch", "COUNTED", "--suffix", "counted.1"],
    "patch --set-runpath": ["patch", "COUNTED", "--set-runpath", "liblarge.so=$ORIGIN:$ORIGIN/../elsewhere"],
    "split": ["split", "COUNTED", "--move", "liblarge.so", "--companion", "countedlibs"],
    "preload": ["preload", "USER", "COUNTED"],
}
WRITES = ("patch", "split")
HOW_TO_GO_ON = """
`%s` takes %d instructions (%s), %+.1f %% against the %d in instructions.json. Where they go: `valgrind --tool=callgrind`, then
callgrind_annotate. If it is meant, `python3 tests/e2e/instructions_test.py --update` writes it down, and the commit says why."""


def counted_wheel(folder):
    """5 MB, of the same bytes everywhere: libraries that pack to a half, as real ones do, and 300 small files."""
    chance = random.Random(7)
    words = [chance.randbytes(chance.randrange(2, 12)) for _ in range(4096)]

    def filler(size):
        return b"".join(chance.choices(words, k=size // 6))

    wheel = Wheel("counted", "1.0", "cp311-cp311-manylinux_2_17_x86_64")
    wheel.add("counted/__init__.py", "from counted import _C\n")
    wheel.add("counted/_C.so", module("_C", needed=["liblarge.so"], rpath="$ORIGIN/lib"))
    wheel.add("counted/lib/liblarge.so", library("liblarge.so", ["libmiddle.so"], rpath="$ORIGIN") + filler(3_000_000))
    wheel.add("counted/lib/libmiddle.so", library("libmiddle.so", ["libsmall.so"], rpath="$ORIGIN") + filler(1_000_000))
    wheel.add("counted/lib/libsmall.so", library("libsmall.so") + filler(200_000))
    for number in range(300):
        wheel.add(f"counted/texts/{number:03}.txt", f"{chance.random()}\n" * 100)
    return wheel.write(folder)


def user_wheel(folder):
    """Its module needs a library of the other wheel."""
    wheel = Wheel("user", "1.0", "cp311-cp311-manylinux_2_17_x86_64")
    wheel.requires = ["counted==1.0"]
    wheel.add("user/__init__.py", "from user import _C\n")
    wheel.add("user/_C.so", module("_C", needed=["liblarge.so"], rpath="$ORIGIN/../counted/lib"))
    return wheel.write(folder)


def count(arguments, out):
    """Of the program from its begin to its end, over all threads: all instructions, and those of the program's own code.
    Most are OpenSSL's and ISA-L's, so that of a loss in our code the sum shows little."""
    out.mkdir()
    writes = ["--out", out] if arguments[0] in WRITES else []
    profile = out / "callgrind"
    result = support.run("valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}", support.PROGRAM,
                         *arguments, "--jobs", "2", *writes, timeout=600)
    if result.code != support.DONE:
        raise AssertionError(f"exit {result.code}: {result.stderr}")
    of_objects = per_object(profile.read_text())
    return {"all": sum(of_objects.values()), "own": of_objects[os.path.realpath(support.PROGRAM)]}


def per_object(profile):
    """Path of program or library -> instructions ("Callgrind Format Specification" in valgrind's manual)."""
    names, found, current, skip = {}, {}, None, False
    for line in profile.splitlines():
        if name := re.match(r"ob=\((\d+)\)(?: (.*))?", line):
            current = names.setdefault(name.group(1), name.group(2))
        elif line.startswith("c") and (name := re.match(r"cob=\((\d+)\) (.*)", line)):
            names[name.group(1)] = name.group(2)
        elif line.startswith("calls="):
            skip = True  # the next line is the callee's, which is counted where the callee stands
        elif cost := re.match(r"[+*\-\d]\S* (\d+)$", line):
            found[current] = found.get(current, 0) + (0 if skip else int(cost.group(1)))
            skip = False
    total = int(re.search(r"^(?:totals|summary): (\d+)", profile, re.MULTILINE).group(1))
    assert sum(found.values()) == total, (found, total)
    return found


def counts():
    with tempfile.TemporaryDirectory(prefix="spokeshave-e2e-") as folder:
        folder = pathlib.Path(folder)
        wheels = {"COUNTED": counted_wheel(folder), "USER": user_wheel(folder)}
        return {name: count([wheels.get(argument, argument) for argument in arguments], folder / name.replace(" ", ""))
                for name, arguments in COMMANDS.items()}


def has_avx2():
    return bool(re.search(r"\bavx2\b", pathlib.Path("/proc/cpuinfo").read_text()))


@unittest.skipUnless(shutil.which("valgrind"), "valgrind is missing (scripts/setup --toolchains)")
@unittest.skipUnless(has_avx2(), "valgrind shows programs no AVX2 where the processor has none, and other code is counted")
class Instructions(unittest.TestCase):
    def test_no_command_takes_more_or_fewer_than_are_written_down(self):
        written, counted = json.loads(NUMBERS.read_text()), counts()
        self.assertEqual(set(written), set(counted))
        for name, numbers in counted.items():
            for whose, number in numbers.items():
                with self.subTest(command=name, instructions=whose):
                    before = written[name][whose]
                    self.assertLessEqual(abs(number - before), TOLERANCE * before, HOW_TO_GO_ON % (
                        name, number, whose, 100 * (number / before - 1), before))


if __name__ == "__main__":
    if sys.argv[1:] == ["--update"]:
        NUMBERS.write_text(json.dumps(counts(), indent=1) + "\n")
    else:
        support.main()
