"""The table of steps: its rows are those of the same training in plain PyTorch."""

from pathlib import Path

import pytest
import torch
from foghill.engine.protocol.commands import Run, Set, Step
from foghill.engine.protocol.pictures import Table
from foghill.engine.protocol.views import PictureRequest
from foghill.engine.training.tensors import num
from sessions import LINE, Live, write


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))


def look(live: Live, rows: int = 30, index: int = 0) -> Table:
    table = live.look(PictureRequest("steps", 80, rows, index))
    assert isinstance(table, Table)
    return table


def stepped(live: Live, count: int) -> None:
    step = live.session.state.step
    live.do(Step("step", count))
    live.until(lambda s: s.step == step + count and s.status != "running")


def parabola(steps: int) -> list[tuple[str, ...]]:
    """Each step's row, computed as the tutorial does."""
    torch.manual_seed(0)
    t = torch.arange(20).float()
    speed = torch.randn(20) + 0.75 * (t - 9.5) ** 2 + 1
    torch.manual_seed(0)
    p = [torch.nn.Parameter(q.clone()) for q in torch.randn(3)]
    optimizer = torch.optim.SGD(p, lr=1e-5)
    rows: list[tuple[str, ...]] = []
    for step in range(1, steps + 1):
        before = [q.item() for q in p]
        prediction = p[0] * t**2 + p[1] * t + p[2]
        loss = torch.nn.functional.mse_loss(prediction, speed)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        cells = [str(step), num(loss.item(), 6)]
        for q, old in zip(p, before, strict=True):
            assert q.grad is not None
            way = " ↓" if q.item() < old else " ↑"
            cells += [num(q.grad.item()) + way, num(q.item())]
        rows.append((*cells, *(num(prediction[i].item()) for i in (0, 10, 19))))
    return rows


def test_parabolas_rows_are_the_tutorials() -> None:
    with Live(Path("parabola")) as live:
        live.ready()
        assert look(live).rows == ()
        stepped(live, 12)
        table = look(live)
    columns = "step loss g(a) a g(b) b g(c) c ŷ(0) ŷ(10) ŷ(19)"
    assert table.columns == tuple(columns.split())
    start, *rows = table.rows
    assert [cell for cell in start if cell] == ["0", "1.541", "−0.2934", "−2.179"]
    assert rows == parabola(12)
    assert (table.first, table.total, table.from_end) == (0, 13, True)
    assert "g(a) > 0: the loss rises with a" in table.notes[0]


def test_it_scrolls_back_by_rows() -> None:
    with Live(Path("parabola")) as live:
        live.ready()
        stepped(live, 30)
        newest, older = look(live, 10), look(live, 10, 5)
        assert newest.notes == ("g(a) > 0, uphill: the step takes a down, ↓.",)
        assert [row[0] for row in newest.rows] == [str(n) for n in range(21, 31)]
        assert [row[0] for row in older.rows] == [str(n) for n in range(16, 26)]
        assert (newest.first, older.first, older.total) == (21, 16, 31)
        assert len(look(live, 10, 10_000).rows) == 0


def test_of_a_larger_model_there_are_lengths(tmp_path: Path) -> None:
    with Live(write(tmp_path), settings={"width": "40"}) as live:
        live.ready()
        stepped(live, 3)
        table = look(live)
    assert table.columns == ("step", "loss", "|g|", "|Δ|", "lr", "1st ŷ", "1st y")
    for row in table.rows:
        slope, change = (float(cell.replace("−", "-")) for cell in row[2:4])
        assert change == pytest.approx(0.1 * slope, rel=2e-3)
        assert row[4] == "0.1"


def test_gradients_are_those_before_clipping_and_how_much_was_left_stands_beside_them() -> None:
    with Live(Path("parabola"), settings={"clip": "100"}) as live:
        live.ready()
        stepped(live, 1)
        table = look(live)
    columns = "step loss g(a) a g(b) b g(c) c |g| clipped ŷ(0) ŷ(10) ŷ(19)"
    assert table.columns == tuple(columns.split())
    row = dict(zip(table.columns, table.rows[-1], strict=True))
    true = dict(zip(columns.split(), parabola(1)[0], strict=False))
    assert [row[name] for name in ("g(a)", "g(b)", "g(c)")] == [
        true[name] for name in ("g(a)", "g(b)", "g(c)")
    ]
    length = sum(float(true[f"g({n})"].split()[0]) ** 2 for n in "abc") ** 0.5
    assert float(row["|g|"]) == pytest.approx(length, rel=1e-3)
    assert row["clipped"] == "100"
    assert any("stands under clipped" in note for note in table.notes)


def test_the_first_example_of_each_batch_is_the_one_that_was_trained_on(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        stepped(live, 2)
        table = look(live)
    x = torch.linspace(-1, 1, 10)
    kept = [i for i in range(10) if i not in _held_out()]
    index = torch.randperm(8, generator=torch.Generator().manual_seed(0))
    first = [num((2 * x[kept[int(index[place])]] + 1).item()) for place in (0, 4)]
    assert [row[-1] for row in table.rows if row[-1]] == first


def _held_out() -> set[int]:
    g = torch.Generator().manual_seed(-1)
    return set(torch.randperm(10, generator=g)[:2].tolist())


def test_a_run_too_fast_to_be_noted_says_so(tmp_path: Path) -> None:
    with Live(write(tmp_path), settings={"width": "40"}) as live:
        live.ready()
        live.do(Set({"stop": ""}))
        live.do(Run())
        table = look(live)
        while len(table.rows) < 2 or not any("at full speed" in note for note in table.notes):
            table = look(live)
        steps = [int(row[0].replace(",", "")) for row in table.rows]
        assert steps == sorted(set(steps))


def test_looking_at_it_changes_no_number(tmp_path: Path) -> None:
    losses = []
    for watched in (False, True):
        with Live(write(tmp_path, LINE)) as live:
            live.ready()
            for _ in range(10):
                stepped(live, 3)
                if watched:
                    look(live)
            losses.append(live.losses())
    assert losses[0] == losses[1]
