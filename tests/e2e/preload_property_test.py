"""Random sets of wheels, each wheel in a folder of its own: the real loader accepts every order, and what `preload` calls
missing or impossible is so to the loader too."""
import collections
import concurrent.futures
import json
import os
import random
import shutil
import sys
import traceback

from opener import Opener
from preload_judge import Judge, Unpacked
from random_wheels import CircleSet, RandomSet
from support import DONE, FOUND, EndToEnd, clean_environment, main, run, unpack

SETS = int(os.environ.get("SPOKESHAVE_TREES", 500))


def seeds():
    """Those of SPOKESHAVE_SEED alone where that is set."""
    if "SPOKESHAVE_SEED" in os.environ:
        return [int(os.environ["SPOKESHAVE_SEED"])]
    first = random.SystemRandom().randrange(1 << 31)
    return range(first, first + SETS)


class PreloadProperty(EndToEnd):
    def run_set(self, seed):
        """What happened with the set of this seed, for the counts."""
        made = (CircleSet if seed % 4 == 3 else RandomSet)(seed)
        folder = self.folder / str(seed)
        unpacked = Unpacked(made, folder, self.opener)
        result = self.spokeshave("preload", "--format", "json", *unpacked.files)
        words = f"\nSPOKESHAVE_SEED={seed}\n{made.described()}\n{result.stdout}{result.stderr}"
        self.assertIn(result.code, (DONE, FOUND), words)
        document = json.loads(result.stdout)
        judge = Judge(unpacked, document, result.code)
        faults = judge.judge()
        self.assertFalse(faults, "\n" + "\n".join(faults) + words)
        others = unpacked.files[1:]
        random.Random(seed).shuffle(others)
        again = self.spokeshave("preload", "--format", "json", unpacked.files[0], *others)
        self.assertEqual((again.code, again.stdout, again.stderr), (result.code, result.stdout, result.stderr), words)
        seen = list(self.seen(document, result.code)) + ["exit 1 held against all opened first"] * judge.tried_best_effort
        if seed % 8 == 0 and result.code == DONE and document["libraries"] and made.wheels[0].has_init:
            seen += ["imports"] * self.check_import(judge, folder, words)
        shutil.rmtree(folder)
        return seen

    def check_import(self, judge, folder, words):
        """The same with the block in place, and Python, which imports the package and opens what is asked for then. False
        where the package's own code opens what does not load (nor does it in one folder: the judge has seen to that)."""
        unpacked = judge.unpacked
        first, rest = unpacked.after(judge.order, unpacked.roots)
        if any(answer.error for answer in first):
            return False
        roots = [each for each, (answer,) in zip(unpacked.roots, rest) if not answer.error]
        result = self.spokeshave("preload", *unpacked.files, "--write", "--suffix", "made.1", "--out", folder / "out")
        self.assertEqual(result.code, DONE, words + result.stdout + result.stderr)
        file, = (folder / "out").glob("*.whl")
        unpack(file, unpacked.folders[0])
        package = unpacked.made.wheels[0].package.replace("/", ".")
        code = f"import {package}, ctypes\n" + "".join(f"ctypes.CDLL({unpacked.on_disk[each]!r})\n" for each in roots)
        result = run(sys.executable, "-c", code, env=clean_environment(PYTHONPATH=":".join(map(str, unpacked.folders))))
        self.assertEqual((result.code, result.stdout, result.stderr), (0, "", ""), words)
        return True

    def seen(self, document, code):
        loaded = len(document["libraries"])
        yield f"exit {code}"
        if loaded:
            yield f"exit {code} with libraries"
        if loaded > 2:
            yield "three libraries and more"
        for key in ("circles", "missing", "unneeded"):
            if document[key]:
                yield key
        if any(each["by_dlopen"] for each in document["libraries"]):
            yield "by dlopen"
        if any(each["wheel"] == 0 for each in document["libraries"]):
            yield "of the main wheel"

    def test_the_real_loader_accepts_every_order(self):
        self.opener = Opener(self.folder)
        counts = collections.Counter()
        wanted = list(seeds())
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            sets = [pool.submit(self.run_set, seed) for seed in wanted]
        failures = [each.exception() for each in sets if each.exception()]
        if failures:
            self.fail("\n\n".join("".join(traceback.format_exception(each)) for each in failures))
        for each in sets:
            counts.update(each.result())
        print(f"seeds {wanted[0]} to {wanted[-1]}: " + ", ".join(f"{count} {what}" for what, count in sorted(counts.items())))
        if len(wanted) >= 500:  # or it shows nothing
            for what in ("exit 0 with libraries", "exit 1 with libraries", "three libraries and more", "circles", "by dlopen",
                         "imports", "exit 1 held against all opened first"):
                self.assertGreater(counts[what], 10, what)


if __name__ == "__main__":
    main()
