"""The measurement of the coach: what it is judged by is a training of its own, held apart."""

from pathlib import Path

import pytest
import torch
from coached import SITUATIONS, after, coached
from torch import nn

from bench.coach import Judged, asked, confusion, figures, note
from bench.coach_cases import NOTHING, RECIPES, VERDICTS, Case, cases
from bench.coach_checks import CHECKS, clear
from bench.coach_truth import Hindsight, dead_share


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))


def case(situation: str, claim: str, steps: int, seed: int = 0, **settings: object) -> Case:
    typed = {name: str(value) for name, value in settings.items()}
    return Case("made", claim, str(SITUATIONS / f"{situation}.py"), steps, typed, {}, seed)


def test_what_is_measured_was_never_tuned_on():
    tuned, measured = list(cases(True, 8)), list(cases(False, 5))
    assert not {(c.recipe, c.seed) for c in tuned} & {(c.recipe, c.seed) for c in measured}
    assert not {c.seed for c in tuned} & {c.seed for c in measured}
    unseen = {recipe.name for recipe in RECIPES if recipe.unseen}
    assert not unseen & {c.recipe for c in tuned}
    assert len(unseen) >= 20
    assert len(measured) >= 200


def test_every_verdict_has_recipes_and_nothing_the_most():
    claims = [recipe.claim for recipe in RECIPES]
    assert set(claims) == {*VERDICTS, NOTHING} == set(CHECKS)
    assert max(set(claims), key=claims.count) == NOTHING
    assert len({recipe.name for recipe in RECIPES}) == len(RECIPES)


@pytest.mark.parametrize("situation", ["linear", "plane", "curve", "patients", "recall", "valley"])
def test_hindsight_takes_the_very_steps_of_the_run(situation: str):
    with coached(situation, seed=3) as live:
        after(live, 12)
        losses = live.losses()
    assert Hindsight(case(situation, NOTHING, 12, seed=3)).twin().batch == losses


def test_hindsight_knows_more_than_the_run_showed():
    slow = Hindsight(case("throw", "stands still", 60, lr=1e-5))
    assert slow.reachable() < 2 < 100 < slow.own.at(60)
    assert clear(slow, "stands still")
    assert not clear(slow, "crawls")
    fast = Hindsight(case("throw", "diverges", 12, lr=5e-5))
    assert clear(fast, "diverges")
    assert not clear(fast, "stands still")
    fine = Hindsight(case("linear", NOTHING, 60, lr=0.05))
    assert clear(fine, NOTHING)
    assert not any(clear(fine, verdict) for verdict in ("diverges", "crawls", "bounces"))


def test_dead_units_are_counted_over_all_data():
    net = nn.Sequential(nn.Linear(1, 4), nn.ReLU(), nn.Linear(4, 1))
    nn.init.constant_(net[0].weight, 1.0)  # type: ignore[arg-type]
    with torch.no_grad():
        net[0].bias.copy_(torch.tensor([-9.0, -9.0, -9.0, 9.0]))
    assert dead_share(net, torch.linspace(-1, 1, 20)[:, None]) == 0.75


def test_the_coach_is_asked_through_a_real_session():
    verdict, sentence = asked(case("throw", "diverges", 12, lr=5e-5))
    assert verdict == "diverges"
    assert "at step 12" in sentence


def test_precision_and_recall_count_the_clear_ones():
    bad, good = case("throw", "diverges", 9), case("linear", NOTHING, 9)
    found = [
        Judged(bad, True, "diverges", ""),
        Judged(bad, True, NOTHING, ""),
        Judged(good, True, NOTHING, ""),
        Judged(good, False, "", ""),
    ]
    values = {figure.name: (figure.value, figure.met) for figure in figures(found)}
    assert values["diverges: precision"] == ("1.000", True)
    assert values["diverges: recall"] == ("0.500", False)
    assert values["nothing: precision"] == ("0.500", False)
    assert values["nothing: recall"] == ("1.000", True)
    assert values["all situations"][0] == "0.667"
    rows = {row.split("|")[1].strip(): row for row in confusion(found).split("\n")}
    assert rows["diverges (div)"].split("|")[2].strip() == "1"
    assert "3 situations" in note(found, 1.0)
    assert "1 more were left out" in note(found, 1.0)
