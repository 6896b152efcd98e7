"""Writes what data() returns and how it is split. `batches.py` goes on with the loop.

Each kind of data that `dataset.interpret` knows has its own lines: tensors in memory, a
`Dataset`, the file's own `DataLoader`, no data at all.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset

from ..experiment.randomness import generators
from ..training.dataset import is_pair_of_parts
from ..training.loader import Loader
from ..training.sampler import Items, NoData, Tensors
from ..training.training import Training
from .source import Source
from .words import Loop, Namer, indented, written

ORDER = '''def {name}(seed, epoch, n):
    """The order of n examples in a pass over them, from a generator of its own."""
    generator = torch.Generator().manual_seed(seed * 1_000_003 + epoch)
    return torch.randperm(n, generator=generator)'''
ITEMS = '''def {name}(dataset, seed, epoch, indices):
    """Items as one batch. Each draws with a seed of its own, and leaves the generators alone."""
    states = torch.get_rng_state(), numpy.random.get_state(), random.getstate()
    found = []
    for index in indices:
        z = ((seed * 1_000_003 + epoch) * 0x9E3779B97F4A7C15 + index) & (2**64 - 1)
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & (2**64 - 1)  # splitmix64
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & (2**64 - 1)
        item_seed = (z ^ (z >> 31)) & 0xFFFFFFFF
        torch.default_generator.manual_seed(item_seed)
        numpy.random.seed(item_seed)
        random.seed(item_seed)
        found.append(dataset[index])
    torch.set_rng_state(states[0])
    numpy.random.set_state(states[1])
    random.setstate(states[2])
    return found'''
_LOOKED_AT = 16  # items whose draws tell whether items draw


class Data:
    """`x`, `y` and `batch` are the expressions of a batch's parts inside the loop."""

    def __init__(self, t: Training, source: Source, name: Namer, writer: Loop) -> None:
        self.t = t
        self.w = writer
        self.name = name
        self.source = source
        self.seed, self.data_seed = name("seed"), ""
        self.size = name("batch_size")
        self.device = name("device")
        self.order = name("order", "new_order")
        self.items = name("items", "drawn_items")
        self.epoch, self.rows = name("epoch"), name("rows", "indices")
        self.x, self.y = name("x", "inputs"), name("y", "targets")
        self.batch = name("batch")
        self.whole = name("loader" if isinstance(t.feed, Loader) else "dataset", "examples")
        self.x_valid, self.y_valid = name(f"{self.x}_valid"), name(f"{self.y}_valid")
        self.feed: Any = t.feed
        self.returned: Any = t.returned
        self.kept = self.whole
        self.split = t.parts.splits and t.parts.held_out is not None
        self.draws = isinstance(self.feed, Items) and items_draw(self.feed)
        self.mixed = t.shuffle and self.in_parts

    @property
    def in_parts(self) -> bool:
        """Batches are smaller than the data."""
        return self.feed.size is not None and self.t.batch_size < self.feed.size

    @property
    def is_pair(self) -> bool:
        """Data in memory are (x, y), which deserve their names."""
        fields = getattr(self.feed, "fields", None)
        return isinstance(fields, tuple) and len(fields) == 2

    def settings(self) -> list[str]:
        """Numbers that the lines below refer to by name."""
        t = self.t
        lines = [f"{self.seed} = {t.seed}"]
        if t.data_seed != t.seed and not isinstance(self.feed, NoData):
            self.data_seed = self.name("data_seed")
            lines.append(f"{self.data_seed} = {t.data_seed}")
        else:
            self.data_seed = self.seed
        if self.in_parts or (isinstance(self.feed, Loader) and self._wraps):
            lines.append(f"{self.size} = {t.batch_size}")
        if t.device.type != "cpu":
            lines.append(f"{self.device} = torch.device({str(t.device)!r})")
        return lines

    @property
    def _wraps(self) -> bool:
        """An `IterableDataset`, which needs a loader of ours."""
        returned = self.returned
        part = returned[0] if is_pair_of_parts(returned) else returned
        return isinstance(part, IterableDataset)

    def helpers(self) -> list[str]:
        """Functions of our own that these lines call."""
        found: list[str] = []
        if self.mixed or self.split:
            found.append(ORDER.format(name=self.order))
        if self.draws:
            found.append(ITEMS.format(name=self.items))
        return found

    # --- before the loop ------------------------------------------------------------------------

    def build(self) -> list[str]:
        """What data() returns, split as the run splits it."""
        if isinstance(self.feed, NoData):
            return ["# the model makes its own loss: there is no data"]
        lines = self.w.seeds(self.data_seed)
        made = self.w.call("data")
        two = is_pair_of_parts(self.returned)
        part: Any = self.returned[0] if two else self.returned
        target = self._names_of()
        if two:
            others = self._held_out_names()
            return [*lines, f"{target}, {others} = {made}", *self._as_tensors(part)]
        lines += [f"{target} = {made}", *self._as_tensors(part)]
        return lines + (self._splitting() if self.split else [])

    def _names_of(self) -> str:
        if not self.is_pair:
            return self.whole
        pair = f"{self.x}, {self.y}"
        return f"({pair})" if is_pair_of_parts(self.returned) else pair

    def _held_out_names(self) -> str:
        held_out = self.returned[1]
        if isinstance(held_out, list | tuple) and len(held_out) == 2 and self._judged:
            return f"({self.x_valid}, {self.y_valid})"
        return self.name("_", "held_out")

    @property
    def _judged(self) -> bool:
        """The loss of the held-out data can be printed at the end."""
        held_out = self.t.parts.held_out
        fields = getattr(held_out, "fields", None)
        pair = isinstance(fields, tuple) and len(fields) == 2
        return pair and self.is_pair and not self.t.has_step

    def _as_tensors(self, part: Any) -> list[str]:
        """NumPy's arrays as tensors, and everything on the device."""
        if isinstance(self.feed, Loader):
            if not isinstance(part, DataLoader):
                loader = f"torch.utils.data.DataLoader({self.whole}, {self.size})"
                return [f"{self.whole} = {loader}"]
            return []
        if not isinstance(self.feed, Tensors):
            return []
        if self.is_pair:
            pairs = [*zip((self.x, self.y), part, strict=True)]
            if self._judged and not self.split:
                held_out = self.returned[1]
                pairs += [*zip((self.x_valid, self.y_valid), held_out, strict=True)]
            return [
                f"{name} = {made}"
                for name, value in pairs
                if (made := self._moved(_tensor(name, value))) != name
            ]
        return self._fields_as_tensors(part)

    def _moved(self, made: str) -> str:
        return made if self.t.device.type == "cpu" else f"{made}.to({self.device})"

    def _fields_as_tensors(self, part: Any) -> list[str]:
        if isinstance(part, Tensor | np.ndarray):
            made = self._moved(_tensor(self.whole, part))
            return [f"{self.whole} = {made}"] if made != self.whole else []
        values = list(part.values()) if isinstance(part, Mapping) else list(part)
        if self.t.device.type == "cpu" and all(isinstance(value, Tensor) for value in values):
            return []
        if isinstance(part, Mapping):
            made = ", ".join(
                f"{written(key)}: {self._moved(_tensor(f'{self.whole}[{written(key)}]', value))}"
                for key, value in part.items()
            )
            return [f"{self.whole} = {{{made}}}"]
        made = ", ".join(
            self._moved(_tensor(f"{self.whole}[{i}]", value)) for i, value in enumerate(part)
        )
        return [f"{self.whole} = ({made},)"]

    def _splitting(self) -> list[str]:
        """Hold out the first round(valid · n) of order(seed, −1, n); both keep their order."""
        share, first = float(self.t.values["valid"]), self.first()
        mask, x, y = self.name("train", "kept"), self.x, self.y
        lines = [
            f"# held out: {share:g} of the examples, as one shuffle picks them",
            f"{mask} = torch.ones(len({first}), dtype=torch.bool)",
            f"{mask}[{self.order}({self.data_seed}, -1, len({first}))"
            f"[: round({share!r} * len({first}))]] = False",
        ]
        if isinstance(self.feed, Items):
            self.kept = mask
            return [*lines, f"{mask} = torch.arange(len({first}))[{mask}]"]
        if self.is_pair and self._judged:
            return [
                *lines,
                f"{self.x_valid}, {self.y_valid} = {x}[~{mask}], {y}[~{mask}]",
                f"{x}, {y} = {x}[{mask}], {y}[{mask}]",
            ]
        return [*lines, f"{self.everything()} = {self.taken(mask)}"]

    def first(self) -> str:
        """Something as long as the data."""
        if isinstance(self.feed, Items):
            return self.whole
        if self.is_pair:
            return self.x
        fields = self.feed.fields
        if isinstance(fields, Tensor):
            return self.whole
        key: object = next(iter(fields)) if isinstance(fields, Mapping) else 0
        return f"{self.whole}[{written(key)}]"

    def everything(self) -> str:
        return f"{self.x}, {self.y}" if self.is_pair else self.whole

    def taken(self, index: str) -> str:
        """The rows `index` of everything."""
        if self.is_pair:
            return f"{self.x}[{index}], {self.y}[{index}]"
        fields = self.feed.fields
        if isinstance(fields, Tensor):
            return f"{self.whole}[{index}]"
        if isinstance(fields, Mapping):
            return f"{{name: field[{index}] for name, field in {self.whole}.items()}}"
        return f"tuple(field[{index}] for field in {self.whole})"

    def held_out_at_the_end(self) -> list[str]:
        """The loss on what was held out, with the last weights."""
        if not self._judged or self.t.parts.held_out is None:
            return []
        w = self.w
        made = f"{w.loss} = {w.loss_of(f'{w.net}({self.x_valid})', self.y_valid)}"
        shown = f'print(f"held out: {{{w.loss}.item():.6g}}")'
        return ["", f"{w.net}.eval()", "with torch.no_grad():", *indented([made]), shown]


def _tensor(name: str, value: Any) -> str:
    """An array as a tensor: NumPy's default is float64, torch's float32."""
    if not isinstance(value, np.ndarray):
        return name
    if not value.flags.c_contiguous:
        name += ".copy()"
    real = np.issubdtype(value.dtype, np.floating)
    return f"torch.from_numpy({name})" + (".float()" if real else "")


def items_draw(feed: Items) -> bool:
    """Whether fetching an item draws from a global generator, by looking at some."""
    before = generators()
    for index in feed.indices[:: max(len(feed.indices) // _LOOKED_AT, 1)].tolist():
        feed.dataset[index]
    after = generators()
    same = torch.equal(before.torch, after.torch) and before.python == after.python
    return not (same and repr(before.numpy) == repr(after.numpy))
