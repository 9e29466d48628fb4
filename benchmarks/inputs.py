"""The wheels that are worked on: real ones, and what fixtures/ makes of them. All lie in the user's cache folder."""
import dataclasses
import fnmatch
import os
import pathlib
import subprocess
import sys
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "spokeshave"
GROWTH_UNITS = (1, 2, 4, 8, 16)  # of 0.26 GB


@dataclasses.dataclass(frozen=True)
class Subject:
    """A wheel, and how it is edited and split."""
    label: str
    wheel: pathlib.Path
    runpath: str                # GLOB=VALUE, for --set-runpath
    split: tuple = ()           # arguments; default: two wheels, none over 68 % of what is unpacked
    others: tuple = ()          # wheels that are installed beside it, for preload
    units: int = 0              # of a growth wheel

    def entries(self):
        with zipfile.ZipFile(self.wheel) as archive:
            return archive.infolist()

    def unpacked_bytes(self):
        return sum(entry.file_size for entry in self.entries())

    def with_new_runpath(self):
        """The members that `runpath` names, the largest first."""
        pattern = self.runpath.split("=")[0]
        named = [entry for entry in self.entries() if fnmatch.fnmatchcase(
            entry.filename if "/" in pattern else entry.filename.rsplit("/", 1)[-1], pattern)]
        return [entry.filename for entry in sorted(named, key=lambda entry: -entry.file_size)]

    def split_arguments(self):
        return self.split or ("--max-installed-size", str(self.unpacked_bytes() * 68 // 100), "--companion", "companion")

    def document(self):
        return {"label": self.label, "file": self.wheel.name, "packed_bytes": self.wheel.stat().st_size,
                "unpacked_bytes": self.unpacked_bytes(), "others": len(self.others)}


def real_wheels():
    """torch 2.1.2 with NVIDIA's wheels, and the fat wheel."""
    subprocess.run([ROOT / "scripts/fetch-real-wheels"], check=True)
    torch, = (CACHE / "wheels").glob("torch-2.1.2-*.whl")
    fat, = (CACHE / "fat").glob("torch-2.1.2-*.whl")
    runpath = "torch/lib/libtorch_cuda*.so=$ORIGIN"
    return (Subject("torch 2.1.2", torch, runpath, others=tuple(sorted((CACHE / "wheels").glob("nvidia_*.whl")))),
            Subject("fat wheel", fat, runpath, split=("--max-installed-size", "3GB", "--companion", "cudatorch")))


def growth_wheels(fat):
    """One for each of GROWTH_UNITS; made once, 4.8 GB."""
    folder = CACHE / "growth"
    script = ROOT / "fixtures/make_growth_wheels.py"
    stamp = folder / "made-by"
    if not stamp.exists() or stamp.read_bytes() != script.read_bytes():
        print("making the growth wheels (4.8 GB, 1 to 3 minutes)", file=sys.stderr, flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.whl"):
            old.unlink()
        subprocess.run([sys.executable, "-B", script, fat, folder, *map(str, GROWTH_UNITS)], check=True)
        stamp.write_bytes(script.read_bytes())
    return [Subject(f"growth, {units} of 0.26 GB", next(folder.glob(f"growth-{units}.0-*.whl")),
                    "libops_train_*=$ORIGIN:$ORIGIN/../lib", ("--move", "libops_train_*", "--companion", "growthlibs"),
                    units=units) for units in GROWTH_UNITS]


def warm_up(paths):
    """Into the page cache."""
    for path in paths:
        with open(path, "rb", buffering=0) as file:
            while file.read(1 << 22):
                pass
