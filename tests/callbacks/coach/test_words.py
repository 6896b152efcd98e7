"""Numbers and sentences that verdicts share."""

import math

from foghill.engine.callbacks.coach.look import Look
from foghill.engine.callbacks.coach.trial import Anew, Trial
from foghill.engine.callbacks.coach.words import (
    anew_said,
    limit_said,
    n,
    own_said,
    times,
    trial_said,
)

LOOK = Look(10, 50, True, 2.0, 1.0, (), (), 0.1, own=((1.0, 2.0), (1.0, 0.5)), limit=0.04321)


def test_numbers_have_three_digits():
    assert [n(x) for x in (1234.5, 0.123456, 3.14159e-5, 2e7)] == [
        "1230",
        "0.123",
        "3.14e-5",
        "2e7",
    ]
    assert n(math.inf) == "inf"


def test_the_limit_and_the_trial_are_said_with_their_numbers():
    assert "0.0432; it is 0.1" in limit_said(LOOK)
    assert limit_said(None) == ""
    tried = Look(10, 50, True, 2.0, 1.0, (), (), 0.1, trial=Trial(40, 2.0, {1.0: 2.1, 0.1: 0.5}))
    said = trial_said(tried)
    assert "40 steps from 2: at this rate 2.1, at ÷10 0.5" in said
    assert trial_said(LOOK) == ""
    assert times(10.0) == "at ×10"


def test_updates_that_made_their_own_batch_worse_are_counted():
    assert own_said(LOOK) == "Of 2 updates, 1 made the loss of their own batch larger. "


def test_where_steps_began_anew_is_said():
    assert anew_said(Anew(0, 200, 0.12345)) == "from the start, 200 steps at lr ÷ 10 reach 0.123"
    assert anew_said(Anew(40, 8, 2.0)).startswith("from the weights of step 40, 8 steps")
