"""When a row of the command table acts: questions to the live screen's state."""

from .state import EDITABLE, ScreenState


def can_train(screen: ScreenState) -> bool:
    return screen.drives and (screen.standing == "running" or can_step(screen))


def can_step(screen: ScreenState) -> bool:
    run = screen.run
    status = screen.standing
    loaded = status == "failed" and bool(run.knobs)  # a step that raised may be tried again
    return screen.drives and (status in ("paused", "finished") or loaded)


def can_add(screen: ScreenState, unit: str) -> bool:
    """Whether one more step, or phase, can be taken: also while some are, by hand."""
    adds = screen.drives and screen.standing == "running" and screen.run.stepping == unit
    return can_step(screen) or (adds and screen.expected is None)


def why_not(screen: ScreenState, group: str, name: str) -> str:
    """What to say of a key that does nothing now; empty where nothing is worth saying."""
    if name == "edit" and screen.drives:
        return "no picture of this run has weights that can be written"
    if name.startswith("picture_") and not screen.tiny:
        return no_picture(screen, name.removeprefix("picture_"))
    if group != "train":
        return ""
    if screen.run.status == "warming up":
        return "not yet: the engine is warming up"
    if not screen.drives:
        return "watching only; attach without --watch to steer"
    if name == "validate" and can_train(screen):
        return "nothing is held out to validate on; turn the knob valid up"
    return "not while it is " + screen.run.status


def no_picture(screen: ScreenState, name: str) -> str:
    """Why there is no such picture, by name or number, and what it takes."""
    run = screen.run
    if run.status == "warming up":
        return "no pictures yet: the engine is warming up"
    if name.isdecimal():
        count = len(run.pictures)
        return f"there is no picture {name}: this run has {count or 'none'}"
    if name in run.hidden:
        return f"the picture {name} is hidden in this run"
    needs = _NEEDS.get(name, "")
    return f"no picture {name} here" + (f": it takes {needs}" if needs else "")


_NEEDS = {  # as the pictures themselves say in `engine/views`
    "hill": "a model of at most 50 million real numbers",
    "network": "a model with parameters",
    "gradients": "a model of at most 64 numbers",
    "graph": "a model of at most 60 modules and a million numbers",
    "optimizer": "a model of at most ten million numbers",
    "cost": "a model of at most ten million numbers",
    "seen": "data of a known size, in Foghill's own order",
    "compare": "a comparison; C begins one",
    "rates": "a knob lr",
    "predict": "inputs and targets that are tensors, row by row",
}


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
    """Some picture shows weights that can be written, or may: it was not seen yet."""
    return screen.drives and bool(with_weights(screen)) and not screen.tiny


def with_weights(screen: ScreenState) -> list[str]:
    """Pictures with numbers to write: the one shown, then those known, then those not seen yet.

    What a picture is shows when it comes: a lesson's own may have a name of ours.
    """
    known = screen.editable
    there = [name for name in EDITABLE if name in screen.run.pictures and known.get(name, True)]
    return sorted(there, key=lambda name: (name != screen.showing, name not in known))


def on_weights(screen: ScreenState) -> bool:
    """The arrows choose a weight."""
    seen = screen.editable.get(screen.showing, False)
    return screen.drives and seen and screen.focus == "picture" and not screen.tiny


def pans(screen: ScreenState) -> bool:
    return has_chart(screen) or on_weights(screen)


def wide(screen: ScreenState) -> bool:
    return not screen.narrow
