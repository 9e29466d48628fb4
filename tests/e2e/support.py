"""What the end-to-end tests share: running the program as a user would, and installing what it made."""
import dataclasses
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
import zipfile

import outputs

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "fixtures"))

PROGRAM = os.environ.get("SPOKESHAVE_PROGRAM", str(ROOT / "build/release/spokeshave"))
FIXTURES = pathlib.Path(os.environ.get("SPOKESHAVE_FIXTURES", ROOT / "build/release/fixtures/wheels"))
STAGED = FIXTURES.parent / "staged"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "spokeshave"
TOOLS = CACHE / "python-tools/bin"  # made by scripts/setup: pip, uv, installer, wheel, jsonschema, packaging

DONE, FOUND, USAGE, FAILED = 0, 1, 2, 3  # the program's exit codes
SKIPPED = 77                             # ctest's SKIP_RETURN_CODE

# Under nohup, or behind a shell's `&`, the program would take it that it is not to be stopped.
for number in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, lambda *_: None)  # what is started has the default; this process ignores it as before

needs_tools = unittest.skipUnless((TOOLS / "python").exists(), "scripts/setup could not fetch pip, uv and installer")


def fixture(name):
    """The fixture wheel of a distribution, as in fixtures/README.md."""
    return next(FIXTURES.glob(name + "-*.whl"))


def clean_environment(**more):
    """An environment that says nothing about Python's or the loader's paths."""
    kept = {key: value for key, value in os.environ.items()
            if not key.startswith(("PYTHON", "PIP_", "UV_", "LD_", "VIRTUAL_ENV"))}
    return {**kept, **more}


@dataclasses.dataclass
class Result:
    code: int
    stdout: str
    stderr: str


def run(*command, cwd=None, env=None, timeout=300, allowed=()):
    """Runs a command to its end. Wheels that the program made are verified (outputs.py); `allowed` rules may be broken."""
    env = env or clean_environment()
    before = outputs.wheels_of(command, cwd)
    done = subprocess.run([str(part) for part in command], cwd=cwd, env=env, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=timeout)
    if before and done.returncode == DONE:
        outputs.verify_outputs(command, cwd, before, env, allowed)
    return Result(done.returncode, done.stdout, done.stderr)


class Venv:
    """A fresh virtual environment without pip, filled by tools that live outside it."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.python_path = self.path / "bin/python"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", self.path], check=True)

    def python(self, code, **env):
        return run(self.python_path, "-c", code, env=clean_environment(**env), cwd=self.path)

    @property
    def site_packages(self):
        return next((self.path / "lib").glob("python3*/site-packages"))

    def pip_install(self, wheel, *options):
        return run(TOOLS / "python", "-m", "pip", "--isolated", "--python", self.python_path, "install", "--no-index",
                   "--no-cache-dir", "--no-compile", *options, wheel, timeout=1200)

    def uv_install(self, wheel, *options):
        return run(TOOLS / "uv", "pip", "install", "--python", self.python_path, "--offline", "--no-index", "--no-config",
                   "--no-cache", *options, wheel, timeout=1200)

    def installer_install(self, wheel):
        """The strictest: every file's hash is compared with RECORD."""
        return run(TOOLS / "python", "-m", "installer", "--validate-record", "all", "--destdir", self.path / "staged",
                   "--prefix", "/", wheel, timeout=1200)


def unpack(wheel, folder):
    """One wheel in a folder of its own, with its exec bits: what Bazel's rules_python does."""
    folder = pathlib.Path(folder)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
        for entry in archive.infolist():
            if (entry.external_attr >> 16) & 0o111 and not entry.is_dir():
                (folder / entry.filename).chmod(0o755)
    return folder


def listing(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def read(wheel, suffix):
    """The one member whose name ends so, as bytes."""
    with zipfile.ZipFile(wheel) as archive:
        name, = [name for name in archive.namelist() if name.endswith(suffix)]
        return archive.read(name)


def installed_size(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return sum(entry.file_size for entry in archive.infolist())


class EndToEnd(unittest.TestCase):
    """Each test has a folder of its own, `self.folder`, and an empty one for the outputs, `self.out`."""

    seconds_to_split = 300

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="spokeshave-e2e-", dir=os.environ.get("SPOKESHAVE_TMP")))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.out = self.folder / "out"
        self.out.mkdir()

    def spokeshave(self, *arguments, **how):
        return run(PROGRAM, *arguments, **how)

    def split(self, wheel, *arguments, out=None):
        """Splits and expects success; the wheels that came out, the main one first."""
        out = out or self.out
        result = self.spokeshave("split", wheel, "--out", out, *arguments, timeout=self.seconds_to_split)
        self.assertEqual(result.code, DONE, result.stdout + result.stderr)
        self.result = result
        main = pathlib.Path(wheel).name.split("-")[0].lower().replace(".", "_")
        made = sorted(out.glob("*.whl"))
        self.assertEqual(sorted(path.name for path in out.iterdir()), [path.name for path in made])
        return sorted(made, key=lambda path: path.name.split("-")[0].lower().replace(".", "_") != main)

    def new_venv(self, name="venv"):
        return Venv(self.folder / name)

    def assert_ran(self, result, stdout=None):
        self.assertEqual(result.code, 0, result.stdout + result.stderr)
        if stdout is not None:
            self.assertEqual((result.stdout, result.stderr), (stdout, ""))

    def assert_stopped(self, result, code, *words, out=None):
        """An error in three labelled lines that holds `words`, and nothing written."""
        self.assertEqual(result.code, code, result.stdout + result.stderr)
        lines = result.stderr.splitlines()
        starts = [next((k for k, line in enumerate(lines) if line.startswith(label)), None)
                  for label in ("error: ", "  caused by: ", "hint: ")]
        self.assertNotIn(None, starts, result.stderr)
        self.assertEqual(starts, list(range(starts[0], starts[0] + 3)), result.stderr)
        for word in words:
            self.assertIn(word, result.stderr)
        out = out or self.out
        if out.is_dir():
            self.assertEqual(list(out.iterdir()), [])


def main():
    """Like unittest.main(), but a run whose tests were all skipped says so by its exit code.

    Where SPOKESHAVE_REQUIRE_ALL is set, as .ci/run does, a test on real wheels, in Bazel, with libFuzzer or with 7-Zip must
    not be skipped."""
    program = unittest.main(module="__main__", exit=False, verbosity=2)
    result = program.result
    if not result.wasSuccessful():
        sys.exit(1)
    if result.skipped and os.environ.get("SPOKESHAVE_REQUIRE_ALL") and is_required(pathlib.Path(sys.argv[0]).name):
        reasons = "; ".join(sorted({" ".join(reason.split()) for _, reason in result.skipped}))
        sys.exit(f"error: {len(result.skipped)} skipped where SPOKESHAVE_REQUIRE_ALL allows none\n  caused by: {reasons}\n"
                 "hint: give this machine what is missing, or unset SPOKESHAVE_REQUIRE_ALL")
    sys.exit(SKIPPED if result.skipped and len(result.skipped) >= result.testsRun else 0)


def is_required(file):
    return file.startswith("real_") or file in ("bazel_test.py", "fuzz_test.py", "splice_test.py")
