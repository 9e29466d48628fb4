#!/usr/bin/env python3
"""usage: installed_torch_check.py SPOKESHAVE WORK_FOLDER [cpu]

On a machine with a GPU where nothing can be downloaded: makes wheels of the torch that this Python has installed, and of
NVIDIA's packages that it requires, splits and preloads them with the program, unpacks each wheel into a folder of its own,
and computes on the GPU, or for a trial on the CPU. Not part of ctest: no machine that runs it has a GPU. Prints one line a step;
exit code 0: all held.
"""
import base64
import concurrent.futures
import csv
import hashlib
import importlib.metadata
import io
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import zipfile

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

COMPUTE = """
import sys
import torch
device = sys.argv[1]
torch.set_default_device(device)
half = torch.float16 if device == "cuda" else torch.float32
a = torch.randn(4096, 4096, dtype=half)
product = (a @ a).float()
b = torch.randn(64, 64, dtype=torch.float64)
u, s, v = torch.linalg.svd(b)                                      # cuSOLVER, by way of libtorch_cuda_linalg.so
assert torch.allclose(u @ torch.diag(s) @ v, b)
image = torch.nn.functional.conv2d(torch.randn(1, 3, 64, 64), torch.randn(8, 3, 3, 3))   # cuDNN
wave = torch.fft.ifft(torch.fft.fft(b)).real                        # cuFFT
assert torch.allclose(wave, b)
sparse = torch.sparse.mm(b.to_sparse_csr(), b)                      # cuSPARSE, which needs libnvJitLink
assert torch.allclose(sparse, b @ b)
same = torch.allclose(product[:64].cpu(), (a[:64].float() @ a.float()).cpu(), rtol=1e-2, atol=1.0)
assert same
print("computed on", torch.cuda.get_device_name(0) if device == "cuda" else "the CPU", "with torch", torch.__version__, "CUDA", torch.version.cuda)
"""


def required(name, extras, found):
    """The installed distribution of this name, those that it requires, and so on."""
    distribution = importlib.metadata.distribution(name)
    known = found.setdefault(canonicalize_name(name), (distribution, set()))[1]
    new = {"", *extras} - known
    known |= new
    for requirement in map(Requirement, distribution.requires or () if new else ()):
        if requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in new):
            required(requirement.name, requirement.extras, found)
    return found


def pack(distribution, folder):
    """The wheel that was installed, as far as its files tell: without what the installer added, and without scripts."""
    rows = []
    tag = next(line.split(": ")[1] for line in distribution.read_text("WHEEL").splitlines() if line.startswith("Tag: "))
    name = re.sub(r"[-_.]+", "_", distribution.metadata["Name"])
    path = folder / f"{name}-{distribution.version}-{tag}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for file in distribution.files:
            inside = file.as_posix()
            if inside.startswith("..") or "__pycache__" in inside or file.name in ("INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json"):
                continue
            if re.fullmatch(r"[^/]+\.dist-info/RECORD", inside):
                record = inside
                continue
            data = file.locate().read_bytes()
            archive.writestr(zipfile.ZipInfo(inside), data, zipfile.ZIP_DEFLATED, 1)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            rows.append((inside, f"sha256={digest}", len(data)))
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows + [(record, "", "")])
        archive.writestr(record, text.getvalue())
    return path


def run(*command, env=None, expect=0):
    started = time.monotonic()
    done = subprocess.run([str(part) for part in command], env=env, capture_output=True, text=True)
    words = " ".join(str(part).rsplit("/", 1)[-1] for part in command[:3])
    print(f"  {words} ...: exit code {done.returncode}, {time.monotonic() - started:.1f} s", flush=True)
    if (done.returncode == 0) != (expect == 0):
        sys.exit(f"{done.stdout}\n{done.stderr}")
    return done


def unpack_apart(wheels, folder):
    folders = []
    for wheel in wheels:
        place = folder / wheel.name
        if not place.exists():
            zipfile.ZipFile(wheel).extractall(place)
        folders.append(str(place))
    return folders


def compute(folders, device, expect=0, **more):
    # -S: without the site-packages that have torch installed. Only the driver's own folder may be searched.
    env = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "PYTHONPATH": ":".join(folders), **more}
    driver = [path for path in os.environ.get("LD_LIBRARY_PATH", "").split(":") if pathlib.Path(path, "libcuda.so.1").exists()]
    if driver:
        env["LD_LIBRARY_PATH"] = ":".join(driver)
    done = run(sys.executable, "-S", "-c", COMPUTE, device, env=env, expect=expect)
    print("  " + (done.stdout.strip() or done.stderr.strip().splitlines()[-1]), flush=True)


def main():
    program, work = sys.argv[1], pathlib.Path(sys.argv[2])
    device = "cpu" if sys.argv[3:] == ["cpu"] else "cuda"
    packed, split, written = (work / name for name in ("packed", "split", "written"))
    for folder in (packed, split, written):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    print("packing the installed torch and what it requires", flush=True)
    distributions = [distribution for distribution, _ in required("torch", (), {}).values()]
    with concurrent.futures.ProcessPoolExecutor() as pool:
        wheels = list(pool.map(pack, distributions, [packed] * len(distributions)))
    torch, others = wheels[0], wheels[1:]
    print(f"  {len(wheels)} wheels, {sum(wheel.stat().st_size for wheel in wheels) / 1e9:.2f} GB", flush=True)

    print("split, each wheel in a folder of its own, preloaded", flush=True)
    run(program, "split", torch, "--move", "libtorch_cuda*", "--companion", "cudatorch", "--out", split)
    main_wheel, companion = next(split.glob("torch-*.whl")), next(split.glob("cudatorch-*.whl"))
    order = run(program, "preload", main_wheel, companion, *others)
    print(order.stdout, flush=True)
    run(program, "preload", "--write", "--suffix", "apart", "--out", written, main_wheel, companion, *others)
    preloaded = next(written.glob("torch-*.whl"))
    run(program, "verify", "--against", main_wheel, preloaded)
    folders = unpack_apart([preloaded, companion, *others], work / "apart")
    compute(folders, device, expect=1, SPOKESHAVE_PRELOAD="off")
    compute(folders, device)

    print("not split, preloaded", flush=True)
    run(program, "preload", "--write", "--suffix", "whole", "--out", written, torch, *others)
    compute(unpack_apart([written / path.name for path in written.glob("*whole*.whl")] + others, work / "apart"), device)
    print("all held")


if __name__ == "__main__":
    main()
