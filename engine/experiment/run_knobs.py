"""The knobs that every run has, in the order in which the screen lists them. No torch.

To add one, add a row here and act on it in the session. Names and bounds are promised in the
README; experiments may narrow them (see `knobs.gather`).
"""

import os
from typing import Any

from ..protocol.knob import Kind, Knob, Value

LARGEST_SEED = 2**32 - 1


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _own(name: str, kind: Kind, value: Value, text: str, **more: Any) -> Knob:
    return Knob(name=name, kind=kind, value=value, default=value, help=text, **more)


def _choice(name: str, choices: str, text: str, **more: Any) -> Knob:
    names = tuple(choices.split())
    return _own(name, "choice", names[0], text, choices=names, **more)


RUN_KNOBS: tuple[Knob, ...] = (
    _choice("optimizer", "sgd adam adamw rmsprop", "the rule that turns gradients into an update"),
    _own("lr", "float", 1e-2, "learning rate: the length of a step", low=0.0, log=True),
    _own("momentum", "float", 0.0, "how much of the last update goes on", low=0.0, high=1.0),
    _own("nesterov", "bool", False, "look ahead along the momentum (sgd)"),
    _own("weight_decay", "float", 0.0, "pull of every weight towards 0", low=0.0, log=True),
    _choice("loss", "auto mse cross_entropy mae huber", "auto: from the target's type"),
    _choice("schedule", "constant cosine", "how lr moves over the run; cosine falls to the end"),
    _own("batch_size", "int", 32, "examples a step; as large as the data: all", low=1, log=True),
    _own("shuffle", "bool", True, "a new order in each epoch"),
    _own("clip", "float", 0.0, "longest gradient norm allowed; 0 is off", low=0.0, log=True),
    _own("zero_grad", "bool", True, "forget the last gradient; off: gradients pile up"),
    _own(
        "valid", "float", 0.2, "share of the data held out", low=0.0, high=0.9, effect="split again"
    ),
    _own("valid_every", "int", 0, "steps between validations; 0 is each epoch", low=0),
    _own("patience", "int", 0, "validations without improvement before the end; 0 is off", low=0),
    _own("stop", "text", "", "when to stop, such as step>=200 or valid_loss<0.1"),
    _choice("precision", "fp32 bf16 fp16", "numbers used to predict", effect="converted at once"),
    _own("device", "text", "auto", "auto, cpu, cuda, cuda:1 or mps", effect="converted at once"),
    _own("threads", "int", max(1, _cores() - 1), "processor cores torch may use", low=1, high=256),
    _own("num_workers", "int", 0, "processes that load a Dataset's items", low=0, high=256),
    _own(
        "seed",
        "int",
        0,
        "where chance starts: weights, order, data",
        low=0,
        high=LARGEST_SEED,
        effect="next restart",
    ),
    _own(
        "data_seed",
        "int",
        -1,
        "chance in the data alone; -1 follows seed",
        low=-1,
        high=LARGEST_SEED,
        effect="next restart",
    ),
)
