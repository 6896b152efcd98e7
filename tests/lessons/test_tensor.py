"""tensor: shapes, bytes, dtypes and slices are those that torch and NumPy have."""

from typing import Any

import numpy as np
import pytest
import torch

from lessons.plain import experiment, trained
from lessons.seeds import promise


def loaded(**knobs: object) -> tuple[Any, torch.Tensor, torch.Tensor, Any]:
    e = experiment("tensor", **knobs)
    x, y = e.call("data")
    torch.manual_seed(0)
    return e, x, y, e.call("model")


def shown(view: str, **knobs: object) -> dict[str, Any]:
    e, x, y, model = loaded(**knobs)
    with torch.no_grad():
        return e.call(view, model, x, y)


@pytest.mark.parametrize(
    "cut", ["x[n]", "x[n, 0]", "x[n, 0, 3]", "x[n, 0, :, 3]", "x[n, 0, 2:6, 1:7]", "x[n, 0, 3, 3]"]
)
def test_a_cut_is_what_is_written(cut: str):
    e, x, y, model = loaded(n=7, cut=cut)
    assert cut in e.knobs["cut"].choices
    expected = eval(cut, {"x": x, "n": 7})
    drawn = e.call("view_digit", model, x, y)
    shape = "×".join(map(str, expected.shape)) or "no axis: one number"
    assert f"{cut}: shape {shape}" in drawn[""]
    assert f"{expected.numel() * 4} bytes" in drawn[""]
    if expected.numel() > 1:
        assert torch.equal(drawn[cut].reshape(-1), expected.reshape(-1))
    assert torch.equal(drawn[f"x[7] (a {int(y[7])})"], x[7, 0])


def test_a_digit_is_padded_to_28_by_28():
    drawn = shown("view_padded", n=3)
    _, x, _, _ = loaded()
    by_numpy = np.pad(x[3, 0].numpy(), 10)
    assert np.array_equal(drawn["(10 zeros, 8 pixels, 10 zeros)"].numpy(), by_numpy[10:18])
    assert "shape 1×28×28" in drawn[""]
    assert f"{np.count_nonzero(by_numpy)} of them are not 0" in drawn[""]


def test_the_batches_have_these_shapes_and_bytes():
    batch = shown("view_batch")[""]
    assert "shape 64×1×28×28 (example, channel, height, width)" in batch
    assert f"{np.zeros((64, 1, 28, 28), np.float32).nbytes:,} bytes" in batch
    assert "784 numbers on, the next row 28, the next pixel 1" in batch.replace("\n", " ")
    colour = shown("view_colour")[""]
    assert "64×3×224×224" in colour
    assert "38,535,168 bytes" in colour
    assert torch.empty(64, 3, 224, 224).nbytes == 38_535_168
    assert f"{64 * 3 * 224 * 224 // 784:,} digits" in colour


def test_dtypes_keep_what_numpys_keep():
    ((said, (heading, *rows)), _) = shown("view_dtypes").items()
    assert said == "float32: 1/3 is 0.3333333433, 16777217 is 16777216"
    table = {row[0]: dict(zip(heading, row, strict=True)) for row in rows}
    for name in ("float32", "float64", "float16", "int64", "uint8"):
        kind = np.dtype(name)
        assert table[name]["bytes"] == str(kind.itemsize)
        with np.errstate(over="ignore"):
            third = np.float64(1 / 3).astype(kind)
            large = np.int64(16777217).astype(kind)
        assert float(table[name]["1/3"]) == pytest.approx(float(third), abs=1e-9)
        assert float(table[name]["16777217"]) == float(large)
    assert table["float32"]["16777217"] == "16777216"
    assert next(iter(shown("view_dtypes", dtype="float16"))).endswith("16777217 is inf")
    assert table["float32"]["1/3"] != table["float64"]["1/3"]
    assert f"{38_535_168 * 2:,} bytes" in shown("view_dtypes", dtype="float64")[""]


def test_a_sentence_is_whole_numbers_each_zeros_with_a_one():
    drawn = shown("view_sentence", word=4)
    sentence, _, chosen = drawn.pop("").splitlines()
    ((_, columns),) = drawn.items()
    words, rows = sentence.split(), columns.T
    assert rows.shape == (len(words), len(set(words)))
    assert torch.equal(rows.sum(1), torch.ones(len(words)))
    same = [torch.equal(rows[0], row) for row in rows]
    assert same == [word == words[0] for word in words]
    assert chosen == f"tokens[4] is {rows[4].argmax()}: {words[4]!r} = {rows[4].int().tolist()}"
    last = experiment("tensor").knobs["word"].high
    assert last == len(words) - 1


def test_a_sound_is_a_line_and_above_half_the_rate_looks_like_a_lower_one():
    def sound(pitch: int) -> torch.Tensor:
        return next(iter(shown("view_sound", pitch=pitch).values()))

    seconds = np.arange(80) / 8000
    assert np.allclose(sound(1000).numpy(), np.sin(2 * np.pi * 1000 * seconds), atol=1e-4)
    assert torch.allclose(sound(5000), -sound(3000), atol=1e-3)


def test_the_weights_and_gradients_are_the_models_own():
    e, x, y, model = loaded()
    assert "no backward yet" in e.call("view_weights", model, x, y)[""]
    torch.nn.functional.cross_entropy(model(x), y).backward()
    drawn = e.call("view_weights", model, x, y)
    assert "weight shape 10×64 (digit, pixel)" in drawn[""]
    for name, tensor in (("weight", model[1].weight), ("grad", model[1].weight.grad)):
        for digit in range(10):
            first = digit // 5 * 5
            images = drawn[f"{name} (digits {first} to {first + 4})"]
            assert images.shape == (8, 44)
            tile = images[:, 9 * (digit - first) :][:, :8]
            assert torch.equal(tile.reshape(-1), tensor[digit])


@promise()
def test_the_little_model_really_learns(seed: int):
    assert trained("tensor", seed).train > 0.93


def test_every_kind_has_its_row():
    e = experiment("tensor")
    kinds = e.knobs["dtype"].choices
    table = next(iter(shown("view_dtypes").values()))
    assert [row[0] for row in table[1:]] == list(kinds)
