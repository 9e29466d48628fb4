"""A NEEDED that no list and no folder of wheels can meet: a path relative to where the process was started. ld.so judges."""
import json
import shlex
import sys

from support import DONE, FOUND, EndToEnd, clean_environment, main, run, unpack
from tiny_elf import library
from wheel_maker import Wheel


class RelativePath(EndToEnd):
    def setUp(self):
        super().setUp()
        wheel = Wheel("toy", "1.0", "py3-none-manylinux_2_17_x86_64").add("toy/__init__.py", "")
        wheel.add("toy/_c.so", library(needed=["./libq.so"], runpath="$ORIGIN", symbol="PyInit__c"))
        self.wheel = wheel.add("toy/libq.so", library("libq.so", symbol="q")).write(self.folder)

    def opened(self, wheel, name, start):
        """What the loader says of the module where Python was started in that folder."""
        site = unpack(wheel, self.folder / name)
        code = f"import ctypes; ctypes.CDLL({str(site / 'toy/_c.so')!r})"
        result = run(sys.executable, "-c", code, cwd=site / start, env=clean_environment())
        return "" if result.code == 0 else result.stderr.splitlines()[-1]

    def test_ld_so_takes_it_from_the_folder_of_the_process(self):
        self.assertEqual(self.opened(self.wheel, "there", "toy"), "")
        self.assertIn("./libq.so: cannot open shared object file", self.opened(self.wheel, "elsewhere", "."))

    def test_inspect_verify_and_preload_say_so(self):
        for command in (["inspect"], ["inspect", "--graph"], ["inspect", "--layout", "separate"], ["verify"], ["preload"]):
            with self.subTest(command):
                result = self.spokeshave(*command, self.wheel)
                self.assertEqual(result.code, FOUND, result.stdout + result.stderr)
                self.assertIn("`./libq.so` will be missing", result.stdout)
                self.assertIn("'_c.so:./libq.so=libq.so'", result.stdout + result.stderr)

    def test_what_preload_says_is_to_be_done_helps(self):
        missing, = json.loads(self.spokeshave("preload", self.wheel, "--json").stdout)["missing"]
        way_out = shlex.split(missing["way_out"].removeprefix("patch that wheel: "))
        result = self.spokeshave("patch", self.wheel, *way_out, "--suffix", "name.1", "--out", self.out)
        self.assertEqual(result.code, DONE, result.stdout + result.stderr)
        patched, = self.out.glob("*.whl")
        self.assertEqual(self.opened(patched, "patched", "."), "")
        self.assertEqual(self.spokeshave("preload", patched).code, DONE)


if __name__ == "__main__":
    main()
