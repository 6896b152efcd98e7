"""The present settings of a run as a command line: the terminal's version of a shared link."""

import shlex
from collections.abc import Sequence

from ..engine.protocol.knob import format_value
from ..engine.protocol.state import State
from ..engine.runs.catalog import RunSpec
from .state import LETTERS, ScreenState


def line(run: State, screen: ScreenState, spec: RunSpec, hide: Sequence[str] = ()) -> str:
    """`foghill run hill --keys "lr=0.4 H"`: what differs from the defaults, and the picture shown.

    `run` has hidden knobs too; `hide` is what this screen hides besides `spec.hide`. Values are
    as exact as the knobs' own, so that who pastes it gets the same numbers.
    """
    words = ["foghill", "run", spec.experiment or run.experiment]
    if spec.target:
        words += ["--target", spec.target]
    if spec.weights:
        words += ["--weights", spec.weights]
    if hidden := dict.fromkeys([*spec.hide, *hide]):
        words += ["--hide", ",".join(hidden)]
    if keys := " ".join([*_settings(run), *_picture(screen)]):
        words += ["--keys", keys]
    return " ".join(_quoted(word) for word in words)


def _settings(run: State) -> list[str]:
    found: list[str] = []
    for knob in run.knobs:
        if knob.value != knob.default:
            value = repr(knob.value) if type(knob.value) is float else format_value(knob.value)
            found.append(f"{knob.name}={shlex.quote(value) if value else ''}")
    return found


def _picture(screen: ScreenState) -> list[str]:
    """The key of the picture, where it is not the first."""
    name, pictures = screen.showing, screen.run.pictures
    if name not in pictures or name == pictures[0]:
        return []
    key = LETTERS.get(name) or str(pictures.index(name) + 1)
    return [key] if len(key) == 1 else []


def _quoted(word: str) -> str:
    """For the shell: double quotes where single ones stand inside."""
    if "'" in word and not any(sign in word for sign in '"$`\\!'):
        return f'"{word}"'
    return f'"{word}"' if " " in word and shlex.quote(word) == f"'{word}'" else shlex.quote(word)
