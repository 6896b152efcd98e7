"""Takes the README's pictures: the program itself, on real runs, as SVG into `docs/`.

`python -m bench.pictures`, about a minute. Colours and fonts are Textual's screenshots'.
"""

import asyncio
import os
import re
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
FONT_FACES = re.compile(r"@font-face \{.*?\}", re.DOTALL)  # they point to a web font

# name: experiment, size, keys; a number among the keys is the step to wait for
PICTURES: dict[str, tuple[str, tuple[int, int], str]] = {
    "digits": ("digits", (120, 40), "space 240"),
    "parabola": ("parabola", (80, 24), ". . . . . . space 120"),
    "playground": ("playground", (120, 40), "> > > space 1300 space n z"),
    "radio": ("radio", (100, 30), "s s s s s s"),
    "hill": ("hill", (100, 30), "s s s s"),
    "dial": ("dial", (100, 30), "space 200 x"),
    "overfit": ("overfit", (100, 30), "> > > > > > space 900"),
}


async def take(name: str, experiment: str, size: tuple[int, int], keys: str) -> None:
    """One picture, after `keys` were pressed on a new run."""
    from foghill.engine.runs import catalog
    from foghill.tui.app import FoghillApp
    from foghill.tui.screens.live import LiveScreen

    spec = catalog.new_run(experiment, name=name)
    app = FoghillApp(spec)
    async with app.run_test(size=size) as pilot:

        async def until(step: int) -> None:
            for _ in range(1200):
                screen = app.screen
                if isinstance(screen, LiveScreen):
                    run = screen.state.run
                    if run.status != "warming up" and run.step >= step:
                        return
                await pilot.pause(0.05)
            raise TimeoutError(f"{name} did not come to step {step}")

        await until(0)
        for key in keys.split():
            if key.isdigit() and int(key) > 9:
                await until(int(key))
            else:
                await pilot.press({".": "full_stop", ">": "greater_than_sign"}.get(key, key))
                await pilot.pause(0.3)
        await pilot.pause(0.7)
        svg = app.export_screenshot(title="", simplify=True)
        (ROOT / "docs" / f"{name}.svg").write_text(FONT_FACES.sub("", svg))
    catalog.stop(catalog.find(name))


def main() -> None:
    (ROOT / "docs").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        os.environ["FOGHILL_HOME"] = home
        for name, (experiment, size, keys) in PICTURES.items():
            asyncio.run(take(name, experiment, size, keys))
            print(f"docs/{name}.svg")


if __name__ == "__main__":
    main()
