"""Colours and signs that drawings use. Built once from the theme and passed in.

Nothing is told by colour alone: every colour here is used with a sign, a place or a word.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache


@dataclass(frozen=True)
class Signs:
    """The characters drawings are made of."""

    point: str = "●"
    ring: str = "○"
    dot: str = "·"
    ring_small: str = "◦"
    broken: str = "×"
    unknown: str = "·"  # not measured yet
    right: str = "✓"
    wrong: str = "✗"
    dash: str = "┊"
    mark: str = "◆"
    here: str = "▲"
    beam: str = "│"
    tick_y: str = "┤"
    tick_x: str = "┬"
    line_x: str = "─"
    corner: str = "└"
    minus: str = "−"
    upper_half: str = "▀"
    eighths: str = " ▁▂▃▄▅▆▇█"
    lefts: str = " ▏▎▍▌▋▊▉█"
    shades: str = " ░▒▓█"
    points: str = "●▲■★✚▼"
    rings: str = "○△□☆✛▽"
    grounds: str = "·+:~=^"
    solid: str = "⠒⠒"
    dotted: str = "⠐⠐"
    powers: str = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"
    ball: str = "●"
    trod: str = "•"  # where a step landed
    floor: str = "◇"  # a minimum
    fog: str = "░"
    arrows: str = "→↗↑↖←↙↓↘"  # from the right on, against the clock


ASCII_SIGNS = Signs(
    point="o", ring="O", dot=".", ring_small="o", broken="x", unknown=".", right="+", wrong="!",
    dash=":", mark="^", here="^", beam="|", tick_y="+", tick_x="+", line_x="-", corner="+",
    minus="-", upper_half="#", eighths=" __--==##", lefts="    #####", shades=" .+%#",
    points="oY#&@$", rings="OAHDSX", grounds=".+:~=-", solid="**", dotted="o o", powers="",
    ball="@", trod="*", floor="V", fog=":", arrows=">/^\\</v\\",
)  # fmt: skip


@dataclass(frozen=True)
class Palette:
    """Colours as `#rrggbb` (or a name the terminal knows), and the signs.

    `colour` is off where the terminal shows none: then pictures shade with characters.
    """

    text: str = "#e0e0e0"
    faint: str = "#7a8088"
    train: str = "#5fb3f9"
    valid: str = "#ffb454"
    good: str = "#7fd88f"
    bad: str = "#ff6b6b"
    accent: str = "#c792ea"
    back: str = "#121212"
    classes: tuple[str, ...] = ("#5fb3f9", "#ffb454", "#7fd88f", "#c792ea", "#ff6b6b", "#4fd6be")
    ascii: bool = False
    colour: bool = True

    @property
    def signs(self) -> Signs:
        return ASCII_SIGNS if self.ascii else UNICODE_SIGNS

    def of_class(self, number: int) -> str:
        return self.classes[number % len(self.classes)]

    def tint(self, colour: str, share: float) -> str:
        """`colour` laid over the background with `share` of its strength."""
        return blend(self.back, colour, share)

    def grey(self, share: float) -> str:
        """From black (0) to white (1): a pixel, whatever the theme."""
        level = round(255 * min(max(share, 0.0), 1.0))
        return f"#{level:02x}{level:02x}{level:02x}"


UNICODE_SIGNS = Signs()


@lru_cache(maxsize=4096)
def blend(under: str, over: str, share: float) -> str:
    """`over` on `under`; "" where one of them is not a `#rrggbb`."""
    if not (_is_hex(under) and _is_hex(over)):
        return ""
    mixed = (
        round(int(under[i : i + 2], 16) * (1 - share) + int(over[i : i + 2], 16) * share)
        for i in (1, 3, 5)
    )
    return "#" + "".join(f"{part:02x}" for part in mixed)


def _is_hex(colour: str) -> bool:
    return len(colour) == 7 and colour.startswith("#")


def palette_of(
    variables: Mapping[str, str], *, ascii: bool = False, colour: bool = True
) -> Palette:
    """The palette of a Textual theme, from `App.theme_variables`."""
    plain = Palette()

    def take(name: str, otherwise: str) -> str:
        found = variables.get(name, "")
        return found[:7].lower() if found.startswith("#") else found or otherwise

    back = take("surface", take("background", plain.back))
    text = take("foreground", plain.text)
    train, valid = take("primary", plain.train), take("warning", plain.valid)
    good, bad = take("success", plain.good), take("error", plain.bad)
    accent = take("accent", plain.accent)
    return replace(
        plain,
        text=text,
        faint=blend(back, text, 0.5) or plain.faint,
        train=train,
        valid=valid,
        good=good,
        bad=bad,
        accent=accent,
        back=back,
        classes=(train, valid, good, accent, bad, take("secondary", plain.classes[5])),
        ascii=ascii,
        colour=colour,
    )
