"""The line of choices in the border of the lower panel: `1 fit  2 weights  0 text  o output`."""

from ..state import OUTPUT, TEXT, ScreenState


def picture_title(screen: ScreenState, width: int, showing: str = "") -> str:
    """The choices that fit; the one shown is marked by `▸`, not by colour."""
    showing = showing or screen.showing
    choices = [(str(number + 1), name) for number, name in enumerate(screen.run.pictures[:9])]
    choices += [("0", TEXT), ("o", OUTPUT)]
    words = [f"{'▸' if name == showing else ''}{key} {name}" for key, name in choices]
    for count in range(len(words), 0, -1):
        line = "  ".join(words[:count])
        if len(line) <= width - 4:
            return line
    return showing
