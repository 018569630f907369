"""
Numbers to calculate with: figures that stay figures when they are added, subtracted and divided.

A `Traced` is a figure in the hand of an analyst. With another of the same report, or of the report of the year before, it gives one
whose figure has formula and inputs; with any other number it gives a plain number, of which nobody can say where it came from. The
name of a calculated figure is its formula, so whoever has the name and the report can compute it again (`calculated`).
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from nianbao.indicators import figures as fig
from nianbao.indicators import frozen
from nianbao.indicators.figures import LAST, POINTS, Figure
from nianbao.indicators.values import State, rounded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nianbao.indicators.report import AnnualReport
    from nianbao.indicators.values import Policy, Quantity


KIND = "calculated"
# A sum of more terms is no figure: nobody could follow it.
MOST_TERMS = 300
_PERCENT = "%"
# A label that names every term is read by nobody from here on.
_NAMED = 3
_TWO_YEARS = 2
_SIGNS = {"+": 1, "-": -1}
# The name of a calculated figure is its formula. One that comes from outside may not be longer, nor nested deeper.
_WORDS = re.compile(r"[()+/-]|[^()+/\s-]+")
_LONGEST, _DEEPEST, _QUOTED = 40_000, 40, 80


@frozen
class Owner:
    """
    Whose figures are calculated with.

    Args:
        name: `unit/year`; `last` that of the report of the year before, empty where there is none.
    """

    name: str
    year: int
    last: str
    policy: Policy


def owner(report: AnnualReport) -> Owner:
    """Return *report* as the owner of its figures."""
    before = report.last_year
    last = f"{before.unit}/{before.year}" if before else ""
    return Owner(name=f"{report.unit}/{report.year}", year=report.year, last=last, policy=report.policy)


def calculated(figure_id: str, look_up: Callable[[str], Figure], of: Owner) -> Figure:
    """
    Return the calculated figure called *figure_id*, computed again from the figures that its name consists of.

    Args:
        look_up: returns a figure of the report by its id.

    Raises:
        KeyError: where *look_up* knows no such figure.
        ValueError: where the name is none that a calculation gives.
    """
    words = _WORDS.findall(figure_id)
    if len(figure_id) > _LONGEST or words.count("(") > _DEEPEST or "".join(words) != figure_id:
        raise ValueError(figure_id[:_QUOTED])
    words.reverse()
    found = _read_sum(words, lambda name: Traced(look_up(name), of))
    if words or not found.made or found.figure.id != figure_id:
        raise ValueError(figure_id[:_QUOTED])
    return found.figure


def _read_sum(words: list[str], leaf: Callable[[str], Traced]) -> Traced:
    """Take a sum off the end of *words*, which stand last first."""
    terms = [(1, _read_quotient(words, leaf))]
    while words and words[-1] in _SIGNS:
        sign = _SIGNS[words.pop()]
        terms.append((sign, _read_quotient(words, leaf)))
    found = total(terms)
    if found is None:
        raise ValueError(terms)
    return found


def _read_quotient(words: list[str], leaf: Callable[[str], Traced]) -> Traced:
    over = _read_one(words, leaf)
    if not words or words[-1] != "/":
        return over
    words.pop()
    return divided(over, _read_one(words, leaf))


def _read_one(words: list[str], leaf: Callable[[str], Traced]) -> Traced:
    word = words.pop() if words else ""
    if word != "(":
        return leaf(word)
    found = _read_sum(words, leaf)
    if not words or words.pop() != ")":
        raise ValueError(word)
    return found


def _unit(terms: Sequence[tuple[int, Figure]]) -> str | None:
    """Return the unit of a sum; percentages of which as many are taken away as added leave points. None where units differ."""
    units = {figure.unit for _sign, figure in terms}
    if units <= {_PERCENT, POINTS}:
        return _PERCENT if sum(sign for sign, figure in terms if figure.unit == _PERCENT) else POINTS
    return units.pop() if len(units) == 1 else None


def _sum_label(terms: Sequence[tuple[int, Figure]]) -> str:
    if len(terms) > _NAMED:
        return f"{terms[0][1].label}等{len(terms)}项之和"
    return "".join(f"{'＋' if sign > 0 else '－'}{figure.label}" for sign, figure in terms).removeprefix("＋")


def _printed(figure: Figure, policy: Policy) -> Figure:
    """Return *figure* as its unit is printed: rounded, once."""
    if figure.quantity.state is not State.GIVEN:
        return figure
    value = figure.quantity.fraction
    if figure.unit == _PERCENT:
        shown = policy.percent(value)
        return replace(figure, number=shown, display=shown)
    times = 100 if figure.unit == POINTS else 1
    number = policy.printed(rounded(value * times, policy.places, policy.method))
    return replace(figure, number=number, display=number + figure.unit)


def _named(figure: Figure, formula: str, operands: Sequence[Traced]) -> Figure:
    """Return *figure* under the name that its formula gives it, with the figures of the report that it names."""
    inputs = dict.fromkeys(name for each in operands for name in (each.figure.inputs if each.made else (each.figure.id,)))
    return replace(figure, id=formula.replace(" ", ""), formula=formula, inputs=tuple(inputs))


def last_name(figure_id: str) -> str:
    """Return the name that a figure of the year before, a calculated one too, has in the report of the year after."""
    return "".join(word if word in _SIGNS or word in "()/" else LAST + word for word in _WORDS.findall(figure_id))


def of_last_year(figure: Figure, year: int) -> Figure:
    """Return *figure*, of the report for *year*, under the name that it has in the report of the year after."""
    inputs = tuple(LAST + each for each in figure.inputs)
    known = set(figure.inputs)
    formula = " ".join(LAST + word if word in known else word for word in figure.formula.split(" "))
    return replace(figure, id=LAST + figure.id, label=f"{year}年报告的{figure.label}", inputs=inputs, formula=formula)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Traced:
    """
    A figure to calculate with.

    Args:
        made: what it was calculated from, each with `+`, `-` or, of two that were divided, `/`; empty where it is the report's own.
    """

    figure: Figure
    of: Owner
    made: tuple[tuple[str, Traced], ...] = ()

    @property
    def quantity(self) -> Quantity:
        """The value, or why there is none."""
        return self.figure.quantity

    @property
    def is_given(self) -> bool:
        """Whether there is a number."""
        return self.quantity.state is State.GIVEN

    @property
    def is_sum(self) -> bool:
        """Whether it was calculated by adding and subtracting."""
        return bool(self.made) and self.made[0][0] != "/"

    @property
    def is_quotient(self) -> bool:
        """Whether it was calculated by dividing."""
        return bool(self.made) and self.made[0][0] == "/"

    @property
    def number(self) -> int | Decimal | Fraction | None:
        """The exact number alone, without its trace."""
        return self.quantity.value

    def __repr__(self) -> str:
        return self.figure.number

    def __str__(self) -> str:
        """Return what a table prints, as a text that tells wherever it is put which figure it is: in a chart, or in Markdown."""
        return fig.carrying(self.figure, bare=True, of=self.of.name)

    def __format__(self, spec: str) -> str:
        return format(least(plain(self)), spec) if spec else str(self)

    def __float__(self) -> float:
        return float(self.quantity.fraction) if self.is_given else float("nan")

    def __int__(self) -> int:
        return int(self.quantity.fraction)

    def __bool__(self) -> bool:
        return not self.is_given or self.number != 0

    def __round__(self, places: int | None = None) -> Any:
        return least(round(plain(self), places))

    def __hash__(self) -> int:
        return hash(self.number)

    def __eq__(self, other: object) -> Any:
        return _compared(operator.eq, self, other)

    def __ne__(self, other: object) -> Any:
        return _compared(operator.ne, self, other)

    def __lt__(self, other: object) -> Any:
        return _compared(operator.lt, self, other)

    def __le__(self, other: object) -> Any:
        return _compared(operator.le, self, other)

    def __gt__(self, other: object) -> Any:
        return _compared(operator.gt, self, other)

    def __ge__(self, other: object) -> Any:
        return _compared(operator.ge, self, other)

    def __pos__(self) -> Traced:
        return self

    def __neg__(self) -> Any:
        return _or_plain(total([(-1, self)]), operator.neg, self)

    def __abs__(self) -> Any:
        return -self if self.is_given and self.quantity.fraction < 0 else self

    def __add__(self, other: object) -> Any:
        return calculate(operator.add, self, other)

    def __radd__(self, other: object) -> Any:
        return calculate(operator.add, other, self)

    def __sub__(self, other: object) -> Any:
        return calculate(operator.sub, self, other)

    def __rsub__(self, other: object) -> Any:
        return calculate(operator.sub, other, self)

    def __truediv__(self, other: object) -> Any:
        return calculate(operator.truediv, self, other)

    def __rtruediv__(self, other: object) -> Any:
        return calculate(operator.truediv, other, self)

    def __mul__(self, other: object) -> Any:
        return calculate(operator.mul, self, other)

    def __rmul__(self, other: object) -> Any:
        return calculate(operator.mul, other, self)

    def __floordiv__(self, other: object) -> Any:
        return calculate(operator.floordiv, self, other)

    def __rfloordiv__(self, other: object) -> Any:
        return calculate(operator.floordiv, other, self)

    def __mod__(self, other: object) -> Any:
        return calculate(operator.mod, self, other)

    def __rmod__(self, other: object) -> Any:
        return calculate(operator.mod, other, self)

    def __pow__(self, other: object) -> Any:
        return calculate(operator.pow, self, other)

    def __rpow__(self, other: object) -> Any:
        return calculate(operator.pow, other, self)


def total(terms: Sequence[tuple[int, Traced]]) -> Traced | None:
    """
    Return the sum of *terms*, each with its sign; None where it is no figure: of several reports or units, too long.

    A sum among them is opened, so that the formula names what the report itself has.
    """
    same = of_one_report([term for _sign, term in terms])
    if same is None:
        return None
    opened: list[tuple[int, Traced]] = []
    for (sign, _term), term in zip(terms, same, strict=True):
        inner = [(_SIGNS[word], part) for word, part in term.made] if term.is_sum else [(1, term)]
        opened += [(sign * own, part) for own, part in inner]
    return opened[0][1] if len(opened) == 1 and opened[0][0] > 0 else _added(opened)


def _added(terms: list[tuple[int, Traced]]) -> Traced | None:
    first = next((index for index, (sign, _term) in enumerate(terms) if sign > 0), None)
    if first is None or len(terms) > MOST_TERMS:
        return None
    # A formula begins with what the rest is added to or taken from.
    terms = [terms[first], *terms[:first], *terms[first + 1 :]]
    figures = [(sign, term.figure) for sign, term in terms]
    unit, of = _unit(figures), terms[0][1].of
    if unit is None:
        return None
    figure = fig.added("", _sum_label(figures), KIND, unit, figures)
    if unit in {_PERCENT, POINTS} or isinstance(figure.quantity.value, Fraction):
        figure = _printed(figure, of.policy)
    made = tuple(("+" if sign > 0 else "-", term) for sign, term in terms)
    formula = " ".join(f"{word} {_in_formula(term)}" for word, term in made).removeprefix("+ ")
    return Traced(_named(figure, formula, [term for _word, term in made]), of, made)


def divided(over: Traced, under: Traced) -> Traced:
    """Return *over* ÷ *under*: a percentage, or where their units differ so many of the one for one of the other."""
    policy = over.of.policy
    figure = fig.ratio("", f"{_called(over)}÷{_called(under)}", KIND, over.figure, under.figure, policy)
    units = (over.figure.unit, under.figure.unit)
    if units[0] != units[1] and not set(units) <= {_PERCENT, POINTS}:
        figure = _printed(replace(figure, unit="/".join(units)), policy)
    formula = f"{_in_formula(over, within=True)} / {_in_formula(under, within=True)}"
    return Traced(_named(figure, formula, (over, under)), over.of, (("/", over), ("/", under)))


def _called(traced: Traced) -> str:
    """Return what a quotient calls *traced*: what is itself calculated in brackets."""
    return f"（{traced.figure.label}）" if traced.made else traced.figure.label


def _in_formula(traced: Traced, *, within: bool = False) -> str:
    """Return how a formula names *traced*; what is itself calculated stands in brackets *within* a quotient."""
    if not traced.made:
        return traced.figure.id
    return f"({traced.figure.formula})" if within else traced.figure.formula


_MADE: dict[Callable[[Any, Any], Any], Callable[[Traced, Traced], Traced | None]] = {
    operator.add: lambda left, right: total([(1, left), (1, right)]),
    operator.sub: lambda left, right: total([(1, left), (-1, right)]),
    operator.truediv: divided,
}
_EXACT = {operator.add, operator.sub, operator.mul}


def calculate(operate: Callable[[Any, Any], Any], left: object, right: object) -> Any:
    """Return what *operate* makes of two numbers: a `Traced` where both are and it can be one, else a plain number."""
    if not (_is_number(left) and _is_number(right)):
        return NotImplemented
    if isinstance(left, Traced) and isinstance(right, Traced):
        pair, make = of_one_report((left, right)), _MADE.get(operate)
        traced = make(*pair) if pair and make else None
    else:
        traced = _with_whole(operate, left, right)
    return _or_plain(traced, operate, left, right)


def of_one_report(found: Sequence[Traced]) -> list[Traced] | None:
    """Return all as figures of one report; of two years of a unit that follow each other, of the later one."""
    owners = {each.of.name: each.of for each in found}
    if len(owners) == 1:
        return list(found)
    later = [each for each in owners.values() if each.last in owners]
    if len(later) != 1 or len(owners) != _TWO_YEARS:
        return None
    return [each if each.of.name == later[0].name else as_last(each, later[0]) for each in found]


def as_last(traced: Traced, of: Owner) -> Traced:
    """Return *traced*, of the report of the year before, as a figure of the report *of*."""
    if not traced.made:
        return Traced(of_last_year(traced.figure, traced.of.year), of)
    parts = [(word, as_last(part, of)) for word, part in traced.made]
    if parts[0][0] == "/":
        return divided(parts[0][1], parts[1][1])
    again = total([(1 if word == "+" else -1, part) for word, part in parts])
    assert again is not None
    return again


def _with_whole(operate: Callable[[Any, Any], Any], left: Any, right: Any) -> Traced | None:
    """Return a figure more or less 0, which changes nothing, or a share more or less 1, the whole; None for all others."""
    traced, whole = (left, right) if isinstance(left, Traced) else (right, left)
    if operate not in {operator.add, operator.sub} or isinstance(whole, bool) or not isinstance(whole, Integral):
        return None
    negative = operate is operator.sub
    own, other = (-1 if negative and traced is right else 1), (-1 if negative and traced is left else 1)
    if whole == 0:
        return traced if own > 0 else total([(-1, traced)])
    if whole == 1 and traced.is_quotient and traced.figure.unit == _PERCENT:
        (_, over), (_, under) = traced.made
        top = total([(own, over), (other, under)])
        return None if top is None else divided(top, under)
    return None


def _or_plain(traced: Traced | None, operate: Callable[..., Any], *operands: object) -> Any:
    """Return *traced*, or where there is none what *operate* makes of the plain numbers."""
    if traced is not None:
        return traced
    numbers = [plain(each) for each in operands]
    if operate not in _EXACT or any(isinstance(each, float) for each in numbers):
        numbers = [float(each) for each in numbers]
    try:
        return least(operate(*numbers))
    except (ZeroDivisionError, OverflowError):
        return float("nan")


def plain(number: object) -> Any:
    """Return *number* without a trace: exact, or a float; nan where there is none."""
    if isinstance(number, Traced):
        return number.quantity.fraction if number.is_given else float("nan")
    if isinstance(number, Decimal):
        return Fraction(number) if number.is_finite() else float("nan")
    return int(number) if isinstance(number, Integral) else number if isinstance(number, Fraction) else float(number)  # type: ignore[arg-type]


def exactly(number: float | Fraction) -> Fraction:
    """Return a plain *number* as a fraction: of a float the one that its shortest numeral is."""
    return Fraction(repr(number)) if isinstance(number, float) else Fraction(number)


def least(number: Any) -> Any:
    """Return an exact *number* as pandas knows it: whole numbers as they are, others as floats."""
    if isinstance(number, Decimal | Fraction):
        return int(number) if number == int(number) else float(number)
    return number


def _compared(compare: Callable[[Any, Any], bool], left: Traced, right: object) -> Any:
    """Compare exact values; what is missing is equal to nothing, and neither less nor more."""
    if not _is_number(right):
        return NotImplemented
    one, other = plain(left), plain(right)
    return bool(compare(one, other))


def _is_number(value: object) -> bool:
    return isinstance(value, Traced | Real | Decimal)
