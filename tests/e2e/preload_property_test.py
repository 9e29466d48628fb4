"""Random sets of wheels, each wheel in a folder of its own: the real loader accepts every order, and what `preload` calls
missing or impossible is so to the loader too."""
import collections
import concurrent.futures
import json
import os
import pathlib
import random
import shutil
import sys

from opener import Opener
from random_wheels import GONE, Library, RandomSet
from support import DONE, FOUND, EndToEnd, clean_environment, main, run, unpack

SETS = int(os.environ.get("SPOKESHAVE_TREES", 500))


def seeds():
    """Those of SPOKESHAVE_SEED alone where that is set."""
    if "SPOKESHAVE_SEED" in os.environ:
        return [int(os.environ["SPOKESHAVE_SEED"])]
    first = random.SystemRandom().randrange(1 << 31)
    return range(first, first + SETS)


class Unpacked:
    """A set in folders, and what the loader says there."""

    def __init__(self, made, folder, opener):
        self.made, self.opener = made, opener
        self.files = [wheel.write(folder / "wheels") for wheel in made.wheels]
        self.folders = [unpack(file, folder / f"{number}-apart") for number, file in enumerate(self.files)]
        self.wheel_of, self.on_disk, self.library_at = {}, {}, {}
        for number, wheel in enumerate(made.wheels):
            for each in wheel.libraries:
                path = str(self.folders[number] / each.path)
                self.wheel_of[each], self.on_disk[each], self.library_at[path] = number, path, each
        self.roots = [each for each in made.wheels[0].libraries if each.kind == "module"]
        for each in made.wheels[0].libraries:
            if each.kind == "program":
                self.roots.append(self.twin(each))

    def twin(self, program):
        """What asks of the loader all that the program does, but can be opened."""
        twin = Library(program.path + ".twin", program.symbol, "library", None, program.needed, program.rpath,
                       program.runpath, program.mentions)
        path = self.on_disk[program] + ".twin"
        pathlib.Path(path).write_bytes(twin.bytes())
        self.wheel_of[twin], self.on_disk[twin], self.library_at[path] = 0, path, twin
        return twin

    @property
    def imported(self):
        """What the main package's __init__.py opens."""
        return self.made.wheels[0].by_path

    def bearers(self, name):
        return [each for each in self.made.libraries if each.soname == name]

    def find(self, wheel, path):
        found, = [each for each in self.made.wheels[wheel].libraries if each.path == path]
        return found

    def in_one_process(self, libraries):
        return self.opener.run([("open", self.on_disk[each]) for each in libraries])

    def after(self, first, libraries, mentions=()):
        """`first` are opened, and what __init__.py opens; then each of `libraries` in a process of its own, from which
        `mentions` (pairs) are opened. The answers of the first, and of each other the list of answers."""
        start = [*first, *self.imported]
        commands = [("open", self.on_disk[each]) for each in start]
        for each in libraries:
            asked = [("from", self.on_disk[teller], teller.symbol, name) for teller, name in mentions]
            commands += [("[",), ("open", self.on_disk[each]), *asked, ("]",)]
        answers = self.opener.run(commands)
        step = 1 + len(mentions)
        rest = answers[len(start):]
        return answers[:len(start)], [rest[step * k:step * (k + 1)] for k in range(len(libraries))]


class Judge:
    """Holds what `preload` said of a set against the loader. `faults` are in words."""

    def __init__(self, unpacked, document, code):
        self.unpacked, self.document, self.code = unpacked, document, code
        self.made = unpacked.made
        self.faults = []
        self.order = [unpacked.find(self.wheel_index(each), each["path"]) for each in document["libraries"]]

    def wheel_index(self, each):
        """That of the set: the document lists the main wheel, then the others by name."""
        file = self.document["wheels"][each["wheel"]]["file"]
        return [path.name for path in self.unpacked.files].index(pathlib.Path(file).name)

    def judge(self):
        self.check_list()
        self.check_facts()
        if self.code == DONE:
            self.check_roots_load()
            if self.document["missing"] or not all(each["loads"] for each in self.document["circles"]):
                self.faults.append("exit 0 with something missing or impossible")
        else:
            self.check_justified()
        return self.faults

    def fail(self, *words):
        self.faults.append(" ".join(map(str, words)))

    # What holds of every list.

    def check_list(self):
        if len(set(self.order)) != len(self.order):
            self.fail("a library stands twice")
        listed = set(self.order)
        answers = self.unpacked.in_one_process(self.order)
        circles = self.circles()
        for each, answer in zip(self.order, answers):
            if answer.error:
                self.fail(each.path, "does not load in its turn:", answer.error)
            brought = {self.unpacked.library_at[path] for path in answer.loaded if path in self.unpacked.library_at} - {each}
            for other in brought - listed:
                self.fail(each.path, "brings", other.path, "which is not listed")
            for other in brought & listed:
                if not any({each, other} <= circle for circle in circles):
                    self.fail(each.path, "brings", other.path, "which stands behind it")
        self.check_order(circles)

    def check_order(self, circles):
        place = {each: number for number, each in enumerate(self.order)}
        for each in self.order:
            for name in each.needed:
                others = [other for other in self.unpacked.bearers(name) if other in place]
                in_circle = any({each, other} <= circle for circle in circles for other in others)
                if others and not in_circle and min(place[other] for other in others) > place[each]:
                    self.fail(each.path, "stands before all that are", name)

    def circles(self):
        """The strongly connected groups of the set, by SONAME (and file name in one's own wheel), as sets."""
        needs = {each: self.might_meet(each) for each in self.made.libraries}
        reach = {}
        for each in needs:
            seen, waiting = set(), [each]
            while waiting:
                for other in needs[waiting.pop()] - seen:
                    seen.add(other)
                    waiting.append(other)
            reach[each] = seen
        groups = [{other for other in reach[each] if each in reach[other]} for each in needs]
        return [group for group in groups if group]

    def might_meet(self, each):
        return {other for other in self.made.libraries for name in each.needed
                if other.soname == name or other.path.endswith("/" + name)}

    def check_facts(self):
        main = [each for each in self.order if self.unpacked.wheel_of[each] == 0]
        for each in main:
            if not any(name in other.needed for other in self.order for name in (each.name, os.path.basename(each.path))):
                self.fail("the main wheel's", each.path, "is listed, and no listed library needs it")
        for said, each in zip(self.document["libraries"], self.order):
            wheel = self.made.wheels[self.unpacked.wheel_of[each]]
            if said["requirement"] != f"{wheel.distribution}=={wheel.version}":
                self.fail(each.path, "comes from", wheel.name, wheel.version, "not from", said["requirement"])
            if said["soname"] != (each.soname or os.path.basename(each.path)):
                self.fail(each.path, "has SONAME", each.soname, "not", said["soname"])
            if not said["reason"]:
                self.fail(each.path, "has no reason")
            if not said["needed_by"]:
                self.fail(each.path, "is needed by none")
            for path in said["needed_by"]:
                needing = [other for other in self.made.libraries if other.path == path]
                if not any(each in self.might_meet(other) or {each.soname, os.path.basename(each.path)} & {*other.mentions}
                           for other in needing):
                    self.fail(path, "does not need", each.path)
        listed = {self.unpacked.wheel_of[each] for each in self.order}
        unneeded = {self.wheel_index({"wheel": index}) for index in self.document["unneeded"]}
        if unneeded != set(range(1, len(self.made.wheels))) - listed:
            self.fail("unneeded:", [self.made.wheels[index].name for index in unneeded])

    # Exit 0: all loads.

    def check_roots_load(self):
        first, rest = self.unpacked.after(self.order, self.unpacked.roots)
        opened = set()
        for each, answer in zip([*self.order, *self.unpacked.imported], first):
            if answer.error and each in self.unpacked.imported:
                self.fail("__init__.py opens", each.path, "in vain:", answer.error)
            opened |= self.check_brought(each, answer)
        for each, (answer,) in zip(self.unpacked.roots, rest):
            if answer.error:
                self.fail("the main wheel's", each.path, "does not load:", answer.error)
            opened |= self.check_brought(each, answer)
        self.check_mentions(opened)

    def check_brought(self, each, answer):
        brought = {self.unpacked.library_at[path] for path in answer.loaded if path in self.unpacked.library_at}
        for other in brought - set(self.order):
            if self.unpacked.wheel_of[other] != 0:
                self.fail(each.path, "brings", other.path, "of another wheel, which is not listed")
        return brought

    def mentions(self, opened):
        """(library, name) where the library is opened by the import, can call dlopen, and the set has the name."""
        known = {name for each in self.made.libraries if each.kind == "library"
                 for name in (each.soname, os.path.basename(each.path)) if name}
        return [(each, name) for each in opened if each.kind == "library" and not each.path.endswith(".twin")
                for name in each.mentions if name in known and name not in each.needed]

    def check_mentions(self, opened):
        for teller, name in self.mentions(opened):
            _, rest = self.unpacked.after(self.order, self.unpacked.roots or [teller], [(teller, name)])
            errors = [answers[1].error for answers in rest]
            if all(errors) and not self.is_told(name):
                self.fail(teller.path, "opens", name, "by dlopen in vain:", errors[0])

    def is_told(self, name):
        return any(name in note for note in self.document["notes"])

    # Exit 1: the loader fails as well.

    def check_justified(self):
        if not self.document["missing"] and all(each["loads"] for each in self.document["circles"]):
            self.fail("exit 1 and nothing is missing or impossible")
        for missing in self.document["missing"]:
            self.check_missing(missing)
        for circle in self.document["circles"]:
            self.check_circle(circle)
        if self.best_effort_loads():
            self.fail("exit 1, but all loads where every library that can be opened is opened first")

    def check_missing(self, missing):
        name = missing["name"]
        left_out = self.made.left_out
        if left_out and any(each.soname == name for each in left_out.libraries):
            self.check_named(missing, left_out.distribution)
        elif GONE.get(name):
            self.check_named(missing, GONE[name])
        for path in missing["needed_by"]:
            needing = [each for each in self.made.libraries if each.path == path]
            if not any(name in each.needed + each.mentions for each in needing):
                self.fail(path, "does not need", name)
            for each in needing:
                if each.kind != "program":
                    _, ((answer,),) = self.unpacked.after(self.order, [each])
                    if not answer.error:
                        self.fail(path, "is said to miss", name, "and loads")

    def check_named(self, missing, distribution):
        """Where a needing wheel requires what brings the library, that requirement is told."""
        for wheel in self.made.wheels:
            needs = any(each.path in missing["needed_by"] for each in wheel.libraries)
            requires = any(line.split("==")[0] == distribution for line in wheel.requires)
            if needs and requires and distribution not in missing["requirements"]:
                self.fail(missing["name"], "is", distribution + "'s, which", wheel.name, "requires, not", missing["requirements"])

    def check_circle(self, circle):
        members = [each for each in self.made.libraries if each.path in circle["libraries"]]
        if not any(set(members) <= group for group in self.circles()):
            self.fail("no circle:", circle["libraries"])

    def best_effort_loads(self):
        """Whether all loads behind everything that can be opened at all: the other wheels' libraries, or all wheels'."""
        if any(len(self.unpacked.bearers(each.soname)) > 1 for each in self.made.libraries if each.soname):
            return False  # which of several is meant is a matter of rules
        others = [each for each in self.made.libraries if each.kind == "library"]
        for candidates in ([each for each in others if self.unpacked.wheel_of[each] != 0], others):
            first, rest = self.unpacked.after(candidates * max(1, len(candidates)), self.unpacked.roots)
            imported = first[len(first) - len(self.unpacked.imported):]
            if not any(answer.error for answer in imported + [answer for answer, in rest]):
                opened = {self.unpacked.library_at[path] for answer in first + [answer for answer, in rest]
                          for path in answer.loaded if path in self.unpacked.library_at}
                return not self.mentions(opened)
        return False


class PreloadProperty(EndToEnd):
    def run_set(self, seed):
        """What happened with the set of this seed, for the counts."""
        made = RandomSet(seed)
        folder = self.folder / str(seed)
        unpacked = Unpacked(made, folder, self.opener)
        result = self.spokeshave("preload", "--format", "json", *unpacked.files)
        words = f"\nSPOKESHAVE_SEED={seed}\n{made.described()}\n{result.stdout}{result.stderr}"
        self.assertIn(result.code, (DONE, FOUND), words)
        document = json.loads(result.stdout)
        self.assertEqual(Judge(unpacked, document, result.code).judge(), [], words)
        others = unpacked.files[1:]
        random.Random(seed).shuffle(others)
        again = self.spokeshave("preload", "--format", "json", unpacked.files[0], *others)
        self.assertEqual((again.code, again.stdout, again.stderr), (result.code, result.stdout, result.stderr), words)
        seen = list(self.seen(document, result.code))
        if seed % 8 == 0 and result.code == DONE and document["libraries"] and made.wheels[0].has_init:
            self.check_import(unpacked, folder, words)
            seen.append("imports")
        shutil.rmtree(folder)
        return seen

    def check_import(self, unpacked, folder, words):
        """The same with the block in place, and Python, which imports the package and opens what is asked for then."""
        result = self.spokeshave("preload", *unpacked.files, "--write", "--suffix", "made.1", "--out", folder / "out")
        self.assertEqual(result.code, DONE, words + result.stdout + result.stderr)
        file, = (folder / "out").glob("*.whl")
        unpack(file, unpacked.folders[0])
        package = unpacked.made.wheels[0].package.replace("/", ".")
        code = f"import {package}, ctypes\n" + "".join(f"ctypes.CDLL({unpacked.on_disk[each]!r})\n" for each in unpacked.roots)
        result = run(sys.executable, "-c", code, env=clean_environment(PYTHONPATH=":".join(map(str, unpacked.folders))))
        self.assertEqual((result.code, result.stdout, result.stderr), (0, "", ""), words)

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
            for seen in pool.map(self.run_set, wanted):
                counts.update(seen)
        print(f"seeds {wanted[0]} to {wanted[-1]}: " + ", ".join(f"{count} {what}" for what, count in sorted(counts.items())))
        if len(wanted) >= 500:  # or it shows nothing
            for what in ("exit 0 with libraries", "exit 1 with libraries", "three libraries and more", "circles", "by dlopen",
                         "imports"):
                self.assertGreater(counts[what], 10, what)


if __name__ == "__main__":
    main()
