"""Figures: what is computed from the 2013 table, exactly, and how it is printed."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nianbao.indicators import figures
from nianbao.indicators import values as quantity
from nianbao.indicators.report import Fact
from nianbao.indicators.values import MISSING, NOT_APPLICABLE, Policy, Quantity, State, rounded
from nianbao.inputs import report
from strategies import COUNTS

# The 27 percentages that the report of 2013 printed. The last column is what half up gives where that is something else.
PUBLISHED = [
    ("staff.full_time.share", "14.43", None),
    ("staff.part_time.share", "85.57", None),
    ("disclosed.district.share", "37.15", None),
    ("disclosed.township.share", "62.85", None),
    ("content.normative.share", "12.67", None),
    ("content.plans.share", "15.20", None),
    ("content.funds.share", "16.02", None),
    ("content.organisation.share", "12.67", None),
    ("content.other.share", "43.44", "43.43%"),
    ("content.public_interest.share", "36.64", "36.65%"),
    ("rates.web_posting", "37.54", None),
    ("reading_items.electronic.share", "71.06", None),
    ("reading_items.paper.share", "28.94", None),
    ("web_timely.within.share", "82.22", None),
    ("web_timely.over.share", "17.78", None),
    ("reading_timely.within.share", "84.44", None),
    ("reading_timely.over.share", "15.56", None),
    ("applications.online.share", "19.18", None),
    ("applications.in_person.share", "80.52", None),
    ("applications.other.share", "0.3", None),
    ("rates.reply", "100", None),
    ("replies.granted.share", "79.78", None),
    ("replies.partial.share", "0.3", None),
    ("replies.refused.share", "19.92", "19.93%"),
    ("replies.refused.absent.share", "52.98", "52.99%"),
    ("replies.refused.secret.share", "0.3", "0.37%"),
    ("replies.refused.other.share", "46.72", "46.64%"),
]
AGREE = [(name, printed) for name, printed, computed in PUBLISHED if computed is None]
DIFFER = [(name, printed, computed) for name, printed, computed in PUBLISHED if computed]


def changed(read, cells):
    """Return the report *read* with other values in *cells*, named as figures are."""
    changes = {
        tuple(name.rsplit(".", 1)): each if isinstance(each, Quantity) else quantity.given(each) for name, each in cells.items()
    }
    return replace(read, cells=read.cells | {key: replace(read.cells[key], quantity=each) for key, each in changes.items()})


def with_rounding(params, forms, rounding):
    """Load the folder *params* with the lines *rounding* in its report.yaml."""
    path = params / "report.yaml"
    path.write_text(path.read_text("utf-8") + f"\nrounding: {rounding}\n", "utf-8")
    return figures.compute(report.load(params, forms))


@st.composite
def consistent(draw, form):
    """Cells of a year in which every whole is the sum of its parts."""
    values = {}

    def fill(row):
        for child in form.rows[row].children:
            fill(child)
        parts = form.parts(row)
        values[row] = sum(values[part] for part in parts) if parts else draw(COUNTS)

    for row in form.rows.values():
        if row.parent is None:
            fill(row.id)
    return {f"{row}.year": value for row, value in values.items() if form.rows[row].printed}


@pytest.fixture(scope="module")
def computed(longtan):
    return figures.compute(longtan)


def test_the_report_of_2013_published_27_percentages(longtan):
    assert [(each.figure, each.text) for each in longtan.published] == [(name, printed) for name, printed, _ in PUBLISHED]
    assert (len(AGREE), len(DIFFER)) == (21, 6)


@pytest.mark.parametrize(("name", "printed"), AGREE)
def test_half_up_gives_the_published_percentage_at_its_own_precision(longtan, computed, name, printed):
    exact = computed[figures.named(longtan, name)].quantity.fraction
    assert rounded(exact * 100, len(printed.partition(".")[2]), "half-up") == Decimal(printed)


@pytest.mark.parametrize(("name", "printed", "display"), DIFFER)
def test_half_up_gives_another_percentage_than_the_published_one(longtan, computed, name, printed, display):
    figure = computed[figures.named(longtan, name)]
    assert figure.display == figure.number == display
    assert rounded(figure.quantity.fraction * 100, len(printed.partition(".")[2]), "half-up") != Decimal(printed)


@pytest.mark.parametrize(
    ("figure", "exact", "display"),
    [
        ("disclosed.district.year.share", "953/2565", "37.15%"),
        ("disclosed.district.cumulative.share", "255/4871", "5.24%"),
        ("disclosed.township.cumulative.share", "3282/4871", "67.38%"),
        ("replies.refused.secret.cumulative.share", "1/536", "0.19%"),
        ("applications.letter.year.share", "0", "0.00%"),
        ("rates.reply.year", "1", "100.00%"),
        ("rates.reply.cumulative", "1", "100.00%"),
        ("rates.web_posting.cumulative", "3218/14613", "22.02%"),
        ("rates.web_on_time.year", "37/45", "82.22%"),
    ],
)
def test_shares_and_rates_are_exact_in_both_columns(computed, figure, exact, display):
    assert (computed[figure].quantity.exact, computed[figure].display) == (exact, display)


def test_a_share_names_its_numerator_and_its_denominator(computed):
    share = computed["disclosed.district.year.share"]
    assert share.inputs == ("disclosed.district.year", "disclosed.year")
    assert share.formula == "disclosed.district.year / disclosed.year"
    assert (share.kind, share.unit) == ("share", "%")


@pytest.mark.parametrize(
    ("figure", "total", "inputs"),
    [
        ("web_timely.year", 1170, ("web_timely.within.year", "web_timely.over.year")),
        ("reading_timely.year", 1170, ("reading_timely.within.year", "reading_timely.over.year")),
        ("web_timely.cumulative", 11927, ("web_timely.within.cumulative", "web_timely.over.cumulative")),
        ("reading_timely.cumulative", 11927, ("reading_timely.within.cumulative", "reading_timely.over.cumulative")),
    ],
)
def test_a_row_that_the_table_does_not_print_is_the_sum_of_its_parts(computed, figure, total, inputs):
    assert (computed[figure].kind, computed[figure].quantity.value, computed[figure].number) == ("sum", total, str(total))
    assert computed[figure].inputs == inputs
    assert computed[figure].formula == " + ".join(inputs)


def test_a_cell_names_its_place_in_the_file(computed):
    cell = computed["disclosed.district.cumulative"]
    assert (cell.kind, cell.number, cell.display, cell.unit) == ("cell", "765", "765条", "条")
    assert cell.source == "params/longtan/2013/statistics.csv 第8行 E8"


def test_a_missing_part_makes_a_sum_that_is_not_printed_missing(longtan):
    read = figures.compute(changed(longtan, {"web_timely.over.year": MISSING}))
    assert (read["web_timely.year"].quantity, read["web_timely.year"].display) == (MISSING, "缺数")


@pytest.mark.parametrize(
    ("cells", "figure", "state", "number", "display"),
    [
        ({}, "reviews.accepted.year.share", State.UNDEFINED, "无定义", "无定义"),
        ({"applications.year": 0}, "rates.reply.year", State.UNDEFINED, "无定义", "无定义"),
        ({"applications.year": 0}, "applications.letter.year.share", State.UNDEFINED, "无定义", "无定义"),
        ({"staff.year": 0, "staff.full_time.year": 0}, "staff.full_time.year.share", State.UNDEFINED, "无定义", "无定义"),
        ({"staff.year": MISSING}, "staff.full_time.year.share", State.MISSING, "缺数", "缺数"),
        ({"staff.full_time.year": MISSING}, "staff.full_time.year.share", State.MISSING, "缺数", "缺数"),
        ({"staff.full_time.year": MISSING}, "staff.full_time.year", State.MISSING, "缺数", "缺数"),
        ({"replies.year": MISSING, "applications.year": 0}, "rates.reply.year", State.MISSING, "缺数", "缺数"),
        ({}, "staff.full_time.cumulative.share", State.NOT_APPLICABLE, "-", "不适用"),
        ({}, "staff.cumulative", State.NOT_APPLICABLE, "-", "不适用"),
        ({"replies.year": NOT_APPLICABLE}, "rates.reply.year", State.NOT_APPLICABLE, "-", "不适用"),
    ],
)
def test_what_has_no_value_says_why_and_is_never_zero(longtan, cells, figure, state, number, display):
    read = figures.compute(changed(longtan, cells))[figure]
    assert (read.quantity.state, read.quantity.value, read.quantity.exact) == (state, None, None)
    assert (read.number, read.display) == (number, display)


@pytest.mark.parametrize(
    ("fact", "exact", "display"),
    [
        ("site_visits", "7890000", "789万余次"),
        ("satisfaction", "99", "99%以上"),
        ("archive_visits", "3000", "3000余人次"),
        ("archive_items", "3400", "3400余件次"),
        ("departments", "36", "36个"),
        ("reading_room_area", "20", "20平方米"),
        ("appraisal_quota", "17", "17%"),
        ("pennants", None, "几十面"),
        ("past_reports", None, "2008年至2012年"),
    ],
)
def test_a_fact_is_printed_as_declared_and_knows_its_exact_value(computed, fact, exact, display):
    figure = computed[f"facts.{fact}"]
    assert (figure.kind, figure.quantity.exact, figure.display) == ("fact", exact, display)


@pytest.mark.parametrize(
    ("fact", "exact", "display"),
    [
        ({"value": Decimal("1.50"), "scale": "亿", "approx": "近", "unit": "元"}, "150000000.00", "近1.50亿元"),
        ({"value": 20, "approx": "约", "unit": "平方米"}, "20", "约20平方米"),
        ({"value": 30, "approx": "左右", "unit": "人"}, "30", "30人左右"),
        ({"value": 7, "approx": "多", "scale": "万", "unit": "次"}, "70000", "7万多次"),
        ({"value": 0, "unit": "次"}, "0", "0次"),
        ({"text": "-"}, None, "不适用"),
    ],
)
def test_the_word_of_an_approximate_fact_stands_where_it_belongs(longtan, fact, exact, display):
    declared = replace(longtan, facts={"x": Fact(label="甲", source="table", **fact)})
    figure = figures.compute(declared)["facts.x"]
    assert (figure.quantity.exact, figure.display) == (exact, display)


def test_a_fact_names_its_source_and_the_place_in_it(computed, longtan):
    assert computed["facts.sub_sites"].source == longtan.sources["published"] + " 一（二）4"


def test_values_of_thirty_digits_lose_none(longtan):
    large, small = 10**30 - 1, 333333333333333333333333333333
    read = figures.compute(changed(longtan, {"disclosed.year": large, "disclosed.district.year": small}))
    assert read["disclosed.year"].display == "999999999999999999999999999999条"
    assert read["disclosed.district.year.share"].quantity.value == Fraction(small, large) == Fraction(1, 3)
    assert read["disclosed.district.year.share"].display == "33.33%"


def test_a_share_just_below_a_half_is_not_rounded_up(longtan):
    read = figures.compute(changed(longtan, {"disclosed.year": 10**29, "disclosed.district.year": 12345 * 10**24 - 1}))
    assert read["disclosed.district.year.share"].display == "12.34%"


@pytest.mark.parametrize(("amount", "number"), [("0", "0"), ("1.50", "1.50"), ("12.00", "12.00"), ("100", "100")])
def test_an_amount_is_printed_with_the_zeros_it_was_typed_with(longtan, amount, number):
    read = figures.compute(changed(longtan, {"fees.year": Decimal(amount)}))["fees.year"]
    assert (read.number, read.display) == (number, f"{number}元")


@pytest.mark.parametrize(
    ("zeros", "displays"),
    [
        ("keep", {"content.plans.year.share": "15.20%", "applications.other.year.share": "0.30%", "rates.reply.year": "100.00%"}),
        ("strip", {"content.plans.year.share": "15.2%", "applications.other.year.share": "0.3%", "rates.reply.year": "100%"}),
    ],
)
def test_trailing_zeros_are_kept_or_dropped_as_the_policy_says(longtan, zeros, displays):
    read = figures.compute(replace(longtan, policy=Policy(zeros=zeros)))
    assert {key: read[key].display for key in displays} == displays


def test_stripping_zeros_takes_none_from_a_whole_percentage(longtan):
    read = figures.compute(replace(longtan, policy=Policy(places=0, zeros="strip")))
    assert (read["rates.reply.year"].display, read["applications.letter.year.share"].display) == ("100%", "0%")


@pytest.mark.parametrize(
    ("rounding", "figure", "display"),
    [
        ("{places: 1}", "staff.full_time.year.share", "14.4%"),
        ("{places: 1}", "staff.part_time.year.share", "85.6%"),
        ("{places: 3}", "content.public_interest.year.share", "36.647%"),
        ("{method: truncate}", "content.public_interest.year.share", "36.64%"),
        ("{method: truncate}", "replies.refused.absent.year.share", "52.98%"),
        ("{places: 1, method: truncate}", "replies.refused.secret.year.share", "0.3%"),
        ("{places: 1, method: truncate}", "staff.part_time.year.share", "85.5%"),
        ("{zeros: strip}", "rates.reply.year", "100%"),
    ],
)
def test_report_yaml_says_how_percentages_are_printed(params, forms, rounding, figure, display):
    assert with_rounding(params, forms, rounding)[figure].display == display


def test_parts_named_in_sum_to_100_add_up_to_exactly_100_and_say_so(params, forms):
    read = with_rounding(params, forms, "{places: 1, zeros: strip, method: truncate, sum_to_100: [staff]}")
    parts = [read["staff.full_time.year.share"], read["staff.part_time.year.share"]]
    assert [part.display for part in parts] == ["14.4%", "85.6%"]
    assert sum(Decimal(part.number.removesuffix("%")) for part in parts) == 100
    assert [part.note for part in parts] == ["最大余数法"] * 2
    assert parts[1].quantity.exact == "83/97"


def test_other_shares_are_not_adjusted_with_them(params, forms):
    read = with_rounding(params, forms, "{places: 1, zeros: strip, method: truncate, sum_to_100: [staff]}")
    assert (read["disclosed.district.year.share"].display, read["disclosed.district.year.share"].note) == ("37.1%", "")
    assert {each.id for each in read if each.note} == {"staff.full_time.year.share", "staff.part_time.year.share"}


def test_parts_that_do_not_add_up_are_not_made_to(longtan):
    read = figures.compute(replace(longtan, policy=Policy(sum_to_100=("disclosed",))))
    assert read["disclosed.district.cumulative.share"].note == ""
    assert read["disclosed.district.year.share"].note == "最大余数法"


@pytest.mark.parametrize(
    ("name", "figure"),
    [
        ("disclosed.district", "disclosed.district.year"),
        ("disclosed.district.share", "disclosed.district.year.share"),
        ("reading_points.electronic.share", "reading_points.electronic.cumulative.share"),
        ("rates.reply", "rates.reply.year"),
        ("rates.nothing", None),
        ("nothing", None),
        ("nothing.share", None),
    ],
)
def test_a_name_without_a_column_means_the_narrative_column(longtan, name, figure):
    assert figures.named(longtan, name) == figure


@pytest.mark.parametrize("name", ["staff.share", "web_timely.share", "litigation.share"])
def test_a_row_that_is_no_part_has_no_share_to_name(longtan, name):
    assert figures.named(longtan, name) is None


def test_every_input_of_a_figure_is_a_figure(computed):
    assert {key for figure in computed for key in figure.inputs if key not in computed} == set()


def test_every_figure_is_listed_once(computed):
    assert len({figure.id for figure in computed}) == len(list(computed)) == len(computed)


# Fixtures stay out of the arguments that Hypothesis draws: a failure would print all of them.
def test_shares_of_a_consistent_whole_add_up_to_exactly_one(longtan):
    form = longtan.form

    @settings(max_examples=25)
    @given(cells=consistent(form))
    def check(cells):
        read = figures.compute(changed(longtan, cells))
        for row in form.rows:
            shares = [read[f"{part}.year.share"].quantity for part in form.parts(row)]
            if shares and not read[f"{row}.year"].quantity.is_zero:
                assert sum(share.fraction for share in shares) == 1

    check()


def test_consistent_parts_can_always_be_made_to_add_up_to_100(longtan):
    form = longtan.form
    wholes = tuple(row for row in form.rows if form.parts(row))

    @settings(max_examples=25)
    @given(cells=consistent(form), places=st.integers(0, 4))
    def check(cells, places):
        policy = Policy(places=places, sum_to_100=wholes)
        read = figures.compute(replace(changed(longtan, cells), policy=policy))
        for row in wholes:
            if not read[f"{row}.year"].quantity.is_zero:
                assert sum(Decimal(read[f"{part}.year.share"].number.removesuffix("%")) for part in form.parts(row)) == 100

    check()


def test_scaling_every_cell_leaves_shares_and_rates_unchanged(longtan):
    keys = [f"{row.id}.{column.id}" for _, row, column in longtan.form.cells()]

    @settings(max_examples=25)
    @given(factor=st.integers(2, 10**15), counts=st.lists(COUNTS, min_size=len(keys), max_size=len(keys)))
    def check(factor, counts):
        before = figures.compute(changed(longtan, dict(zip(keys, counts, strict=True))))
        after = figures.compute(changed(longtan, {key: value * factor for key, value in zip(keys, counts, strict=True)}))
        ratios = [figure.id for figure in before if figure.kind in {"share", "rate"}]
        assert [after[key] for key in ratios] == [before[key] for key in ratios]

    check()
