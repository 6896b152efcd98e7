"""Rows that move: between panels, inside one, through the chart."""

from dataclasses import replace

from ..entry import Entry
from ..state import ScreenState, focused
from ..when import has_chart, moves, moves_sideways, pans

_E = Entry[ScreenState]

MOVE: tuple[_E, ...] = (
    _E(
        "next_panel",
        ("tab",),
        "panel",
        "Next panel. The focused one has its title in brackets; arrows act in it.",
        when=lambda s: not s.tiny,
        footer=2,
        group="panels",
        turn=lambda s: focused(s, 1),
    ),
    _E(
        "previous_panel",
        ("shift+tab",),
        "panel before",
        "The panel before.",
        when=lambda s: not s.tiny,
        group="panels",
        turn=lambda s: focused(s, -1),
    ),
    _E(
        "up",
        ("up", "k"),
        "up",
        "Knob above, next curve, line above.",
        when=moves,
        group="panels",
        method="vertical",
        argument=-1,
    ),
    _E(
        "down",
        ("down", "j"),
        "down",
        "Knob below, next curve, line below.",
        when=moves,
        group="panels",
        method="vertical",
        argument=1,
    ),
    _E(
        "left",
        ("left", "h"),
        "turn down",
        "Turn the knob down, cursor left, page back.",
        when=moves_sideways,
        group="panels",
        method="sideways",
        argument=-1,
    ),
    _E(
        "right",
        ("right", "l"),
        "turn up",
        "Turn the knob up, cursor right, page on.",
        when=moves_sideways,
        group="panels",
        method="sideways",
        argument=1,
    ),
    _E(
        "zoom",
        ("z",),
        lambda s: "unzoom" if s.zoomed else "zoom",
        "The focused panel on the whole screen, and back.",
        when=lambda s: not s.narrow,
        footer=2,
        group="panels",
        turn=lambda s: replace(s, zoomed=not s.zoomed),
    ),
)

CHART: tuple[_E, ...] = tuple(
    _E(
        name,
        keys,
        label,
        help,
        when=pans if name.startswith("pan") else has_chart,
        group="chart",
        method="chart",
    )
    for name, keys, label, help in (
        ("zoom_in", ("plus", "equals_sign"), "zoom in", "Fewer steps in the chart."),
        ("zoom_out", ("minus",), "zoom out", "More steps in the chart."),
        ("first", ("g",), "first", "The first steps of the run."),
        ("last", ("G",), "last", "The latest steps, and follow them."),
        ("pan_left", ("left_square_bracket",), "earlier", "Earlier steps; turn a weight down."),
        ("pan_right", ("right_square_bracket",), "later", "Later steps; turn a weight up."),
        ("toggle_log", ("y",), "log", "Logarithmic or linear scale."),
        ("cycle_smoothing", ("m",), "smooth", "Smooth more, in the end not at all."),
    )
)
