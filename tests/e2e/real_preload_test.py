"""Real wheels, each in a folder of its own: what fails there as published, and works with the block that `preload` computes.
torch 2.1.0 and 2.1.2, whose own lists lack nvjitlink, and cupy, whose libraries have no search path and no requirement."""
import contextlib
import fnmatch
import json
import os
import pathlib
import re
import shutil
import tempfile
import zipfile

from opener import Opener
from patching import dynamic
from real_torch_test import IMPORT, RealTorch, cuda_libs, setUpModule, wheel  # noqa: F401: unittest calls setUpModule
from support import CACHE, DONE, FOUND, listing, main, unpack

NVJITLINK_IS_MISSING = "OSError: libnvJitLink.so.12: cannot open shared object file: No such file or directory"


class Apart(RealTorch):
    """`set`: the wheels, the main one first. All but that one are unpacked once, each into a folder of its own."""

    @classmethod
    def setUpClass(cls):
        cls.apart = pathlib.Path(tempfile.mkdtemp(prefix="spokeshave-apart-", dir=os.environ.get("SPOKESHAVE_TMP")))
        cls.addClassCleanup(shutil.rmtree, cls.apart, ignore_errors=True)
        cls.others = cls.other_wheels()
        cls.folders = [unpack(path, cls.apart / path.name) for path in cls.others]
        cls.opener = Opener(cls.apart)

    @classmethod
    @contextlib.contextmanager
    def unpacked(cls, path):
        """The folders of the set with this wheel as the main one."""
        folder = unpack(path, cls.apart / path.name)
        try:
            yield [folder, *cls.folders]
        finally:
            shutil.rmtree(folder)

    def preload(self, main_wheel, *arguments, others=None, code=DONE):
        others = self.others if others is None else others
        result = self.spokeshave("preload", main_wheel, *others, *arguments, timeout=600)
        self.assertEqual(result.code, code, result.stdout + result.stderr)
        return result.stdout

    def document(self, main_wheel, *arguments, **how):
        return json.loads(self.preload(main_wheel, "--format", "json", *arguments, **how))

    def with_block(self, main_wheel, *arguments):
        self.preload(main_wheel, "--write", "--suffix", "stripe.1", "--out", self.out, *arguments)
        made, = self.out.glob("*.whl")
        self.assertIn("+stripe.1-", made.name)
        return made

    def on_disk(self, path):
        """That library of the other wheels."""
        found, = [folder / path for folder in self.folders if (folder / path).is_file()]
        return found

    # The order, against the loader itself.

    def open_alone(self, paths):
        """The loader's answers where each library is opened behind the others, with nothing in reach of any of them:
        each lies alone in a folder, to which what $ORIGIN says in RPATH and RUNPATH is relative."""
        alone = self.apart / "alone"
        links = []
        for number, path in enumerate(paths):
            folder = alone / str(number) / "a/b/c/d"
            folder.mkdir(parents=True)
            links.append(folder / path.rsplit("/", 1)[1])
            os.link(self.on_disk(path), links[-1])
            self.assert_nothing_in_reach(links[-1])
        try:
            return links, self.opener.open(links)
        finally:
            shutil.rmtree(alone)

    def assert_nothing_in_reach(self, library):
        said = dynamic(library)
        for value in said.get("RPATH", []) + said.get("RUNPATH", []):
            for entry in value.split(":"):
                folder = pathlib.Path(re.sub(r"\$(ORIGIN|\{ORIGIN\})", str(library.parent), entry))
                self.assertTrue(folder.is_absolute(), entry)
                self.assertLessEqual({each.name for each in folder.glob("*")}, {library.name}, entry)

    def assert_each_loads_alone(self, paths):
        links, answers = self.open_alone(paths)
        ours = str(self.apart)
        for link, answer in zip(links, answers):
            self.assertIsNone(answer.error, link)
            self.assertEqual([path for path in answer.loaded if path.startswith(ours)], [str(link)])


class Torch(Apart):
    @classmethod
    def other_wheels(cls):
        return [path for path in sorted((CACHE / "wheels").glob("*.whl")) if not path.name.startswith("torch-")]

    def check(self, main_wheel, version):
        with self.unpacked(main_wheel) as folders:
            published = self.python_from(folders, IMPORT)
            self.assertEqual((published.code, published.stderr.splitlines()[-1:]), (1, [NVJITLINK_IS_MISSING]))
        document = self.document(main_wheel)
        self.assertEqual((document["init"], document["missing"], document["circles"]), ("torch/__init__.py", [], []))
        paths = [each["path"] for each in document["libraries"]]
        self.assertNotIn(0, [each["wheel"] for each in document["libraries"]], "torch's own libraries find each other")
        self.assert_each_loads_alone(paths)
        self.assertEqual(self.document(main_wheel, others=self.others[::-1]), document)
        with self.unpacked(self.with_block(main_wheel)) as folders:
            self.assert_imports_from(folders, version)
            self.assert_imports_from(folders[::-1], version)
            self.assert_imports_from(sorted(folders, key=lambda folder: folder.name[::-1]), version)
            told = self.python_from(folders, IMPORT, SPOKESHAVE_PRELOAD="verbose")
            self.assert_ran(told)
            self.assertEqual(re.findall(r"^spokeshave preload: torch: loaded (.*)$", told.stderr, re.M),
                             [str(self.on_disk(path)) for path in paths])
            off = self.python_from(folders, IMPORT, SPOKESHAVE_PRELOAD="off")
            self.assertEqual((off.code, off.stderr.splitlines()[-1:]), (1, [NVJITLINK_IS_MISSING]))
        return paths

    def test_torch_2_1_0_fails_as_published_and_imports_with_the_block(self):
        main_wheel = wheel("older", "torch-2.1.0-*.whl")
        paths = self.check(main_wheel, "2.1.0")
        by_hand = cuda_libs(main_wheel)
        self.assertNotIn("nvjitlink", by_hand)
        self.assertEqual({path.split("/")[1] for path in paths}, {*by_hand, "nvjitlink"})
        order = [path.rsplit("/", 1)[1] for path in paths]
        for first, second in (("libnvJitLink.so.12", "libcusparse.so.12"), ("libcusparse.so.12", "libcusolver.so.11"),
                              ("libcublasLt.so.12", "libcublas.so.12"), ("libcublas.so.12", "libcusolver.so.11")):
            self.assertLess(order.index(first), order.index(second))
        # torch's own order: cusolver before the cusparse that it needs, and nothing that brings libnvJitLink.so.12.
        self.assertLess(list(by_hand).index("cusolver"), list(by_hand).index("cusparse"))
        _, answers = self.open_alone([path for folder, pattern in by_hand.items() for path in paths
                                      if fnmatch.fnmatch(path, f"nvidia/{folder}/lib/{pattern}")])
        self.assertTrue(any("libnvJitLink.so.12: cannot open" in (answer.error or "") for answer in answers))

    def test_torch_2_1_2_fails_as_published_and_imports_with_the_block(self):
        self.check(wheel("wheels", "torch-2.1.2-*.whl"), "2.1.2")

    def test_a_missing_wheel_is_named_by_its_requirement(self):
        others = [path for path in self.others if not path.name.startswith("nvidia_nvjitlink_cu12")]
        document = self.document(wheel("wheels", "torch-2.1.2-*.whl"), others=others, code=FOUND)
        missing, = document["missing"]
        self.assertEqual((missing["name"], missing["requirements"]), ("libnvJitLink.so.12", ["nvidia-nvjitlink-cu12"]))
        self.assertIn("nvidia/cusparse/lib/libcusparse.so.12", missing["needed_by"])

    def test_sitecustomize_mends_torch_from_outside(self):
        main_wheel = wheel("wheels", "torch-2.1.2-*.whl")
        outside = self.folder / "outside"
        outside.mkdir()
        (outside / "sitecustomize.py").write_text(self.preload(main_wheel, "--format", "sitecustomize"))
        with self.unpacked(main_wheel) as folders:
            self.assert_imports_from([outside, *folders])
            untouched = self.python_from([outside, *folders], "import sys; print('ctypes' in sys.modules)")
            self.assert_ran(untouched, "False\n")

    def test_the_python_format_is_the_very_block_that_is_written(self):
        main_wheel = wheel("wheels", "torch-2.1.2-*.whl")
        block = self.preload(main_wheel, "--format", "python")
        before, after = (self.init(path) for path in (main_wheel, self.with_block(main_wheel)))
        self.assertEqual(after.count(block), 1)
        self.assertEqual(after.replace(block, "", 1), before)

    def init(self, path):
        with zipfile.ZipFile(path) as archive:
            return archive.read("torch/__init__.py").decode()


# cupy_backends needs more of the list, but users import cupy, which opens a library before it imports cupy_backends.
ENTRANCE = ("--package", "cupy")
LIBRARIES = {"cublas": "libcublas.so.12", "cudnn": "libcudnn.so.8", "curand": "libcurand.so.10",
             "cusolver": "libcusolver.so.11", "cusparse": "libcusparse.so.12", "cutensor": "libcutensor.so.2",
             "nccl": "libnccl.so.2"}
FAIL_AS_PUBLISHED = {**{f"cupy_backends.cuda.libs.{name}": library for name, library in LIBRARIES.items()},
                     **{f"cupyx.{name}": LIBRARIES[name] for name in ("cudnn", "cusolver", "cutensor")},
                     "cupy.cuda.cufft": "libcufft.so.11", "cupy.cuda.jitify": "libnvrtc.so.12"}

IMPORT_ALL = """
import cupy, importlib, json, sys
failed = {}
for name in sys.stdin.read().split():
    try:
        importlib.import_module(name)
    except ImportError as error:
        failed[name] = str(error)
print(json.dumps(failed))
"""

# No GPU is needed to compile for one.
COMPILE = """
import cupy
from cupy_backends.cuda.libs import nvrtc
program = nvrtc.createProgram('extern "C" __global__ void fill(float* to) { to[threadIdx.x] = 1; }', "fill.cu", (), ())
nvrtc.compileProgram(program, ("--gpu-architecture=compute_70",))
print(".visible .entry fill(" in nvrtc.getPTX(program).decode())
"""


class Cupy(Apart):
    @classmethod
    def other_wheels(cls):
        unused = ("nvidia_cuda_cupti", "nvidia_nvtx")
        return [path for folder, pattern in (("wheels", "nvidia_*"), ("wheels", "numpy-*"), ("cupy", "cutensor*"), ("cupy", "fastrlock*"))
                for path in sorted((CACHE / folder).glob(pattern)) if not path.name.startswith(unused)]

    def failing(self, folders):
        """Those of the 66 extension modules that do not import, with the loader's words; and what Python says besides."""
        names = [name.split(".")[0].replace("/", ".") for name in listing(self.main_wheel) if name.endswith(".so")]
        self.assertGreater(len(names), 60)
        code = IMPORT_ALL.replace("sys.stdin.read()", repr(" ".join(names)))
        result = self.python_from(folders, code)
        self.assert_ran(result)
        return json.loads(result.stdout), result.stderr

    def setUp(self):
        super().setUp()
        self.main_wheel = wheel("cupy", "cupy_cuda12x-*.whl")

    def test_twelve_modules_fail_as_published_and_all_import_with_the_block(self):
        with self.unpacked(self.main_wheel) as folders:
            failed, warned = self.failing(folders)
            self.assertEqual(failed, {name: f"{library}: cannot open shared object file: No such file or directory"
                                      for name, library in FAIL_AS_PUBLISHED.items()})
            # cupy has a list of its own, of one library, and not of what that one needs.
            self.assertRegex(warned, r"failed to preload library \(.*/libcutensor\.so\.2\): OSError \(libcublasLt\.so\.12: cannot open")
            self.assertIn("libnvrtc.so.12: cannot open shared object file", self.python_from(folders, COMPILE).stderr)
        with self.unpacked(self.with_block(self.main_wheel, *ENTRANCE)) as folders:
            self.assertEqual(self.failing(folders), ({}, ""))
            self.assertEqual(self.failing(folders[::-1]), ({}, ""))
            self.assert_ran(self.python_from(folders, COMPILE), "True\n")

    def test_each_library_loads_alone_in_this_order(self):
        document = self.document(self.main_wheel, *ENTRANCE)
        self.assertEqual((document["init"], document["missing"]), ("cupy/__init__.py", []))
        self.assert_each_loads_alone([each["path"] for each in document["libraries"]])
        unneeded = {document["wheels"][index]["name"] for index in document["unneeded"]}
        self.assertEqual(unneeded, {"numpy", "fastrlock"})

    def test_no_requirement_brings_what_is_missing_but_its_name_is_told(self):
        others = [path for path in self.others if not path.name.startswith("cutensor")]
        document = self.document(self.main_wheel, others=others, code=FOUND)
        missing, = document["missing"]
        self.assertEqual(missing["name"], "libcutensor.so.2")
        self.assertEqual(set(missing["needed_by"]), {name for name in listing(self.main_wheel)
                                                     if re.search(r"/cutensor\.cpython.*\.so$", name) and "libs/" in name})


if __name__ == "__main__":
    main()
