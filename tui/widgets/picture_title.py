"""The line of choices in the border of the lower panel: `1 fit  2 weights  0 text  o output`."""

from ..state import LETTERS, OUTPUT, TEXT, ScreenState


def picture_title(screen: ScreenState, width: int, showing: str = "") -> str:
    """The choices that fit; the one shown is marked by `▸`, not by colour, and always there."""
    showing = showing or screen.showing
    choices = [
        (LETTERS.get(name) or str(number + 1), name)
        for number, name in enumerate(screen.run.pictures)
    ]
    choices += [("0", TEXT), ("o", OUTPUT)]
    shown = {name: f"{'▸' if name == showing else ''}{key} {name}" for key, name in choices}
    for count in range(len(choices), 0, -1):
        kept = list(dict(choices[:count]).values())
        if showing not in kept and showing in shown:
            kept[-1] = showing
        line = "  ".join(shown[name] for name in shown if name in kept)
        if len(line) <= width - 4:
            return line
    return showing
