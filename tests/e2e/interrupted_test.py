"""A run that is stopped, or that the disk fails, leaves nothing behind; and memory does not grow with the wheel."""
import base64
import hashlib
import os
import pathlib
import resource
import shutil
import signal
import stat
import subprocess
import tempfile
import time
import unittest
import zipfile

from support import DONE, FAILED, PROGRAM, STAGED, EndToEnd, clean_environment, main, run
from wheel_maker import Wheel, zip_entry

MEGABYTE = 1_000_000
LIBRARY = "bigtoy/lib/libgputoy_core.so"
MEMORY_MEGABYTES = 100


def make_big_wheel(folder, megabytes):
    """A library with much behind it that no loader reads, deflated but hardly smaller; written in pieces."""
    wheel = Wheel("bigtoy", "1.0").add("bigtoy/__init__.py", "")
    path = folder / wheel.file_name()
    noise, head = hashlib.shake_128(b"noise").digest(MEGABYTE), (STAGED / "gputoy/lib/libgputoy_core.so").read_bytes()
    digest, size = hashes(head, noise, megabytes)
    wheel.add(LIBRARY, b"")
    wheel.record_rows[LIBRARY] = [LIBRARY, digest, size]
    with zipfile.ZipFile(path, "w", compresslevel=1) as archive:
        for name, (data, executable) in wheel.all_files().items():
            if name != LIBRARY:
                archive.writestr(zip_entry(name, executable), data)
                continue
            with archive.open(zip_entry(name), "w", force_zip64=False) as member:
                member.write(head)
                for _ in range(megabytes):
                    member.write(noise)
    return path


def hashes(head, noise, times):
    hasher = hashlib.sha256(head)
    for _ in range(times):
        hasher.update(noise)
    return "sha256=" + base64.urlsafe_b64encode(hasher.digest()).rstrip(b"=").decode(), len(head) + times * len(noise)


def contents(folder):
    """Of every file in it the SHA-256. Read in pieces: a process that we start has our size at first."""
    digests = {}
    for path in sorted(folder.iterdir()):
        with open(path, "rb") as file:
            digests[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
    return digests


class Interrupted(EndToEnd):
    """A signal that comes when the wheels have their names, and before the program is gone, finds all of them there."""
    @classmethod
    def setUpClass(cls):
        cls.inputs = pathlib.Path(tempfile.mkdtemp(prefix="spokeshave-e2e-"))
        cls.addClassCleanup(shutil.rmtree, cls.inputs)
        cls.wheel = make_big_wheel(cls.inputs, 300)

    def setUp(self):
        super().setUp()
        self.command = [PROGRAM, "split", str(self.wheel), "--move", "libgputoy_core.so", "--companion", "parttoy",
                        "--out", str(self.out)]

    def written(self, process):
        """Bytes in the nameless files that it has open. What it moves in the kernel, /proc/PID/io does not count."""
        total = 0
        try:
            for entry in os.scandir(f"/proc/{process.pid}/fd"):
                status = os.stat(entry.path)
                total += status.st_size if stat.S_ISREG(status.st_mode) and status.st_nlink == 0 else 0
        except OSError:
            pass  # it is gone, or has closed a file meanwhile
        return total

    def stop(self, signal_number, after_megabytes):
        """Starts a split, sends the signal when so much has been written; how it ended."""
        process = subprocess.Popen(self.command, env=clean_environment(), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        while process.poll() is None and self.written(process) < after_megabytes * MEGABYTE:
            time.sleep(0.002)
        stopped_in_time = process.poll() is None
        process.send_signal(signal_number)
        process.communicate(timeout=60)
        return stopped_in_time, process.returncode

    def assert_leaves_nothing(self, signal_number, codes):
        self.assertEqual(run(*self.command).code, DONE)
        whole = contents(self.out)
        times_stopped = 0
        for after_megabytes in (0, 1, 60, 150, 250):
            for path in self.out.iterdir():
                path.unlink()
            in_time, code = self.stop(signal_number, after_megabytes)
            if in_time and code != DONE:
                times_stopped += 1
                self.assertIn(code, codes)
                self.assertIn(contents(self.out), ({}, whole), after_megabytes)
        self.assertGreaterEqual(times_stopped, 3)
        self.assertEqual(list(self.folder.iterdir()), [self.out])
        self.assertEqual(list(self.inputs.iterdir()), [self.wheel])

    def test_ctrl_c_leaves_nothing(self):
        self.assert_leaves_nothing(signal.SIGINT, (-signal.SIGINT, 128 + signal.SIGINT))

    def test_being_told_to_end_leaves_nothing(self):
        self.assert_leaves_nothing(signal.SIGTERM, (-signal.SIGTERM, 128 + signal.SIGTERM))

    def test_being_killed_leaves_nothing(self):
        self.assert_leaves_nothing(signal.SIGKILL, (-signal.SIGKILL,))

    def test_memory_stays_small_whatever_the_wheel(self):
        process = subprocess.Popen(self.command, env=clean_environment(), stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, DONE)
        self.assertLess(usage.ru_maxrss / 1024, MEMORY_MEGABYTES)

    def test_a_file_size_limit_leaves_nothing(self):
        """The system's answer to it is a signal, which ends the program."""
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (50 * MEGABYTE, 50 * MEGABYTE))
        done = subprocess.run(self.command, env=clean_environment(), capture_output=True, text=True, preexec_fn=limit)
        self.assertNotEqual(done.returncode, DONE)
        self.assertEqual(list(self.out.iterdir()), [])


MOUNT = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]


def can_mount():
    return run(*MOUNT, "mount", "-t", "tmpfs", "none", "/mnt").code == 0


class FullDisk(EndToEnd):
    @unittest.skipUnless(can_mount(), "this machine lets no one mount a tmpfs")
    def test_a_full_disk_is_told_and_leaves_nothing(self):
        wheel = make_big_wheel(self.folder, 40)
        for size in (1, 20, 37):
            with self.subTest(f"{size} MB"):
                script = (f'mount -t tmpfs -o size={size}m none "{self.out}" && "{PROGRAM}" split "{wheel}" --move "libgputoy*" '
                          f'--companion parttoy --out "{self.out}"; code=$?; echo "left: $(ls -A "{self.out}")"; exit $code')
                result = run(*MOUNT, "sh", "-c", script)
                self.assertEqual(result.code, FAILED, result.stderr)
                self.assertIn("No space left on device", result.stderr)
                self.assertEqual(result.stdout.splitlines()[-1], "left: ")
                self.assert_stopped(result, FAILED)

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_a_folder_that_may_not_be_written(self):
        wheel = make_big_wheel(self.folder, 1)
        self.out.chmod(0o555)
        result = run(PROGRAM, "split", wheel, "--move", "libgputoy*", "--companion", "parttoy", "--out", self.out)
        self.assert_stopped(result, FAILED, str(self.out))


if __name__ == "__main__":
    main()
