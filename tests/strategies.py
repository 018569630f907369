"""What Hypothesis draws: the numbers that a report's cells can hold, and what is made of them."""

from fractions import Fraction

from hypothesis import strategies as st
from nianbao.indicators.values import MOST_PLACES

COUNTS = st.integers(0, 10**9)
LONG_COUNTS = st.integers(0, 10**30 - 1)
PLACES = st.integers(0, MOST_PLACES)

AMOUNTS = st.decimals(0, 10**9, places=6) | st.decimals(0, 10**9, places=2)
SIGNED_AMOUNTS = st.decimals(-(10**9), 10**9, places=6) | st.decimals(-(10**3), 10**3, places=2)
FRACTIONS = st.fractions(-1000, 1000) | st.builds(Fraction, st.integers(-(10**30), 10**30), st.integers(1, 10**30))


@st.composite
def partitions(draw):
    """Parts of a whole that is not 0."""
    parts = draw(st.lists(COUNTS, min_size=1, max_size=8))
    return [*parts, draw(st.integers(1, 10**9))]


@st.composite
def halves(draw):
    """(places, a value exactly between two that can be printed with so many places)."""
    places = draw(PLACES)
    return places, Fraction(2 * draw(st.integers(-(10**12), 10**12)) + 1, 2 * 10**places)
