"""A table of figures in pandas: what keeps the trace of a cell, and what loses it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from nianbao.document.calculation import Traced
from nianbao.document.document import Document
from nianbao.inputs.report import load

PARAMS = Path(__file__).parents[2] / "params"
TEXTS = ["指标", "单位"]


@pytest.fixture(scope="module")
def report(forms):
    return Document(load(PARAMS / "specimen" / "2025", forms))


@pytest.fixture(scope="module")
def frame(report):
    """The table of requests as numbers alone."""
    return report.frame("requests").drop(columns=TEXTS).filter(regex="^(?!.*占比)")


@pytest.fixture(scope="module")
def long(frame):
    return frame.reset_index().melt(id_vars="id", var_name="申请人", value_name="件数")


def cells(found):
    """Return every value of a frame or series, in order."""
    columns = [found] if isinstance(found, pd.Series) else [found.iloc[:, place] for place in range(found.shape[1])]
    return [each for column in columns for each in column]


def ids(found):
    return [each.figure.id for each in cells(found)]


KEEP = {
    "selected": lambda df: df[df["自然人"] > 3],
    "by label": lambda df: df.loc[["received"], ["自然人", "总计"]],
    "a row": lambda df: df.loc["received"],
    "turned": lambda df: df.T,
    "sorted": lambda df: df.sort_values("自然人", ascending=False),
    "renamed": lambda df: df.rename(columns={"自然人": "公民"}, index={"received": "新收"}),
    "joined": lambda df: pd.concat([df, df]),
    "joined beside": lambda df: pd.concat([df, df.add_suffix("二")], axis=1),
    "merged": lambda df: df.merge(df, left_index=True, right_index=True),
    "long and wide": lambda df: df.reset_index().melt(id_vars="id").pivot(index="id", columns="variable", values="value"),
    "stacked": lambda df: df.stack().unstack(),
    "largest": lambda df: df["总计"].nlargest(3),
    "sampled": lambda df: df.sample(5, random_state=1),
    "filled forwards": lambda df: df.ffill(),
    "as objects": lambda df: df.astype(object),
    "copied": lambda df: df.copy(),
    "the largest of each": lambda df: df.max(),
    "mixed with texts": lambda df: df.assign(说明="甲").drop(columns="说明"),
}


@pytest.mark.parametrize("name", KEEP)
def test_cells_stay_figures_when_they_are(frame, report, name):
    found = cells(KEEP[name](frame))
    assert {type(each) for each in found} == {Traced}
    assert all(each.figure == report.figures[each.figure.id] for each in found)


CALCULATED = {
    "a column added": lambda df: df["自然人"] + df["商业企业"],
    "a column taken away": lambda df: df["总计"] - df["自然人"],
    "shares of a column": lambda df: df.div(df["总计"], axis=0),
    "shares of a cell": lambda df: df["总计"] / df.loc["received", "总计"],
    "sums down": lambda df: df.sum(),
    "sums across": lambda df: df.drop(columns="总计").sum(axis=1),
    "running sums": lambda df: df["自然人"].cumsum().iloc[1:],
    "differences": lambda df: df["自然人"].diff().iloc[1:],
    "growth": lambda df: df["自然人"].pct_change().iloc[1:],
    "row by row": lambda df: df.apply(lambda row: row["自然人"] / row["总计"], axis=1),
}


@pytest.mark.parametrize("name", CALCULATED)
def test_sums_differences_and_shares_are_figures_with_inputs(frame, report, name):
    for each in cells(CALCULATED[name](frame)):
        assert each.figure.kind == "calculated"
        assert report.figure(each.figure.id) == each.figure
        assert set(each.figure.inputs) <= {figure.id for figure in report.figures}


GROUPED = {
    "grouped": lambda df: df.groupby("申请人")["件数"].sum(),
    "grouped by a function": lambda df: df.groupby("申请人")["件数"].agg(lambda part: part.sum()),
    "a pivot table": lambda df: df.pivot_table(index="申请人", values="件数", aggfunc="sum"),
    "a crosstab": lambda df: pd.crosstab(df["申请人"], "件", values=df["件数"], aggfunc="sum"),
}


@pytest.mark.parametrize("name", GROUPED)
def test_sums_of_groups_are_figures(long, name):
    found = cells(GROUPED[name](long))
    assert {each.figure.kind for each in found} == {"calculated"}


def test_a_pivot_table_of_single_cells_keeps_them(long, frame):
    found = long.pivot_table(index="id", columns="申请人", values="件数")
    assert set(ids(found)) == set(ids(frame))


ATTACKS = {
    "as floats": lambda df: df.astype(float),
    "as floats and back": lambda df: df.astype(float).astype(object),
    "as nullable integers": lambda df: df.astype("Int64"),
    "through numpy": lambda df: pd.DataFrame({name: np.asarray(df[name]) for name in df}),
    "through a function of numpy": lambda df: np.sqrt(df["自然人"]),
    "through a column of numpy": lambda df: pd.Series(df["自然人"].to_numpy()),
    "times two": lambda df: df * 2,
    "times one": lambda df: df * 1,
    "a half": lambda df: df / 2,
    "means": lambda df: df.mean(),
    "rounded": lambda df: (df / 3).round(2),
    "ranked": lambda df: df.rank(),
    "rolling": lambda df: df["自然人"].rolling(2).sum(),
    "as texts": lambda df: df.astype(str),
    "counted by value": lambda df: pd.Series(df["自然人"].value_counts().index),
    "equal values typed": lambda df: pd.Series([int(each) for each in df["自然人"]], index=df.index),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_nothing_is_a_figure_by_its_value(frame, name):
    assert not [each for each in cells(ATTACKS[name](frame)) if isinstance(each, Traced)]


def test_what_is_filled_in_is_no_figure_and_what_stood_there_stays_one(frame):
    wider = frame.reindex([*frame.index, "nobody"])
    found = wider.fillna(0)
    assert not any(isinstance(each, Traced) for each in found.loc["nobody"])
    assert ids(found.drop("nobody")) == ids(frame)


def test_what_is_replaced_is_no_figure_and_what_is_equal_elsewhere_stays_its_own(frame):
    found = frame.replace(0, 7)
    for before, after in zip(cells(frame), cells(found), strict=True):
        assert (after.figure.id == before.figure.id) if isinstance(after, Traced) else (before == 0)


def test_columns_called_alike_keep_their_own_cells(frame):
    found = pd.concat([frame["自然人"], frame["商业企业"]], axis=1)
    found.columns = ["数", "数"]
    assert [each.figure.id.rpartition(".")[2] for each in found.loc["received"]] == ["natural", "business"]


def test_a_text_does_not_enter_a_column_of_figures(frame):
    found = frame.copy()
    with pytest.raises(TypeError, match="这一列是数，不能填进“很多”"):
        found.loc["received", "自然人"] = "很多"


def test_a_sum_over_a_cell_that_was_not_reported_has_no_value(longtan):
    found = Document(longtan).frame("statistics")["累计数"].sum()
    # 公开条数与人数不是一种单位，加不成一个数。
    assert not isinstance(found, Traced)


def test_a_report_s_frame_plots_as_numbers_do(frame):
    assert len(frame["总计"].plot.bar(ax=Figure().subplots()).patches) == len(frame)


def test_columns_whose_headings_are_alike_are_called_by_those_above_them_too(report):
    columns = list(report.frame("disputes").columns)
    assert len(set(columns)) == len(columns)


STEPS = [
    lambda df: df.sort_values(df.columns[0], ascending=False),
    lambda df: df.iloc[::-1],
    lambda df: df[df[df.columns[-1]] >= 0],
    lambda df: df.T,
    lambda df: pd.concat([df, df.iloc[:1]]),
    lambda df: df.rename(columns=str).rename(index=str),
    lambda df: df.iloc[:, ::-1],
    lambda df: df.reset_index(drop=True),
    lambda df: df.astype(object),
    lambda df: df.stack().unstack() if df.index.is_unique and df.columns.is_unique else df,
    lambda df: df.shift().iloc[1:] if len(df) > 1 else df,
]


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(st.sampled_from(STEPS), max_size=6))
def test_whatever_is_moved_a_cell_shows_the_value_of_its_own_figure(frame, report, steps):
    found = frame.iloc[:6, :4]
    for step in steps:
        found = step(found)
    for each in cells(found):
        assert each.quantity == report.figures[each.figure.id].quantity
