"""Looking at a model without changing its training: eval mode, no gradients, own generators.

Used by validation and by every picture.
"""

from collections.abc import Generator
from contextlib import contextmanager

import torch
from torch import nn

from ..experiment.randomness import own_generators
from .attributes import own_attributes, own_buffers
from .modes import mark


@contextmanager
def looking(model: nn.Module) -> Generator[None]:
    """Eval mode without gradients. All generators, buffers, and each module's flag and attributes
    are put back."""
    with own_generators(), own_attributes(model), own_buffers(model), torch.no_grad():
        mark(model)
        model.eval()
        yield
