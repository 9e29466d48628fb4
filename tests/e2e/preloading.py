"""What the tests of the preload block share: real libraries of wheels that lie apart, and every Python that is installed."""

import base64
import csv
import glob
import hashlib
import io
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile

SEED = int(os.environ.get("SPOKESHAVE_SEED") or random.SystemRandom().randrange(2**32))
PROBE = os.environ["SPOKESHAVE_PRELOAD_PROBE"]

# The extension module's part is played by a CDLL of a library that needs the preloaded ones.
INIT = '''"""The package's docstring."""
from __future__ import annotations

import ctypes as _ctypes
import os as _os

ANSWER = _ctypes.CDLL(_os.path.join(_os.path.dirname(__file__), "libuser.so")).answer()
'''


def pythons():
    """Interpreters from 3.7 on: this one, those on PATH, those of pyenv."""
    folders = os.environ["PATH"].split(os.pathsep)
    folders += glob.glob(os.path.expanduser("~/.pyenv/versions/*/bin"))
    found = {}
    for minor in range(7, 16):
        for folder in folders:
            program = os.path.join(folder, "python3.%d" % minor)
            if minor not in found and os.path.exists(program):
                # A shim of pyenv is there whether its Python is or not.
                if subprocess.run([program, "-c", ""], stderr=subprocess.DEVNULL).returncode == 0:
                    found[minor] = program
    found.setdefault(sys.version_info[1], sys.executable)
    return [found[minor] for minor in sorted(found)]


def probe(libraries, *arguments):
    """What tests/src/probe/preload_probe.cpp prints; a library may lack its last fields."""
    fields = [(*library, False, False)[:5] for library in libraries]
    lines = "".join("%s\t%s\t%s\t%d\t%d\n" % library for library in fields)
    made = subprocess.run(
        [PROBE, *map(str, arguments)], input=lines.encode(), stdout=subprocess.PIPE, check=True
    )
    return made.stdout.decode("utf-8", "surrogateescape")


def block_for(libraries, init_path="pkg/__init__.py"):
    return probe(libraries, "block", init_path)


class PreloadTest(unittest.TestCase):
    """pkg/libuser.so needs libb.so of wheel b, which needs liba.so of wheel a; no search path leads
    from one to the other, and each wheel has a folder of its own."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="spokeshave-test-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.compile("a/a_pkg/lib/liba.so", "int a(void) { return 40; }")
        self.compile("b/b_pkg/lib/libb.so", "int a(void); int b(void) { return a() + 2; }", "a")
        self.compile("main/pkg/libuser.so", "int b(void); int answer(void) { return b(); }", "b")
        self.libraries = [
            ("a_pkg/lib/liba.so", "liba.so", "a-pkg==1.0+split.1", False),
            ("b_pkg/lib/libb.so", "libb.so", "b-pkg==2.0", False),
        ]
        self.write_package(self.libraries)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def compile(self, path, source, *needs):
        os.makedirs(os.path.dirname(self.path(path)), exist_ok=True)
        stubs = [self.path("%s/%s_pkg/lib/lib%s.so" % (name, name, name)) for name in needs]
        subprocess.run(
            ["cc", "-shared", "-fPIC", "-x", "c", "-", "-x", "none", "-o", self.path(path)]
            + ["-Wl,-soname," + os.path.basename(path), *stubs]
            + ["-Wl,--allow-shlib-undefined"],
            input=source,
            text=True,
            check=True,
        )

    def write_package(self, libraries, init=INIT):
        with open(self.path("main/pkg/__init__.py"), "w") as file:
            above, below = init.split("\n\n", 1)
            file.write("\n".join([above, block_for(libraries), below]))

    def run_python(self, *code, entries=("main", "a", "b"), python=sys.executable, flags=(), **env):
        env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **env}
        env["PYTHONPATH"] = os.pathsep.join(self.path(entry) for entry in entries)
        env.pop("LD_LIBRARY_PATH", None)
        return subprocess.run(
            [python, *flags, "-c", "\n".join(code)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=env,
            cwd=self.folder,
        )

    def assert_works(self, run):
        self.assertEqual((run.returncode, run.stdout, run.stderr), (0, "42\n", ""))

    def import_error(self, **options):
        """The text of the ImportError that `import pkg` raises."""
        code = "try: import pkg\nexcept ImportError as error: print(error.name, error, sep='\\n')"
        run = self.run_python(code, **options)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        name, text = run.stdout.split("\n", 1)
        self.assertEqual(name, "pkg")
        return text.rstrip("\n")


def write_wheel(folder, module, text, data=(), newline="\n", name="toy", requires=()):
    """A wheel of one module, made without our own writer."""
    members = {module: text, **dict(data)}
    fields = "".join("Requires-Dist: %s\n" % requirement for requirement in requires)
    metadata = "Metadata-Version: 2.1\nName: %s\nVersion: 1.0\n%s" % (name, fields)
    members[name + "-1.0.dist-info/METADATA"] = metadata.encode()
    members[name + "-1.0.dist-info/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    rows = io.StringIO()
    writer = csv.writer(rows, lineterminator=newline)
    for path, content in members.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        writer.writerow([path, "sha256=" + digest, len(content)])
    record = name + "-1.0.dist-info/RECORD"
    writer.writerow([record, "", ""])
    path = pathlib.Path(folder) / (name + "-1.0-py3-none-any.whl")
    with zipfile.ZipFile(path, "w") as archive:
        for path_inside, content in [*members.items(), (record, rows.getvalue())]:
            entry = zipfile.ZipInfo(path_inside, (2021, 2, 3, 4, 5, 6))
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, content)
    return path


LIBRARIES = [("a_pkg/lib/liba.so", "liba.so", "a-pkg==1.0", False, True)]
HEADS = ['"""doc"""\n', "", "# c\n", "from __future__ import annotations\n", "'''d\n\nd'''\n", "#!/bin/python\n# coding: latin-1\n"]
BODIES = ["", "x = 1\n", "import os\n\n\nx = 1\ny = 2\nz = 3\n", "\n\n\n\n", "x", "if x:\n    y = '\\\n'\n"]
