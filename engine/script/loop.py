"""Writes the training of a run as plain PyTorch: seeds, data, model, optimizer, loop.

`export.py` gives it a training of which one step was taken as far as the loss, so that it knows
what the data are; only the lines which that training needs are written.
"""

from pathlib import Path

from torch import Tensor
from torch.optim.lr_scheduler import ReduceLROnPlateau

from ..experiment.parameters import arguments
from ..training.optim import TUNED, torch_defaults
from ..training.training import Training
from .batches import Batches
from .source import Source
from .weights import weights_source
from .words import Facts, Namer, call, indented, written

_OPTIMIZERS = {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW", "rmsprop": "RMSprop"}
_SEEDING = {"numpy": "numpy.random.seed", "python": "random.seed"}
_LOSSES = {"mse": "mse_loss", "mae": "l1_loss", "huber": "huber_loss"}


class Writer:
    """One script's statements, in order."""

    def __init__(self, t: Training, source: Source, facts: Facts) -> None:
        self.t = t
        self.facts = facts
        self.source = source
        self.name = Namer(source.bound)
        self.net, self.opt = self.name("net", "network"), self.name("optimizer", "descent")
        self.steps, self.step = self.name("steps", "last_step"), self.name("step", "taken")
        self.loss, self.prediction = self.name("loss", "error"), self.name("prediction")
        self.group, self.rate = self.name("group"), self.name("rate")
        self.scaler, self.scheduler = self.name("scaler"), self.name("scheduler")
        self.data = Batches(t, source, self.name, self)
        self.own = t.experiment.functions

    def lines(self) -> list[str]:
        """The statements after the experiment's own source."""
        out = [f"{self.steps} = {self.facts.steps}", *self.data.settings(), ""]
        out += [*self.data.build(), "", *self._model(), "", *self._optimizer()]
        if self.t.scaler is not None:
            out.append(f"{self.scaler} = torch.amp.GradScaler({written(self.t.device.type)})")
        return [*out, "", *self._loop(), *self.data.held_out_at_the_end()]

    # --- what is built ------------------------------------------------------------------------

    def seeds(self, seed: str) -> list[str]:
        """Every generator that the experiment may draw from."""
        also = [f"{call}({seed})" for name, call in _SEEDING.items() if name in self.facts.draws]
        return [f"torch.manual_seed({seed})", *also]

    def call(self, function: str, *given: str) -> str:
        """A call of one of the experiment's functions, its knobs filled in."""
        t = self.t
        knobs = arguments(t.experiment.functions[function], t.values, function)
        return call(
            function, [*given, *(f"{name}={written(value)}" for name, value in knobs.items())]
        )

    def _model(self) -> list[str]:
        lines = [*self.seeds(self.data.seed), f"{self.net} = {self.call('model')}"]
        if not self.facts.trains:
            lines.append(f"{self.net}.train()")
        if self.t.device.type != "cpu":
            lines.append(f"{self.net}.to({self.data.device})")
        given = self.facts.weights
        return lines + (weights_source(Path(given), self.net, self.name) if given else [])

    def _optimizer(self) -> list[str]:
        t, net = self.t, self.net
        frozen = any(not p.requires_grad for p in t.model.parameters())
        if "optimizer" not in self.own:
            name = str(t.values["optimizer"])
            defaults = torch_defaults(name)
            numbers = {knob: t.values[knob] for knob in TUNED if knob in defaults}
            if name == "sgd" and not numbers["momentum"]:
                numbers["nesterov"] = False
            given = [f"lr={numbers.pop('lr')!r}"]
            given += [f"{knob}={v!r}" for knob, v in numbers.items() if v != defaults[knob]]
            made = call(f"torch.optim.{_OPTIMIZERS[name]}", [f"{net}.parameters()", *given])
            return [f"{self.opt} = {made}", *self._schedule_start()]
        given = f"[p for p in {net}.parameters() if p.requires_grad]" if frozen else ""
        made = self.call("optimizer", given or f"list({net}.parameters())")
        if t.descent.scheduler is None:
            return [f"{self.opt} = {made}", *self._turned(), *self._schedule_start()]
        return [f"{self.opt}, {self.scheduler} = {made}", *self._turned()]

    def _turned(self) -> list[str]:
        """Numbers of the own optimizer that were turned by hand; a scheduled lr is a factor."""
        t, lines, value = self.t, list[str](), self.name("value")
        for name in t.descent.turned:
            if name == "lr" and t.descent.scheduler is not None:
                continue
            values = [group[name] for group in t.optimizer.param_groups]
            if values != [group.get(name) for group in self.facts.groups]:
                lines += [
                    f"for {self.group}, {value} in zip({self.opt}.param_groups, {values!r}):",
                    f"    {self.group}[{name!r}] = {value}",
                ]
        return lines

    def _schedule_start(self) -> list[str]:
        if not self.t.descent.total:
            return []
        self.rates = self.name("rates")
        return [f'{self.rates} = [group["lr"] for group in {self.opt}.param_groups]']

    # --- the loop -------------------------------------------------------------------------------

    def _loop(self) -> list[str]:
        return self.data.loop(self._one_step)

    def _one_step(self) -> list[str]:
        """From the batch to the update."""
        t, net = self.t, self.net
        lines = self._loss_lines()
        if t.values["zero_grad"]:
            lines.append(f"{self.opt}.zero_grad()")
        else:
            lines.append(f"# no {self.opt}.zero_grad(): gradients pile up, step upon step")
        scaled = f"{self.scaler}.scale({self.loss})" if t.scaler is not None else self.loss
        lines += [f"{scaled}.backward()", *self._scheduled()]
        if t.clip:
            if t.scaler is not None:
                lines.append(f"{self.scaler}.unscale_({self.opt})")
            lines.append(f"torch.nn.utils.clip_grad_norm_({net}.parameters(), {t.clip!r})")
        return lines + self._update()

    def _loss_lines(self) -> list[str]:
        t = self.t
        if t.self_loss and not t.has_step:
            lines = [f"{self.loss} = {self.net}()"]
        elif t.has_step:
            lines = [f"{self.loss} = {self.call('step', self.net, self.data.batch)}"]
            if t.named:
                parts = self.name("parts")
                lines = [
                    f"{parts} = {self.call('step', self.net, self.data.batch)}",
                    f"{self.loss} = sum({parts}.values())",
                ]
        else:
            lines = [
                f"{self.prediction} = {self.net}({self.data.x})",
                f"{self.loss} = {self.loss_of(self.prediction, self.data.y)}",
            ]
        if str(t.values["precision"]) == "fp32":
            return lines
        kind = {"bf16": "bfloat16", "fp16": "float16"}[str(t.values["precision"])]
        under = f"with torch.autocast({t.device.type!r}, torch.{kind}):"
        return [under, *indented(lines)]

    def loss_of(self, prediction: str, target: str) -> str:
        """The expression of the loss between two others."""
        t = self.t
        if "loss" in self.own:
            return self.call("loss", prediction, target)
        assert isinstance(t.prediction, Tensor)
        assert isinstance(t.target, Tensor)
        name = str(t.values["loss"])
        if name == "auto":
            name = "mse" if t.target.is_floating_point() else "cross_entropy"
        functional = "torch.nn.functional"
        if name == "cross_entropy":
            target += ".squeeze(-1)" if t.target.ndim == t.prediction.ndim else ""
            target += "" if str(t.target.dtype) == "torch.int64" else ".long()"
            return f"{functional}.cross_entropy({prediction}, {target})"
        return call(
            f"{functional}.{_LOSSES[name]}",
            [prediction, _as_number(t.prediction, t.target, target)],
        )

    def _scheduled(self) -> list[str]:
        """A cosine: lr · ½ (1 + cos π t/T)."""
        total = self.t.descent.total
        if not total:
            return []
        last = self.steps if total == self.facts.steps else str(total)
        now = self.step if total >= self.facts.steps else f"min({self.step}, {last})"
        share = f"0.5 * (1 + math.cos(math.pi * {now} / {last}))"
        return self._set_rates(self.rates, f"{self.rate} * ({share})")

    def _set_rates(self, rates: str, rate: str) -> list[str]:
        """`rate`, an expression of each of `rates`, as a group's learning rate."""
        return [
            f"for {self.group}, {self.rate} in zip({self.opt}.param_groups, {rates}):",
            f'    {self.group}["lr"] = {rate}',
        ]

    def _update(self) -> list[str]:
        scaler, scheduler = self.scaler, self.t.descent.scheduler
        step = [f"{self.opt}.step()"]
        if self.t.scaler is not None:
            step = [f"{scaler}.step({self.opt})", f"{scaler}.update()"]
        if scheduler is None:
            return step
        given = f"{self.loss}.detach()" if isinstance(scheduler, ReduceLROnPlateau) else ""
        after = f"{self.scheduler}.step({given})"
        first = self.facts.groups[0]
        start, turned = first.get("initial_lr", first["lr"]), self.t.descent.turned.get("lr")
        if turned is None or not start:
            return [*step, after]
        rates = self.name("rates")
        return [
            f'{rates} = [group["lr"] for group in {self.opt}.param_groups]',
            f"for {self.group} in {self.opt}.param_groups:  # by hand, on top of the scheduler",
            f'    {self.group}["lr"] *= {float(turned) / start!r}',
            *step,
            *self._set_rates(rates, self.rate),
            after,
        ]


def _as_number(prediction: Tensor, target: Tensor, name: str) -> str:
    """The target as a regression loss needs it: in the prediction's shape, real."""
    whole = not target.is_floating_point()
    if whole and prediction.ndim == target.ndim + 1 and prediction.shape[-1] > 1:
        one_hot = f"torch.nn.functional.one_hot({name}.long(), {prediction.shape[-1]})"
        return f"{one_hot}.to(torch.{str(prediction.dtype).removeprefix('torch.')})"
    if prediction.ndim == target.ndim + 1:
        name += ".unsqueeze(-1)"
    elif target.ndim == prediction.ndim + 1:
        name += ".squeeze(-1)"
    return name + (".float()" if whole else "")
