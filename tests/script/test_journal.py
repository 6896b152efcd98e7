"""What a script says of a run whose journal holds more than its seeds and knobs."""

from pathlib import Path

import pytest
from foghill.engine.history.store import Store
from foghill.engine.protocol.commands import Command, Edit, Load, Restart, Save, Set, Step
from foghill.engine.script.export import script
from foghill.engine.script.journal import Past, past
from scripted import printed
from sessions import Live, write

PROMISE = "the same losses, to the last bit"


def journal(directory: Path, *lines: tuple[int, str] | str) -> Path:
    """A store whose journal holds `(step, what)`; "restart..." begins a branch."""
    store = Store(directory)
    for line in lines:
        step, what = (0, line) if isinstance(line, str) else line
        if what.startswith("restart"):
            store.new_branch()
        store.journal(step, "tester", what, lambda: None)
    store.close()
    return directory


@pytest.mark.parametrize("step", [0, 7])
def test_weights_written_at_any_step_are_told(tmp_path: Path, step: int):
    edit = "edit (w[0] 1 → 3 · loss here 0.5 (over 4,096 of 9,000 examples))"
    found = past(journal(tmp_path, (step, edit), (step, "load /a/w.pt (2 tensors)")), False)
    assert found.written == (f"w[0] 1 → 3 at step {step}", f"load /a/w.pt at step {step}")


def test_what_came_before_a_restart_is_of_no_concern(tmp_path: Path):
    lines = ((0, "edit (w 1 → 3)"), (4, "set lr 0.1 → 0.2"), (5, "load /w.pt"), "restart (seed 0)")
    assert past(journal(tmp_path, *lines), False) == Past()


def test_knobs_count_once_training_has_begun(tmp_path: Path):
    lines = ["set lr 0.1 → 0.2", "step 1 phase", "set batch_size 4 → 8", (3, "set lr 0.2 → 0.3")]
    turned = past(journal(tmp_path, *lines), False).turned
    assert turned == ("set batch_size 4 → 8 at step 0", "set lr 0.2 → 0.3 at step 3")


def test_a_seed_that_waits_for_a_restart_is_told(tmp_path: Path):
    assert past(journal(tmp_path, "set seed 0 → 3"), False).turned == ("set seed 0 → 3 at step 0",)
    assert past(journal(tmp_path, "restart (seed 3)"), False).turned == ()


def test_weights_that_were_given_are_kept_by_a_plain_restart_only(tmp_path: Path):
    new = journal(tmp_path / "new", "restart", "restart with new weights (seed 1)")
    assert past(new, True).weights_left
    assert not past(journal(new, "restart"), True).weights_left


def test_knobs_turned_after_weights_were_given_do_not_begin_afresh(tmp_path: Path):
    assert past(journal(tmp_path, "set width 1 → 2"), True).turned
    assert not past(journal(tmp_path, "restart with new weights", "set width 1 → 2"), True).turned


def test_a_run_without_a_store_has_no_past(tmp_path: Path):
    assert past(tmp_path, False) == Past()


# --- the whole way ------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    (tmp_path / "new").mkdir()


def ran(folder: Path, *orders: Command) -> tuple[str, bool]:
    """The script of a run that was given these orders, and whether it prints the same losses."""
    with Live(write(folder)) as live:
        live.ready()
        for order in (*orders, Step("step", 6)):
            live.do(order)
            live.until(lambda state: state.status == "paused")
        live.until(lambda state: state.step == 6)
        text = script(live.directory)[0]
        (found,) = printed([text.replace("steps = 100", "steps = 6")], folder)
        return " ".join(text.split('"""')[1].split()), found[:6] == live.losses()


EDIT = Edit("0.weight", 0, 3.0)


def test_no_equal_losses_are_promised_after_an_edit_at_step_0(tmp_path: Path):
    said, same = ran(tmp_path, EDIT)
    assert not same
    assert PROMISE not in said
    assert "Weights of that run were written by hand or read from a file: 0.weight" in said
    assert "→ 3 at step 0. This script does not repeat that, so it prints other losses." in said


def test_no_equal_losses_are_promised_after_a_load_at_step_0(tmp_path: Path):
    saved = tmp_path / "w.pt"
    said, same = ran(tmp_path, Step("step", 6), Save(str(saved)), Restart(), Load(str(saved)))
    assert not same
    assert PROMISE not in said
    assert f"{saved.name} at step 0" in said


def test_equal_losses_are_promised_where_a_restart_undid_it(tmp_path: Path):
    said, same = ran(tmp_path, EDIT, Set({"lr": 0.05}), Restart())
    assert same
    assert PROMISE in said


def test_no_equal_losses_are_promised_where_a_seed_waits(tmp_path: Path):
    said, same = ran(tmp_path, Set({"seed": 3}))
    assert not same
    assert PROMISE not in said
    assert "On its way that run was changed: set seed 0 → 3 at step 0" in said
