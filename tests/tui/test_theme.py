"""Colours and plain signs."""

from foghill.tui.theme import plain
from hypothesis import given
from hypothesis import strategies as st


def test_signs_keep_their_width():
    assert plain("▸ lr 1 → 2 · Δ 0.1 × 3") == "> lr 1 > 2 - d 0.1 x 3"


@given(st.text())
def test_any_text_becomes_ascii_of_the_same_length(text: str):
    assert plain(text).isascii()
    assert len(plain(text)) == len(text)
