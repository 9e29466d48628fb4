"""The rows: each one piece of work, for spokeshave, for what no program can beat (the floor), and for the peers."""
import dataclasses
import pathlib
import shutil
import zipfile

import peers
from chain import Chain, SplitChanges
from timing import Contender, Stopwatch, median

FOUND = 1  # exit code of ours: done, and something is wrong with the wheel


@dataclasses.dataclass
class Row:
    work: str
    subject: object  # inputs.Subject
    contenders: list
    jobs: int = 0    # 0: the default
    wanted: str = ""  # the most that it should take

    def document(self):
        return {"work": self.work, "wanted": self.wanted, "subject": self.subject.label, "units": self.subject.units, "jobs": self.jobs,
                "unpacked_bytes": self.subject.unpacked_bytes(),
                "contenders": [contender.document() for contender in self.contenders]}


class Rows:
    """Makes rows. `folder` is for what a row needs beside its wheel, until the next is made."""

    def __init__(self, build, folder, with_peers):
        self.build, self.program = build, build / "spokeshave"
        self.floor_program = build / "benchmarks/inflate_floor"
        self.measured = Stopwatch(build / "benchmarks/measure")
        self.folder, self.with_peers = folder, with_peers

    def without_peers(self):
        return Rows(self.build, self.folder, False)

    def inspect(self, subject, jobs=0):
        return self.row("inspect --graph", subject, jobs, "1.25 x floor", [
            self.inflating("inflate every member", jobs, subject.wheel),
            self.inflating("inflate and hash every member", jobs, "--hash-all", subject.wheel),
            self.ours(jobs, "inspect", "--graph", subject.wheel),
            Contender("peer", "auditwheel", "show", lambda out: self.measured(
                peers.from_pypi(peers.AUDITWHEEL), "show", subject.wheel, allowed=(0, FOUND)))])

    def verify(self, subject, jobs=0):
        return self.row("verify --index-rules", subject, jobs, "1.25 x floor", [
            self.inflating("inflate and hash every member", jobs, "--hash-all", subject.wheel),
            self.ours(jobs, "verify", "--index-rules", subject.wheel),
            self.editwheel("validate", subject.wheel),
            self.by_hand("wheel unpack, which compares with RECORD", lambda chain, out: chain.unpack(subject.wheel, out)[0])])

    def version(self, subject, jobs=0):
        version = subject.wheel.name.split("-")[1]
        new_version = version + (".bench.1" if "+" in version else "+bench.1")
        return self.row("patch --suffix", subject, jobs, "1.25 x floor", [
            self.copying(subject.wheel),
            self.ours(jobs, "patch", subject.wheel, "--suffix", "bench.1", writes=True),
            self.editwheel("edit", subject.wheel, "--version", new_version, writes=True),
            self.by_hand("wheel unpack, edit, wheel pack",
                         lambda chain, out: chain.set_version(subject.wheel, new_version, out))])

    def runpath(self, subject, jobs=0):
        path, members = subject.runpath.split("=", 1)[1], subject.with_new_runpath()
        set_runpaths = [word for member in members for word in ("--set-runpath", member, path)]
        return self.row("patch --set-runpath", subject, jobs, "1/10 of editwheel", [
            self.inflating("inflate and hash these libraries", jobs, *each("--only", members), *each("--hash", members),
                           subject.wheel),
            self.copying(subject.wheel),
            self.ours(jobs, "patch", subject.wheel, "--set-runpath", subject.runpath, writes=True),
            self.editwheel("edit", subject.wheel, *set_runpaths, writes=True),
            self.by_hand("wheel unpack, patchelf, wheel pack",
                         lambda chain, out: chain.set_runpath(subject.wheel, members, path, out))])

    def library(self, subject, jobs=0):
        """The same for a library that lies bare on disk: patchelf's own work."""
        member, path = subject.with_new_runpath()[0], subject.runpath.split("=", 1)[1]
        library = self.fresh_folder() / pathlib.PurePath(member).name
        with zipfile.ZipFile(subject.wheel) as archive, archive.open(member) as source, open(library, "wb") as file:
            shutil.copyfileobj(source, file, 1 << 20)
        return self.row(f"patch {library.name}", subject, jobs, "", [
            self.copying(library),
            self.ours(jobs, "patch", library, "--set-runpath", "*=" + path, writes=True),
            Contender("peer", "patchelf", "--set-rpath", lambda out: self.measured(
                "patchelf", "--set-rpath", path, "--output", out / library.name, library))])

    def split(self, subject, jobs=0):
        arguments = subject.split_arguments()
        pieces = self.fresh_folder()
        self.measured(self.program, "split", subject.wheel, "--quiet", "--out", pieces, *arguments)
        outputs = sorted(pieces.glob("*.whl"))
        changes = SplitChanges(subject.wheel, outputs)
        work = "split " + " ".join(arguments[:2]) if subject.split else "split in two"
        return self.row(work, subject, jobs, "1.5 x floor", [
            self.inflating("inflate every member, hash the rewritten", jobs, *each("--hash", changes.rewritten_members),
                           subject.wheel),
            self.copying(*outputs),
            self.ours(jobs, "split", subject.wheel, "--quiet", *arguments, writes=True),
            self.by_hand("wheel unpack, move, patchelf, wheel pack twice",
                         lambda chain, out: chain.split(subject.wheel, changes, out))])

    def preload(self, subject, jobs=0):
        wheels = subject.wheel, *subject.others
        return self.row(f"preload, {len(wheels)} wheels", subject, jobs, "", [
            self.inflating("inflate every member of all wheels", jobs, *wheels), self.ours(jobs, "preload", *wheels)])

    def row(self, work, subject, jobs, wanted, contenders):
        return Row(work, subject, [each for each in contenders if self.with_peers or each.role != "peer"], jobs, wanted)

    def ours(self, jobs, *command, writes=False):
        command = [self.program, *command, *each("--jobs", [jobs] if jobs else [])]
        return Contender("ours", "spokeshave", command[1], lambda out: self.measured(
            *command, *(["--out", out] if writes else []), allowed=(0,) if writes else (0, FOUND)))

    def editwheel(self, command, wheel, *options, writes=False):
        return Contender("peer", "editwheel", " ".join([command, *options[:1]]), lambda out: self.measured(
            peers.from_pypi(peers.EDITWHEEL), command, wheel, *options, *(["--output", f"{out}/"] if writes else []),
            allowed=(0,) if writes else (0, FOUND)))

    def by_hand(self, what, run):
        return Contender("peer", "chain", what, lambda out: run(Chain(self.measured, peers.wheel_tool()), out))

    def inflating(self, what, jobs, *arguments):
        command = [self.floor_program, *each("--jobs", [jobs] if jobs else []), *arguments]
        return Contender("floor", "floor", what, lambda out: self.measured(*command))

    def copying(self, *files):
        return Contender("floor", "floor", "cp", lambda out: self.measured("cp", *files, out))

    def fresh_folder(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        return self.folder


def each(option, values):
    """--only a --only b"""
    return [word for value in values for word in (option, str(value))]


def floor_of(contenders):
    """Of several floors the one that takes more, as a document has it."""
    return max((each for each in contenders if each["role"] == "floor"), key=lambda floor: median(floor["runs"]))


def ours_of(contenders):
    return next(each for each in contenders if each["role"] == "ours")
