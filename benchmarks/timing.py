"""Running commands as whole processes, several contenders in turns."""
import dataclasses
import os
import shutil
import statistics
import subprocess
import sys

SLOW_SECONDS = 20  # a peer that takes longer is run `slow_runs` times only


class Failed(Exception):
    """A command ended as it should not."""


@dataclasses.dataclass(frozen=True)
class Measured:
    seconds: float
    processor_seconds: float  # user and system time, over all threads
    megabytes: float          # peak memory; of several commands, the largest

    def then(self, other):
        return Measured(self.seconds + other.seconds, self.processor_seconds + other.processor_seconds,
                        max(self.megabytes, other.megabytes))


class Stopwatch:
    """Measures commands through build/.../benchmarks/measure."""

    def __init__(self, measure):
        self.measure = measure

    def __call__(self, *command, allowed=(0,)):
        readable, writable = os.pipe()
        process = subprocess.Popen([self.measure, str(writable), *map(str, command)], pass_fds=[writable],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        os.close(writable)
        with open(readable) as report:
            _, said = process.communicate()
            words = report.read().split()
        if process.returncode != 0 or int(words[3]) not in allowed:
            last_words = "; ".join(said.strip().splitlines()[-3:])
            raise Failed(f"{' '.join(map(str, command))}: exit {words[3] if words else process.returncode}: {last_words}")
        return Measured(float(words[0]), float(words[1]), int(words[2]) * 1024 / 1e6)


@dataclasses.dataclass
class Contender:
    """One of those that do a row's work. `run` does it once, in an empty folder, and tells what it took."""
    role: str  # floor, ours or peer
    tool: str  # as in the legend: spokeshave, editwheel...
    what: str  # what it does: a command's words, or the floor's work
    run: object
    runs: list = dataclasses.field(default_factory=list)
    failed: str = ""

    def document(self):
        return {"role": self.role, "tool": self.tool, "what": self.what, "failed": self.failed,
                "runs": [dataclasses.asdict(run) for run in self.runs]}


def take_turns(contenders, runs, slow_runs, folder):
    """Fills `runs` of each: so that all see the same machine, none runs twice in a row. A peer that fails is left at that."""
    for turn in range(runs):
        for contender in contenders:
            if contender.failed or (turn >= slow_runs and is_slow(contender)):
                continue
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            os.sync()  # what others wrote is not written back at this one's expense
            try:
                contender.runs.append(contender.run(folder))
            except Failed as failure:
                if contender.role != "peer":
                    raise SystemExit(f"error: {failure}")
                contender.failed = str(failure)
                print(f"warning: {failure}", file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)


def is_slow(contender):
    return contender.role == "peer" and contender.runs[0].seconds > SLOW_SECONDS


def median(runs):
    """Of the seconds; `runs` as in a document."""
    return statistics.median(run["seconds"] for run in runs)


def peak(runs):
    return max(run["megabytes"] for run in runs)
