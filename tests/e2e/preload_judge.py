"""Holds what `preload` says of a set of wheels against ld.so."""
import os
import pathlib

from random_wheels import GONE, Library
from support import DONE, unpack


class Unpacked:
    """A set in folders, and what the loader says there."""

    def __init__(self, made, folder, opener):
        self.made, self.opener = made, opener
        self.files = [wheel.write(folder / "wheels") for wheel in made.wheels]
        self.folders = [unpack(file, folder / f"{number}-apart") for number, file in enumerate(self.files)]
        self.wheel_of, self.on_disk, self.library_at, self.together = {}, {}, {}, {}
        for file in self.files:
            unpack(file, folder / "together")
        for number, wheel in enumerate(made.wheels):
            for each in wheel.libraries:
                path = str(self.folders[number] / each.path)
                self.wheel_of[each], self.on_disk[each], self.library_at[path] = number, path, each
                self.together[each] = folder / "together" / each.path
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
        self.together[twin] = pathlib.Path(f"{self.together[program]}.twin")
        self.together[twin].write_bytes(twin.bytes())
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
        self.tried_best_effort = False
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
        failed = set()  # by then
        for each, answer in zip(self.order, answers):
            if answer.error and not self.is_excused(answer.error):
                self.fail(each.path, "does not load in its turn:", answer.error)
            brought = {self.unpacked.library_at[path] for path in answer.loaded if path in self.unpacked.library_at} - {each}
            for other in brought - listed:
                if not {self.unpacked.wheel_of[each], self.unpacked.wheel_of[other]} == {0}:  # finds it by its own paths
                    self.fail(each.path, "brings", other.path, "which is not listed")
            for other in (brought & listed) - failed:
                if not any({each, other} <= circle for circle in circles):
                    self.fail(each.path, "brings", other.path, "which stands behind it")
            if answer.error:
                failed.add(each)
        self.check_order(circles)

    def is_excused(self, error):
        """With exit 1, where the loader's words are of a name that is said to be missing, or of what cannot load in turn."""
        if self.code == DONE:
            return False
        told, unable = {each["name"] for each in self.document["missing"]}, set()
        for circle in self.document["circles"]:
            if not circle["loads"]:
                unable |= {each for each in self.made.libraries if each.path in circle["libraries"]}
        while more := {each for each in self.made.libraries if each not in unable and
                       (told & {*each.needed} or any(other in unable for other in self.might_meet(each)))}:
            unable |= more
            # The loader keeps the name under which a search found a file without that SONAME, unless what searched for it fails.
            told |= {name for each in unable for name in each.needed if not self.unpacked.bearers(name) and name in self.file_names()}
        return error.split(":")[0] in told | {each.soname for each in unable} | {os.path.basename(each.path) for each in unable}

    def check_order(self, circles):
        place = {each: number for number, each in enumerate(self.order)}
        for each in self.order:
            for name in each.needed:
                others = [other for other in self.called(name) if other in place]
                in_circle = any({each, other} <= circle for circle in circles for other in others)
                if others and not in_circle and min(place[other] for other in others) > place[each]:
                    self.fail(each.path, "stands before all that are", name)

    def circles(self):
        """The strongly connected groups of the set, by SONAME (and file name in one's own wheel), as sets."""
        reach = {each: self.reach(each) for each in self.made.libraries}
        groups = [{other for other in reach[each] if each in reach[other]} for each in reach]
        return [group for group in groups if group]

    def reach(self, each):
        """What it needs, directly or not."""
        seen, waiting = set(), [each]
        while waiting:
            for other in self.might_meet(waiting.pop()) - seen:
                seen.add(other)
                waiting.append(other)
        return seen

    def called(self, name):
        """The libraries that have that SONAME, or that file name."""
        return {each for each in self.made.libraries if each.soname == name or each.path.endswith("/" + name)}

    def might_meet(self, each):
        return {other for name in each.needed for other in self.called(name)}

    def check_facts(self):
        closure = self.closure()
        for said, each in zip(self.document["libraries"], self.order):
            needed = any(name in other.needed for other in self.order for name in (each.name, os.path.basename(each.path)))
            if self.unpacked.wheel_of[each] == 0 and not needed and not said["by_dlopen"] and self.loads_without(each):
                self.fail("the main wheel's", each.path, "is listed, and without it all loads as well")
            if each not in closure:
                self.fail(each.path, "is nothing that the main wheel's code comes to load")
        for said, each in zip(self.document["libraries"], self.order):
            wheel = self.made.wheels[self.unpacked.wheel_of[each]]
            if said["requirement"].replace("_", "-") != f"{wheel.distribution}=={wheel.version}":
                self.fail(each.path, "comes from", wheel.name, wheel.version, "not from", said["requirement"])
            if said["soname"] != (each.soname or os.path.basename(each.path)):
                self.fail(each.path, "has SONAME", each.soname, "not", said["soname"])
            if not said["reason"]:
                self.fail(each.path, "has no reason")
            if not said["needed_by"]:
                self.fail(each.path, "is needed by none")
            for path in said["needed_by"]:
                needing = [other for other in self.made.libraries if other.path == path]
                opens = path == f"{self.made.wheels[0].package}/__init__.py" and each in self.unpacked.imported
                if not opens and not any(each in self.might_meet(other) or {each.soname, os.path.basename(each.path)} & {*other.mentions}
                           for other in needing):
                    self.fail(path, "does not need", each.path)
        listed = {self.unpacked.wheel_of[each] for each in self.order}
        unneeded = {self.wheel_index({"wheel": index}) for index in self.document["unneeded"]}
        if unneeded != set(range(1, len(self.made.wheels))) - listed:
            self.fail("unneeded:", [self.made.wheels[index].name for index in unneeded])

    def loads_without(self, left_out):
        """Whether the list, and what the import opens, load without that library; what only dlopen needs it for does not count."""
        order = [each for each in self.order if each is not left_out]
        first, rest = self.unpacked.after(order, self.unpacked.roots)
        mentioned = any({left_out.soname, os.path.basename(left_out.path)} & {*each.mentions} for each in self.closure())
        return not mentioned and not any(answer.error for answer in first + [answer for answer, in rest])

    # Exit 0: all loads.

    def check_roots_load(self):
        first, rest = self.unpacked.after(self.order, self.unpacked.roots)
        opened = set()
        for each, answer in zip([*self.order, *self.unpacked.imported], first):
            if answer.error and each in self.unpacked.imported and not self.is_so_in_one_folder(each, answer.error):
                self.fail("__init__.py opens", each.path, "in vain:", answer.error)
            opened |= self.check_brought(each, answer)
        for each, (answer,) in zip(self.unpacked.roots, rest):
            if answer.error and not self.is_so_in_one_folder(each, answer.error) and not self.is_told_of_program(each, answer.error):
                self.fail("the main wheel's", each.path, "does not load:", answer.error)
            opened |= self.check_brought(each, answer)
        self.check_mentions(opened)

    def is_so_in_one_folder(self, each, error):
        """Whether it does not find what its own wheel has, opened first, or is a program: no list is to mend that."""
        name = error.split(":")[0]
        own = [other for other in self.made.wheels[0].libraries if other.path.endswith("/" + name) or other.soname == name]
        if not own and not each.path.endswith(".twin"):
            return False
        answer, = self.unpacked.opener.open([self.unpacked.together[each]])
        return bool(answer.error)

    def is_told_of_program(self, each, error):
        """Whether a program needs what bears no such SONAME: it is not helped, which is said."""
        name = error.split(":")[0]
        program = os.path.basename(each.path.removesuffix(".twin"))
        is_own = each.path.endswith(".twin") and name in each.needed
        return is_own and not self.unpacked.bearers(name) and self.is_told(f"`{program}`")

    def check_brought(self, each, answer):
        brought = {self.unpacked.library_at[path] for path in answer.loaded if path in self.unpacked.library_at}
        for other in brought - set(self.order):
            if self.unpacked.wheel_of[other] != 0:
                self.fail(each.path, "brings", other.path, "of another wheel, which is not listed")
        return brought

    def mentions(self, opened):
        """(library, name) where the library is opened by the import, can call dlopen, and the set has the name."""
        known = {each.soname for each in self.made.libraries if each.kind == "library" and each.soname}
        return [(each, name) for each in opened if each.kind == "library" and not each.path.endswith(".twin")
                for name in each.mentions if name in known and name not in each.needed]

    def check_mentions(self, opened):
        for teller, name in self.mentions(opened):
            if all(self.unpacked.wheel_of[each] == 0 for each in [teller, *self.unpacked.bearers(name)]):
                continue  # what a wheel does not find in itself it does not find in one folder either
            if not self.is_meant(teller, name):
                continue
            _, rest = self.unpacked.after(self.order, self.unpacked.roots or [teller], [(teller, name)])
            errors = [answers[1].error for answers in rest]
            if all(errors) and not self.is_told(name):
                self.fail(teller.path, "opens", name, "by dlopen in vain:", errors[0])

    def is_meant(self, teller, name):
        """A name that one folder does not lead another wheel's library to may be another version's, or another system's."""
        wheels = {self.unpacked.wheel_of[each] for each in self.unpacked.bearers(name)}
        if self.unpacked.wheel_of[teller] in wheels | {0}:
            return True
        together, commands = self.unpacked.together, []
        for root in self.unpacked.roots or [teller]:
            opened = [("open", together[each]) for each in [*self.unpacked.imported, root]]
            commands += [("[",), *opened, ("from", together[teller], teller.symbol, name), ("]",)]
        answers = self.unpacked.opener.run(commands)
        return not all(answer.error for answer in answers[len(self.unpacked.imported) + 1::len(self.unpacked.imported) + 2])

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
                if each.kind != "program" and not any(answer.error for answer in self.turns_of(each)):
                    self.fail(path, "is said to miss", name, "and loads")

    def turns_of(self, each):
        """The loader's answers where its turn comes: in the list, by itself or by what needs it, and behind what __init__.py
        opens."""
        for number, listed in enumerate(self.order):
            if each in {listed} | self.reach(listed):
                yield self.unpacked.in_one_process([*self.order[:number], each])[-1]
        if each not in self.order:
            _, ((answer,),) = self.unpacked.after(self.order, [each])
            yield answer

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

    def file_names(self):
        return {os.path.basename(each.path) for each in self.made.libraries}

    def closure(self):
        """What the main wheel's modules, programs, libraries opened by path, and those that nobody is known to open, come to
        load, by DT_NEEDED or by a name that they may give to dlopen."""
        seen = {*self.made.wheels[0].libraries}
        waiting = [*seen]
        while waiting:
            each = waiting.pop()
            opened = {other for other in self.made.libraries if {other.soname, os.path.basename(other.path)} & {*each.mentions}}
            for other in (self.might_meet(each) | opened) - seen:
                seen.add(other)
                waiting.append(other)
        return seen

    def plugins(self):
        """Libraries of the main wheel that nothing is known to open: what they need is loaded beforehand as well."""
        known = [*self.unpacked.roots, *self.unpacked.imported]
        for each in known:
            known += self.might_meet(each) - {*known}
        return [each for each in self.made.wheels[0].libraries if each.kind == "library" and each not in known]

    def best_effort_loads(self):
        """Whether all loads behind everything that can be opened at all: the other wheels' libraries, or all wheels'."""
        if any(len(self.called(name)) > 1 for each in self.made.libraries for name in (*each.needed, each.soname) if name):
            return False  # which of several is meant is a matter of rules
        if any(not self.unpacked.bearers(each["name"]) and each["name"] in self.file_names() for each in self.document["missing"]):
            return False  # glibc keeps the name under which a search found the file, even one that failed in the end
        if any(each["requirements"] for each in self.document["missing"]):
            return False  # a wheel that is required was forgotten, be it for what nobody is known to open
        if any(self.is_brought_from_outside(circle) for circle in self.document["circles"] if not circle["loads"]):
            return False
        self.tried_best_effort = True
        closure = self.closure()
        others = [each for each in self.made.libraries if each.kind == "library" and each in closure]
        for candidates in ([each for each in others if self.unpacked.wheel_of[each] != 0], others):
            roots = [*self.unpacked.roots, *self.plugins()]
            first, rest = self.unpacked.after(candidates * max(1, len(candidates)), roots)
            imported = first[len(first) - len(self.unpacked.imported):]
            if not any(answer.error for answer in imported + [answer for answer, in rest]):
                opened = {self.unpacked.library_at[path] for answer in first + [answer for answer, in rest]
                          for path in answer.loaded if path in self.unpacked.library_at}
                return not self.mentions(opened)
        return False

    def is_brought_from_outside(self, circle):
        """Whether a library that needs the circle brings it, opened before it, by its own path or by an RPATH that the
        members inherit: a limit that docs/preload.md names."""
        members = {each for each in self.made.libraries if each.path in circle["libraries"]}
        for each in self.made.libraries:
            if each.kind == "library" and each not in members and members <= self.reach(each):
                before = [other for other in self.order if other not in members and other is not each]
                brought = {self.unpacked.library_at.get(path) for path in self.unpacked.in_one_process([*before, each])[-1].loaded}
                if members <= brought:
                    return True
        return False
