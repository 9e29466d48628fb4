"""The page of `inspect --graph=html` in headless Chromium: drawn, clicked, searched, read, printed.

SPOKESHAVE_SCREENSHOTS=FOLDER keeps what it looks like; SPOKESHAVE_PAGE_DATA=FILE, a document of `inspect --json`, is
drawn and pictured as well: docs/inspect-page.png is `data-light-finding.png` of torch 2.1.2 and its wheels with
--layout separate.
"""
import json
import os
import pathlib
import re
import tempfile
import unittest

import made_up_sets
import support
from browser import CHROMIUM, DRIVER, Browser
from page_judges import CONTRAST, GROUPS, Facts, page_of

SCREENSHOTS = os.environ.get("SPOKESHAVE_SCREENSHOTS")

def setUpModule():
    global BROWSER, FOLDER
    if not (CHROMIUM and DRIVER):
        raise unittest.SkipTest("Debian's chromium and chromium-driver are not installed")
    FOLDER = tempfile.TemporaryDirectory()
    BROWSER = Browser()


def tearDownModule():
    BROWSER.close()
    FOLDER.cleanup()


def make_page(name, document):
    path = pathlib.Path(FOLDER.name, name + ".html")
    path.write_bytes(page_of(document))
    return path


class PageCase(unittest.TestCase):
    """Opens the page that the class made, afresh; afterwards nothing may stand on the console, nor in the network's log."""

    def setUp(self):
        BROWSER.resize(1280, 800)
        BROWSER.scheme("light")
        BROWSER.log("browser"), BROWSER.log("performance")  # what was before
        BROWSER.open(self.page)

    def tearDown(self):
        self.assertEqual(BROWSER.log("browser"), [])
        self.assertEqual(set(BROWSER.requests()), {self.page.as_uri()})

    def groups(self, *names):
        return BROWSER.run(GROUPS, names)

    def text(self, selector):
        return BROWSER.run("return document.querySelector(arguments[0]).innerText", selector)

    def view_box(self):
        return [float(n) for n in BROWSER.run("return document.querySelector('#canvas > svg').getAttribute('viewBox')").split()]

    def focused(self):
        return BROWSER.run("return document.activeElement.id")


class PageChecks:
    """What holds at any number of libraries."""

    @classmethod
    def setUpClass(cls):
        cls.document = cls.make_document()
        cls.facts = Facts(cls.document)
        cls.page = make_page(cls.__name__, cls.document)

    def assert_lit(self, box, whole_chain=False):
        lit = self.groups("chosen", "needs", "needed-by")
        self.assertEqual(lit["chosen"], [box])
        self.assertEqual(lit["needs"], self.facts.lit(box, True, whole_chain))
        self.assertEqual(lit["needed-by"], self.facts.lit(box, False, whole_chain))

    def assert_nothing_lit(self):
        self.assertEqual(self.groups("chosen", "needs", "needed-by", "about"),
                         {"chosen": [], "needs": [], "needed-by": [], "about": []})

    def test_every_library_is_a_box_and_every_need_an_edge(self):
        drawn = self.groups("node", "edge", "cluster")
        boxes = {"n%d" % i for i in range(len(self.facts.libraries))} | self.facts.strangers
        self.assertEqual(set(drawn["node"]), boxes)
        self.assertEqual(set(drawn["edge"]), {edge for edge, _, _ in self.facts.edges})
        self.assertEqual(len(drawn["cluster"]), len(self.document["wheels"]))

    def test_all_is_in_sight_and_no_text_runs_over_its_box(self):
        outside, over = BROWSER.run("""
            const frame = document.querySelector('#canvas').getBoundingClientRect();
            const outside = [], over = [];
            for (const g of document.querySelectorAll('#canvas g.node, #canvas g.cluster')) {
                const box = g.querySelector('polygon, path').getBoundingClientRect();
                if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 ||
                    box.bottom > frame.bottom + 1) outside.push(g.id);
                for (const text of g.querySelectorAll('text')) {
                    if (text.getBoundingClientRect().right > box.right + 1) over.push(text.textContent);
                }
            }
            return [outside, over];""")
        self.assertEqual((outside, over), ([], []))

    def test_a_click_lights_what_it_needs_and_what_needs_it(self):
        for i in range(0, len(self.facts.libraries), max(1, len(self.facts.libraries) // 13)):
            with self.subTest(library=self.facts.libraries[i]["path"]):
                BROWSER.click("#n%d" % i)
                self.assert_lit("n%d" % i)
        BROWSER.click("#n%d" % i)
        self.assert_nothing_lit()

    def test_the_whole_chain_too(self):
        BROWSER.click("#chain")
        for name in ("libtorch_cuda.so", "libc10.so"):
            BROWSER.click("#" + self.facts.id(name))
            self.assert_lit(self.facts.id(name), whole_chain=True)
        BROWSER.press("c")
        self.assert_lit(self.facts.id(name))

    def test_the_keyboard_does_the_same(self):
        start = self.facts.id("libtorch_cuda.so")
        BROWSER.run("document.querySelector('#' + arguments[0]).focus()", start)
        BROWSER.press("Enter")
        self.assert_lit(start)
        BROWSER.press("Escape")
        self.assert_nothing_lit()
        BROWSER.press("Right")
        right = self.focused()
        self.assertNotEqual(right, start)
        BROWSER.press("Space")
        self.assert_lit(right)
        place = "return document.querySelector('#' + arguments[0]).getBoundingClientRect().x"
        self.assertGreater(BROWSER.run(place, right), BROWSER.run(place, start))

    def test_the_graph_is_one_stop_for_tab_and_arrows_reach_every_box(self):
        stops = "return [...document.querySelectorAll('#canvas [tabindex=\"0\"]')].map(g => g.id)"
        self.assertEqual(BROWSER.run(stops), ["n0"])
        BROWSER.run("document.querySelector('#n0').focus()")
        seen = set()
        for key in ("Right", "Down", "Left", "Up") * 20:
            BROWSER.press(key)
            seen.add(self.focused())
            self.assertEqual(BROWSER.run(stops), [self.focused()])
        self.assertGreater(len(seen), 3)
        labels = BROWSER.run("return [...document.querySelectorAll('#canvas g.node')].map(g => g.getAttribute('aria-label'))")
        for library in self.facts.libraries:
            self.assertTrue(any(label.startswith(library["path"].rsplit("/", 1)[1] + ", ") for label in labels), library)

    def test_search_narrows(self):
        BROWSER.press("/", *"cublas")
        self.assertEqual(self.focused(), "search")
        found = {"n%d" % i for i, library in enumerate(self.facts.libraries) if "cublas" in library["path"]}
        found |= {to for _, _, to in self.facts.edges if to.startswith("o") and "cublas" in self.label(to)}
        self.assertEqual(set(self.groups("found")["found"]), found)
        self.assertEqual(self.text("#search-count"), "%d found" % len(found))
        BROWSER.press("Enter")
        self.assertIn(self.groups("chosen")["chosen"][0], found)
        BROWSER.press("Escape")
        self.assertEqual(BROWSER.run("return document.querySelector('#search').value"), "")

    def label(self, box):
        return BROWSER.run("return document.querySelector('#' + arguments[0]).getAttribute('aria-label')", box)

    def test_the_panel_tells_all_of_what_is_chosen(self):
        for name in ("libtorch_cuda.so", "libgomp-a34b3233.so.1"):
            BROWSER.click("#" + self.facts.id(name))
            shown = self.text("#details")
            library = self.facts.libraries[int(self.facts.id(name)[1:])]
            for fact in (library["path"], library["soname"], library["rpath"], library["kind"]):
                self.assertIn(fact, shown)

    def test_findings_are_shown_with_consequence_and_way_out(self):
        shown = self.text("#findings").replace("`", "")
        for finding in self.document["findings"]:
            for part in ("what", "consequence", "way_out"):
                self.assertIn(finding[part].replace("`", ""), shown)
        for number, finding in enumerate(self.document["findings"]):
            BROWSER.run("document.querySelectorAll('.finding .show')[arguments[0]].click()", number)
            self.assertLessEqual({"n%d" % i for i in finding["libraries"]}, set(self.groups("about")["about"]))

    def rows(self, table):
        return BROWSER.run("""return [...document.querySelectorAll('#' + arguments[0] + ' tbody tr:not([hidden])')]
                                     .map(row => [...row.cells].map(cell => cell.textContent));""", table)

    def test_the_table_has_the_same_facts_and_sorts(self):
        BROWSER.click("#tab-table")
        rows = self.rows("libraries")
        self.assertEqual(len(rows), len(self.facts.libraries))
        self.assertEqual([row[0] for row in rows], [library["path"].rsplit("/", 1)[1] for library in self.facts.libraries])
        self.assertEqual([int(row[6]) for row in rows],
                         [sum(source == "n%d" % i for _, source, _ in self.facts.edges) for i in range(len(rows))])
        self.assertEqual(len(self.rows("edges")), len(self.facts.edges))
        heads = "document.querySelectorAll('#libraries th')[4]"
        BROWSER.run("%s.querySelector('button').click()" % heads)
        largest_first = sorted(self.facts.libraries, key=lambda library: -library["installed_bytes"])
        self.assertEqual(self.rows("libraries")[0][0], largest_first[0]["path"].rsplit("/", 1)[1])
        self.assertEqual(BROWSER.run("return %s.getAttribute('aria-sort')" % heads), "descending")
        BROWSER.run("%s.querySelector('button').click()" % heads)
        self.assertEqual(self.rows("libraries")[-1][0], largest_first[0]["path"].rsplit("/", 1)[1])
        BROWSER.press("/", *"c10")
        self.assertEqual(len(self.rows("libraries")), sum("c10" in library["path"] for library in self.facts.libraries))

    def test_wheel_drag_and_keys_move_the_picture_and_fit_brings_it_back(self):
        BROWSER.click("#n0")
        before = self.view_box()
        BROWSER.wheel(400, 400, -300)
        nearer = self.view_box()
        self.assertLess(nearer[2], before[2])
        BROWSER.drag(300, 700, 400, 650)
        moved = self.view_box()
        self.assertLess(moved[0], nearer[0])
        self.assertGreater(moved[1], nearer[1])
        self.assertEqual(self.groups("chosen")["chosen"], ["n0"], "a drag is no click")
        BROWSER.press("-", "-")
        self.assertGreater(self.view_box()[2], moved[2])
        BROWSER.click("#zoom-fit")
        self.assertEqual(self.view_box(), before)

    def test_dark_and_light_differ_and_both_are_legible(self):
        grounds = []
        for scheme in ("light", "dark"):
            BROWSER.scheme(scheme)
            BROWSER.click("#n0")
            grounds.append(BROWSER.run("return getComputedStyle(document.body).backgroundColor"))
            self.assertEqual(BROWSER.run(CONTRAST), [], scheme)
            BROWSER.press("Escape")
        self.assertNotEqual(*grounds)

    def test_paper_shows_picture_findings_and_tables(self):
        BROWSER.scheme("dark", "print")
        for part in ("#canvas", "#findings", "#libraries", "#edges"):
            self.assertGreater(BROWSER.run("return document.querySelector(arguments[0]).getBoundingClientRect().height", part),
                               50, part)
        self.assertEqual(BROWSER.run("return getComputedStyle(document.body).backgroundColor"), "rgb(255, 255, 255)")
        self.assertTrue(BROWSER.pdf().startswith(b"%PDF-"))

    def test_a_narrow_window_scrolls_down_only(self):
        BROWSER.resize(390, 800)
        self.assertLessEqual(BROWSER.run("return document.documentElement.scrollWidth"), 390)

    def test_without_scripts_the_picture_is_there_and_says_so(self):
        BROWSER.scripts(False)
        try:
            BROWSER.open(self.page)
            root = BROWSER.cdp("DOM.getDocument")["root"]["nodeId"]
            boxes = BROWSER.cdp("DOM.querySelectorAll", nodeId=root, selector="g.node")["nodeIds"]
            self.assertEqual(len(boxes), len(self.facts.libraries) + len(self.facts.strangers))
            note = BROWSER.cdp("DOM.querySelector", nodeId=root, selector="noscript p")["nodeId"]
            self.assertGreater(BROWSER.cdp("DOM.getBoxModel", nodeId=note)["model"]["height"], 10)
        finally:
            BROWSER.scripts(True)


class ThirteenLibraries(PageChecks, PageCase):
    make_document = staticmethod(made_up_sets.thirteen)

    def test_there_are_thirteen(self):
        self.assertEqual(len(self.facts.libraries), 13)


class SixtyLibraries(PageChecks, PageCase):
    make_document = staticmethod(made_up_sets.sixty)

    def test_there_are_sixty_and_one_is_missing_in_red(self):
        self.assertEqual(len(self.facts.libraries), 60)
        red, green, blue = map(int, re.findall(r"\d+", BROWSER.run(
            "return getComputedStyle(document.querySelector('#m0 polygon')).stroke"))[:3])
        self.assertGreater(red, 2 * max(green, blue))
        BROWSER.click(".finding.problem .show")
        self.assertIn("m0", self.groups("about")["about"])
        BROWSER.press("0")
        BROWSER.click("#m0")
        self.assertIn("nvidia-nvjitlink-cu12", self.text("#details"))
        self.assertIn("no such file", self.text("#details"))


class TheProgram(PageCase):
    """The real thing over fixture wheels."""

    @classmethod
    def setUpClass(cls):
        cls.page = pathlib.Path(FOLDER.name, "program.html")
        wheels = [support.fixture("gputoy"), support.fixture("nstoy_render")]
        cls.result = support.run(support.PROGRAM, "inspect", "--graph=html", "-o", cls.page, *wheels)
        cls.document = json.loads(support.run(support.PROGRAM, "inspect", "--json", *wheels).stdout)

    def test_it_draws_what_its_json_says(self):
        self.assertIn(self.result.code, (support.DONE, support.FOUND), self.result.stderr)
        drawn = self.groups("node", "edge")
        facts = Facts(self.document)
        self.assertEqual(set(drawn["node"]), {"n%d" % i for i in range(len(facts.libraries))} | facts.strangers)
        self.assertEqual(set(drawn["edge"]), {edge for edge, _, _ in facts.edges})


class HostileNames(PageCase):
    """What a wheel says is text on the page, whatever it says."""
    NAME = "</script><img src=x onerror=alert(1)>\u2028&amp;\"'`<!--"

    @classmethod
    def setUpClass(cls):
        document = made_up_sets.thirteen()
        document["wheels"][0]["name"] = cls.NAME
        for text in ("what", "consequence", "way_out"):
            document["findings"][0][text] = cls.NAME
        document["libraries"][3]["path"] = "torch/" + cls.NAME.replace("/", "")
        document["libraries"][3]["soname"] = cls.NAME
        cls.page = make_page(cls.__name__, document)

    def test_nothing_of_it_runs_and_all_of_it_is_shown(self):
        self.assertEqual(BROWSER.run("return document.querySelectorAll('img').length"), 0)
        BROWSER.click("#n3")
        shown = BROWSER.run("return document.querySelector('#details').textContent")
        self.assertIn(self.NAME, shown)
        self.assertIn(self.NAME.replace("`", ""), BROWSER.run("return document.querySelector('.finding .what').textContent"))

    def test_a_script_that_got_in_all_the_same_would_not_run(self):
        BROWSER.run("""const script = document.createElement('script');
                       script.textContent = 'window.ran = true';
                       document.body.append(script);""")
        self.assertIsNone(BROWSER.run("return window.ran ?? null"))
        self.assertRegex(BROWSER.log("browser")[0]["message"], "Content Security Policy")


@unittest.skipUnless(SCREENSHOTS, "SPOKESHAVE_SCREENSHOTS names no folder")
class Screenshots(unittest.TestCase):
    def test_light_dark_lit_table_narrow_and_print(self):
        documents = {"13": made_up_sets.thirteen(), "60": made_up_sets.sixty()}
        if os.environ.get("SPOKESHAVE_PAGE_DATA"):
            documents["data"] = json.loads(pathlib.Path(os.environ["SPOKESHAVE_PAGE_DATA"]).read_text())
        folder = pathlib.Path(SCREENSHOTS)
        folder.mkdir(parents=True, exist_ok=True)
        for name, document in documents.items():
            page = make_page(name, document)
            for scheme in ("light", "dark"):
                self.picture(page, scheme, document, lambda what: folder / ("%s-%s-%s.png" % (name, scheme, what)))

    def picture(self, page, scheme, document, path):
        BROWSER.resize(1280, 800)
        BROWSER.scheme(scheme)
        BROWSER.open(page)
        BROWSER.screenshot(path("whole"))
        BROWSER.click("#" + Facts(document).id("libtorch_cuda.so"))
        BROWSER.screenshot(path("lit"))
        BROWSER.press("Escape")
        BROWSER.click(".finding .show")
        BROWSER.screenshot(path("finding"))
        BROWSER.press("Escape")
        BROWSER.click("#tab-table")
        BROWSER.screenshot(path("table"))
        BROWSER.click("#tab-graph")
        BROWSER.resize(390, 1000)
        BROWSER.screenshot(path("narrow"))
        BROWSER.resize(1047, 1400)
        BROWSER.scheme(scheme, "print")
        BROWSER.run("dispatchEvent(new Event('beforeprint'))")
        BROWSER.screenshot(path("print"))


if __name__ == "__main__":
    support.main()
