"""The grammar of the command line: every verb and flag, and which function does it."""

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, NoReturn

from .verbs import VerbError

Verb = Callable[[argparse.Namespace], int]

_COMMANDS = ("run", "attach", "ls", "stop", "rm", "ctl", "export", "predict", "lessons", "doctor")


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence instead of the usage and two lines.

    Flags are never abbreviated, or a later flag would break a script of today.
    """

    def __init__(self, **options: Any) -> None:
        options["allow_abbrev"] = False
        super().__init__(**options)

    def error(self, message: str) -> NoReturn:
        print(f"foghill: {message} (see {self.prog} --help)", file=sys.stderr)
        raise SystemExit(2)


class _Version(argparse.Action):
    """`--version`, which looks the version up only when asked."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        from importlib.metadata import version

        print(f"foghill {version('foghill')}")
        parser.exit()


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The chosen verb as `.verb`, a function of the namespace. Exits with 2 on bad usage."""
    _suggest_run(argv)
    chosen = build_parser().parse_args(argv)
    chosen.argv = ("foghill", *argv)
    return chosen


def _suggest_run(argv: Sequence[str]) -> None:
    """`foghill digits` is clear enough to be answered with what to type."""
    if not argv or argv[0] in _COMMANDS or argv[0].startswith("-"):
        return
    from difflib import get_close_matches

    from ..engine.runs.catalog import CatalogError, lessons, resolve

    try:
        resolve(argv[0], target="?")
    except CatalogError:
        close = get_close_matches(argv[0], [*_COMMANDS, *(one.name for one in lessons())], n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(_COMMANDS)}"
        raise VerbError(f"there is no command {argv[0]!r}; {hint}", 2) from None
    raise VerbError(f"to train {argv[0]}, type: foghill run {argv[0]}", 2)


def build_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="foghill",
        description="See and steer training in the terminal. Without a command: the picker.",
    )
    parser.add_argument("--version", nargs=0, action=_Version, help="show the version")
    _add_ascii(parser, False)
    parser.set_defaults(verb=_later("verbs.attach", "pick"))
    verbs = parser.add_subparsers(metavar="COMMAND")
    _add_run(verbs)
    _add_attach(verbs)
    _add_runs(verbs)
    _add_ctl(verbs)
    _add_export(verbs)
    _add_predict(verbs)
    lessons = _add(verbs, "lessons", "the shipped lessons, or the text of one", "verbs.lists")
    lessons.add_argument("name", nargs="?", default="", metavar="NAME")
    lessons.add_argument("--json", action="store_true", help="with what was tried of each")
    forget = "untick what was tried, of one lesson or of all"
    lessons.add_argument("--forget", action="store_true", help=forget)
    _add(verbs, "doctor", "look at this terminal and this machine", "doctor")
    return parser


def _later(module: str, function: str) -> Verb:
    """A verb whose module is imported when it is called."""

    def verb(chosen: argparse.Namespace) -> int:
        return getattr(import_module(f".{module}", __package__), function)(chosen)

    return verb


def _add(verbs: Any, name: str, help: str, module: str, function: str = "") -> _Parser:
    parser = verbs.add_parser(name, help=help, description=help[0].upper() + help[1:] + ".")
    parser.set_defaults(verb=_later(module, function or name))
    return parser


def _add_ascii(parser: argparse.ArgumentParser, default: Any) -> None:
    """Before or after the verb; the verb's default must not undo what stood before it."""
    help = "draw without braille and boxes"
    parser.add_argument("--ascii", action="store_true", default=default, help=help)


def _add_bell(parser: argparse.ArgumentParser) -> None:
    help = "ring the terminal's bell when the loss leaves its band"
    parser.add_argument("--bell", action="store_true", help=help)


def _add_hide(parser: argparse.ArgumentParser) -> None:
    help = "knobs and pictures to leave out"
    parser.add_argument("--hide", action="append", default=[], metavar="NAME,NAME", help=help)


def _add_run(verbs: Any) -> None:
    run = _add(verbs, "run", "train a lesson, a Python file or a table", "verbs.run")
    run.add_argument("experiment", metavar="EXPERIMENT", help="lesson, file.py or file.csv")
    run.add_argument("--data", default="", metavar="DIR", help="files for it; digits: MNIST's four")
    run.add_argument("--target", default="", metavar="COLUMN", help="what a table is to predict")
    run.add_argument(
        "--set", action="append", default=[], metavar="KNOB=VALUE", help="turn a knob; repeatable"
    )
    run.add_argument("--seed", metavar="N", help="0 to 4294967295; same as --set seed=N")
    run.add_argument("--device", metavar="NAME", help="auto, cpu, cuda, cuda:1 or mps")
    run.add_argument("--name", default="", help="what to call the run")
    run.add_argument("--weights", default="", metavar="FILE", help="start from these weights")
    _add_ascii(run, argparse.SUPPRESS)
    _add_bell(run)
    _add_hide(run)
    run.add_argument("--keys", default="", metavar="LINE", help='play: "lr=0.1 s*5 H"')
    run.add_argument("--headless", action="store_true", help="no screen: train at once, here")
    until = run.add_mutually_exclusive_group()
    until.add_argument("--steps", type=_count, metavar="N", help="headless: end after N steps")
    until.add_argument("--epochs", type=_count, metavar="N", help="headless: end after N epochs")
    until.add_argument(
        "--until", default="", metavar="CONDITION", help="headless: end when, as valid_loss<0.1"
    )
    run.add_argument("--every", type=_count, metavar="N", help="headless: report every N steps")
    run.add_argument(
        "--show",
        action="append",
        default=[],
        metavar="WHAT",
        help="headless: print a table in the end (steps, gradients, ...), or the last phases",
    )
    save = "headless: write the weights in the end, .safetensors or .pt"
    run.add_argument("--save", default="", metavar="FILE", help=save)
    run.add_argument("--jsonl", action="store_true", help="headless: report in JSON lines")


def _add_attach(verbs: Any) -> None:
    attach = _add(verbs, "attach", "open the screen on a living run", "verbs.attach")
    attach.add_argument("name", nargs="?", default="", metavar="NAME", help="default: the newest")
    attach.add_argument("--watch", action="store_true", help="look only, change nothing")
    _add_ascii(attach, argparse.SUPPRESS)
    _add_bell(attach)
    _add_hide(attach)


def _add_runs(verbs: Any) -> None:
    ls = _add(verbs, "ls", "runs alive and past", "verbs.lists")
    ls.add_argument("--json", action="store_true")
    stop = _add(verbs, "stop", "end a run; its directory stays", "verbs.ending")
    stop.add_argument("name", metavar="NAME")
    rm = _add(verbs, "rm", "delete the directory of a run that is not alive", "verbs.ending")
    rm.add_argument("name", metavar="NAME")


def _add_ctl(verbs: Any) -> None:
    ctl = _add(verbs, "ctl", "steer a living run from a script", "verbs.ctl")
    ctl.add_argument("name", metavar="NAME")
    actions = ctl.add_subparsers(dest="action", required=True, metavar="ACTION")
    run = actions.add_parser("run", help="train on")
    run.add_argument("--until", default="", metavar="CONDITION", help="such as valid_loss<0.1")
    actions.add_parser("pause", help="finish the present step, then pause")
    step = actions.add_parser("step", help="take N steps, wait for them, then pause")
    step.add_argument("count", nargs="?", type=_count, default=1, metavar="N")
    step.add_argument("--unit", choices=("phase", "step", "epoch"), default="step")
    turn = actions.add_parser("set", help="turn knobs, all or none")
    turn.add_argument("settings", nargs="+", metavar="KNOB=VALUE")
    back = actions.add_parser("back", help="give a knob its previous value")
    back.add_argument("knob", metavar="KNOB")
    speed = actions.add_parser("speed", help="limit the pace; 0 is as fast as it goes")
    speed.add_argument("steps_per_second", type=_pace, metavar="STEPS_PER_SECOND")
    restart = actions.add_parser("restart", help="back to step 0")
    restart.add_argument(
        "new", nargs="?", choices=("nothing", "weights", "data"), default="nothing"
    )
    actions.add_parser("validate", help="measure the held-out data now")
    save = actions.add_parser("save", help="write the weights, .safetensors or .pt")
    save.add_argument("file", metavar="FILE")
    load = actions.add_parser("load", help="read weights into the model as it stands")
    load.add_argument("file", metavar="FILE")
    status = actions.add_parser("status", help="how the run stands")
    status.add_argument("--json", action="store_true")


def _add_export(verbs: Any) -> None:
    export = _add(verbs, "export", "write a run's numbers, or a script of it", "verbs.export")
    export.add_argument("name", metavar="NAME")
    what = export.add_mutually_exclusive_group(required=True)
    what.add_argument("--csv", metavar="FILE", help="losses and metrics; - is standard output")
    what.add_argument("--script", metavar="FILE", help="plain PyTorch, the same losses bit for bit")
    force = "write over a file that is there and is no earlier export"
    export.add_argument("--force", action="store_true", help=force)


def _add_predict(verbs: Any) -> None:
    predict = _add(verbs, "predict", "use a run's model as it stands", "verbs.predict")
    predict.add_argument("name", metavar="NAME")
    what = "a table's rows, or one input's numbers and words; nothing: held-out examples"
    predict.add_argument("what", nargs="*", metavar="FILE or VALUES", help=what)
    predict.add_argument("--count", type=_count, default=10, metavar="N", help="so many examples")
    predict.add_argument("--json", action="store_true")


def _count(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"takes a whole number, at least 1, not {text!r}")
    return number


def _pace(text: str) -> float:
    try:
        pace = float(text)
    except ValueError:
        pace = -1.0
    if not 0 <= pace < float("inf"):
        raise argparse.ArgumentTypeError(f"takes a number, at least 0, not {text!r}")
    return pace
