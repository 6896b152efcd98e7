"""The training loop, one page. Read it from top to bottom.

It yields after each phase: pause is not asking for the next, one phase is asking once, stop is
`close()`. Whoever asks (the session, a test) decides what happens between two phases; nothing
in here looks at flags, clocks or clients.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from torch.nn.utils import clip_grad_norm_

if TYPE_CHECKING:
    from .training import Training


def train(t: "Training") -> Iterator[str]:
    """Steps without end, phase by phase. `t` holds everything that changes."""
    while True:
        if t.careful:
            t.begin_step()
        x, target = t.next_batch()
        yield "batch"

        t.prediction = prediction = t.predict(x)
        yield "predict"

        t.loss = loss = t.loss_of(prediction, target)
        if t.reads_loss:  # on an accelerator reading it would wait for the device
            t.value = loss.item()
        yield "loss"

        if t.zero_grad:
            t.optimizer.zero_grad()
        yield "zero"

        t.scaled(loss).backward()
        yield "backward"

        t.descent.before_update(t.step)
        t.norm = None
        if t.clip:
            t.unscale()
            t.norm = clip_grad_norm_(t.parameters, t.clip)
        t.update()
        t.complete_step()
        yield "update"
