"""Evidence: what is known now, and how it stands against guessing."""

import math

import pytest
from foghill.engine.coach_evidence import EARLY, WINDOW, Evidence
from foghill.engine.coach_look import Look
from foghill.engine.coach_losses import Losses


def losses(*values: float) -> Losses:
    kept = Losses()
    kept.add(range(1, len(values) + 1), values)
    return kept


def look(step: int, loss: float = 0.5) -> Look:
    return Look(step, 10, True, loss, 1.0, (), (), 0.1)


def evidence(step: int, kept: Losses, **more: object) -> Evidence:
    return Evidence(step=step, epoch=1, losses=kept, **more)  # type: ignore[arg-type]


def test_the_loss_now_is_the_looks_where_it_is_of_this_step():
    kept = losses(*[2.0] * 100)
    assert evidence(100, kept).now == 2.0
    assert evidence(100, kept, look=look(100)).now == 0.5
    assert evidence(100, kept, look=look(90)).now == 2.0
    assert evidence(0, losses()).now == math.inf


def test_a_look_counts_while_it_is_of_about_now():
    kept = losses(*[2.0] * 100)
    assert evidence(100, kept, look=look(80)).seen is not None
    assert evidence(100, kept, look=look(60)).seen is None
    assert evidence(100, kept, look=look(80), since=90).seen is None


def test_against_guessing():
    kept = losses(*[2.0] * 20)
    assert evidence(20, kept, trivial=8.0).against_guessing == 0.25
    assert evidence(20, kept, trivial=8.0).learned
    assert not evidence(20, kept, trivial=3.0).learned
    assert evidence(20, kept).against_guessing == 1.0


def test_a_trend_is_of_the_later_half():
    assert evidence(7, losses(*[1.0] * (EARLY - 1))).trend is None
    found = evidence(100, losses(*[9.0] * 50, *[1.0] * 50)).trend
    assert found is not None
    assert (found.first, found.level, found.change) == (51, 1.0, pytest.approx(0))
    long = evidence(4000, losses(*[1.0] * 4000)).trend
    assert long is not None
    assert long.count == WINDOW
