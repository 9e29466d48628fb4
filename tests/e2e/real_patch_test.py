"""The real stories: torch 2.0.1 without triton, served from an index; torch 2.1.0 with a fix as a diff."""
import contextlib
import email
import functools
import http.server
import json
import re
import shutil
import threading
import zipfile

from real_torch_test import cuda_libs, setUpModule, wheel  # noqa: F401: unittest calls setUpModule
from support import CACHE, DONE, ROOT, TOOLS, EndToEnd, main, needs_tools, read, run
from wheel_maker import Wheel

VERSION = "2.0.1+stripe.1"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextlib.contextmanager
def served(folder):
    """The folder's address on loopback."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def entries(path):
    """What the archive says of each member but RECORD, by name without the version."""
    with zipfile.ZipFile(path) as archive:
        return {re.sub(r"^torch-[^/]*\.dist-info", "torch.dist-info", entry.filename):
                (entry.CRC, entry.file_size, entry.compress_size, entry.date_time, entry.external_attr)
                for entry in archive.infolist() if not entry.is_dir()}


@needs_tools
class RealPatch(EndToEnd):
    def patch(self, path, *arguments):
        result = self.spokeshave("patch", path, "--out", self.out, *arguments)
        self.assertEqual(result.code, DONE, result.stdout + result.stderr)
        new, = self.out.iterdir()
        return new, result

    def changed_members(self, old, new):
        before, after = entries(old), entries(new)
        self.assertEqual(before.keys(), after.keys())
        return {name for name in before if before[name] != after[name]} - {"torch.dist-info/RECORD"}

    def index(self, wheels):
        """A PEP 503 index in a folder, made by dumb-pypi."""
        folder = self.folder / "index"
        (folder / "packages").mkdir(parents=True)
        for path in wheels:
            (folder / "packages" / path.name).symlink_to(path)
        (self.folder / "list").write_text("".join(f"{path.name}\n" for path in wheels))
        made = run(TOOLS / "dumb-pypi", "--package-list", self.folder / "list", "--packages-url", "../../packages",
                   "--output-dir", folder)
        self.assertEqual(made.code, 0, made.stderr)
        return folder

    def requirements(self, path):
        """What a wheel requires: real small wheels from the cache, empty ones of NVIDIA's names and versions."""
        metadata = email.message_from_bytes(read(path, ".dist-info/METADATA"))
        cached = {}
        for each in (CACHE / "wheels").glob("*.whl"):
            cached[each.name.split("-")[0].lower().replace("_", "-")] = each
        for line in metadata.get_all("Requires-Dist"):
            if "extra ==" in line:
                continue
            name, version = re.match(r"([\w.-]+)(?: *\(==([^)]*)\))?", line).groups()
            if name.startswith("nvidia-"):
                yield Wheel(name.replace("-", "_"), version, "py3-none-any").write(self.folder / "stand-ins")
            else:
                yield cached[name]
        yield from (cached[name] for name in ("mpmath", "markupsafe"))

    def test_torch_2_0_1_without_triton_comes_from_an_index(self):
        old = wheel("older", "torch-2.0.1-*.whl")
        self.assertIn(b"Requires-Dist: triton", read(old, ".dist-info/METADATA"))
        new, result = self.patch(old, "--drop-requires", "triton", "--suffix", "stripe.1")
        self.assertEqual(new.name, old.name.replace("2.0.1", VERSION))
        self.assertIn(f"'torch=={VERSION}'", result.stdout)
        self.assertEqual(self.changed_members(old, new), {"torch.dist-info/METADATA"})
        self.assertNotIn(b"triton", read(new, ".dist-info/METADATA").split(b"\n\n")[0])
        venv = self.new_venv()
        pip = (TOOLS / "python", "-m", "pip", "--isolated", "--disable-pip-version-check", "--no-cache-dir",
               "--python", venv.python_path)
        with served(self.index([new, *self.requirements(new)])) as address:
            installed = run(*pip, "install", "--no-compile", "--index-url", f"{address}/simple/", f"torch=={VERSION}", timeout=1200)
        self.assert_ran(installed)
        listed = {each["name"].lower().replace("_", "-"): each["version"] for each in json.loads(run(*pip, "list", "--format=json").stdout)}
        self.assertEqual(listed["torch"], VERSION)
        self.assertIn("nvidia-cudnn-cu11", listed)
        self.assertNotIn("triton", listed)
        self.assert_ran(run(*pip, "check", timeout=600), "No broken requirements found.\n")
        code = "import importlib.metadata as m; print(m.version('torch'))"
        self.assert_ran(venv.python(code), VERSION + "\n")

    def test_torch_2_1_0_preloads_nvjitlink_first_with_a_folder_of_diffs(self):
        old = wheel("older", "torch-2.1.0-*.whl")
        new, result = self.patch(old, "--patch-dir", ROOT / "fixtures/patches/torch-2.1.0", "--suffix", "stripe.1")
        self.assertIn("0001-Preload-nvJitLink", result.stdout)
        self.assertEqual(self.changed_members(old, new), {"torch/__init__.py", "torch.dist-info/METADATA"})
        keys = list(cuda_libs(new))
        self.assertEqual(keys[:3], ["nvjitlink", "cusparse", "cublas"])
        self.assertEqual(sorted(keys), sorted([*cuda_libs(old), "nvjitlink"]))
        self.assert_ran(self.new_venv().installer_install(new))

    def tearDown(self):
        shutil.rmtree(self.folder, ignore_errors=True)


if __name__ == "__main__":
    main()
