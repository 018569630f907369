"""
A value with its state: given, missing, not applicable, or not defined. Never a silent zero.

Missing (a blank cell), not applicable (`-`) and zero are three different things, and a ratio over zero is a fourth. Arithmetic
on quantities keeps them apart; nothing here rounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    Number = int | Decimal | Fraction


class State(StrEnum):
    """What is known of a value."""

    GIVEN = "given"
    MISSING = "missing"
    NOT_APPLICABLE = "not-applicable"
    UNDEFINED = "undefined"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number, or the reason why there is none."""

    state: State
    value: Number | None = None

    @property
    def is_zero(self) -> bool:
        """Whether the value is given and is 0."""
        return self.state is State.GIVEN and self.value == 0

    @property
    def exact(self) -> str | None:
        """The value as text without loss: `2565`, `12.50`, `953/2565` in lowest terms; None where there is no number."""
        if self.value is None:
            return None
        return format(self.value, "f") if isinstance(self.value, Decimal) else str(self.value)

    @property
    def fraction(self) -> Fraction:
        """The value as a fraction; only of a given one."""
        if self.value is None:
            message = f"a {self.state} quantity has no value"
            raise ValueError(message)
        return Fraction(self.value)


MISSING = Quantity(State.MISSING)
NOT_APPLICABLE = Quantity(State.NOT_APPLICABLE)
UNDEFINED = Quantity(State.UNDEFINED)


def given(value: Number) -> Quantity:
    """Return the quantity that *value* is."""
    return Quantity(State.GIVEN, value)


def total(terms: Iterable[tuple[int, Quantity]]) -> Quantity:
    """
    Add up *terms*, each with its sign.

    One missing term makes the sum missing; otherwise one that is not applicable makes it not applicable.
    """
    terms = list(terms)
    if empty := _empty(quantity for _sign, quantity in terms):
        return empty
    return given(_whole(sum((sign * quantity.fraction for sign, quantity in terms), Fraction())))


def ratio(numerator: Quantity, denominator: Quantity) -> Quantity:
    """Divide exactly; over zero the result is not defined."""
    if empty := _empty((numerator, denominator)):
        return empty
    if denominator.is_zero:
        return UNDEFINED
    return given(numerator.fraction / denominator.fraction)


def scaled(quantity: Quantity, times: Decimal) -> Quantity:
    """Multiply exactly: what an amount is in another unit."""
    return quantity if quantity.value is None else given(_whole(quantity.fraction * Fraction(times)))


def _empty(quantities: Iterable[Quantity]) -> Quantity | None:
    states = {quantity.state for quantity in quantities}
    for state in (State.MISSING, State.UNDEFINED, State.NOT_APPLICABLE):
        if state in states:
            return Quantity(state)
    return None


def _whole(value: Fraction) -> Number:
    """Return a sum of cells as what cells are: a whole number or a decimal (their denominators are powers of ten)."""
    if value.denominator == 1:
        return value.numerator
    places = 1
    while (value * 10**places).denominator != 1:
        places += 1
    scaled = (value * 10**places).numerator
    digits = tuple(int(digit) for digit in str(abs(scaled)))
    return Decimal((int(scaled < 0), digits, -places))
