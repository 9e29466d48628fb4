"""benchmarks/run on a small wheel: who does what, and what table and plot say of it."""
import json
import pathlib
import re
import statistics
import sys
import tempfile
import unittest
import xml.etree.ElementTree
import zipfile

import support
from tiny_elf import library
from wheel_maker import Wheel

sys.path.insert(0, str(support.ROOT / "benchmarks"))
sys.dont_write_bytecode = True

import peers
from inputs import Subject
from page import BEGIN, END, write_page
from rows import Rows

BUILD = pathlib.Path(support.PROGRAM).parent
RUN = support.ROOT / "benchmarks/run"
SVG = "{http://www.w3.org/2000/svg}"


def benchmark(*arguments):
    return support.run(sys.executable, RUN, "--build", BUILD, *arguments)


def seconds(contender):
    return statistics.median(run["seconds"] for run in contender["runs"])


class OnASmallWheel(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="spokeshave-e2e-")
        cls.addClassCleanup(folder.cleanup)
        cls.results = pathlib.Path(folder.name)
        cls.result = benchmark("--no-peers", "--results", cls.results, "--runs", "2",
                               "--wheel", support.fixture("gputoy"), "--runpath", "libgputoy_c*.so=$ORIGIN")
        cls.document = json.loads((cls.results / "results.json").read_text()) if cls.result.code == 0 else {}

    def rows(self, jobs=0):
        return {row["work"]: row for row in self.document["rows"] if row["jobs"] == jobs}

    def test_each_row_has_the_floor_and_ours_run_in_turns(self):
        self.assertEqual(self.result.code, 0, self.result.stderr)
        for row in self.document["rows"]:
            roles = [contender["role"] for contender in row["contenders"]]
            self.assertEqual((roles.count("ours"), roles.count("peer")), (1, 0), row["work"])
            self.assertGreaterEqual(roles.count("floor"), 1, row["work"])
            for contender in row["contenders"]:
                self.assertEqual(len(contender["runs"]), 2)

    def test_all_rows_are_there_with_one_job_and_with_two(self):
        self.assertLessEqual({"inspect --graph", "verify --index-rules", "patch --suffix", "patch --set-runpath",
                              "patch libgputoy_cuda.so", "split in two"}, set(self.rows()))
        for jobs in (1, 2):
            self.assertEqual(set(self.rows(jobs)),
                             {"inspect --graph", "verify --index-rules", "patch --set-runpath", "split in two"})

    def test_the_table_says_what_the_runs_say(self):
        table = (self.results / "table.md").read_text()
        for work, row in self.rows().items():
            ours, = [each for each in row["contenders"] if each["role"] == "ours"]
            floor = max(seconds(each) for each in row["contenders"] if each["role"] == "floor")
            line, = [line for line in table.splitlines() if line.startswith(f"| `{work}` | gputoy |") and "peer" not in line
                     and line.count("|") == 12]
            cells = [cell.strip() for cell in line.split("|")]
            self.assertTrue(cells[3].startswith(f"{floor:.2f} s"), line)
            self.assertTrue(cells[4].startswith(f"{seconds(ours):.2f} s"), line)
            self.assertEqual(cells[5], f"{seconds(ours) / floor:.2f} x")

    def test_the_head_names_machine_date_and_versions(self):
        head = (self.results / "table.md").read_text().splitlines()[0]
        self.assertRegex(head, r"^\d+ \w+ \d{4}\. spokeshave \d+\.\d+\.\d+ \(.+\)\. \d+ cores? \(.+\), \d+ GiB, .+load average before")

    def test_the_plot_is_small_and_its_marks_stand_in_the_order_of_the_seconds(self):
        text = (self.results / "plot.svg").read_text()
        self.assertLess(len(text), 40_000)
        root = xml.etree.ElementTree.fromstring(text)
        ours = [float(mark.get("cx")) for mark in root.iter(SVG + "circle") if mark.get("r") == "5"][1:]  # the first: legend
        times = [seconds(each) for row in self.rows().values() for each in row["contenders"] if each["role"] == "ours"]
        self.assertEqual(len(ours), len(times))
        in_order = [x for _, x in sorted(zip(times, ours))]
        self.assertEqual(in_order, sorted(ours))

    def test_the_page_gets_table_and_plot_and_keeps_all_else(self):
        page = self.results / "performance.md"
        before = (support.ROOT / "docs/performance.md").read_text()
        page.write_text(before)
        write_page(page, self.document)
        once = page.read_text()
        write_page(page, self.document)
        self.assertEqual(page.read_text(), once)
        self.assertIn("(performance.svg)", once)
        self.assertEqual((self.results / "performance.svg").read_text(), (self.results / "plot.svg").read_text())
        shown = (self.results / "table.md").read_text().replace("plot.svg", "performance.svg")
        between = re.compile(re.escape(BEGIN) + ".*" + re.escape(END), re.DOTALL)
        self.assertEqual(once, between.sub(lambda _: f"{BEGIN}\n{shown}\n{END}", before))


@support.needs_tools
class SameWork(support.EndToEnd):
    """What spokeshave and its peers are timed at gives the same. Peers from PyPI take part where they are installed."""

    RUNPATH = "$ORIGIN:$ORIGIN/../away"

    def outputs(self, make_row):
        """tool -> folder"""
        for requirement in (peers.EDITWHEEL, peers.AUDITWHEEL):
            if not (support.CACHE / requirement).exists():
                self.skipTest(f"{requirement} is not installed; `benchmarks/run` does it")
        rows = Rows(BUILD, self.folder / "input", True)
        row = make_row(rows)(Subject("gputoy", support.fixture("gputoy"), "libgputoy_cuda.so=" + self.RUNPATH))
        made = {}
        for contender in row.contenders:
            if contender.role != "floor":
                made[contender.tool] = self.folder / f"{row.work}-{contender.tool}"
                made[contender.tool].mkdir()
                contender.run(made[contender.tool])
        self.assertGreaterEqual(len(made), 2)
        return made

    def runpath_of(self, content):
        (self.folder / "library.so").write_bytes(content)
        shown = support.run("readelf", "-dW", self.folder / "library.so").stdout
        return re.findall(r"\((RUNPATH|RPATH)\) .*\[(.*)\]", shown)

    def test_another_version(self):
        for tool, folder in self.outputs(lambda rows: rows.version).items():
            wheel, = folder.glob("*.whl")
            self.assertTrue(wheel.name.startswith("gputoy-2.1.0+bench.1-"), tool)
            self.assertIn(b"\nVersion: 2.1.0+bench.1\n", support.read(wheel, ".dist-info/METADATA"), tool)
            self.assertEqual(self.spokeshave("verify", wheel).code, support.DONE, tool)

    def test_another_runpath(self):
        for tool, folder in self.outputs(lambda rows: rows.runpath).items():
            wheel, = folder.glob("*.whl")
            self.assertEqual(self.runpath_of(support.read(wheel, "libgputoy_cuda.so")), [("RUNPATH", self.RUNPATH)], tool)

    def test_another_runpath_of_a_bare_library(self):
        for tool, folder in self.outputs(lambda rows: rows.library).items():
            self.assertEqual(self.runpath_of((folder / "libgputoy_cuda.so").read_bytes()), [("RUNPATH", self.RUNPATH)], tool)

    def test_a_split(self):
        moved = {}
        for tool, folder in self.outputs(lambda rows: rows.split).items():
            companion, = folder.glob("companion-*.whl")
            main, = folder.glob("gputoy-*.whl")
            moved[tool] = {pathlib.PurePath(name).name for name in support.listing(companion) if ".so" in name}
            (kind, path), = self.runpath_of(support.read(main, "libgputoy_cuda.so"))
            self.assertEqual(path, "$ORIGIN:$ORIGIN/../../companion/lib", (tool, kind))
        self.assertEqual(moved["chain"], moved["spokeshave"])
        self.assertTrue(moved["chain"])


class FloorProgram(unittest.TestCase):
    def test_the_floor_inflates_what_zipfile_sees(self):
        wheel = support.fixture("gputoy")
        program = BUILD / "benchmarks/inflate_floor"
        with zipfile.ZipFile(wheel) as archive:
            sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
        self.assertEqual(int(support.run(program, wheel).stdout), sum(sizes.values()))
        self.assertEqual(int(support.run(program, "--jobs", "1", "--hash-all", wheel, wheel).stdout), 2 * sum(sizes.values()))
        some = list(sizes)[:3]
        only = [word for name in some for word in ("--only", name)]
        self.assertEqual(int(support.run(program, *only, wheel).stdout), sum(sizes[name] for name in some))

    def test_peak_memory_is_the_commands_own(self):
        """Whatever the memory of the one who asks: Python's bytes here."""
        ballast = bytearray(200 << 20)
        measure = ("sh", "-c", 'exec "$0" 3 "$@" 3>&1 >/dev/null', BUILD / "benchmarks/measure")
        taken = support.run(*measure, "true").stdout.split()
        self.assertLess(int(taken[2]), 20_000, len(ballast))
        script = "x = bytearray(100 << 20)"
        taken = support.run(*measure, sys.executable, "-c", script).stdout.split()
        self.assertGreater(int(taken[2]), 100_000)
        self.assertEqual(taken[3], "0")


class Block(unittest.TestCase):
    def test_every_python_tells_what_the_block_takes(self):
        result = support.run(sys.executable, support.ROOT / "benchmarks/preload_block", "--runs", "5", "--build", BUILD)
        self.assertEqual(result.code, 0, result.stderr)
        self.assertRegex(result.stdout, r"(?m)^%d\.%d\.\d+( +[\d.]+){4}$" % sys.version_info[:2])


class Usage(unittest.TestCase):
    def test_an_unknown_row_is_named(self):
        result = benchmark("sprint")
        self.assertEqual(result.code, 2)
        self.assertIn("no such row: sprint", result.stderr)

    def test_the_page_is_not_written_from_half_a_run(self):
        page = support.ROOT / "docs/performance.md"
        before = page.read_text()
        for half in (["split"], ["--no-peers"], ["--wheel", support.fixture("gputoy")]):
            result = benchmark("--write-docs", *half)
            self.assertEqual(result.code, 2)
            self.assertIn("--write-docs needs all rows", result.stderr)
        self.assertEqual(page.read_text(), before)


class GrowthWheels(support.EndToEnd):
    """Made of a fat wheel of a few hundred bytes a library."""

    def setUp(self):
        super().setUp()
        fat = Wheel("torch", "2.1.2", "cp311-cp311-manylinux1_x86_64")
        fat.add("torch/lib/libcudnn_ops_infer.so.8", library("libcudnn_ops_infer.so.8") + b"code" * 999)
        fat.add("torch/lib/libcudnn_ops_train.so.8", library("libcudnn_ops_train.so.8", ["libcudnn_ops_infer.so.8"], runpath="$ORIGIN"))
        fat.add("torch/lib/libnvJitLink.so.12", library("libnvJitLink.so.12"))
        for number in range(700):
            fat.add(f"torch/include/{number}.h", f"#define N {number}\n" * (1 + number % 7))
        self.fat = fat.write(self.folder)

    def make(self, folder):
        folder.mkdir()
        result = support.run(sys.executable, "-B", support.ROOT / "fixtures/make_growth_wheels.py", self.fat, folder, "1", "3")
        self.assertEqual(result.code, 0, result.stderr)
        return sorted(folder.glob("*.whl"))

    def test_they_are_whole_and_their_libraries_find_each_other(self):
        for wheel, units in zip(self.make(self.folder / "growth"), (1, 3)):
            verified = self.spokeshave("verify", wheel)
            self.assertEqual(verified.code, support.DONE, verified.stdout)
            tree = support.unpack(wheel, self.folder / str(units))
            with zipfile.ZipFile(wheel) as archive:
                self.assertIsNone(archive.testzip())
                self.assertEqual(len([name for name in archive.namelist() if name.endswith(".h")]), 600 * units)
            loaded = support.run(sys.executable, "-c", "import ctypes, sys; ctypes.CDLL(sys.argv[1])",
                                 tree / "growth/_C.cpython-311-x86_64-linux-gnu.so",
                                 env=support.clean_environment(LD_DEBUG="files"))
            self.assertEqual(loaded.code, 0, loaded.stderr)
            self.assertEqual(set(re.findall(r"calling init: \S*/growth/lib/(\S+)", loaded.stderr)),
                             {name % unit for unit in range(1, units + 1)
                              for name in ("libops_infer_%02d.so.8", "libops_train_%02d.so.8", "libjitlink_%02d.so")})

    def test_the_same_come_out_again(self):
        once, again = self.make(self.folder / "once"), self.make(self.folder / "again")
        self.assertEqual([wheel.read_bytes() for wheel in once], [wheel.read_bytes() for wheel in again])


if __name__ == "__main__":
    support.main()
