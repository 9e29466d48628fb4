"""The page that shows a run: docs/performance.md, between two marks."""
from plot import as_svg
from tables import as_markdown

BEGIN, END = "<!-- benchmarks/run --write-docs writes from here -->\n", "<!-- to here -->\n"


def write_page(page, document):
    """Replaces what stands between the marks; the plot lies beside the page."""
    before, rest = page.read_text().split(BEGIN)
    _, after = rest.split(END)
    plot = page.with_suffix(".svg")
    plot.write_text(as_svg(document))
    page.write_text(before + BEGIN + "\n" + as_markdown(document, plot.name) + "\n" + END + after)
