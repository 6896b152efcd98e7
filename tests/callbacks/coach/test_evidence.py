"""Evidence: what is known now, and how it stands against guessing."""

import math

import pytest
from foghill.engine.callbacks.coach.evidence import EARLY, WINDOW, Evidence, one_pass
from foghill.engine.callbacks.coach.look import Look
from foghill.engine.callbacks.coach.losses import Losses


def losses(*values: float) -> Losses:
    kept = Losses()
    kept.add(range(1, len(values) + 1), values)
    return kept


def look(step: int, loss: float = 0.5, limit: float | None = None) -> Look:
    return Look(step, 10, True, loss, 1.0, (), (), 0.1, limit=limit)


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


def test_means_are_of_a_pass_over_the_data_at_most():
    assert [one_pass(10, 40), one_pass(1, 400), one_pass(64, 10), one_pass(8, 0)] == [4, 20, 1, 20]
    kept = losses(*[9.0] * 96, 1.0, 2.0, 3.0, 4.0)
    found = evidence(100, kept, batch=10, examples=40, look=look(100))
    assert (found.few, found.recent, found.now) == (4, 2.5, 0.5)
    assert evidence(2, losses(1.0, 3.0), batch=1, examples=400).few == 1


def test_where_it_started():
    kept = losses(1e-6, 3.0, 2.0, 9.0)
    assert evidence(4, kept).start == 2.0  # one lucky batch is no start
    assert evidence(4, kept, first=look(0, 2.5)).start == 2.5
    assert evidence(90, kept, first=look(0, 2.5), since=86, before=0.7).start == 0.7
    assert evidence(90, kept, first=look(0, 2.5), since=86).start == 2.0


def test_the_stable_rate_is_known_from_weights_that_are_sound():
    first, sound, wild = look(0, 2.0, 0.4), look(60, 1.0, 0.3), look(90, 1e30, 1e-53)
    kept = losses(*[2.0] * 90)
    assert evidence(90, kept, first=first, sound=sound, look=wild).stable is sound
    assert evidence(90, kept, first=first, look=wild).stable is first
    assert evidence(90, kept, first=first, look=wild, since=50).stable is None
