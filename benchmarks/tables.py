"""Results (a document as `run` makes it) as lines for the terminal and as Markdown."""
import statistics

from machine import in_words
from rows import floor_of, ours_of
from timing import median, peak


def as_lines(row):
    """A row for the terminal, one line a contender: seconds, their span, times the floor, peak memory, processor time."""
    jobs = f", {row['jobs']} jobs" if row["jobs"] else ""
    yield f"{row['work']}: {row['subject']}{jobs}"
    floor = median(floor_of(row["contenders"])["runs"])
    for contender in row["contenders"]:
        name = f"{contender['tool']}: {contender['what']}"
        if contender["failed"]:
            yield f"  {name[:46]:46} failed"
            continue
        middle = median(contender["runs"])
        processor = statistics.median(run["processor_seconds"] for run in contender["runs"])
        yield (f"  {name[:46]:46} {middle:8.2f} s {span(contender['runs']):>15} {middle / floor:7.2f} x "
               f"{peak(contender['runs']):6.0f} MB {processor:8.2f} s")


def as_markdown(document, plot):
    """Head, plot (a file beside the page) and tables."""
    rows = document["rows"]
    main = [row for row in rows if not row["jobs"] and not row["units"]]
    growth = [row for row in rows if not row["jobs"] and row["units"]]
    jobs = [row for row in rows if row["jobs"]]
    wheels = "; ".join(f"{each['label']}: {each['packed_bytes'] / 1e9:.2f} GB, {each['unpacked_bytes'] / 1e9:.2f} GB unpacked"
                       for each in document["subjects"])
    parts = [in_words(document["machine"], document["runs"]) + f" {wheels}.", f"![Seconds, and memory, of each row below]({plot})"]
    if main:
        parts += [main_table(main)]
    if growth:
        parts += ["Wheels of one kind that differ in size (`fixtures/make_growth_wheels.py`): seconds, times the floor, peak memory.",
                  growth_table(growth)]
    if jobs:
        parts += ["With `--jobs`, the floor on as many threads: seconds, times the floor, peak memory.", jobs_table(jobs)]
    return "\n\n".join(parts) + "\n"


def main_table(rows):
    lines = [["work", "wheel", "floor", "spokeshave", "to the floor", "wanted", "memory", "peer", "its time", "spokeshave is", "its memory"]]
    for row in rows:
        floor, ours = floor_of(row["contenders"]), ours_of(row["contenders"])
        own = median(ours["runs"])
        head = [f"`{row['work']}`", row["subject"], f"{median(floor['runs']):.2f} s, {floor['what']}", seconds(ours),
                f"{own / median(floor['runs']):.2f} x", row["wanted"], megabytes(ours)]
        peers = [each for each in row["contenders"] if each["role"] == "peer"]
        for peer in peers:
            name = peer["what"] if peer["tool"] == "chain" else f"{peer['tool']} {peer['what']}"
            if peer["failed"]:
                lines.append([*head, name, "failed", "", ""])
            else:
                lines.append([*head, name, seconds(peer), faster(median(peer["runs"]) / own), megabytes(peer)])
            head = [""] * len(head)
        if not peers:
            lines.append([*head, "", "", "", ""])
    return markdown(lines)


def growth_table(rows):
    works = list(dict.fromkeys(row["work"] for row in rows))
    lines = [["unpacked", *(f"`{work}`" for work in works)]]
    for size in sorted({row["unpacked_bytes"] for row in rows}):
        of_size = {row["work"]: row for row in rows if row["unpacked_bytes"] == size}
        lines.append([f"{size / 1e9:.2f} GB", *(in_short(of_size[work]) if work in of_size else "" for work in works)])
    return markdown(lines)


def jobs_table(rows):
    counts = sorted({row["jobs"] for row in rows})
    lines = [["work", "wheel", *(f"{count} job{'s' * (count > 1)}" for count in counts), "speed-up"]]
    for work, subject in dict.fromkeys((row["work"], row["subject"]) for row in rows):
        of_work = {row["jobs"]: row for row in rows if (row["work"], row["subject"]) == (work, subject)}
        own = [median(ours_of(row["contenders"])["runs"]) for row in of_work.values()]
        lines.append([f"`{work}`", subject, *(in_short(of_work[count]) if count in of_work else "" for count in counts),
                      f"{own[0] / own[-1]:.2f} x"])
    return markdown(lines)


def in_short(row):
    ours = ours_of(row["contenders"])
    return (f"{median(ours['runs']):.2f} s, {median(ours['runs']) / median(floor_of(row['contenders'])['runs']):.2f} x, "
            f"{megabytes(ours)}")


def markdown(lines):
    head, *body = ["| " + " | ".join(cells) + " |" for cells in lines]
    return "\n".join([head, "|---" * len(lines[0]) + "|", *body])


def seconds(contender):
    """`1.23 s (1.20-1.31)`, and a mark at what was run once where others were run more often."""
    runs = contender["runs"]
    if len(runs) == 1 and contender["role"] == "peer":
        return f"{median(runs):.1f} s, once"
    return f"{median(runs):.2f} s" + (f" ({span(runs)})" if len(runs) > 1 else "")


def span(runs):
    values = [run["seconds"] for run in runs]
    return f"{min(values):.2f}-{max(values):.2f}" if len(values) > 1 else ""


def megabytes(contender):
    return f"{peak(contender['runs']):,.0f} MB"


def faster(ratio):
    return f"{ratio:.1f} x faster" if ratio >= 1 else f"{1 / ratio:.1f} x slower"
