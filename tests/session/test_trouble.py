"""What goes wrong in a run: it pauses with a sentence, and goes on when asked to."""

import math
from pathlib import Path

import pytest
from foghill.engine.protocol.commands import Applied, Rejected, Restart, Run, Set, Step, Validate
from foghill.engine.protocol.state import Problem, State
from foghill.engine.protocol.views import Failed, PictureRequest
from foghill.engine.training.training import Training
from sessions import LINE, Live, write

DIVERGES = LINE + "settings.update(lr=1e18, valid=0.0, batch_size=16)\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))


def problem(live: Live) -> tuple[State, Problem]:
    state = live.until(lambda s: s.problem is not None)
    assert state.problem is not None
    return state, state.problem


def test_a_loss_that_is_not_finite_pauses_before_its_update(tmp_path: Path) -> None:
    with Live(write(tmp_path, DIVERGES)) as live:
        live.ready()
        live.do(Run())
        state, trouble = problem(live)
        losses = live.losses()
        assert [math.isfinite(loss) for loss in losses] == [True] * (len(losses) - 1) + [False]
        # n − 1 updates were made, the loss of step n is history, step n stands after its loss
        assert (state.status, state.step, state.phase) == ("paused", len(losses) - 1, "loss")
        assert f"at step {len(losses)}" in state.why
        assert f"at step {len(losses)}: " in trouble.sentence
        assert "0.weight" in trouble.sentence
        assert not trouble.before_first_step


@pytest.mark.parametrize("unit", ["phase", "step", "epoch"])
def test_so_it_does_while_stepping(tmp_path: Path, unit: str) -> None:
    with Live(write(tmp_path, DIVERGES)) as live:
        live.ready()
        live.do(Step(unit, 1000))  # type: ignore[arg-type]
        state, trouble = problem(live)
        assert (state.status, state.phase) == ("paused", "loss")
        assert f"at step {state.step + 1}: " in trouble.sentence


def test_after_it_the_run_can_be_started_again(tmp_path: Path) -> None:
    with Live(write(tmp_path, DIVERGES)) as live:
        live.ready()
        live.do(Run())
        problem(live)
        live.do(Set({"lr": 0.1}))
        assert live.session.state.problem is None
        live.do(Restart())
        live.do(Step("step", 50))
        live.until(lambda s: s.step == 50)
        assert all(map(math.isfinite, live.losses()))


def test_nan_in_the_data_is_found_in_the_batch(tmp_path: Path) -> None:
    text = LINE + 'def augment(x): return torch.where(x > 0.4, float("nan"), x)\n'
    with Live(write(tmp_path, text)) as live:
        live.ready()
        live.do(Run())
        assert "the batch itself is not finite (x: nan" in problem(live)[1].sentence


BREAKS = (
    LINE
    + """
def loss(prediction, target, breaks: bool = False):
    if breaks:
        LINE
    return (prediction - target).pow(2).mean()
"""
)


@pytest.mark.parametrize(
    ("line", "says", "status"),
    [
        ("return 1 / 0", "loss() raised ZeroDivisionError: division by zero", "failed"),
        ("raise SystemExit(3)", "loss() tried to end the program (SystemExit 3)", "failed"),
        ("import sys; sys.exit()", "tried to end the program", "failed"),
        ("raise KeyboardInterrupt", "raised KeyboardInterrupt", "failed"),
        ("raise BaseException('odd')", "raised BaseException: odd", "failed"),
        ("raise GeneratorExit", "raised GeneratorExit", "failed"),
        ("raise StopIteration", "raised StopIteration", "failed"),
        ("return prediction", "loss() has shape 4×1; a loss must be a single number", "failed"),
        ("raise MemoryError", "out of memory", "paused"),
        ("raise RuntimeError('CUDA out of memory. Tried')", "out of memory", "paused"),
        ("torch.empty(2**50)", "out of memory", "paused"),
    ],
)
def test_user_code_may_raise_anything(tmp_path: Path, line: str, says: str, status: str) -> None:
    path = write(tmp_path, BREAKS.replace("LINE", line))
    with Live(path) as live:
        live.ready()
        live.do(Step("step", 3))
        live.until(lambda s: s.step == 3 and s.status == "paused")
        live.do(Set({"breaks": True}))
        live.do(Run())
        state, trouble = problem(live)
        assert says in trouble.sentence
        assert (state.status, state.step, state.phase) == (status, 3, "")
        if status == "failed" and "shape" not in says:
            assert (trouble.file, trouble.source) == (str(path), line)
            assert f"line {trouble.line}" in trouble.sentence
        live.do(Set({"breaks": False}))
        live.do(Run("step>=9"))
        live.until(lambda s: s.step == 9 and s.status == "paused")
        assert len(live.losses()) == 9


@pytest.mark.parametrize("where", ["forward", "data", "model", "metrics", "optimizer"])
@pytest.mark.parametrize("error", ["KeyboardInterrupt", "SystemExit", "ValueError('odd')"])
def test_wherever_it_is_raised(tmp_path: Path, where: str, error: str) -> None:
    text = f"""
import torch
from torch import nn
settings = {{"batch_size": 4}}
def check(here, breaks):
    if here == {where!r} and breaks:
        raise {error}
class Net(nn.Module):
    def __init__(self, breaks):
        super().__init__()
        self.breaks, self.one = breaks, nn.Linear(1, 1)
    def forward(self, x):
        check("forward", self.breaks)
        return self.one(x)
def data(breaks: bool = False):
    check("data", breaks)
    return torch.ones(10, 1), torch.ones(10, 1)
def model(breaks: bool = False):
    check("model", breaks)
    return Net(breaks)
def metrics(prediction, target, breaks: bool = False):
    check("metrics", breaks)
    return {{}}
def optimizer(parameters, breaks: bool = False):
    check("optimizer", breaks)
    return torch.optim.SGD(parameters, lr=0.1)
"""
    with Live(write(tmp_path, text)) as live:
        live.ready()
        live.do(Step("step", 2))
        live.until(lambda s: s.step == 2 and s.status == "paused" and not s.doing)
        answer = live.tell(Set({"breaks": True}))
        if where in ("data", "model", "optimizer"):  # called at once, so the change is undone
            assert isinstance(answer, Rejected)
            assert f"{where}()" in answer.reason
            assert live.session.state.knob("breaks").value is False  # type: ignore[union-attr]
        else:
            assert isinstance(answer, Applied)
            live.do(Run())
            state, trouble = problem(live)
            assert "mine.py, line 7" in trouble.sentence
            assert state.status == "failed"
            live.do(Set({"breaks": False}))
        live.do(Run("step>=8"))
        live.until(lambda s: s.step == 8 and s.status == "paused")
        assert live.session.state.problem is None


def test_a_broken_validation_leaves_a_step_begun_as_it_is(tmp_path: Path) -> None:
    text = LINE + "def metrics(p, t, breaks: bool = False): return {'m': 1 / (not breaks)}\n"
    with Live(write(tmp_path, text)) as live:
        live.ready()
        live.do(Step("phase", 2))
        live.until(lambda s: s.phase == "predict")
        live.do(Set({"breaks": True}))
        live.do(Validate())
        state, trouble = problem(live)
        assert "metrics() raised ZeroDivisionError" in trouble.sentence
        assert (state.status, state.phase) == ("failed", "predict")
        live.do(Set({"breaks": False}))
        live.do(Step("phase", 4))
        live.until(lambda s: s.step == 1)


def test_a_picture_that_raises_is_shown_as_failed_and_training_goes_on(tmp_path: Path) -> None:
    text = LINE + "def view(model, x, y): raise KeyboardInterrupt\n"
    with Live(write(tmp_path, text)) as live:
        assert "own" in live.ready().pictures
        live.do(Run())
        view = live.look(PictureRequest("own"))
        assert isinstance(view, Failed)
        assert "view() raised KeyboardInterrupt" in view.sentence
        step = live.session.state.step
        assert live.until(lambda s: s.step > step).status == "running"


def test_the_whole_trace_is_in_the_log(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with Live(
        write(tmp_path, BREAKS.replace("LINE", "return deep()") + "def deep(): return 1 / 0")
    ) as live:
        live.ready()
        live.do(Set({"breaks": True}))
        live.do(Run())
        problem(live)
    said = capfd.readouterr().err
    assert "in deep" in said
    assert "ZeroDivisionError" in said


def test_before_the_first_step_is_told_from_after(tmp_path: Path) -> None:
    with Live(write(tmp_path, BREAKS.replace("LINE", "return 1 / 0"))) as live:
        live.ready()
        live.do(Set({"breaks": True}))
        live.do(Run())
        assert problem(live)[1].before_first_step
        live.do(Set({"breaks": False}))
        live.do(Step())
        live.until(lambda s: s.step == 1)
        live.do(Restart())
        live.do(Set({"breaks": True}))
        live.do(Run())
        assert not problem(live)[1].before_first_step


@pytest.fixture
def as_on_a_device(monkeypatch: pytest.MonkeyPatch) -> None:
    """Losses stay tensors until a report, as on an accelerator."""
    settle = Training.settle

    def settled(t: Training) -> None:
        settle(t)
        t.reads_loss = False

    monkeypatch.setattr(Training, "settle", settled)


@pytest.mark.usefixtures("as_on_a_device")
def test_on_an_accelerator_the_next_report_finds_it_and_names_the_step(tmp_path: Path) -> None:
    with Live(write(tmp_path, DIVERGES)) as live:
        live.ready()
        live.do(Run())
        state, trouble = problem(live)
        losses = live.losses()
        bad = next(i for i, loss in enumerate(losses, 1) if not math.isfinite(loss))
        assert state.status == "paused"
        assert f"at step {bad}: parameter 0.weight went bad first" in trouble.sentence
        assert len(losses) == state.step >= bad


@pytest.mark.usefixtures("as_on_a_device")
def test_on_an_accelerator_every_loss_is_kept_and_conditions_hold(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        live.do(Run("loss<1e-3"))
        state = live.until(lambda s: s.status == "paused" and s.step)
        assert state.why == "loss<1e-3 reached"
        losses = live.losses()
        assert len(losses) == state.step
        assert losses[-1] < 1e-3 <= min(losses[:-1])
        assert state.loss == losses[-1]
        live.do(Step("phase", 6))
        live.until(lambda s: s.step == len(losses) + 1)
        assert len(live.losses()) == len(losses) + 1
