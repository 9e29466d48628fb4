"""Wheels of many small members: memory stays within what is promised, and what would take more is refused."""
import base64
import hashlib
import os
import subprocess
import zipfile

from support import DONE, FAILED, PROGRAM, EndToEnd, clean_environment, main

MEMORY_MEGABYTES = 64
REALISTIC = 20_000  # tensorflow has 24,000
MOST = 35_000  # with names of 52 letters nearly what is taken
TOO_MANY = 40_000


def make_wheel(folder, members):
    wheel = folder / "many-1.0-py3-none-any.whl"
    rows = []
    info = "many-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        def add(name, text):
            archive.writestr(name, text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            rows.append(f"{name},sha256={digest},{len(text)}\n")
        for i in range(members):
            add(f"many/package_{i % 50}/subfolder_of_it/module_number_{i}.py", f"value = {i}\n" * (1 + i % 20))
        add(f"{info}/METADATA", "Metadata-Version: 2.1\nName: many\nVersion: 1.0\n")
        add(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "".join(rows) + f"{info}/RECORD,,\n")
    return wheel


class ManyMembers(EndToEnd):
    def assert_takes_little(self, members):
        wheel = make_wheel(self.folder, members)
        for command in (["patch", wheel, "--suffix", "a", "--out", self.out],
                        ["patch", wheel, "--suffix", "b", "--check-input", "--out", self.out],
                        ["inspect", wheel], ["verify", wheel]):
            process = subprocess.Popen([PROGRAM, *map(str, command)], env=clean_environment(), stdout=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            self.assertEqual(process.returncode, DONE, command)
            self.assertLess(usage.ru_maxrss / 1024, MEMORY_MEGABYTES, command)

    def test_memory_stays_small(self):
        self.assert_takes_little(REALISTIC)

    def test_memory_stays_within_the_bound_for_as_many_as_are_taken(self):
        self.assert_takes_little(MOST)

    def test_more_are_refused(self):
        self.assert_stopped(self.spokeshave("patch", make_wheel(self.folder, TOO_MANY), "--suffix", "a", "--out", self.out),
                            FAILED, f"{TOO_MANY + 3} members", "48 MiB")


if __name__ == "__main__":
    main()
