"""What the benchmarks share: running a command as a whole process, and a line for what several runs took."""
import os
import pathlib
import statistics
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build/release"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "spokeshave"


def build(*targets):
    for target in targets:
        subprocess.run(["cmake", "--build", BUILD, "--target", target], check=True, stdout=subprocess.DEVNULL)


def measured(*command, allowed=(0,)):
    """Runs a command; its seconds and its peak memory in MB."""
    start = time.monotonic()
    process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in allowed:
        raise SystemExit(f"exit {process.returncode}: {' '.join(map(str, command))}")
    return seconds, usage.ru_maxrss * 1024 / 1e6


def show(what, runs, floor):
    """Median, range, the ratio to the floor, and the largest peak memory."""
    seconds = [run[0] for run in runs]
    middle = statistics.median(seconds)
    span = f"{min(seconds):.2f}-{max(seconds):.2f}" if len(seconds) > 1 else ""
    print(f"{what:44} {middle:8.2f} s  {span:>15}  {middle / floor:6.2f} x  {max(run[1] for run in runs):7.0f} MB", flush=True)
