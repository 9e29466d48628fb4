"""The programs of others. Those from PyPI are installed once, each into a folder of the user's cache of its own."""
import subprocess
import sys

from inputs import CACHE, ROOT

AUDITWHEEL = "auditwheel==6.8.2"
EDITWHEEL = "editwheel==0.3.2"


def from_pypi(requirement):
    """The program that bears the distribution's name."""
    venv = CACHE / requirement
    program = venv / "bin" / requirement.split("==")[0]
    if not program.exists():
        print(f"installing {requirement}", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        subprocess.run([venv / "bin/pip", "install", "-q", "--disable-pip-version-check", requirement], check=True)
    return program


def wheel_tool():
    """PyPA's `wheel`, which scripts/setup installs for the tests."""
    program = CACHE / "python-tools/bin/wheel"
    if not program.exists():
        subprocess.run([ROOT / "scripts/setup"], check=True)
    return program


def versions():
    """As in the head of a table."""
    return [requirement.replace("==", " ") for requirement in (AUDITWHEEL, EDITWHEEL)] + [
        first_line(wheel_tool(), "version"), first_line("patchelf", "--version")]


def first_line(*command):
    return subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout.splitlines()[0]
