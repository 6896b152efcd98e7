"""Feeds: which examples a step gets, by the order rule, wherever the batch size changes."""

from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest
import torch
from foghill.engine.training.sampler import (
    Items,
    NoData,
    Place,
    Tensors,
    cloned,
    evenly,
    in_double,
    rows_in,
    to_device,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from plain import REGRESSION, everything, order, take, training
from torch.utils.data import Dataset

CPU = torch.device("cpu")


class Squares(Dataset[Any]):
    """Item i is (i, i²)."""

    def __init__(self, n: int) -> None:
        self.n = n

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, index: int) -> tuple[int, int]:
        return index, index * index


def feeds(n: int) -> list[Any]:
    rows = torch.arange(n)
    return [Tensors((rows, rows * rows), CPU), Items(Squares(n), 0)]


def taken(feed: Any, batch: int, shuffle: bool = True, seed: int = 0) -> list[int]:
    x, y = feed.take(batch, shuffle, seed)
    assert torch.equal(x * x, y)
    feed.advance()
    return x.tolist()


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize(("n", "batch"), [(10, 4), (10, 5), (10, 10), (10, 99), (1, 1), (7, 1)])
def test_passes_follow_the_order_rule(n: int, batch: int, shuffle: bool):
    for feed in feeds(n):
        for epoch in range(3):
            mixed = shuffle and batch < n
            expected = order(6, epoch, n).tolist() if mixed else list(range(n))
            found: list[int] = []
            while feed.place.epoch == epoch:
                assert feed.place.position == len(found)
                found += taken(feed, batch, shuffle, 6)
            assert found == expected


@settings(deadline=None)
@given(st.lists(st.sampled_from([1, 2, 3, 5, 8, 13, 20, 40]), min_size=1, max_size=30))
def test_the_batch_size_may_change_at_every_step(sizes: list[int]):
    """Positions count examples: each step goes on where the last ended in this pass's order."""
    n = 20
    for feed in feeds(n):
        epoch = position = 0
        for size in sizes:
            rows = order(0, epoch, n)[position : position + size].tolist()
            expected = rows if size < n else list(range(n))
            assert taken(feed, size) == expected
            position += size
            if position >= n:
                epoch, position = epoch + 1, 0
            assert (feed.place.epoch, feed.place.position) == (epoch, position)


def test_a_batch_size_changed_in_the_middle_of_an_epoch_in_a_real_run(tmp_path: Path):
    t = training(tmp_path, REGRESSION, batch_size=8, lr=0.1)
    take(t, 2)
    t.values["batch_size"] = 5
    t.settle()
    take(t, 1)
    x = t.returned[0]
    assert torch.equal(t.batch[0], x[order(0, 0, 50)[16:21]])
    assert t.feed.place.position == 21


def test_taking_again_for_the_same_step_gives_the_same_batch():
    for feed in feeds(9):
        taken(feed, 4)
        first = [column.tolist() for column in feed.take(4, True, 0)]
        assert [column.tolist() for column in feed.take(4, True, 0)] == first
        assert (feed.place.epoch, feed.place.position) == (0, 4)


def test_an_item_that_raised_is_fetched_again():
    class Shaky(Squares):
        broken = True

        def __getitem__(self, index: int) -> tuple[int, int]:
            if self.broken and index == 5:
                raise OSError("not there yet")
            return super().__getitem__(index)

    dataset = Shaky(9)
    feed = Items(dataset, 0)
    assert taken(feed, 3, shuffle=False) == [0, 1, 2]
    for _ in range(2):
        with pytest.raises(OSError, match="not there"):
            taken(feed, 3, shuffle=False)
    dataset.broken = False
    assert taken(feed, 3, shuffle=False) == [3, 4, 5]
    assert taken(feed, 3, shuffle=False) == [6, 7, 8]


def test_a_feed_goes_on_from_whatever_place_it_is_given():
    for feed in feeds(20):
        for _ in range(7):
            taken(feed, 3)
        feed.place = Place(2, 6)
        assert taken(feed, 3) == order(0, 2, 20)[6:9].tolist()
        feed.place = Place(0, 15)
        assert taken(feed, 3) == order(0, 0, 20)[15:18].tolist()


def test_the_seed_and_the_shuffling_may_change_in_between():
    for feed in feeds(20):
        taken(feed, 4)
        assert taken(feed, 4, shuffle=False) == [4, 5, 6, 7]
        assert taken(feed, 4, seed=3) == order(3, 0, 20)[8:12].tolist()


def test_no_draw_touches_the_global_generators():
    for feed in feeds(20):
        torch.manual_seed(1)
        before = torch.get_rng_state()
        taken(feed, 3)
        list(feed.measured(3, 0))
        feed.rows(5)
        assert torch.equal(torch.get_rng_state(), before)


def test_every_example_is_measured_once_in_order():
    for feed in (*feeds(2500), Items(Squares(30), 0, torch.tensor([4, 9, 25]))):
        x = torch.cat([batch[0] for batch in feed.measured(600, 0)])
        assert x.tolist() == getattr(feed, "indices", torch.arange(2500)).tolist()


def test_rows_for_pictures_are_evenly_spaced():
    for feed in feeds(100):
        assert feed.rows(4)[0].tolist() == [0, 33, 66, 99]
        assert feed.rows(1000)[0].tolist() == list(range(100))
    far = evenly(2**24 + 5, 3).tolist()  # where float32 would round up, past the end
    assert far == [0, 2**23 + 2, 2**24 + 4]


def test_steps_per_epoch_count_the_smaller_last_batch():
    for feed in feeds(10):
        assert [feed.steps_per_epoch(size) for size in (1, 3, 5, 10, 11)] == [10, 4, 2, 1, 1]


def test_fields_may_be_one_tensor_or_a_dict():
    rows = torch.arange(6)
    one, named = Tensors(rows, CPU), Tensors({"a": rows, "b": -rows}, CPU)
    assert one.take(2, False, 0).tolist() == [0, 1]
    batch = named.take(4, True, 0)
    assert torch.equal(batch["a"], order(0, 0, 6)[:4])
    assert torch.equal(batch["b"], -batch["a"])


def test_without_data_a_step_is_an_epoch():
    feed = NoData()
    assert feed.take(32, True, 0) == ()
    feed.advance()
    assert (feed.place.epoch, feed.steps_per_epoch(32), list(feed.measured(1, 0))) == (1, 1, [])


def test_a_dataset_says_where_it_stands_as_a_tensor_does(tmp_path: Path):
    source = REGRESSION.replace("    return x, (x", "    return Rows(x, (x").replace(
        ".sin()\n", ".sin())\n"
    )
    source += "\nfrom torch.utils.data import TensorDataset as Rows\n"
    items = training(tmp_path, source, batch_size=8, valid=0.2)
    tensors = training(tmp_path, REGRESSION, batch_size=8, valid=0.2)
    assert take(items, 30) == take(tensors, 30)
    assert (
        dict(everything(items))[".place.position"] == dict(everything(tensors))[".place.position"]
    )


Pair = namedtuple("Pair", "x y")


def test_batches_keep_their_form_on_the_device():
    x = torch.ones(2)
    moved = to_device({"a": [x, Pair(x, "text")], "b": x}, CPU)
    assert moved["a"][1].y == "text"
    assert isinstance(moved["a"], tuple)
    assert moved["b"] is x
    assert to_device(x, CPU, copy=True) is not x


@pytest.mark.parametrize(
    ("batch", "rows"),
    [
        (torch.ones(5, 2), 5),
        ((torch.ones(4), torch.ones(3)), 4),
        ({"text": ["a"], "x": torch.ones(6)}, 6),
        (({"a": torch.ones(7, 1)}, torch.ones(7)), 7),
        ((torch.tensor(3.0), torch.ones(2)), 2),
        (torch.tensor(1.0), 1),
        ((), 1),
        ("text", 1),
    ],
)
def test_examples_in_a_batch_are_counted(batch: Any, rows: int):
    assert rows_in(batch) == rows


def test_copies_and_doubles_reach_into_a_batch_and_leave_it_as_it_was():
    x, n = torch.ones(2), torch.arange(2)
    batch = {"x": [x, n], "name": "a"}
    doubled = in_double(batch)
    assert (doubled["x"][0].dtype, doubled["x"][1].dtype) == (torch.float64, torch.int64)
    assert doubled["name"] == "a"
    copy = cloned({"x": (x, n)})
    copy["x"][0].zero_()
    assert x.tolist() == [1, 1]
