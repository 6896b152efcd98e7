"""The chart and the pictures as panels of the live screen: their titles know who is focused."""

from ..state import ScreenState
from .chart import LossChart
from .look import Look
from .picture import PicturePanel
from .picture_title import picture_title


class ChartPanel(LossChart, can_focus=False):
    """The loss chart with its title in brackets while the arrows act in it."""

    HELP = (
        "Chart. Left and right move a cursor that reads out exact numbers, up and down choose "
        "the curve, + and - zoom, [ and ] move to earlier and later steps, y changes the scale, "
        "m smooths, G follows the end. A mark at the bottom stands where a knob changed."
    )

    def title(self) -> str:
        title = super().title()
        return f"[{title}]" if self.has_class("-focused") else title

    def frame(self, screen: ScreenState) -> None:
        """Show in the border whether the arrows act here."""
        self.set_class(screen.focus == "chart", "-focused")
        self.set_title(self.title())


class PaintedPanel(PicturePanel, can_focus=False):
    """The picture with the line of choices in its border."""

    HELP = (
        "Pictures. The digits choose which, left and right turn the pages of a gallery, 0 shows "
        "the experiment's text, o what was printed. In the pictures of weights and network the "
        "arrows choose a weight, [ and ] turn it, E types it; page up and page down turn the "
        "network's sheets. An arrow at a weight's bar points where a step moves it; the longest "
        "stands for the steepest gradient since the start. On a boundary b hides its shades. "
        "V hides what is held out. "
        "On a hill f lays and lifts the fog, left and right turn to other slices of it."
    )

    _framed: ScreenState | None = None

    def resized(self) -> None:
        """Room for other choices in the border."""
        super().resized()
        if self._framed is not None:
            self.frame(self._framed)

    def frame(self, screen: ScreenState) -> None:
        """Show the choices, and whether the arrows act here."""
        self._framed = screen
        focused = screen.focus == "picture"
        self.look_as(Look(screen.hard, screen.held_out, focused, screen.in_fog))
        self.set_class(focused, "-focused")
        title = picture_title(screen, self.size.width)
        self.set_title(f"[{title}]" if focused else title)
