"""A line of keys: `foghill run hill --keys "lr=0.4 s*5 until:step>=40 H"`.

Words are separated by spaces; one with spaces in it stands in quotes.

    s  .  space  enter  H     a key, as the help screen names it
    s*5                       the key five times
    lr=0.1                    a knob turned; at the very front, where the run starts
    until:step>=50            train until this holds, then pause
    type:200                  characters, into a dialog
    wait:2                    two seconds for people to look

A key waits until the one before was answered and the run stands still, so the same line gives
the same numbers on every machine. `space` before `until:` is that run.
"""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from .key_names import SHOWN_KEYS

MOST = 1000
_NAMED = (
    *("space", "enter", "esc", "tab", "shift-tab", "backspace"),
    *("up", "down", "left", "right", "pageup", "pagedown", "home", "end"),
)
_SIGNS = {sign: name for name, sign in SHOWN_KEYS.items()} | {
    ",": "comma",
    "!": "exclamation_mark",
    "#": "number_sign",
    "*": "asterisk",
}


@dataclass(frozen=True)
class Move:
    """One thing the line does: `text` is the key's name in Textual, what to type, or a value."""

    kind: Literal["key", "set", "until", "type", "wait"]
    text: str
    knob: str = ""
    shown: str = ""  # as it stands in the line


def read(line: str) -> tuple[Move, ...]:
    """The moves of a line, repeats spelt out. Raises `ValueError`, a sentence."""
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise ValueError(f"{error} in {line!r}") from None
    moves: list[Move] = []
    for word in words:
        moves += _moves(word)
        if len(moves) > MOST:
            raise ValueError(f"a line has at most {MOST} keys")
    return tuple(moves)


def split(moves: Sequence[Move]) -> tuple[dict[str, str], tuple[Move, ...]]:
    """The settings at the front, and the moves after them."""
    count = next((i for i, move in enumerate(moves) if move.kind != "set"), len(moves))
    return {move.knob: move.text for move in moves[:count]}, tuple(moves[count:])


def _moves(word: str) -> list[Move]:
    for kind in ("until", "type"):
        if word.startswith(f"{kind}:"):
            return [Move(kind, _content(word), shown=word)]
    if word.startswith("wait:"):
        if not re.fullmatch(r"\d+(\.\d*)?", _content(word)):
            raise ValueError(f"wait: takes seconds, as in wait:2, not {word!r}")
        return [Move("wait", _content(word), shown=word)]
    if turned := re.fullmatch(r"([A-Za-z_]\w*)=(.*)", word):
        return [Move("set", turned[2], turned[1], word)]
    if repeated := re.fullmatch(r"(.+)\*(\d+)", word):
        if not 1 <= int(repeated[2]) <= MOST:
            raise ValueError(f"{word}: a key is pressed 1 to {MOST} times")
        return [Move("key", key(repeated[1]), shown=repeated[1])] * int(repeated[2])
    return [Move("key", key(word), shown=word)]


def _content(word: str) -> str:
    content = word.partition(":")[2].strip()
    if not content:
        raise ValueError(f"{word} needs something behind the colon")
    return content


def key(word: str) -> str:
    """Textual's name of the key that people call `word`; raises `ValueError`."""
    if len(word) == 1 and word.isalnum():
        return word
    name = _SIGNS.get(word, word)
    if word in _NAMED or word in _SIGNS or name in SHOWN_KEYS:
        return {"shift-tab": "shift+tab", "esc": "escape"}.get(name, name)
    if re.fullmatch(r"ctrl[-+][a-z]", word):
        return word.replace("-", "+")
    close = get_close_matches(word, [*_NAMED, "until:", "wait:"], n=1)
    hint = f"did you mean {close[0]}?" if close else "keys are named as the help screen (?) does"
    raise ValueError(f"there is no key {word!r}; {hint}")
