"""The plot of a table: every contender's seconds on a logarithmic scale, and below, time and memory against size."""
import math
from xml.sax.saxutils import escape

from rows import floor_of, ours_of
from timing import median, peak

WIDTH, LABELS, NUMBERS = 960, 290, 200  # pixels; the labels left of the plot, the numbers right of it
ROW, MARGIN, PANEL = 24, 16, 230
INK, FAINT, LINE = "#1f2328", "#656d76", "#d0d7de"
# Okabe and Ito's colours, which the colour-blind can tell apart; the shapes differ as well.
LOOKS = {"floor": ("floor", INK, "bar"), "spokeshave": ("spokeshave", "#0072B2", "circle"),
         "editwheel": ("editwheel", "#E69F00", "square"), "auditwheel": ("auditwheel", "#009E73", "diamond"),
         "patchelf": ("patchelf", "#CC79A7", "triangle"), "chain": ("wheel unpack, patchelf, wheel pack", "#D55E00", "ring")}
LINES = ["#0072B2", "#009E73", "#CC79A7", "#E69F00", "#D55E00"]
WANTED_MEGABYTES = 64  # at most, for any wheel


class Svg:
    def __init__(self, height):
        self.parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" '
                      f'height="{height:.0f}" font-family="sans-serif" font-size="12">',
                      f'<rect width="{WIDTH}" height="{height:.0f}" fill="#ffffff"/>']

    def text(self, x, y, words, anchor="start", color=INK, bold=False):
        weight = ' font-weight="bold"' if bold else ""
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{color}"{weight}>{escape(words)}</text>')

    def line(self, points, color=LINE, width=1.0, dashed=False):
        dash = ' stroke-dasharray="4 3"' if dashed else ""
        at = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(f'<polyline points="{at}" fill="none" stroke="{color}" stroke-width="{width}"{dash}/>')

    def mark(self, x, y, tool):
        _, color, shape = LOOKS[tool]
        corners = {"square": [(-5, -5), (5, -5), (5, 5), (-5, 5)], "diamond": [(0, -6), (6, 0), (0, 6), (-6, 0)],
                   "triangle": [(0, -6), (6, 5), (-6, 5)], "bar": [(-1.5, -8), (1.5, -8), (1.5, 8), (-1.5, 8)]}
        if shape in corners:
            at = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in corners[shape])
            self.parts.append(f'<polygon points="{at}" fill="{color}"/>')
        else:
            inside = color if shape == "circle" else "#ffffff"
            self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{inside}" stroke="{color}" stroke-width="2"/>')

    def finish(self):
        return "\n".join([*self.parts, "</svg>", ""])


def as_svg(document):
    main = [row for row in document["rows"] if not row["jobs"] and not row["units"]]
    growth = [row for row in document["rows"] if not row["jobs"] and row["units"]]
    top = 64 + ROW * len(main) + 34 if main else 0
    svg = Svg(top + (PANEL + 70 if growth else 0) + MARGIN)
    if main:
        draw_rows(svg, main)
    if growth:
        draw_growth(svg, growth, top)
    return svg.finish()


def draw_rows(svg, rows):
    contenders = [each for row in rows for each in row["contenders"] if each["runs"]]
    times = [median(each["runs"]) for each in contenders]
    scale = logarithmic(min(times), max(times), LABELS + 10, WIDTH - NUMBERS - 10)
    draw_legend(svg, [tool for tool in LOOKS if tool in {each["tool"] for each in contenders}])
    bottom = 64 + ROW * len(rows)
    first, last = math.floor(math.log10(min(times))), math.ceil(math.log10(max(times)))
    for power in range(first, last + 1):
        x = scale(10.0 ** power)
        svg.line([(x, 56), (x, bottom)])
        svg.text(x, bottom + 16, f"{10.0 ** power:g} s", "middle", FAINT)
    svg.text(WIDTH - NUMBERS, 50, "x floor", color=FAINT)
    svg.text(WIDTH - NUMBERS + 62, 50, "times faster than", color=FAINT)
    for number, row in enumerate(rows):
        draw_row(svg, row, 64 + ROW * (number + 0.5), scale)


def draw_row(svg, row, y, scale):
    svg.text(LABELS, y + 4, f"{row['work']}: {row['subject']}"[:44], "end")
    floor, ours = floor_of(row["contenders"]), ours_of(row["contenders"])
    peers = [each for each in row["contenders"] if each["role"] == "peer" and each["runs"]]
    shown = [floor, *peers, ours]
    at = [scale(median(each["runs"])) for each in shown]
    svg.line([(min(at), y), (max(at), y)], LINE, 2)
    for contender, x in zip(shown, at):
        svg.mark(x, y, contender["tool"])
    own = median(ours["runs"])
    svg.text(WIDTH - NUMBERS, y + 4, f"{own / median(floor['runs']):.2f}", bold=True)
    for number, peer in enumerate(peers):
        x = WIDTH - NUMBERS + 62 + number * 64
        svg.mark(x + 6, y, peer["tool"])
        svg.text(x + 18, y + 4, f"{median(peer['runs']) / own:.3g}")


def draw_legend(svg, tools):
    x = MARGIN
    for tool in tools:
        words = LOOKS[tool][0]
        svg.mark(x + 6, 20, tool)
        svg.text(x + 18, 24, words)
        x += 18 + 7 * len(words) + 22


def draw_growth(svg, rows, top):
    works = list(dict.fromkeys(row["work"] for row in rows))
    of_work = {work: sorted((row for row in rows if row["work"] == work), key=lambda row: row["units"]) for work in works}
    y = top + 30
    for number, work in enumerate(works):  # one legend for both panels
        x = MARGIN + 30 + number * 180
        svg.line([(x, y - 4), (x + 22, y - 4)], LINES[number % len(LINES)], 3)
        svg.text(x + 28, y, work.split(" --move")[0])
    half = (WIDTH - 3 * MARGIN) / 2
    for left, title, unit, value, limit in (
            (MARGIN, "Seconds, by what is unpacked", "s", lambda ours: median(ours["runs"]), None),
            (2 * MARGIN + half, "Peak memory, by what is unpacked", "MB", lambda ours: peak(ours["runs"]), WANTED_MEGABYTES)):
        lines = [[(row["unpacked_bytes"] / 1e9, value(ours_of(row["contenders"]))) for row in of_work[work]] for work in works]
        draw_panel(svg, left, top + 44, half, title, unit, lines, limit)


def draw_panel(svg, left, top, width, title, unit, lines, limit):
    x0, x1, y0, y1 = left + 46, left + width - 12, top + PANEL - 24, top + 26
    right = max(x for line in lines for x, _ in line)
    high = max([y for line in lines for _, y in line] + ([limit] if limit else []))
    step = tick(high)
    high = math.ceil(high / step) * step
    at = lambda x, y: (x0 + (x1 - x0) * x / right, y0 + (y1 - y0) * y / high)
    svg.text(x0, top + 12, title, bold=True)
    for number in range(round(high / step) + 1):
        svg.line([at(0, number * step), at(right, number * step)])
        svg.text(x0 - 6, at(0, number * step)[1] + 4, f"{number * step:g} {unit}", "end", FAINT)
    for x in sorted({x for line in lines for x, _ in line if x > right / 5}):
        svg.text(at(x, 0)[0], y0 + 16, f"{x:.2g} GB", "middle", FAINT)
    if limit:
        svg.line([at(0, limit), at(right, limit)], FAINT, 1.5, dashed=True)
        svg.text(x1, at(0, limit)[1] - 5, f"at most {limit} {unit} is wanted", "end", FAINT)
    for number, line in enumerate(lines):
        color = LINES[number % len(LINES)]
        svg.line([at(x, y) for x, y in line], color, 2)
        for x, y in line:
            svg.parts.append('<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>' % (*at(x, y), color))


def logarithmic(low, high, left, right):
    """Seconds to pixels; whole powers of ten at both ends."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    return lambda value: left + (right - left) * (math.log10(value) - first) / max(1, last - first)


def tick(high):
    """A round step that divides what is drawn into 3 to 7."""
    power = 10.0 ** math.floor(math.log10(high))
    return next(step * power for step in (0.2, 0.5, 1.0, 2.0) if high / (step * power) <= 6)
