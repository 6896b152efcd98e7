"""save: a file is the state dict, whole again is exactly whole, and predicting changes nothing."""

from pathlib import Path

import pytest
import torch
from foghill.engine.experiment.experiment import Experiment
from foghill.engine.protocol.commands import Load, Rejected, Restart, Save, Set, Step, Validate
from foghill.engine.training import weights
from foghill.engine.views import predict
from sessions import Live

from lessons.plain import experiment, measured, trained
from lessons.seeds import promise

CHECKSUMS = "all tensors, before and after predictions"


@promise()
def test_it_learns_and_new_weights_know_nothing(seed: int):
    run = trained("save", seed)
    assert run.valid > 0.95
    assert run.valid_loss < 0.3
    torch.manual_seed(seed + 1)
    run.model = experiment("save").call("model")
    assert measured(experiment("save"), run, 1)[0] > 0.3


@promise()
def test_saved_broken_and_loaded_it_is_whole_to_the_last_bit(seed: int):
    run, e = trained("save", seed), experiment("save")
    before = measured(e, run, 1)
    kept = {name: tensor.clone() for name, tensor in run.model.state_dict().items()}
    torch.manual_seed(seed + 1)
    run.model = e.call("model")
    assert measured(e, run, 1) != before
    run.model.load_state_dict(kept)
    assert measured(e, run, 1) == before


@promise()
def test_a_thousand_predictions_change_nothing_and_a_step_does(seed: int):
    e = experiment("save")
    run = trained("save", seed, steps=5)
    rows = e.call("view_checksum", run.model.eval(), *run.parts[0])[CHECKSUMS]
    assert [row[2] for row in rows] == ["", "", "the same", "CHANGED"]
    assert rows[1][1] == rows[2][1]
    later = trained("save", seed, steps=6)
    again = e.call("view_checksum", later.model.eval(), *later.parts[0])
    assert again[CHECKSUMS][1][1] != rows[1][1]


def test_the_checksum_begins_as_the_one_that_a_prediction_shows():
    e = experiment("save")
    model = trained("save", 0, steps=2).model
    assert predict.checksum(model).startswith(
        e.call("view_checksum", model, *made(e))[CHECKSUMS][1][1]
    )


def made(e: Experiment) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    return e.call("data")


def test_the_list_is_the_state_dict_and_only_weights_can_be_read_as_weights():
    e = experiment("save")
    run = trained("save", 0, steps=1)
    views = e.call("view_file", run.model, *run.parts[0])
    listed, ways = views["the state dict"][1:], views["three files"][1:]
    state = run.model.state_dict()
    assert [row[0] for row in listed] == list(state)
    sizes = [int(row[3].replace(",", "")) for row in listed]
    assert sizes == [t.numel() * t.element_size() for t in state.values()]
    assert {row[4] for row in listed if row[0].startswith("norm.running")} == {"buffer"}
    assert ways[0][2] == "refused: may run code"
    widths = [max(len(row[column]) for row in views["three files"]) for column in range(3)]
    assert sum(widths) + 2 <= 51  # all of it at 80 by 24
    assert ways[1][2] == f"a dict of {len(state)} tensors"
    assert int(ways[0][1].replace(",", "")) > int(ways[1][1].replace(",", ""))


def validated(live: Live) -> float | None:
    """The loss on held-out data, measured now."""
    live.do(Validate())
    return live.until(lambda state: not state.doing and state.valid_loss is not None).valid_loss


@pytest.mark.parametrize("ending", [".safetensors", ".pt"])
def test_played_as_the_text_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str):
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    path = str(tmp_path / f"save{ending}")
    with Live("save", settings={"stop": "step>=20"}) as live:  # type: ignore[arg-type]
        live.ready()
        live.do(Step("step", 20))
        live.until(lambda state: state.step == 20 and state.status == "paused")
        trained_loss = validated(live)
        assert live.do(Save(path)).note.startswith("9 tensors, ")
        live.do(Restart("weights"))
        assert validated(live) != trained_loss
        live.do(Load(path))
        assert validated(live) == trained_loss
        live.do(Set({"hidden": 16}))
        refused = live.tell(Load(path))
        assert isinstance(refused, Rejected)
        assert refused.reason.startswith("hidden.weight is 16×2 here and 8×2 in the file")
        live.do(Set({"hidden": 8, "names": "fc"}))
        refused = live.tell(Load(path))
        assert isinstance(refused, Rejected)
        assert refused.reason.startswith("fc1.weight is not in the file")
        live.do(Set({"names": "words"}))
        live.do(Load(path))
        assert validated(live) == trained_loss


def test_the_file_holds_what_the_model_has(tmp_path: Path):
    run = trained("save", 0, steps=3)
    for ending in (".safetensors", ".pt"):
        path = tmp_path / f"w{ending}"
        weights.save(run.model, path)
        fresh = experiment("save").call("model")
        weights.put(fresh, weights.read_all(fresh, path))
        for name, tensor in run.model.state_dict().items():
            assert torch.equal(fresh.state_dict()[name], tensor), name
