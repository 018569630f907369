"""What was measured, as a page with a table of ratios, and as a chart of what a report costs among many."""

from __future__ import annotations

import io
from statistics import median
from typing import Any

from environments import FULL, LEAN
from fleet import JOBS
from matplotlib import rc_context, rcdefaults, rcParams
from matplotlib.figure import Figure

_ONE = (
    ("Cold, from the shell: notebook, HTML, PDF, Word, Excel, data", "cold", 0.40),
    ("`nianbao report`, nothing changed", "unchanged", 0.03),
    ("`nianbao check`", "check", 0.10),
    ("One sentence saved: the new page in a preview", "edited", 0.15),
)
_LEAST_BATCH, _MOST_TENTH, _MOST_PARENT, _MOST_NOTHING = 8.0, 1.1, 1.05, 5.0


def page(found: dict[str, Any]) -> str:
    """Return the page."""
    one, many, long = found["one"]["seconds"], found["many"]["seconds"], found["long"]
    lines = [
        "# What a report costs, against papermill and nbconvert",
        "",
        "<!-- Written by `make bench`; samples are in results.json. -->",
        "",
        _setting(found),
        "",
        _row("One report, × the time of the baseline", "lean baseline", "with JupyterLab", "target", ""),
        "|---|---|---|---|---|",
    ]
    for words, name, target in _ONE:
        ratios = [median(one[name]) / median(one[base]) for base in (LEAN, FULL)]
        lines.append(_row(words, *(f"{each:.3f}" for each in ratios), f"≤ {target:.2f}", _verdict(ratios[0], target)))
    speed = [median(many[base]) / median(many["batch"]) for base in (LEAN, FULL)]
    tenths, grown = long["last_tenth_to_first"], long["parent_bytes_last_tenth"] / long["parent_bytes_first_tenth"]
    nothing, reports = median(found["nothing_to_do"]), long["reports"]
    compared = f"{nothing:.1f} s, {nothing / median(many[LEAN]):.2f} × one report of the baseline"
    lines += [
        "",
        _row(f"Many reports, HTML and PDF, {JOBS} at a time", "lean baseline", "with JupyterLab", "target", ""),
        "|---|---|---|---|---|",
        _row(
            "Reports a minute, × the loop of the baseline, which makes HTML alone",
            *(f"{each:.1f}" for each in speed),
            f"≥ {_LEAST_BATCH:.0f}",
            _verdict(_LEAST_BATCH, speed[0]),
        ),
        "",
        _row(f"{reports} reports in one batch", "measured", "target", ""),
        "|---|---|---|---|",
        _row("Processor time of a report, last tenth to first", f"{tenths:.3f}", f"≤ {_MOST_TENTH}", _verdict(tenths, _MOST_TENTH)),
        _row(
            "Memory of the parent, last tenth to first", f"{grown:.3f}", f"flat (≤ {_MOST_PARENT})", _verdict(grown, _MOST_PARENT)
        ),
        _row("The same batch again, nothing to do", compared, f"≤ {_MOST_NOTHING:.0f} s", _verdict(nothing, _MOST_NOTHING)),
        "",
        f"![{_described(found)}](cost.svg)",
        "",
    ]
    return "\n".join(lines)


def chart(found: dict[str, Any]) -> str:
    """Return the chart as SVG: what a report costs in a batch of so many, the baseline's loop being 1."""
    points = _points(found)
    with rc_context():
        rcdefaults()
        rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "nianbao"})
        figure = Figure(figsize=(7, 3.6), layout="constrained")
        axes = figure.add_subplot()
        axes.axhline(1, color="#404040", linestyle="--", linewidth=1)
        axes.text(points[0][0], 1.02, "papermill and nbconvert in a loop: HTML", fontsize=9, va="bottom")
        sizes = [size for size, _clock, _processor in points]
        for at, name, style in ((1, "by the clock", "o-"), (2, "processor", "s:")):
            axes.plot(sizes, [point[at] for point in points], style, color="#1f4e79", label=f"nianbao batch, {name}")
        axes.set(xscale="log", ylim=(0, 1.12), xlabel="reports in the batch", ylabel="cost of a report, loop = 1")
        axes.set_xticks(sizes, [str(size) for size in sizes])
        axes.minorticks_off()
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, fontsize=9)
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _points(found: dict[str, Any]) -> list[tuple[int, float, float]]:
    """Return (reports, by the clock, processor), the loop of the lean baseline being 1."""
    clock, processor = (median(found["many"][kind][LEAN]) for kind in ("seconds", "processor_seconds"))
    rows = [(each["reports"], each["seconds"], each["processor_seconds"]) for each in found["growth"]]
    long = found["long"]
    # Its parent is not in what its reports cost; in a thousand it does not show.
    rows.append((long["reports"], long["seconds"] / long["reports"], long["processor_seconds_of_a_report"]))
    return [(size, seconds / clock, used / processor) for size, seconds, used in rows]


def _described(found: dict[str, Any]) -> str:
    told = "; ".join(f"{size}: {clock:.2f} by the clock, {processor:.2f} of processor" for size, clock, processor in _points(found))
    return f"Cost of a report in a batch of so many, × the loop of the baseline. {told}."


def _setting(found: dict[str, Any]) -> str:
    machine = found["machine"]
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    return (
        f"Medians of {found['rounds']} rounds, all ways in turn in one run; {machine['processors']} processors, {machine['platform']}, "
        f"Python {machine['python']}; {packages}. The baseline is `papermill` and `jupyter nbconvert --to html` as command lines, on the "
        "same notebook, from an environment of its own: lean, or with JupyterLab, which `pip install jupyter` brings and which makes "
        "`import nbformat` build a grammar. It makes no PDF. Seconds differ from machine to machine; the ratios matter."
    )


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _verdict(less: float, more: float) -> str:
    return "met" if less <= more else "**missed**"
