"""Writes the loop over batches around one step. Used by `loop.py`."""

from collections.abc import Callable

from torch import Tensor

from ..training.loader import Loader
from ..training.sampler import Items, NoData, Tensors
from .data import Data
from .words import indented


class Batches(Data):
    """Goes through the data in the run's order."""

    def loop(self, one_step: Callable[[], list[str]]) -> list[str]:
        """`one_step` for each batch, its loss printed. Called once the batch's parts have names."""
        w = self.w
        shown = f"print({w.step} + 1, {w.loss}.item())"
        if isinstance(self.feed, NoData) or (isinstance(self.feed, Tensors) and not self.in_parts):
            body = [*self._whole_batch(), *one_step(), shown]
            return [f"for {w.step} in range({w.steps}):", *indented(body)]
        head, batch = self._batches()
        body = [
            *batch,
            *one_step(),
            f"{w.step} += 1",
            f"print({w.step}, {w.loss}.item())",
            f"if {w.step} == {w.steps}:",
            "    break",
        ]
        inner = [head, *indented(body), f"{self.epoch} += 1"]
        return [
            f"{w.step} = {self.epoch} = 0",
            f"while {w.step} < {w.steps}:",
            *indented(inner),
        ]

    def _whole_batch(self) -> list[str]:
        """The batch is all there is."""
        if isinstance(self.feed, NoData):
            return []
        if self.t.has_step:
            made = self.everything() if not self.is_pair else f"{self.x}, {self.y}"
            if self.t.has_augment:
                return self._augmented_whole()
            self.batch = f"({made})" if self.is_pair else made
            return []
        if not self.t.has_augment:
            return []
        bx = self.name("x_batch")
        line = f"{bx} = {self.w.call('augment', f'{self.x}.clone()')}"
        self.x = bx
        return [line]

    def _augmented_whole(self) -> list[str]:
        if self.is_pair:
            x = self.w.call("augment", f"{self.x}.clone()")
            return [f"{self.batch} = {x}, {self.y}"]
        fields = self.feed.fields
        if isinstance(fields, tuple):
            x = self.w.call("augment", f"{self.whole}[0].clone()")
            return [f"{self.batch} = ({x}, *{self.whole}[1:])"]
        return [f"{self.batch} = {self.w.call('augment', f'{self.whole}.clone()')}"]

    def _batches(self) -> tuple[str, list[str]]:
        """The line that goes through a pass, and those that make a batch of what it gives."""
        if isinstance(self.feed, Loader):
            return self._from_loader()
        n = f"len({self.kept if isinstance(self.feed, Items) and self.split else self.first()})"
        of = f"{self.order}({self.seed}, {self.epoch}, {n})" if self.mixed else f"torch.arange({n})"
        size = self.size if self.in_parts else n
        head = f"for {self.rows} in {of}.split({size}):"
        if isinstance(self.feed, Items):
            return head, self._from_items()
        if self.is_pair and not self.t.has_step:
            bx, by = self.name("x_batch"), self.name("y_batch")
            lines = [f"{bx}, {by} = {self.taken(self.rows)}"]
            self.x, self.y = bx, by
            return head, lines + self._augmented(bx)
        return head, [f"{self.batch} = {self.taken(self.rows)}", *self._augmented_batch()]

    def _augmented(self, x: str) -> list[str]:
        return [f"{x} = {self.w.call('augment', x)}"] if self.t.has_augment else []

    def _augmented_batch(self) -> list[str]:
        if not self.t.has_augment:
            return []
        if isinstance(self.t.batch, Tensor):
            return self._augmented(self.batch)
        x = self.w.call("augment", f"{self.batch}[0].clone()")
        return [f"{self.batch} = ({x}, *{self.batch}[1:])"]

    def _from_items(self) -> list[str]:
        indices = f"{self.kept}[{self.rows}]" if self.split else self.rows
        collate = "torch.utils.data.default_collate"
        if hasattr(self.feed.dataset, "collate_fn"):
            collate = f"{self.whole}.collate_fn"
        if self.draws:
            found = f"{self.items}({self.whole}, {self.seed}, {self.epoch}, {indices}.tolist())"
        else:
            found = f"[{self.whole}[i] for i in {indices}.tolist()]"
        return self._unpacked(f"{collate}({found})")

    def _unpacked(self, made: str) -> list[str]:
        """(x, y) or the batch for the experiment's own step, on the device, augmented."""
        pair = not self.t.has_step
        if pair:
            lines = [f"{self.x}, {self.y} = {made}"]
            if self.t.device.type != "cpu":
                both = f"{self.x}.to({self.device}), {self.y}.to({self.device})"
                lines.append(f"{self.x}, {self.y} = {both}")
            return lines + self._augmented(self.x)
        if self.t.device.type != "cpu":
            raise ValueError(
                "the batches of a Dataset or DataLoader go to an accelerator part by part; "
                "set device=cpu to export a script of a run with its own step()"
            )
        whole = f"tuple({made})" if type(self.t.batch) is tuple else made
        return [f"{self.batch} = {whole}", *self._augmented_batch()]

    def _from_loader(self) -> tuple[str, list[str]]:
        if not self.t.has_step:
            head = f"for {self.x}, {self.y} in {self.whole}:"
            lines: list[str] = []
            if self.t.device.type != "cpu":
                both = f"{self.x}.to({self.device}), {self.y}.to({self.device})"
                lines = [f"{self.x}, {self.y} = {both}"]
            return head, lines + self._augmented(self.x)
        return f"for {self.batch} in {self.whole}:", self._unpacked(self.batch)
