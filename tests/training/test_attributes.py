"""What a model keeps beside its tensors goes with it into a copy, and is that copy's own."""

from typing import Any

import numpy as np
import pytest
import torch
from foghill.engine.training.attributes import copy_attributes, own_attributes, own_buffers
from torch import nn


class Keeping(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(1, 2), nn.LSTM(2, 1)
        self.parts = [self.first, self.first.weight]  # not registered again
        self.seen: dict[str, Any] = {"calls": 0, "latest": []}
        self.chance = torch.Generator().manual_seed(1)
        self.other = np.random.default_rng(1)
        self.mean: Any = None


def pair() -> tuple[Keeping, Keeping]:
    return Keeping(), Keeping()


def test_counters_caches_and_generators_are_copied_and_its_own():
    old, new = pair()
    old.seen["calls"] = 3
    old.seen["latest"].append(torch.ones(2))
    old.mean = torch.ones(1, requires_grad=True) * 2
    torch.rand(5, generator=old.chance)
    old.other.random(5)
    copy_attributes(old, new)
    assert new.seen["calls"] == 3
    assert torch.equal(new.mean, old.mean)
    assert new.mean is not old.mean
    assert not new.mean.requires_grad
    expected = torch.rand(1, generator=old.chance), old.other.random()
    assert (torch.rand(1, generator=new.chance), new.other.random()) == expected
    old.seen["latest"].clear()
    assert len(new.seen["latest"]) == 1


def test_references_to_parts_of_a_model_are_to_the_copys_own():
    old, new = pair()
    copy_attributes(old, new)
    assert new.parts[0] is new.first
    assert new.parts[1] is new.first.weight
    assert torch.isfinite(new.last(torch.ones(1, 1, 2))[0]).all()


def test_what_cannot_be_copied_is_named():
    old, new = pair()
    old.seen["lines"] = (line for line in "ab")
    with pytest.raises(ValueError, match=r"Keeping\.seen of the model cannot be copied"):
        copy_attributes(old, new)


def test_what_is_written_inside_is_gone_outside():
    model = Keeping()
    model.register_buffer("count", torch.zeros(()))
    model.last.register_buffer("same", model.count)
    living, before = model.count, dict(vars(model))
    with own_attributes(model), own_buffers(model):
        model.count += 1
        model.mean, model.more = 3, "new"
        model.eval()
        assert model.last.same is model.count
        assert living.item() == 0
    assert model.count is living
    assert model.last.same is living
    assert living._version == 0
    assert vars(model) == before
