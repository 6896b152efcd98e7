"""digits: it reads what it never saw; sure and wrong costs; what it sees is what it can read."""

import gzip
import math
import struct
from functools import cache
from pathlib import Path

import pytest
import torch
from foghill.engine.experiment.experiment import UserError
from torch import Tensor

from lessons.plain import Trained, experiment, trained
from lessons.seeds import promise


@cache
def ended(seed: int, **settings: object) -> Trained:
    """A whole run, made once."""
    return trained("digits", seed, **settings)


def start(seed: int, **settings: object) -> tuple[Tensor, Tensor, float]:
    """Highest probabilities before the first step, whether they are right, and the first loss."""

    def look(run: Trained) -> tuple[Tensor, Tensor] | None:
        if run.losses:
            return None
        with torch.no_grad():
            p = run.model(run.parts[0][0]).softmax(1)
        return p.max(1).values, p.argmax(1) == run.parts[0][1]

    run = trained("digits", seed, 1, look=look, **settings)
    return *run.seen[0], run.losses[0]


@promise()
def test_it_passes_ninety_percent_well_before_step_two_hundred(seed: int):
    assert trained("digits", seed, steps=150).valid > 0.9


@promise()
def test_an_untrained_network_guesses(seed: int):
    sure, right, loss = start(seed)
    assert sure.mean() < 0.2
    assert right.float().mean() < 0.3
    assert loss == pytest.approx(math.log(10), abs=0.15)


@promise()
def test_with_large_weights_it_is_sure_and_wrong(seed: int):
    sure, right, loss = start(seed, init=10)
    assert sure.mean() > 0.8
    assert right.float().mean() < 0.3
    assert loss > 5


@promise()
def test_only_cross_entropy_finds_out_of_being_sure_and_wrong(seed: int):
    cross_entropy = trained("digits", seed, init=10).valid
    mse = trained("digits", seed, init=10, loss="mse").valid
    mae = trained("digits", seed, init=10, loss="mae").valid
    assert cross_entropy > 0.9
    assert mae < 0.75
    assert mae < cross_entropy
    assert mse < cross_entropy + 0.01


@promise()
def test_from_an_unsure_start_all_three_learn(seed: int):
    assert ended(seed).valid > 0.93
    assert ended(seed, loss="mse").valid > 0.93
    assert ended(seed, loss="mae").valid > 0.93


def test_the_losses_are_those_of_the_books():
    e = experiment("digits")
    logits, target = torch.randn(5, 10), torch.tensor([0, 3, 9, 9, 1])
    p, right = logits.softmax(1), torch.eye(10)[target]
    found = {}
    for name in ("cross_entropy", "mse", "mae"):
        e.values["loss"] = name
        found[name] = e.call("loss", logits, target)
    assert torch.allclose(found["cross_entropy"], -(right * p.log()).sum(1).mean())
    assert torch.allclose(found["mse"], ((p - right) ** 2).mean())
    assert torch.allclose(found["mae"], (p - right).abs().mean())


@promise()
def test_moved_by_a_pixel_not_half_are_read_unless_it_saw_such(seed: int):
    plain, used_to_it = ended(seed), ended(seed, shift=1)
    assert _read_moved(plain) < 0.5
    assert _read_moved(used_to_it) > 0.8
    assert used_to_it.valid < plain.valid


def _read_moved(run: Trained) -> float:
    """Share of the held-out images that are read when each is moved by up to one pixel."""
    x, y = run.parts[1]
    with torch.no_grad():
        moved = experiment("digits", shift=1).call("augment", x)
        return (run.model.eval()(moved).argmax(1) == y).float().mean().item()


@promise()
def test_of_180_digits_all_are_known_by_heart_while_validation_turns(seed: int):
    run = trained("digits", seed, valid=0.9, valid_every=3)
    best = min(run.valid_losses, key=lambda found: found[1])
    assert run.train == 1
    assert 0.85 < run.valid < 0.97
    assert 100 <= best[0] <= 350
    assert run.valid_loss > 1.02 * best[1]


@promise()
def test_patience_of_ten_ends_it_early(seed: int):
    run = trained("digits", seed, valid=0.9, valid_every=3)
    losses = [loss for _, loss in run.valid_losses]
    ended = next(i for i in range(10, len(losses)) if min(losses[: i + 1]) == min(losses[: i - 9]))
    assert 100 <= run.valid_losses[ended][0] < 590


@promise(quick=(0,))
def test_a_conv_net_reads_them_too(seed: int):
    assert trained("digits", seed, steps=200, architecture="conv").valid > 0.93


def test_dropout_is_seen_in_training_mode_alone():
    e = experiment("digits", dropout=0.5)
    run = trained("digits", 0, steps=50, dropout=0.5)
    drawn = torch.get_rng_state()
    table, why = e.call("view_modes", run.model, *run.parts[0]).values()
    torch.set_rng_state(drawn)
    assert len({row[1] for row in table[1:]}) > 1
    assert len({row[2] for row in table[1:]}) == 1
    x, y = run.parts[0]
    p = run.model.eval()(x[:1]).softmax(1)[0, y[0]]
    assert table[1][2] == f"{p:.4f}"
    assert why.startswith("train() drops 50 % of the units")


@pytest.mark.parametrize("architecture", ["mlp", "conv"])
def test_the_shapes_are_those_of_the_layers(architecture: str):
    e = experiment("digits", architecture=architecture)
    model = e.call("model")
    x, y = e.call("data")
    (table,) = e.call("view_shapes", model, x, y).values()
    assert table[1] == ("input", "64×1×8×8", "float32", "4,096", "")
    assert table[-1][1] == "64×10"
    weights = sum(int(row[4].replace(",", "")) for row in table[1:] if row[4])
    assert weights == sum(p.numel() for p in model.parameters())


def test_augmentation_moves_turns_and_adds_noise():
    e = experiment("digits")
    x = torch.zeros(200, 1, 8, 8)
    x[:, :, 3, 4] = 1
    assert e.call("augment", x) is x
    e.values["shift"] = 1
    moved = e.call("augment", x)
    places = {tuple(image[0].nonzero()[0].tolist()) for image in moved}
    assert places == {(row, column) for row in (2, 3, 4) for column in (3, 4, 5)}
    assert torch.allclose(moved.sum((1, 2, 3)), torch.ones(200), atol=1e-4)
    e.values.update(shift=0, rotate=45.0)
    turned = e.call("augment", x)
    assert not torch.equal(turned, x)
    assert turned.shape == x.shape
    e.values.update(rotate=0.0, noise=0.5)
    assert (e.call("augment", x) - x).std() == pytest.approx(0.5, rel=0.05)


# --- MNIST's files


def packed(content: bytes) -> bytes:
    """The same bytes whenever it is packed: they are in a test's name."""
    return gzip.compress(content, mtime=0)


def idx(array: Tensor) -> bytes:
    head = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    return head + array.to(torch.uint8).numpy().tobytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Images in MNIST's form, half of the files packed."""
    generator = torch.Generator().manual_seed(0)
    for part, n in (("train", 120), ("t10k", 40)):
        images = torch.randint(0, 256, (n, 28, 28), generator=generator)
        (tmp_path / f"{part}-images-idx3-ubyte.gz").write_bytes(packed(idx(images)))
        (tmp_path / f"{part}-labels-idx1-ubyte").write_bytes(idx(torch.arange(n) % 10))
    return tmp_path


@pytest.mark.parametrize("architecture", ["mlp", "conv"])
def test_mnist_is_read_and_learned_where_its_files_are(folder: Path, architecture: str):
    run = trained("digits", 0, steps=3, data_dir=folder, architecture=architecture)
    (x, y), (held_out, _) = run.parts
    assert (x.shape, held_out.shape) == ((120, 1, 28, 28), (40, 1, 28, 28))
    assert y.tolist() == [n % 10 for n in range(120)]
    assert (x.min(), x.max()) == (0, 1)
    packed = gzip.decompress((folder / "train-images-idx3-ubyte.gz").read_bytes())
    assert (x * 255).round().reshape(-1).tolist() == list(packed[16:])
    assert len(run.losses) == 3


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("train-images-idx3-ubyte.gz", None, "there is no train-images-idx3-ubyte or train-"),
        ("t10k-labels-idx1-ubyte", None, "there is no t10k-labels-idx1-ubyte or"),
        ("t10k-labels-idx1-ubyte", b"", "is no whole IDX file of bytes in 1 dimensions"),
        ("t10k-labels-idx1-ubyte", b"\0\0\x08\x01\0\0\0\x28" + b"1" * 39, "is no whole IDX file"),
        ("t10k-labels-idx1-ubyte", b"\0\0\x08\x01\0\0\0\x27" + b"1" * 39, "do not fit"),
        ("train-images-idx3-ubyte.gz", b"not packed", "cannot be unpacked"),
        ("train-images-idx3-ubyte.gz", packed(b"\0\0\x08\x03")[:-9], "cannot be unpacked"),
        ("train-images-idx3-ubyte.gz", packed(b"\0\0\x08\x03\0"), "is no whole IDX file"),
        (
            "train-images-idx3-ubyte.gz",
            packed(idx(torch.zeros(120, 8, 8))),
            "do not fit: (120, 8, 8)",
        ),
    ],
)
def test_what_is_wrong_with_the_files_is_said(
    folder: Path, name: str, content: bytes | None, sentence: str
):
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)
    with pytest.raises(UserError) as raised:
        experiment("digits", data_dir=folder).call("data")
    assert sentence in raised.value.problem.sentence
