"""What ld.so says under LD_DEBUG=libs,files, and what the loader model must say of the same dlopens."""
import dataclasses
import os
import re
import subprocess

NEED = re.compile(r"\s*\d+:\tfile=(.*) \[0\];  (needed|dynamically loaded) by (.*) \[0\]$")
TRYING = re.compile(r"\s*\d+:\t  trying file=(.*)$")
STEP = re.compile(r"STEP (ok|failed)$")


@dataclasses.dataclass
class Need:
    """A name that no loaded library had."""
    name: str
    by: str
    file: str = None  # that was taken; None where there was none


@dataclasses.dataclass
class Open:
    """A dlopen that ld.so mentions: of what was not loaded yet, or not under this name."""
    name: str
    by: str
    needs: list  # the first is the name itself, then breadth first

    @property
    def failed(self):
        return any(need.file is None for need in self.needs)


def real_path(path):
    return os.path.realpath(path)


def opens_of(log, program=None):
    """The dlopens in what LD_DEBUG wrote. What the program itself needs comes before them and is left out, or is the
    first of them where `program` says its path."""
    opens = [Open(program, program, [Need(program, program, program)])] if program else []
    tried = None

    def settle():
        # A search ends at the file it finds, so where the last one tried is not there, none was.
        if opens and tried is not None:
            path = opens[-1].needs[-1].name if "/" in opens[-1].needs[-1].name else tried
            opens[-1].needs[-1].file = real_path(path) if path and os.path.exists(path) else None

    for line in log.splitlines():
        if match := NEED.match(line):
            settle()
            name, how, by = match.groups()
            tried = ""
            if how != "needed":
                opens.append(Open(name, by, []))
            if opens:
                opens[-1].needs.append(Need(name, by))
        elif match := TRYING.match(line):
            tried = match.group(1)
    settle()
    return opens


class Model:
    """The loader model, asked over a pipe (tests/elf/probe/loader_probe.cpp)."""

    def __init__(self, probe, system_names, folders):
        self.process = subprocess.Popen([probe, system_names, *folders], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait()

    def start_process(self):
        print("process", file=self.process.stdin, flush=True)

    def ask(self, *words):
        """(from, name, rule, to) of each need, in order."""
        print(*words, sep="\t", file=self.process.stdin, flush=True)
        needs = []
        for line in self.process.stdout:
            word, *rest = line.rstrip("\n").split("\t")
            if word == "end":
                return needs
            needs.append(tuple(rest))
        raise RuntimeError("the probe ended")


class Comparison:
    """One process: what ld.so said of it, need by need, against the model. `sonames` by path tells which libraries are
    of the set. A need of which ld.so says nothing is met by what was loaded first under this name or with this SONAME."""

    def __init__(self, model, sonames):
        self.model, self.sonames = model, sonames
        self.known = {}  # name -> path, or None: one of the system
        self.compared, self.differences = 0, []
        model.start_process()

    def run(self, log):
        for opened in opens_of(log):
            first = opened.needs[0]
            if first.file in self.sonames or (opened.by in self.sonames and "/" not in opened.name):
                self.compare(opened)
        return self.differences

    def run_program(self, log, path):
        """What the program at this path needs itself, as `ld.so --list` looks for it."""
        self.compare(opens_of(log, path)[0])
        return self.differences

    def compare(self, opened):
        if "/" in opened.name:
            needs, real = self.model.ask("open", opened.needs[0].file), opened.needs[1:]
        else:
            needs, real = self.model.ask("name", opened.by, opened.name), opened.needs[:]
        before = dict(self.known)
        self.learn(opened.needs[0])
        for caller, name, rule, to in needs:
            self.compared += 1
            said = bool(real) and real[0].name == name and real_path(real[0].by) == caller
            need = real.pop(0) if said else None
            if need:
                self.learn(need)
            model = {"missing": "nothing", "system": "the system's"}.get(rule, to)
            truth = self.words(need, name)
            if model != truth:
                self.differences.append(f"{caller} needs {name}: {truth} to ld.so, {model} ({rule}) to the model")
            if "nothing" in (model, truth):
                break  # ld.so stops there
        self.differences += [f"{need.by} needs {need.name}: ld.so alone searches for it" for need in real]
        if opened.failed:
            self.known = before

    def learn(self, need):
        if need.file is None:
            return
        self.known.setdefault(need.name, need.file)
        if soname := self.sonames.get(need.file):
            self.known.setdefault(soname, need.file)

    def words(self, need, name):
        if need and need.file is None:
            return "nothing"
        file = need.file if need else self.known.get(name)
        return file if file in self.sonames else "the system's"
