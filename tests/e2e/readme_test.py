"""README.md and docs/: each command that they show is run, and says what they say it says."""
import pathlib
import re
import shlex
import subprocess
import unittest

import support

ROOT = pathlib.Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)


def shown_commands():
    """(page, command, lines that it prints), for every `$ command` of every page."""
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for block in BLOCK.findall(page.read_text()):
            for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                command, *lines = part.splitlines()
                yield page.name, command, [line for line in lines if line.strip()]


def run(command):
    result = subprocess.run(shlex.split(command), cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return result.returncode, result.stdout + result.stderr


class ShownCommands(unittest.TestCase):
    def check(self, wanted):
        shown = [(page, command, lines) for page, command, lines in shown_commands() if wanted(command)]
        self.assertTrue(shown, "no page shows such a command any more")
        for page, command, lines in shown:
            with self.subTest(page=page, command=command):
                status, output = run(command)
                self.assertEqual(status, 0, output)
                said = output.splitlines()
                position = 0
                for line in lines:  # in this order, others may stand between
                    self.assertIn(line, said[position:])
                    position = said.index(line, position) + 1

    def test_1_the_demo_runs(self):
        self.check(lambda command: command.startswith("scripts/demo"))

    def test_2_the_program_says_what_the_pages_show(self):
        # The demo has made what these read and has written what they would write.
        outputs = ROOT / "build" / "demo" / "split"
        for wheel in outputs.glob("*.whl"):
            wheel.unlink()
        self.check(lambda command: command.startswith("build/release/spokeshave"))

    def test_3_every_other_command_is_run_elsewhere(self):
        elsewhere = {
            "scripts/test": "this test is part of it",
            "benchmarks/run": "benchmarks_test.py, on a small wheel",
            "spokeshave split torch-2.1.2-cp311-cp311-manylinux1_x86_64.whl --max-installed-size 3GB --companion cudatorch":
                "real_torch_test.py",
            "spokeshave patch torch-2.0.1-cp311-cp311-manylinux1_x86_64.whl --drop-requires triton --suffix stripe.1":
                "real_patch_test.py",
            "spokeshave preload torch-2.1.0-cp311-cp311-manylinux1_x86_64.whl nvidia_*.whl --write --suffix preload.1":
                "real_preload_test.py",
        }
        for page, command, _ in shown_commands():
            if not command.startswith(("scripts/demo", "build/release/spokeshave")):
                self.assertIn(command, elsewhere, page)


if __name__ == "__main__":
    support.main()
