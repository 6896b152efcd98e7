"""Everything one training changes, in one object, and the operations `loop.train` is made of.

The session owns it and alone touches it. `turning.py` changes knobs on it, `validation.py`
measures with it; `snapshot.py` takes all of it down, to go on from a step as if never stopped.
"""

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from math import ceil
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from ..experiment.experiment import Experiment
from ..experiment.randomness import generators, seed_everything
from ..protocol.condition import parse
from ..protocol.knob import Value
from . import optim
from .attributes import buffers, put_back
from .dataset import Parts, interpret
from .device import precisions, resolve
from .losses import Loss, built_in, by_target, pair, scalar
from .sampler import Batch, Feed, NoData, Tensors, to_device

LONGEST = 2**53  # steps
AUTOCAST = {"bf16": torch.bfloat16, "fp16": torch.float16}


class Training:
    """One model being trained: data, model, optimizer, where it stands.

    `prediction`, `loss` and `value` are those of the present step; `named` are the parts of a
    loss that the experiment's `step` returned as a dict.
    """

    def __init__(
        self, experiment: Experiment, lesson: bool, until: str = "", set_by_hand: Iterable[str] = ()
    ) -> None:
        self.experiment = experiment
        self.lesson = lesson
        self.until = until
        self.set_by_hand = set(set_by_hand)
        self.step = 0
        self.seed = self.data_seed = 0  # those in use; the knobs apply at the next restart
        self.batch: Batch = None
        self.prediction: Any = None
        self.target: Any = None
        self.loss: Tensor = torch.zeros(())
        self.value = float("nan")
        self.norm: Tensor | None = None  # of the gradient, where the last update clipped it
        self.named: dict[str, Tensor] = {}
        self.given = False  # weights came from a file or were written by hand
        self.careful = False  # note at the start of a step what abandoning it would need
        self.begun: tuple[Any, ...] | None = None  # what abandoning it puts back
        self.build()

    # --- building -------------------------------------------------------------------------

    def build(self) -> None:
        """Data, model and optimizer from the seeds; step 0."""
        self.device = resolve(str(self.values["device"]), self.lesson)
        if self.device.type == "cuda":
            torch.cuda.set_device(self.device)
        torch.set_num_threads(int(self.values["threads"]))
        self.seed = int(self.values["seed"])
        chosen = int(self.values["data_seed"])
        self.data_seed = self.seed if chosen < 0 else chosen
        self.build_data()
        seed_everything(self.seed)
        self.model = self.new_model()
        self.parameters = [p for p in self.model.parameters() if p.requires_grad]
        self.descent = self.new_descent()
        self.step = 0
        self.given = False
        self.settle()

    @property
    def pristine(self) -> bool:
        """Whether the weights are still those the seed gave."""
        return self.step == 0 and not self.given

    @property
    def numbers(self) -> int:
        """How many numbers are trained."""
        return sum(p.numel() for p in self.parameters if not is_lazy(p))

    @property
    def shapeless(self) -> bool:
        """Whether the model takes its shape with the first step (`nn.LazyLinear` and the like)."""
        return any(is_lazy(p) for p in self.model.parameters())

    @property
    def values(self) -> dict[str, Value]:
        return self.experiment.values

    def build_data(self) -> None:
        """Call `data()` with its seed and split what it returned."""
        seed_everything(self.data_seed)
        has_data = "data" in self.experiment.functions
        self.returned = self._built_by("data") if has_data else None
        self.split()

    def _built_by(self, function: str) -> Any:
        """What `data` or `model` returns, called with the seeds in use, not with pending ones."""
        pending = {name: self.values[name] for name in ("seed", "data_seed")}
        self.values.update(seed=self.seed, data_seed=self.data_seed)
        try:
            return self.experiment.call(function)
        finally:
            self.values.update(pending)

    def split(self) -> None:
        """Training and held-out parts of what `data()` returned."""
        if "data" not in self.experiment.functions:
            self.parts = Parts(NoData(), None, ("the model returns its own loss",))
            return
        self.parts = interpret(
            self.returned,
            self.device,
            float(self.values["valid"]),
            self.data_seed,
            int(self.values["batch_size"]),
            int(self.values["num_workers"]),
        )

    def new_model(self) -> nn.Module:
        model = self._built_by("model")
        if not isinstance(model, nn.Module):
            raise ValueError(f"model() must return a torch nn.Module, not {model!r:.60}")
        if not any(p.requires_grad for p in model.parameters()):
            raise ValueError("model() has no parameter to train (none requires a gradient)")
        if not model.training:  # else parts that the file put into eval mode stay so
            model.train()
        return model.to(self.device)

    def new_descent(self) -> optim.Descent:
        """The optimizer the knobs ask for. Knobs that nobody set take torch's defaults."""
        if "optimizer" in self.experiment.functions:
            descent = optim.adopt(self.experiment.call("optimizer", self.parameters))
            for name in optim.TUNED:
                own = self.experiment.knobs[name].owner != "run"
                if name in self.set_by_hand and not own:
                    descent.turn(name, self.values[name])
                elif (value := descent.number(name)) is not None and not own:
                    self.values[name] = self.experiment.knobs[name].check(value)
            return descent
        defaults = optim.torch_defaults(str(self.values["optimizer"]))
        for name, value in defaults.items():
            if name not in self.set_by_hand:
                self.values[name] = self.experiment.knobs[name].check(value)
        return optim.build(self.parameters, self.values)

    def settle(self) -> None:
        """Read the knobs that the loop looks at every step into plain attributes."""
        values, functions = self.values, self.experiment.functions
        self.feed: Feed = self.parts.train
        self.batch_size = int(values["batch_size"])
        self.shuffle = bool(values["shuffle"])
        self.clip = float(values["clip"])
        self.zero_grad = bool(values["zero_grad"])
        self.optimizer = self.descent.optimizer
        self.reads_loss = self.device.type == "cpu"
        self.has_step = "step" in functions
        self.has_augment = "augment" in functions
        self.self_loss = isinstance(self.feed, NoData)
        self.on_device = isinstance(self.feed, Tensors) and not self.has_augment
        self.criterion = self._criterion()
        self.predict: Callable[[Any], Any] = self.model
        self.loss_of: Callable[[Any, Any], Tensor] = self._loss_of_pair
        if self.has_step or self.self_loss:  # there is no prediction of ours
            self.predict = lambda x: None
            self.loss_of = self._loss_of_own_step if self.has_step else self._loss_of_model
        self.end_step = self._end_step()
        self.descent.schedule(self._schedule_length())
        self._set_precision(str(values["precision"]))

    def _criterion(self) -> Loss | None:
        """The loss of prediction and target; None until the target's type is known."""
        if "loss" in self.experiment.functions:
            return lambda prediction, target: self.experiment.call("loss", prediction, target)
        name = str(self.values["loss"])
        return None if name == "auto" else built_in(name)

    def _end_step(self) -> int:
        """The step at which `stop` or `until` ends the run, where that is known; else 0."""
        condition = parse(self.until or str(self.values["stop"]))
        ends = (condition.step_bound or 0, self._step_at_epoch(condition.epoch_bound or 0))
        return min((end for end in ends if 0 < end < LONGEST), default=0)

    def _step_at_epoch(self, epoch: int) -> int:
        """The step that completes pass number `epoch`, at the batch size from here on."""
        passes = epoch - self.feed.place.epoch
        if self.feed.size is None or passes < 1:  # a loader's batches never change
            return epoch * self.steps_per_epoch
        return self.step + self.steps_to_epoch_end + (passes - 1) * self.steps_per_epoch

    def _schedule_length(self) -> int:
        if self.values["schedule"] != "cosine" or self.descent.scheduler is not None:
            return 0
        if not self.end_step:
            raise ValueError(
                "schedule=cosine needs a known end: set stop to step>=N or epoch>=N first"
            )
        return self.end_step

    def _set_precision(self, precision: str) -> None:
        if precision not in precisions(self.device):
            offered = ", ".join(precisions(self.device))
            raise ValueError(
                f"precision {precision} does not exist on {self.device}; it takes {offered}"
            )
        self.autocast: Any = nullcontext()
        if precision != "fp32":
            self.autocast = torch.autocast(self.device.type, AUTOCAST[precision])
            self.predict, self.loss_of = self.autocast(self.predict), self.autocast(self.loss_of)
        scaling = precision == "fp16"
        if not scaling or getattr(self, "scaler", None) is None:
            self.scaler = torch.amp.GradScaler(self.device.type) if scaling else None

    @property
    def steps_to_epoch_end(self) -> int:
        """Steps until the present pass is over; 1 where that is not known."""
        size = self.feed.size
        if size is None or self.batch_size >= size:
            return 1
        return ceil((size - self.feed.place.position) / self.batch_size)

    @property
    def steps_per_epoch(self) -> int:
        return self.parts.train.steps_per_epoch(int(self.values["batch_size"]))

    # --- the operations of a step, in the order the loop takes them ---------------------------

    def begin_step(self) -> None:
        """Note what beginning this step again would need (only while stepping by hand)."""
        gradients = [(p, None if p.grad is None else p.grad.clone()) for p in self.parameters]
        self.begun = generators(), buffers(self.model), gradients

    def abandon_step(self) -> None:
        """Put generators, buffers and gradients back to where the step began, where noted."""
        if self.begun is not None:
            put_back(*self.begun)
            self.begun = None
        self.loss, self.prediction = torch.zeros(()), None

    def next_batch(self) -> tuple[Any, Any]:
        """The batch as (x, target); for an experiment's own `step`, (batch, None)."""
        batch = self.feed.take(self.batch_size, self.shuffle, self.seed)
        if self.has_augment:
            batch = self._augmented(batch)
        if not self.on_device:
            batch = to_device(batch, self.device)
        self.batch = batch
        if self.has_step or self.self_loss:
            self.target = None
            return batch, None
        x, self.target = batch if type(batch) is tuple and len(batch) == 2 else pair(batch)
        return x, self.target

    def _augmented(self, batch: Batch) -> Batch:
        pair = isinstance(batch, tuple | list)
        x = to_device(batch[0] if pair else batch, self.device, copy=True)  # it may write into x
        x = self.experiment.call("augment", x)
        return (x, *batch[1:]) if pair else x

    def _loss_of_pair(self, prediction: Any, target: Any) -> Tensor:
        if self.criterion is None:
            self.criterion = built_in(by_target(target))
        loss: Any = self.criterion(prediction, target)
        return loss if isinstance(loss, Tensor) and loss.ndim == 0 else scalar(loss, "loss()")

    def _loss_of_own_step(self, prediction: None, target: None) -> Tensor:
        """What `step` returned; the parts of a dict are kept, and summed."""
        returned = self.experiment.call("step", self.model, self.batch)
        self.named = {}
        if isinstance(returned, dict):
            self.named = {
                own_name(name): scalar(part, str(name)).detach() for name, part in returned.items()
            }
            returned = sum(returned.values())
        return scalar(returned, "step()")

    def _loss_of_model(self, prediction: None, target: None) -> Tensor:
        return scalar(self.model(), "model()'s own loss")

    def scaled(self, loss: Tensor) -> Tensor:
        return loss if self.scaler is None else self.scaler.scale(loss)

    def unscale(self) -> None:
        if self.scaler is not None:
            self.scaler.unscale_(self.optimizer)

    def update(self) -> None:
        if self.scaler is None:
            self.optimizer.step()
        else:
            self.scaler.step(self.optimizer)
            self.scaler.update()
        self.descent.after_update(self.loss)

    def complete_step(self) -> None:
        self.step += 1
        self.begun = None
        self.feed.advance()


def own_name(name: object) -> str:
    """The name of a user's number as a series; `loss` itself is always what was minimised."""
    return "own_loss" if name == "loss" else str(name)
