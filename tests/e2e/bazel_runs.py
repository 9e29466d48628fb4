"""What the tests of bazel/ share: workspaces, output bases, and what Bazel says of the actions that it ran."""
import contextlib
import hashlib
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import time

from support import CACHE, PROGRAM, ROOT, clean_environment, run

BUILDGRID = CACHE / "buildgrid/bin/bgd"  # made by scripts/setup --toolchains

BUILDGRID_SETTINGS = """\
server:
  - !channel
    address: 127.0.0.1:{port}
    insecure-mode: true
thread-pool-size: 20
instances:
  - name: ''
    storages:
      - !disk-storage &storage
        path: {folder}
    caches:
      - !lru-action-cache &actions
        storage: *storage
        max-cached-refs: 1000
        allow-updates: true
    services:
      - !action-cache
        cache: *actions
      - !cas
        storage: *storage
      - !bytestream
        storage: *storage
"""


def make_inputs(folder, files):
    """The repository @inputs: files and folders by name, each a link; the list of the wheels; the Python that runs this."""
    folder.mkdir()
    (folder / "WORKSPACE").touch()
    (folder / "BUILD.bazel").write_text('exports_files(glob(["**"], exclude = ["WORKSPACE"]))\n')
    (folder / "wheels.bzl").write_text(f"WHEELS = {sorted(name for name in files if name.endswith('.whl'))!r}\n")
    for name, path in {**files, "python": pathlib.Path(sys.executable).resolve()}.items():
        (folder / name).symlink_to(path)
    return folder


def test_workspace(inputs):
    """tests/bazel, wherever it is copied to: for Bazel()."""
    return (ROOT / "tests/bazel", f"--override_repository=spokeshave={ROOT}/bazel", f"--override_repository=inputs={inputs}")


class Bazel:
    """A workspace with an output base of its own: to a cache, a machine of its own. It fetches nothing."""

    def __init__(self, folder, workspace, *options):
        self.folder = pathlib.Path(folder)
        self.workspace = shutil.copytree(workspace, self.folder / "workspace", symlinks=True)
        # Each machine has the program elsewhere.
        program = shutil.copy(PROGRAM, self.folder / "spokeshave")
        self.startup = ["bazel", "--batch", "--nohome_rc", "--noworkspace_rc",
                        f"--output_user_root={self.folder}/user", f"--output_base={self.folder}/base"]
        self.options = ["--nosandbox_debug", "--spawn_strategy=linux-sandbox", "--symlink_prefix=/", "--color=no", "--curses=no",
                        f"--repo_env=SPOKESHAVE={program}", "--test_output=errors", "--verbose_failures", *options]

    def run(self, command, *arguments, timeout=900):
        """What it said is in `said`, its exit code in `code`: 3 where only tests failed."""
        result = run(*self.startup, command, *self.options, *arguments, cwd=self.workspace, timeout=timeout,
                     env=clean_environment())
        self.code, self.said = result.code, result.stdout + result.stderr
        return self

    def processes(self):
        """How many actions were done how, without those that Bazel does itself: `INFO: 9 processes: 3 internal, 6 linux-sandbox.`"""
        kinds = re.findall(r"^INFO: \d+ process(?:es)?: (.*)\.$", self.said, re.MULTILINE)[-1]
        counts = {kind: int(count) for count, kind in (each.split(" ", 1) for each in kinds.split(", "))}
        counts.pop("internal", None)
        return counts

    @property
    def bin(self):
        found, = (self.folder / "base/execroot").glob("*/bazel-out/*/bin")
        return found

    def made(self, *patterns):
        return sorted(path for pattern in patterns for path in self.bin.glob(pattern))

    def hashes(self, *patterns):
        """SHA-256 of outputs, by their path."""
        return {str(path.relative_to(self.bin)): hashlib.sha256(path.read_bytes()).hexdigest() for path in self.made(*patterns)}

    def remove(self):
        """Bazel's outputs cannot be written, nor can their folders."""
        if self.folder.exists():
            subprocess.run(["chmod", "-R", "u+w", self.folder], check=True)
            shutil.rmtree(self.folder)


@contextlib.contextmanager
def buildgrid(folder):
    """BuildGrid's CAS and action cache on loopback: what --remote_cache takes."""
    folder.mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = folder / "settings.yml"
    settings.write_text(BUILDGRID_SETTINGS.format(port=port, folder=folder / "storage"))
    with open(folder / "log", "w") as log:
        server = subprocess.Popen([BUILDGRID, "server", "start", settings], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                  env=clean_environment())
        try:
            wait_for(port, server, folder / "log")
            yield f"grpc://127.0.0.1:{port}"
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def wait_for(port, server, log):
    for _ in range(600):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        if server.poll() is not None:
            break
        time.sleep(0.1)
    raise AssertionError("BuildGrid does not answer:\n" + log.read_text())
