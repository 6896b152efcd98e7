"""The shipped lessons learn what their texts say, in a plain PyTorch loop, for three seeds."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from foghill.engine import catalog, condition
from foghill.engine.dataset import held_out_rows
from foghill.engine.experiment import load
from foghill.engine.randomness import order
from foghill.engine.run_directory import RunSpec
from torch import Tensor

LESSONS = {lesson.name: lesson for lesson in catalog.lessons()}
SEEDS = (0, 1, 2)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


class Trained(NamedTuple):
    losses: list[float]
    loss: float  # over all training data, at the end
    train: float  # accuracy, or R²
    valid: float
    model: Any


def train(lesson: str, seed: int, steps: int = 0, **settings: object) -> Trained:
    """The lesson as a tutorial would train it."""
    typed = {name: str(value) for name, value in settings.items()}
    experiment = load(
        RunSpec(
            name=lesson,
            directory="",
            experiment=lesson,
            kind="lesson",
            path=LESSONS[lesson].path,
            settings=typed,
        )
    )
    knobs: dict[str, Any] = dict(experiment.values)
    torch.manual_seed(seed)
    x, y = experiment.call("data")
    torch.manual_seed(seed)
    model = experiment.call("model")
    kept, held_out = held_out_rows(len(y), knobs["valid"], seed)
    algorithm = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[knobs["optimizer"]]
    optimizer = algorithm(model.parameters(), lr=knobs["lr"])
    steps = steps or condition.parse(knobs["stop"]).step_bound or 0
    losses: list[float] = []
    for epoch in range(steps):
        for batch in _batches(kept, knobs["batch_size"], seed, epoch):
            loss = _loss(model(x[batch]), y[batch])
            losses.append(loss.item())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if len(losses) == steps:
                break
        if len(losses) == steps:
            break
    model.eval()
    with torch.no_grad():
        return Trained(
            losses,
            _loss(model(x[kept]), y[kept]).item(),
            _score(model(x[kept]), y[kept]),
            _score(model(x[held_out]), y[held_out]) if len(held_out) else float("nan"),
            model,
        )


def _batches(rows: Tensor, size: int, seed: int, epoch: int) -> tuple[Tensor, ...]:
    return (rows,) if size >= len(rows) else rows[order(seed, epoch, len(rows))].split(size)


def _loss(prediction: Tensor, target: Tensor) -> Tensor:
    if target.is_floating_point():
        return F.mse_loss(prediction.reshape(target.shape), target)
    return F.cross_entropy(prediction, target)


def _score(prediction: Tensor, target: Tensor) -> float:
    if not target.is_floating_point():
        return (prediction.argmax(1) == target).float().mean().item()
    residual = (prediction.reshape(target.shape) - target) ** 2
    return (1 - residual.sum() / ((target - target.mean()) ** 2).sum()).item()


def test_the_lessons_in_order():
    assert tuple(LESSONS) == catalog.LESSON_ORDER


@pytest.mark.parametrize("name", catalog.LESSON_ORDER)
def test_a_lesson_is_a_plain_file_that_says_what_to_see_try_and_read(name: str):
    lesson = LESSONS[name]
    assert 0 < len(lesson.title) <= 60
    assert [line for line in lesson.text.splitlines() if line and not line.startswith(" ")] == [
        "See",
        "Try",
        "Read",
    ]
    assert "\n  1. " in lesson.text
    assert all(len(line) <= 96 for line in lesson.text.splitlines())
    tree = ast.parse(Path(lesson.path).read_text("utf-8"))
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not any("foghill" in module or not module for module in imported)


@pytest.mark.parametrize("name", catalog.LESSON_ORDER)
def test_a_lesson_ends_by_itself_and_uses_one_thread(name: str):
    lesson = LESSONS[name]
    experiment = load(
        RunSpec(name=name, directory="", experiment=name, kind="lesson", path=lesson.path)
    )
    assert experiment.values["threads"] == 1
    bound = condition.parse(str(experiment.values["stop"])).step_bound
    assert bound is not None
    assert bound <= 900  # half a minute at 30 steps a second


@pytest.mark.parametrize("seed", SEEDS)
def test_parabola_is_the_formula_and_stands_still(seed: int):
    torch.manual_seed(seed)
    t = torch.arange(20).float()
    speed = torch.randn(20) + 0.75 * (t - 9.5) ** 2 + 1
    torch.manual_seed(seed)
    parameters = torch.nn.Parameter(torch.randn(3))
    optimizer = torch.optim.SGD([parameters], lr=1e-5)
    losses: list[float] = []
    for _ in range(200):
        a, b, c = parameters
        loss = ((a * t**2 + b * t + c - speed) ** 2).mean()
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    trained = train("parabola", seed)
    assert trained.losses == losses
    assert trained.losses[20] - trained.losses[199] < 0.01 * trained.losses[20]
    assert trained.loss > 500


@pytest.mark.parametrize("seed", SEEDS)
def test_parabola_standardised_reaches_the_noise(seed: int):
    assert train("parabola", seed, standardise="on", lr=0.1).loss < 2


@pytest.mark.parametrize("seed", SEEDS)
def test_parabola_diverges_with_too_large_a_step(seed: int):
    losses = train("parabola", seed, steps=20, lr=5e-5).losses
    assert losses[19] > 1000 * losses[0]


@pytest.mark.parametrize("seed", SEEDS)
def test_line_swings_into_place(seed: int):
    trained = train("line", seed, steps=30)
    assert trained.model.w.item() == pytest.approx(2, abs=0.25)
    assert trained.model.b.item() == pytest.approx(-1, abs=0.25)
    assert 0.05 < trained.loss < 0.13
    assert train("line", seed, noise=0.0).loss < 1e-6
    assert not train("line", seed, lr=1.2).loss < 1e6  # NaN


@pytest.mark.parametrize("seed", SEEDS)
def test_circle_is_enclosed_by_hidden_units_and_never_by_one_cut(seed: int):
    assert train("circle", seed).valid >= 0.95
    assert train("circle", seed, layers=0).valid < 0.75
    assert train("circle", seed, width=2).valid < 0.93


@pytest.mark.parametrize("seed", SEEDS)
def test_digits_passes_ninety_percent_well_before_its_end(seed: int):
    assert train("digits", seed, steps=200).valid > 0.9
    assert train("digits", seed).valid > 0.93


def test_digits_as_a_conv_net():
    assert train("digits", 0, steps=200, architecture="conv").valid > 0.9


@pytest.mark.parametrize("seed", SEEDS)
def test_diabetes_explains_under_half_and_a_network_overfits(seed: int):
    linear = train("diabetes", seed)
    assert 0.3 < linear.valid < 0.65
    assert 0.45 < linear.train < 0.6
    network = train("diabetes", seed, layers=2, optimizer="adam")
    assert network.train > linear.train
    assert network.valid < network.train


def test_diabetes_is_shown_in_its_own_unit():
    path = LESSONS["diabetes"].path
    experiment = load(
        RunSpec(name="d", directory="", experiment="diabetes", kind="lesson", path=path)
    )
    _, y = experiment.call("data")
    shown = y.double() * experiment.names.scale + experiment.names.offset
    assert (shown.min().round().item(), shown.max().round().item()) == (25, 346)
    assert len(experiment.names.x) == 10
