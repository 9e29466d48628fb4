"""Documents of `inspect --json` for sets of wheels that nobody has to download: the shape of torch 2.1.2."""

SUFFIX = ".cpython-311-x86_64-linux-gnu.so"
DISTRIBUTION = "%s-%s-cp311-cp311-manylinux1_x86_64.whl"

# wheel, version, folder, libraries: name, megabytes, what it needs, what it may open
TORCH = ("torch", "2.1.2", "torch/lib", [
    ("libc10.so", 0.9, "libgomp-a34b3233.so.1", ""),
    ("libc10_cuda.so", 0.64, "libc10.so libcudart.so.12", ""),
    ("libcaffe2_nvrtc.so", 0.02, "libnvrtc.so.12", ""),
    ("libgomp-a34b3233.so.1", 0.25, "", ""),
    ("libshm.so", 0.05, "libtorch_cpu.so libc10.so", ""),
    ("libtorch.so", 0.09, "libtorch_cpu.so libtorch_cuda.so", ""),
    ("libtorch_cpu.so", 487, "libc10.so libgomp-a34b3233.so.1 libcupti.so.12 libcudart.so.12", ""),
    ("libtorch_cuda.so", 738,
     "libc10.so libc10_cuda.so libtorch_cpu.so libcudart.so.12 libcusparse.so.12 libcufft.so.11 libcurand.so.10 "
     "libcublas.so.12 libcudnn.so.8 libcusolver.so.11 libcublasLt.so.12 libnccl.so.2 libnvToolsExt.so.1",
     "libtorch_cuda_linalg.so libcaffe2_nvrtc.so"),
    ("libtorch_cuda_linalg.so", 91, "libtorch_cuda.so libtorch_cpu.so libc10_cuda.so libcusolver.so.11 libcublas.so.12",
     ""),
    ("libtorch_global_deps.so", 0.02, "libcublas.so.12 libcudart.so.12 libnvToolsExt.so.1 libgomp-a34b3233.so.1", ""),
    ("libtorch_python.so", 24.6, "libtorch.so libshm.so libtorch_cpu.so libtorch_cuda.so libc10.so libnvToolsExt.so.1",
     ""),
    ("../_C" + SUFFIX, 0.02, "libtorch_python.so", ""),
    ("../bin/torch_shm_manager", 0.07, "libshm.so libc10.so", ""),
])
OTHERS = [
    ("nvidia-cublas-cu12", "12.1.3.1", "nvidia/cublas/lib", [
        ("libcublas.so.12", 105, "libcublasLt.so.12", ""), ("libcublasLt.so.12", 500, "", ""),
        ("libnvblas.so.12", 0.73, "libcublas.so.12", "")]),
    ("nvidia-cuda-cupti-cu12", "12.1.105", "nvidia/cuda_cupti/lib", [
        ("libcheckpoint.so", 1.5, "libcupti.so.12", ""), ("libcupti.so.12", 7.4, "", "libnvperf_host.so"),
        ("libnvperf_host.so", 28, "", "libnvperf_target.so"), ("libnvperf_target.so", 5.6, "", ""),
        ("libpcsamplingutil.so", 0.92, "", "")]),
    ("nvidia-cuda-nvrtc-cu12", "12.1.105", "nvidia/cuda_nvrtc/lib", [
        ("libnvrtc-builtins.so.12.1", 6.8, "", ""), ("libnvrtc.so.12", 56.9, "", "libnvrtc-builtins.so.12.1")]),
    ("nvidia-cuda-runtime-cu12", "12.1.105", "nvidia/cuda_runtime/lib", [("libcudart.so.12", 0.68, "", "")]),
    ("nvidia-cudnn-cu12", "8.9.2.26", "nvidia/cudnn/lib", [
        ("libcudnn.so.8", 0.15, "", " ".join(
            "libcudnn_%s.so.8" % part for part in "adv_infer adv_train cnn_infer cnn_train ops_infer ops_train".split())),
        ("libcudnn_adv_infer.so.8", 125, "libcudnn_ops_infer.so.8 libcublas.so.12 libcublasLt.so.12", ""),
        ("libcudnn_adv_train.so.8", 116, "libcudnn_ops_train.so.8 libcudnn_adv_infer.so.8 libcudnn_ops_infer.so.8", ""),
        ("libcudnn_cnn_infer.so.8", 647, "libcudnn_ops_infer.so.8 libcublas.so.12 libcublasLt.so.12", "libnvrtc.so.12"),
        ("libcudnn_cnn_train.so.8", 101, "libcudnn_ops_infer.so.8 libcudnn_cnn_infer.so.8 libcudnn_ops_train.so.8", ""),
        ("libcudnn_ops_infer.so.8", 98, "libcublas.so.12 libcublasLt.so.12", ""),
        ("libcudnn_ops_train.so.8", 75, "libcudnn_ops_infer.so.8", "")]),
    ("nvidia-cufft-cu12", "11.0.2.54", "nvidia/cufft/lib", [
        ("libcufft.so.11", 178, "", ""), ("libcufftw.so.11", 1.6, "libcufft.so.11", "")]),
    ("nvidia-curand-cu12", "10.3.2.106", "nvidia/curand/lib", [("libcurand.so.10", 96.5, "", "")]),
    ("nvidia-cusolver-cu12", "11.4.5.107", "nvidia/cusolver/lib", [
        ("libcusolver.so.11", 115, "libcublas.so.12 libcublasLt.so.12 libcusparse.so.12 libnvJitLink.so.12", ""),
        ("libcusolverMg.so.11", 82, "libcublas.so.12 libcublasLt.so.12", "")]),
    ("nvidia-cusparse-cu12", "12.1.0.106", "nvidia/cusparse/lib", [("libcusparse.so.12", 265, "libnvJitLink.so.12", "")]),
    ("nvidia-nccl-cu12", "2.18.1", "nvidia/nccl/lib", [("libnccl.so.2", 230, "", "")]),
    ("nvidia-nvjitlink-cu12", "12.3.101", "nvidia/nvjitlink/lib", [("libnvJitLink.so.12", 51, "", "")]),
    ("nvidia-nvtx-cu12", "12.1.105", "nvidia/nvtx/lib", [("libnvToolsExt.so.1", 0.04, "", "")]),
    ("triton", "2.1.0", "triton/_C", [
        ("libtriton.so", 191, "", "libcuda.so.1"), ("../third_party/cuda/bin/ptxas", 19.8, "", "")]),
    ("numpy", "1.26.2", "numpy/core", [
        ("_multiarray_umath" + SUFFIX, 7.1, "libopenblas64_p-r0-0cf96a72.3.23.dev.so", ""),
        ("_multiarray_tests" + SUFFIX, 0.18, "", ""), ("_operand_flag_tests" + SUFFIX, 0.02, "", ""),
        ("_rational_tests" + SUFFIX, 0.06, "", ""), ("_simd" + SUFFIX, 3.5, "", ""),
        ("_struct_ufunc_tests" + SUFFIX, 0.02, "", ""), ("_umath_tests" + SUFFIX, 0.05, "", ""),
        ("../fft/_pocketfft_internal" + SUFFIX, 0.1, "", ""),
        ("../linalg/_umath_linalg" + SUFFIX, 0.23, "libopenblas64_p-r0-0cf96a72.3.23.dev.so", ""),
        ("../linalg/lapack_lite" + SUFFIX, 0.03, "libopenblas64_p-r0-0cf96a72.3.23.dev.so", ""),
        ("../random/_common" + SUFFIX, 0.28, "", ""), ("../random/_generator" + SUFFIX, 1.0, "", ""),
        ("../random/mtrand" + SUFFIX, 0.8, "", ""), ("../random/_mt19937" + SUFFIX, 0.1, "", ""),
        ("../random/_philox" + SUFFIX, 0.1, "", ""),
        ("../../numpy.libs/libopenblas64_p-r0-0cf96a72.3.23.dev.so", 35.3, "libgfortran-040039e1.so.5.0.0", ""),
        ("../../numpy.libs/libgfortran-040039e1.so.5.0.0", 2.7, "libquadmath-96973f99.so.0.0.0", ""),
        ("../../numpy.libs/libquadmath-96973f99.so.0.0.0", 0.25, "", "")]),
]
SYSTEM = ["libc.so.6"]


def normalised(path):
    parts = []
    for part in path.split("/"):
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def kind(path):
    if path.endswith(SUFFIX):
        return "extension module"
    return "library" if ".so" in path else "program"


class Document:
    """Fills a document from rows as above."""

    def __init__(self, wheels, missing):
        self.document = {"schema": 1, "command": "inspect", "layout": "site-packages", "loader": "glibc"}
        self.document.update({key: [] for key in ("wheels", "libraries", "needs", "outside", "missing", "findings",
                                                  "unreadable")})
        rows = []
        for number, (name, version, folder, libraries) in enumerate(wheels):
            for file, size, needed, opened in sorted(libraries, key=lambda row: normalised(folder + "/" + row[0])):
                rows.append((normalised(folder + "/" + file), number, int(size * 1e6), needed.split(), opened.split()))
            installed = sum(int(row[1] * 1e6) for row in libraries)
            self.document["wheels"].append({"file": DISTRIBUTION % (name.replace("-", "_"), version), "name": name,
                                            "version": version, "packed_bytes": installed // 2,
                                            "installed_bytes": installed + 150000})
        self.index = {path.rsplit("/", 1)[1]: i for i, (path, *_) in enumerate(rows)}
        needed_names = {name for row in rows for name in row[3]}
        for i, row in enumerate(rows):
            self.add_library(row, row[0].rsplit("/", 1)[1] in needed_names)
            self.add_needs(i, row, missing)

    def add_library(self, row, is_needed):
        path, wheel, size, needed, _ = row
        begun = sum(library["start"] is not None for library in self.document["libraries"])
        is_library = kind(path) == "library"
        self.document["libraries"].append({
            "path": path, "wheel": wheel, "kind": kind(path), "installed_bytes": size, "packed_bytes": size * 2 // 5,
            "soname": path.rsplit("/", 1)[1] if is_library else None, "rpath": "$ORIGIN" if is_library else None,
            "runpath": None, "needed": needed + SYSTEM, "opened_by": [],
            "loaded_by": "import" if not is_needed else "nobody", "start": None if is_needed else begun})

    def add_needs(self, i, row, missing):
        _, _, _, needed, opened = row
        for name in needed:
            if name in missing:
                self.document["missing"].append({
                    "from": i, "name": name, "loaded_by": "import", "opened": i, "other_programs": [],
                    "in": [self.index[name]], "because_of": [], "tried": [
                        {"rule": "RPATH", "path": "/site-packages/" + row[0].rsplit("/", 1)[0] + "/" + name,
                         "why_not": "no such file"},
                        {"rule": "system", "path": "/lib/x86_64-linux-gnu/" + name, "why_not": "no such file"}]})
            elif name in self.index:
                self.document["needs"].append({"from": i, "name": name, "to": self.index[name], "by": "needed",
                                               "rule": "RPATH"})
            else:
                self.document["outside"].append({"from": i, "name": name, "brought_by": "another wheel"})
        for name in SYSTEM:
            self.document["outside"].append({"from": i, "name": name, "brought_by": "system"})
        for name in opened:
            if name in self.index:
                self.document["needs"].append({"from": i, "name": name, "to": self.index[name], "by": "dlopen",
                                               "rule": "RPATH"})

    def find(self, kind, problem, names, what, consequence, way_out):
        self.document["findings"].append({"kind": kind, "problem": problem, "libraries": [self.index[n] for n in names],
                                          "missing": names[-1:] if kind == "missing" else [], "what": what, "consequence": consequence, "way_out": way_out})


def thirteen():
    """The torch wheel alone: what the NVIDIA wheels bring is outside."""
    made = Document([TORCH], ())
    made.find("mangled-name", False, ["libgomp-a34b3233.so.1"],
              "libgomp-a34b3233.so.1 has the SONAME libgomp.so.1, which nobody needs by that name",
              "preloading it does not meet the need for libgomp-a34b3233.so.1: the loader compares SONAMEs",
              "let it be found by path, or set its SONAME with `patch --set-soname`")
    return made.document


def sixty():
    """torch with its twelve NVIDIA wheels, triton and numpy; one library is missing, as in layout `separate`."""
    made = Document([TORCH, *OTHERS], {"libnvJitLink.so.12"})
    made.find("missing", True, ["libcusparse.so.12", "libcusolver.so.11", "libnvJitLink.so.12"],
              "libcusparse.so.12 needs libnvJitLink.so.12, which the loader will not find",
              "`import torch` fails: each wheel has a folder of its own, and RPATH leads to nvidia/nvjitlink/lib of none",
              "preload it from nvidia-nvjitlink-cu12 first: `spokeshave preload`")
    made.find("mangled-name", False, ["libgomp-a34b3233.so.1"],
              "libgomp-a34b3233.so.1 has the SONAME libgomp.so.1, which nobody needs by that name",
              "preloading it does not meet the need for libgomp-a34b3233.so.1: the loader compares SONAMEs",
              "let it be found by path, or set its SONAME with `patch --set-soname`")
    made.find("dead-entry", False, ["libcudnn_cnn_infer.so.8"],
              "RPATH of libcudnn_cnn_infer.so.8 has $ORIGIN/../../nvrtc/lib, which leads nowhere",
              "the loader looks there in vain: a folder that is made there later decides what is loaded",
              "take the entry out with `patch --set-rpath`")
    return made.document


if __name__ == "__main__":
    import json
    import sys
    json.dump({"13": thirteen, "60": sixty}[sys.argv[1]](), sys.stdout, indent=1)
