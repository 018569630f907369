"""
The small helper library: what a statistical form is, what a report holds, and every figure that follows from it, exactly.

Pure: no file, frame, page or notebook is known here, and it can be used alone. `values` says what a number is, how it is read, added,
divided and rounded once; `form` and `report` are the models that `inputs` fills from files; `figures` computes every cell, share,
rate and change, each with its formula; `rules` says what does not agree, as `findings`; `series` follows a concept over forms and
years, and adds tables up; `errors` is what can go wrong, in words for people.

    >>> from nianbao.indicators import figures, form, report, rules, values

A form with one table, in which a whole is the sum of its parts:

    >>> staff = form.Row(id="staff", label="人员数", name="全部人员", unit="人", children=("staff.full", "staff.part"))
    >>> full = form.Row(id="staff.full", label="专职人员数", unit="人", parent="staff")
    >>> part = form.Row(id="staff.part", label="兼职人员数", unit="人", parent="staff")
    >>> year = form.Column(id="year", label="{year}年")
    >>> table = form.Table(id="table", title="统计表", columns=(year,), rows=(staff, full, part), narrative_column="year")
    >>> added = rules.parse_relation("staff == staff.full + staff.part")
    >>> tiny = form.Form(
    ...     id="tiny",
    ...     tables=(table,),
    ...     rows={row.id: row for row in table.rows},
    ...     units={"人": form.Unit(kind="count")},
    ...     rules=(rules.Comparison(id="T01", severity="error", relation=added),),
    ... )

A report on it, its figures, and what does not agree:

    >>> counts = {"staff": 97, "staff.full": 16, "staff.part": 80}
    >>> cells = {(row, "year"): report.Cell(values.given(count)) for row, count in counts.items()}
    >>> read = report.AnnualReport(form=tiny, year=2024, cells=cells)
    >>> computed = figures.compute(read)
    >>> share = computed["staff.full.year.share"]
    >>> share.label, share.display, share.quantity.exact, share.formula
    ('专职人员数占全部人员的比例（2024年）', '16.49%', '16/97', 'staff.full.year / staff.year')
    >>> [finding.sentence for finding in rules.run(read, computed)][0]
    '2024年：人员数97 ≠ 专职人员数16＋兼职人员数80（合计96），应为“=”，左边多1。若其余各数无误，人员数（2024年）应为96；或专职人员数（2024年）应为17；或兼职人员数（2024年）应为81'
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

Class = TypeVar("Class")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def frozen(kind: type[Class]) -> type[Class]:
    """Make *kind* a class of values, whose fields are given by name and never change: a change is a new value."""
    return dataclass(frozen=True, slots=True, kw_only=True)(kind)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def positional(kind: type[Class]) -> type[Class]:
    """Make *kind* a class of values as `frozen` does, whose fields may be given in order, too."""
    return dataclass(frozen=True, slots=True)(kind)
