"""When a row of the command table acts: questions to the live screen's state."""

from .state import EDITABLE, ScreenState


def can_train(screen: ScreenState) -> bool:
    return screen.drives and (screen.run.status == "running" or can_step(screen))


def can_step(screen: ScreenState) -> bool:
    run = screen.run
    loaded = run.status == "failed" and bool(run.knobs)  # a step that raised may be tried again
    return screen.drives and (run.status in ("paused", "finished") or loaded)


def why_not(screen: ScreenState, group: str, name: str) -> str:
    """What to say of a key that does nothing now; empty where nothing is worth saying."""
    if name.startswith("picture_"):
        return f"there is no picture {name.removeprefix('picture_')} of this run"
    if group != "train":
        return ""
    if screen.run.status == "warming up":
        return "not yet: the engine is warming up"
    if not screen.drives:
        return "watching only; attach without --watch to steer"
    if name == "validate" and can_train(screen):
        return "nothing is held out to validate on; turn the knob valid up"
    return "not while it is " + screen.run.status


def can_turn(screen: ScreenState) -> bool:
    return screen.drives and screen.focus == "knobs" and bool(screen.run.knobs)


def can_set_back(screen: ScreenState) -> bool:
    knob = screen.knob
    return can_turn(screen) and knob is not None and knob.previous is not None


def can_find_rate(screen: ScreenState) -> bool:
    lr = screen.run.knob("lr")
    return screen.drives and lr is not None and not lr.unused


def can_validate(screen: ScreenState) -> bool:
    return can_train(screen) and screen.run.validation != "no validation"


def reads(screen: ScreenState) -> bool:
    """The focused panel is text or pictures that the arrows move through."""
    return screen.focus in ("chart", "picture") or screen.inspecting


def moves(screen: ScreenState) -> bool:
    return reads(screen) or (screen.focus == "knobs" and bool(screen.run.knobs))


def moves_sideways(screen: ScreenState) -> bool:
    return reads(screen) or can_turn(screen)


def has_chart(screen: ScreenState) -> bool:
    return "chart" in screen.visible and bool(screen.run.series)


def can_edit(screen: ScreenState) -> bool:
    """Some picture shows weights that can be written."""
    there = any(name in screen.run.pictures for name in EDITABLE)
    return screen.drives and there and not screen.tiny


def on_weights(screen: ScreenState) -> bool:
    """The arrows choose a weight."""
    return can_edit(screen) and screen.focus == "picture" and screen.showing in EDITABLE


def pans(screen: ScreenState) -> bool:
    return has_chart(screen) or on_weights(screen)


def wide(screen: ScreenState) -> bool:
    return not screen.narrow
