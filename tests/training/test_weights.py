"""Starting from trained weights: what fits is copied, the rest is named, and nothing else runs."""

import errno
import os
import pickle
import random
import warnings
from pathlib import Path

import pytest
import torch
from foghill.engine.runs.directory import RunSpec
from foghill.engine.training import weights
from foghill.engine.training.weights import keep, load, put, read_all, save
from safetensors.torch import save_file
from torch import Tensor, nn


def network(width: int = 3, seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(2, width), nn.BatchNorm1d(width), nn.Linear(width, 1))


def same(model: nn.Module, tensors: dict[str, Tensor]) -> bool:
    return all(torch.equal(tensor, tensors[name]) for name, tensor in model.state_dict().items())


def saved(content: object, path: Path) -> Path:
    if path.suffix == ".safetensors":
        save_file(content, path)  # type: ignore[arg-type]
    else:
        torch.save(content, path)
    return path


@pytest.mark.parametrize("ending", [".safetensors", ".pt", ".pth"])
def test_every_tensor_and_buffer_comes_over_exactly(tmp_path, ending):
    trained = network(seed=1)
    trained[1].running_mean.fill_(7.0)
    model = network(seed=2)
    assert not same(model, trained.state_dict())
    sentence = load(model, saved(trained.state_dict(), tmp_path / f"best{ending}"))
    assert same(model, trained.state_dict())
    assert sentence == f"9 of 9 tensors of the model start from best{ending}"


@pytest.mark.parametrize("key", ["state_dict", "model"])
@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "_orig_mod.module."])
def test_checkpoints_and_wrapped_models_are_understood(tmp_path, key, prefix):
    trained = network(seed=1)
    tensors = {prefix + name: tensor for name, tensor in trained.state_dict().items()}
    path = saved({key: tensors, "epoch": 3, "optimizer": {"state": {}}}, tmp_path / "last.pt")
    model = network(seed=2)
    load(model, path)
    assert same(model, trained.state_dict())


def test_a_prefix_that_only_some_names_have_is_a_name(tmp_path):
    model = nn.ModuleDict({"module": nn.Linear(2, 2), "head": nn.Linear(2, 1)})
    trained = {name: torch.ones_like(tensor) for name, tensor in model.state_dict().items()}
    load(model, saved(trained, tmp_path / "w.safetensors"))
    assert same(model, trained)


def test_what_does_not_fit_stays_and_is_named_with_both_shapes(tmp_path):
    trained, model = network(width=4, seed=1), network(width=3, seed=2)
    content = trained.state_dict() | {"extra": torch.ones(1)}
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    sentence = load(model, saved(content, tmp_path / "w.safetensors"))
    assert sentence.startswith("2 of 9 tensors of the model start from w.safetensors; ")
    assert "0.weight is 3×2 here and 4×2 in the file" in sentence
    assert sentence.endswith("and 5 more")
    assert torch.equal(model.state_dict()["2.bias"], content["2.bias"])
    assert torch.equal(model.state_dict()["0.weight"], before["0.weight"])


def test_missing_and_spare_tensors_are_named(tmp_path):
    model = nn.Linear(2, 1)
    sentence = load(
        model, saved({"weight": torch.ones(1, 2), "gain": torch.ones(1)}, tmp_path / "w.pt")
    )
    assert sentence == (
        "1 of 2 tensors of the model start from w.pt; bias is not in the file, "
        "gain is only in the file"
    )


def test_other_precisions_are_converted(tmp_path):
    model = nn.Linear(2, 1)
    content = {"weight": torch.tensor([[0.5, -2.0]]).bfloat16(), "bias": torch.zeros(1).double()}
    load(model, saved(content, tmp_path / "w.safetensors"))
    assert model.weight.dtype == torch.float32
    assert model.weight.tolist() == [[0.5, -2.0]]
    assert model.weight.requires_grad


class Trap:
    def __reduce__(self):
        return (open, ("trapped", "w"))


def test_a_pickle_with_code_is_refused_and_runs_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=r"holds more than weights"):
        load(nn.Linear(2, 1), saved({"weight": Trap()}, tmp_path / "w.pt"))
    assert not (tmp_path / "trapped").exists()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("w.bin", b"", "should end in .safetensors, .pt or .pth"),
        ("w.pt", None, "there is no file"),
        ("w.safetensors", None, "there is no file"),
        ("w.safetensors", b"junk", "cannot be read as weights"),
        ("w.pt", b"", "cannot be read as weights"),
        ("w.pt", b"hello", "cannot be read as weights"),
        ("w.pt", pickle.dumps([1], protocol=2), "cannot be read as weights"),
    ],
)
def test_unreadable_files_are_one_sentence(tmp_path, name, content, sentence):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=sentence) as refusal:
        load(nn.Linear(2, 1), tmp_path / name)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ([1, 2], "holds no state dict but list"),
        ({"epoch": 3}, "holds no state dict but dict"),
        (nn.Linear(2, 1), "holds more than weights"),
        ({"other": torch.ones(2)}, "nothing in w.pt fits this model: weight is not in the file"),
    ],
)
def test_files_without_weights_for_the_model_are_refused(tmp_path, content, sentence):
    model = nn.Linear(2, 1)
    before = [parameter.clone() for parameter in model.parameters()]
    with pytest.raises(ValueError, match=sentence):
        load(model, saved(content, tmp_path / "w.pt"))
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))


@pytest.mark.parametrize("ending", [".safetensors", ".pt"])
def test_damaged_files_are_read_or_refused_but_never_raise_else(tmp_path, ending):
    whole = saved(network().state_dict(), tmp_path / f"w{ending}").read_bytes()
    refusals: list[str] = []
    for seed in range(150):
        generator = random.Random(seed)
        damaged = bytearray(whole)
        for _ in range(4):
            damaged[generator.randrange(min(len(whole), 1500))] = generator.randrange(256)
        (tmp_path / f"w{ending}").write_bytes(damaged)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                load(network(), tmp_path / f"w{ending}")
            except ValueError as refusal:
                refusals.append(str(refusal))
    assert refusals
    assert not any("\n" in refusal for refusal in refusals)


@pytest.mark.parametrize("ending", [".safetensors", ".pt", ".pth"])
def test_what_is_saved_comes_back_bit_for_bit(tmp_path, ending):
    trained = network(seed=1)
    trained[1].num_batches_tracked.fill_(7)
    path = tmp_path / f"w{ending}"
    said = save(trained, path)
    assert said == f"9 tensors, {path.stat().st_size:,} bytes in w{ending}"
    model = network(seed=2)
    put(model, read_all(model, path))
    assert same(model, trained.state_dict())
    assert list(tmp_path.iterdir()) == [path]


def test_tied_weights_can_be_saved(tmp_path):
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    model[1].weight = model[0].weight
    save(model, tmp_path / "w.safetensors")
    assert same(model, read_all(model, tmp_path / "w.safetensors"))


def test_other_names_and_shapes_are_refused_and_named(tmp_path):
    path = tmp_path / "w.pt"
    save(network(width=5), path)
    model = network()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    with pytest.raises(
        ValueError, match=r"^0.weight is 3×2 here and 5×2 in .* nothing was loaded$"
    ):
        read_all(model, path)
    path.unlink()
    save(nn.Sequential(nn.Linear(2, 3)), path)
    with pytest.raises(ValueError, match=r"1.weight is not in the file"):
        read_all(model, path)
    path.unlink()
    save(nn.ModuleList([*network(), nn.Linear(1, 1)]), path)
    with pytest.raises(ValueError, match=r"3.weight is only in the file, 3.bias is only in"):
        read_all(model, path)
    assert same(model, before)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("w.txt", "ends in .safetensors or .pt"),
        ("no/w.pt", "there is no directory"),
        ("here.pt", "is a directory"),
    ],
)
def test_places_that_cannot_be_written_are_one_sentence(tmp_path, name, sentence):
    (tmp_path / "here.pt").mkdir()
    with pytest.raises(ValueError, match=sentence):
        save(network(), tmp_path / name)


@pytest.mark.parametrize("ending", [".safetensors", ".pt"])
def test_a_full_disk_is_said_and_leaves_the_old_file(tmp_path, monkeypatch, ending):
    path = tmp_path / f"w{ending}"
    save(network(seed=1), path)
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ValueError, match="the disk is full; make room"):
        save(network(), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("ending", [".safetensors", ".pt"])
def test_the_same_model_trained_on_is_saved_again(tmp_path, ending):
    path = tmp_path / f"w{ending}"
    save(network(seed=1), path)
    save(network(seed=2), path)
    assert same(network(seed=2), read_all(network(), path))


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("w.pt", network(width=5).state_dict(), r"is of another model \(0.weight is 3×2 here"),
        ("w.safetensors", nn.Linear(2, 1).state_dict(), "is of another model"),
        ("w.pt", network().state_dict() | {"extra": torch.ones(1)}, "extra is only in the file"),
        ("w.pt", {"model": network().state_dict(), "optimizer": {}}, "holds more than weights"),
        ("w.pt", network().state_dict() | {"epoch": 3}, "holds more than weights"),
        ("w.pt", [1, 2], "holds more than weights"),
        ("w.safetensors", b"a letter", "is no file of weights"),
        ("w.pt", b"", "is no file of weights"),
    ],
)
def test_anything_else_is_never_written_over(tmp_path, name, content, sentence):
    path = tmp_path / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        saved(content, path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=sentence) as refusal:
        save(network(), path)
    assert str(refusal.value).endswith("nothing was written; take another name, or delete it first")
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def ended(directory: Path, save: str = "") -> RunSpec:
    return RunSpec(
        name="r", directory=str(directory), experiment="x.py", kind="file", path="x.py", save=save
    )


def test_a_run_keeps_the_weights_it_ended_with_and_writes_them_where_it_was_told(tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    save(network(width=7), run / "weights.safetensors")  # of an engine before
    model, wanted = network(seed=1), tmp_path / "w.pt"
    said, well = keep(model, ended(run, str(wanted)))
    assert (said, well) == ([f"9 tensors, {wanted.stat().st_size:,} bytes in w.pt"], True)
    assert same(model, read_all(network(), wanted))
    assert same(model, read_all(network(), run / "weights.safetensors"))


def test_what_cannot_be_kept_is_said_and_stops_nothing(tmp_path, monkeypatch):
    class Odd(nn.Linear):
        def state_dict(self, *_, **__):
            return {"odd": "no tensor"}

    taken = tmp_path / "w.pt"
    taken.write_text("a letter")
    said, well = keep(network(), ended(tmp_path, str(taken)))
    assert not well
    assert "the weights were not saved: w.pt is there already" in said[0]
    assert (tmp_path / "weights.safetensors").is_file()
    (sentence,), well = keep(Odd(1, 1), ended(tmp_path))
    assert (sentence.partition(":")[0], well) == ("the run could not keep its weights", True)
    monkeypatch.setattr(weights, "KEPT_BYTES", 10)
    assert keep(network(), ended(tmp_path)) == (
        ["the run does not keep its weights: they are 0 MiB"],
        True,
    )
    assert not (tmp_path / "weights.safetensors").exists()
