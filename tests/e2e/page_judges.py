"""What the page is judged by: the document that it was made from, and WCAG's formula for contrast."""
import json
import os
import subprocess

import support

PROBE = os.environ.get("SPOKESHAVE_PAGE_PROBE", str(support.ROOT / "build/release/tests/page_probe"))


def page_of(document):
    """The page, made of a document of `inspect --json`: no wheel is needed."""
    return subprocess.run([PROBE, "page"], input=json.dumps(document).encode(), check=True, capture_output=True).stdout


GROUPS = """const by = name => [...document.querySelectorAll('#canvas g.' + name)].map(g => g.id).sort();
            return Object.fromEntries(arguments[0].map(name => [name, by(name)]));"""


class Facts:
    """What the document says, computed here once more: the judge of what lights up."""

    def __init__(self, document):
        self.libraries = document["libraries"]
        self.edges = [("e%d" % k, "n%d" % need["from"], "n%d" % need["to"]) for k, need in enumerate(document["needs"])]
        self.add_strangers(document["missing"], "u", "m", lambda need: True)
        self.add_strangers(document["outside"], "x", "o", lambda need: need["brought_by"] == "another wheel")

    def add_strangers(self, needs, edge, box, is_drawn):
        names = []
        for k, need in enumerate(needs):
            if is_drawn(need):
                if need["name"] not in names:
                    names.append(need["name"])
                self.edges.append((edge + str(k), "n%d" % need["from"], box + str(names.index(need["name"]))))

    @property
    def strangers(self):
        return {to for _, _, to in self.edges if not to.startswith("n")}

    def lit(self, box, forward, whole_chain):
        """The boxes and edges that a click on `box` is to light on one side."""
        boxes, lit_edges, waiting = set(), set(), [box]
        while waiting:
            here = waiting.pop()
            for edge, source, target in self.edges:
                start, end = (source, target) if forward else (target, source)
                if start == here:
                    lit_edges.add(edge)
                    if whole_chain and end not in boxes and end != box:
                        waiting.append(end)
                    boxes.add(end)
        return sorted((boxes - {box}) | lit_edges)

    def id(self, name):
        return next("n%d" % i for i, library in enumerate(self.libraries) if library["path"].endswith("/" + name))


# Texts whose contrast with their ground is less than WCAG's AA (4.5); what is dimmed on purpose is left out.
CONTRAST = """
const parse = c => (c.match(/[\\d.]+/g) || []).map(Number);
const light = c => { const [r, g, b] = c.slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
const ground = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
    if (c.length === 3 || c[3] > 0) return c; } return [255, 255, 255]; };
const dimmed = e => { for (; e; e = e.parentElement) if (getComputedStyle(e).opacity < 1) return true; return false; };
const bad = [];
for (const e of document.querySelectorAll('body *:not(script):not(svg *)')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim() !== '');
    if (!own || e.getClientRects().length === 0) continue;
    const r = ratio(parse(getComputedStyle(e).color), ground(e));
    if (r < 4.5) bad.push([e.textContent.slice(0, 40), r]);
}
for (const t of document.querySelectorAll('#canvas text')) {
    if (dimmed(t)) continue;
    const frame = t.closest('g.node, g.cluster').querySelector('polygon, path');
    const r = ratio(parse(getComputedStyle(t).fill), parse(getComputedStyle(frame).fill));
    if (r < 4.5) bad.push([t.textContent, r]);
}
return bad;"""
