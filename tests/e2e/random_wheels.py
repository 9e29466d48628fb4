"""Random sets of small wheels: what packages do to each other's libraries, and what only goes wrong."""
import dataclasses
import posixpath
import random

import support  # noqa: F401: it makes fixtures/ importable
from tiny_elf import OPEN_FROM_HERE, library
from wheel_maker import Wheel

NAMES = ("aspen", "birch_cu12", "cedar", "nvidia_elm_cu12", "nvidia_fir_cu12", "oak", "zelkova")
GONE = {"libgone.so.1": "nvidia-gone-cu12", "libaway.so.2": "away-libs", "libc10_lost.so": None}  # and what may require them
SYSTEM = ("libc.so.6", "libm.so.6", "libgcc_s.so.1")


@dataclasses.dataclass(eq=False)
class Library:
    path: str  # in the wheel
    symbol: str
    kind: str = "library"  # or "module", "program"
    soname: str = None
    needed: list = dataclasses.field(default_factory=list)
    rpath: str = None
    runpath: str = None
    mentions: list = dataclasses.field(default_factory=list)

    @property
    def folder(self):
        return posixpath.dirname(self.path)

    @property
    def name(self):
        """That by which others mean it."""
        return self.soname or posixpath.basename(self.path)

    def bytes(self):
        return library(self.soname, self.needed, self.rpath, self.runpath, self.symbol, program=self.kind == "program",
                       mentions=self.mentions, code=b"" if self.kind == "module" else OPEN_FROM_HERE)


@dataclasses.dataclass(eq=False)
class RandomWheel:
    name: str
    version: str
    package: str
    has_init: bool = True
    libraries: list = dataclasses.field(default_factory=list)
    by_path: list = dataclasses.field(default_factory=list)  # that its __init__.py opens
    requires: list = dataclasses.field(default_factory=list)

    @property
    def distribution(self):
        return self.name.replace("_", "-")

    def write(self, folder):
        wheel = Wheel(self.name, self.version, "py3-none-manylinux_2_17_x86_64")
        wheel.requires = self.requires
        if self.has_init:
            opened = "".join(f"_ctypes.CDLL(_os.path.join(_os.path.dirname(__file__), {self.seen_from_init(each)!r}))\n"
                             for each in self.by_path)
            wheel.add(f"{self.package}/__init__.py",
                      f'"""Made up."""\nimport ctypes as _ctypes\nimport os as _os\n\n{opened}')
        else:
            wheel.add(f"{self.package}/notes.txt", "no package\n")
        for each in self.libraries:
            wheel.add(each.path, each.bytes(), executable=each.kind == "program")
        return wheel.write(folder)

    def seen_from_init(self, library):
        return posixpath.relpath(library.path, self.package)


class RandomSet:
    """`wheels`, the first of which is the main one; `left_out`: one that others need all the same, or None."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        names = self.random.sample(NAMES, self.random.choice((1, 2, 2, 3, 3, 3, 4, 4, 5, 6)))
        self.wheels = [RandomWheel(name, self.pick("1.0", "2.1.3", "12.1.105"), self.package_of(name)) for name in names]
        self.fill()
        self.connect()
        self.require()
        self.left_out = None
        if len(self.wheels) > 2 and self.chance(10):
            self.left_out = self.wheels.pop(self.random.randrange(1, len(self.wheels)))
            self.libraries = [each for wheel in self.wheels for each in wheel.libraries]

    def chance(self, percent):
        return self.random.random() * 100 < percent

    def pick(self, *choices):
        return self.random.choice(choices)

    def package_of(self, name):
        if name.startswith("nvidia_"):
            return "nvidia/" + name.split("_")[1]
        return name.removesuffix("_cu12")

    def fill(self):
        number = 0
        for wheel in self.wheels:
            is_main = wheel is self.wheels[0]
            wheel.has_init = self.chance(90 if is_main else 60)
            folders = (wheel.package + "/lib", wheel.package + "/lib", wheel.package, wheel.name + ".libs")
            folder = self.pick(*folders)
            for _ in range(self.random.randrange(3 if is_main else 5)):
                number += 1
                wheel.libraries.append(self.new_library(number, self.pick(folder, folder, folder, *folders)))
            for _ in range(self.pick(1, 1, 2, 3) if is_main else int(self.chance(15))):
                number += 1
                place = self.pick(wheel.package, wheel.package, wheel.package + "/sub")
                wheel.libraries.append(Library(f"{place}/_c{number}.so", f"PyInit__c{number}", "module"))
            if is_main and self.chance(10):
                number += 1
                wheel.libraries.append(Library(f"{wheel.package}/bin/tool{number}", f"f{number}", "program"))
        self.libraries = [each for wheel in self.wheels for each in wheel.libraries]

    def new_library(self, number, folder):
        stem = f"lib{self.pick('x', 'y', 'long_name')}{number}"
        name = f"{stem}.so" if self.chance(40) else f"{stem}.so.{number % 3}"
        new = Library(f"{folder}/{name}", f"f{number}", soname=name)
        if self.chance(6):  # as auditwheel leaves libgomp
            new.path = f"{folder}/{stem}-a34b3233.so.1"
        elif self.chance(4):
            new.soname = None
        elif number > 1 and self.chance(3):
            new.soname = f"libx{self.random.randrange(1, number)}.so"
        return new

    def connect(self):
        order = [each for each in self.libraries if each.kind == "library"]
        self.random.shuffle(order)
        for each in self.libraries:
            mine = order[:order.index(each)] if each in order else order
            for target in self.targets(mine, each) + (self.targets(order, each) if self.chance(12) else []):
                name = target.name if not self.chance(2) else posixpath.basename(target.path)
                if name not in each.needed:
                    each.needed.append(name)
            each.needed += [name for name in SYSTEM if self.chance(20)]
            if self.chance(3):
                each.needed.append(self.pick(*GONE))  # of no wheel
            self.random.shuffle(each.needed)
            self.set_path(each)
            if order and self.chance(8):
                each.mentions.append(self.pick(*order).name)
        main = self.wheels[0]
        if main.has_init:
            main.by_path = [each for each in main.libraries if each.kind == "library" and self.chance(15)]

    def targets(self, candidates, needing):
        candidates = [each for each in candidates if each is not needing]
        return self.random.sample(candidates, min(len(candidates), self.pick(0, 1, 1, 2, 2, 3)))

    def set_path(self, each):
        """Most find what their own wheel has, as linkers and auditwheel leave them; many think that all wheels share a folder."""
        own = next(wheel for wheel in self.wheels if each in wheel.libraries)
        meant = [other for other in self.libraries if other.name in each.needed or posixpath.basename(other.path) in each.needed]
        if not self.chance(40):
            meant = [other for other in meant if other in own.libraries]
        entries = list(dict.fromkeys(self.entry(each.folder, other.folder) for other in meant))
        if self.chance(8):
            entries = []
        if self.chance(10):
            entries.append(self.pick("/nowhere/lib", "$ORIGIN/../nowhere", "${ORIGIN}/../../nvidia/nowhere/lib"))
        self.random.shuffle(entries)
        if entries or self.chance(3):
            tag = self.pick("rpath", "runpath")
            setattr(each, tag, ":".join(entries))
            if self.chance(4):
                each.rpath = each.runpath = ":".join(entries)

    def entry(self, folder, other):
        way = posixpath.relpath(other, folder)
        return "$ORIGIN" if way == "." else "$ORIGIN/" + way

    def require(self):
        for wheel in self.wheels:
            for other in self.wheels:
                needs = any(theirs.name in mine.needed for mine in wheel.libraries for theirs in other.libraries)
                if other is not wheel and self.chance(80 if needs else 5):
                    wheel.requires.append(f"{other.distribution}=={other.version}")
            gone = {GONE.get(name) for each in wheel.libraries for name in each.needed} - {None}
            wheel.requires += sorted(name for name in gone if self.chance(80))

    def described(self):
        lines = []
        for wheel in self.wheels:
            lines.append(f"{wheel.name} {wheel.version} package={wheel.package} init={wheel.has_init} requires={wheel.requires}"
                         f" by_path={[each.path for each in wheel.by_path]}")
            for each in wheel.libraries:
                paths = "".join(f" {tag}={value!r}" for tag, value in (("rpath", each.rpath), ("runpath", each.runpath))
                                if value is not None)
                lines.append(f"  {each.kind} {each.path} soname={each.soname} needed={each.needed}{paths}"
                             + (f" mentions={each.mentions}" if each.mentions else ""))
        return "\n".join(lines)


class CircleSet(RandomSet):
    """Most libraries are in circles, in the main wheel too, and few find all the others; the import opens some of them."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        names = self.random.sample(NAMES, self.pick(1, 1, 2, 2, 3))
        self.wheels = [RandomWheel(name, "1.0", self.package_of(name)) for name in names]
        self.left_out = None
        self.fill()
        for each in self.libraries:
            self.connect_in_circles(each)
        main = self.wheels[0]
        own = [each for each in main.libraries if each.kind == "library"]
        main.by_path = self.random.sample(own, self.random.randrange(len(own) + 1))
        self.require()

    def fill(self):
        number = 0
        for wheel in self.wheels:
            is_main = wheel is self.wheels[0]
            for _ in range(self.pick(2, 3, 3, 4, 5) if is_main else self.pick(1, 1, 2)):
                number += 1
                name = f"lib{number}.so"
                soname = self.pick(None, f"libo{number}.so") if self.chance(4) else name
                folder = f"{wheel.package}/d{self.random.randrange(3)}"
                wheel.libraries.append(Library(f"{folder}/{name}", f"f{number}", soname=soname))
            if is_main and self.chance(80):
                wheel.libraries.append(Library(f"{wheel.package}/_c.so", "PyInit__c", "module"))
        self.libraries = [each for wheel in self.wheels for each in wheel.libraries]

    def connect_in_circles(self, each):
        others = [other for other in self.libraries if other.kind == "library" and other is not each]
        count = self.pick(1, 1, 2, 2, 3) if each.kind == "library" else self.pick(0, 0, 1, 1, 2)
        needed = self.random.sample(others, min(len(others), count))
        each.needed = [other.name for other in needed]
        folders = [other.folder for other in needed if self.chance(50)]
        folders += [other.folder for other in self.random.sample(others, 1) if self.chance(15)]
        entries = list(dict.fromkeys(self.entry(each.folder, folder) for folder in folders))
        self.random.shuffle(entries)
        if entries:
            setattr(each, self.pick("rpath", "runpath", "runpath"), ":".join(entries))
