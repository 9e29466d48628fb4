"""What a table's head says of where its numbers come from."""
import datetime
import os
import pathlib
import platform
import re
import subprocess

import peers
from inputs import ROOT


def describe(build, folder, with_peers):
    return {"date": datetime.date.today().strftime("%-d %B %Y"), "processor": processor(), "cores": os.cpu_count(),
            "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), "file_system": file_system(folder),
            "system": system(), "compiler": compiler(build), "load": os.getloadavg()[0], "program": program(build),
            "peers": [*peers.versions(), f"Python {platform.python_version()}"] if with_peers else []}


def processor():
    info = pathlib.Path("/proc/cpuinfo").read_text()
    name = re.search(r"model name\s*: (.*)", info)
    return (name.group(1) if name else platform.machine()) + (" with SHA-NI" if " sha_ni" in info else "")


def file_system(folder):
    """Of the folder that is written to."""
    mounts = [line.split()[1:3] for line in pathlib.Path("/proc/mounts").read_text().splitlines()]
    above = [str(path) for path in [folder.resolve(), *folder.resolve().parents]]
    return max((mount for mount in mounts if mount[0] in above), key=lambda mount: len(mount[0]))[1]


def system():
    name = re.search(r'^PRETTY_NAME="(.*)"', pathlib.Path("/etc/os-release").read_text(), re.MULTILINE)
    return f"{name.group(1) if name else platform.system()}, Linux {platform.release().split('-')[0]}"


def compiler(build):
    """CMake names the program only; its first line has the version."""
    program = re.search(r"^CMAKE_CXX_COMPILER:\w+=(.*)$", (build / "CMakeCache.txt").read_text(), re.MULTILINE).group(1)
    version = subprocess.run([program, "-dumpfullversion"], capture_output=True, text=True, check=True).stdout.strip()
    return f"{pathlib.PurePath(program).name} {version}"


def program(build):
    version = subprocess.run([build / "spokeshave", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    commit = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"], capture_output=True, text=True)
    return f"{version} ({commit.stdout.strip() or 'no commit'})"


def in_words(machine, runs):
    """The head, as one paragraph."""
    peers_of = "; against " + ", ".join(machine["peers"]) if machine["peers"] else ""
    return (f"{machine['date']}. {machine['program']}{peers_of}. {machine['cores']} cores ({machine['processor']}), "
            f"{machine['memory_bytes'] / 2**30:.0f} GiB, {machine['file_system']}, {machine['system']}, {machine['compiler']}; "
            f"load average before: {machine['load']:.2f}. {f'Median of {runs} runs' if runs > 1 else 'One run'} in turns, warm page cache.")
