"""What `W`, `L` and `K` ask: weights into a file and back, and these settings as a line.

Called by rows of the command table.
"""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from ...engine.protocol.commands import Load, Save
from ..sharing import line
from ..widgets.rows import Row, wrapped
from .ask import AskScreen
from .dialog import RowsDialog

if TYPE_CHECKING:
    from .live import LiveScreen

_ENDINGS = (".safetensors", ".pt", ".pth")


def save(screen: "LiveScreen") -> None:
    """Where to write the weights."""
    hints = (
        ".safetensors holds tensors and nothing else; .pt is torch.save(model.state_dict()).",
        "A file with weights of this model is replaced; any other is left as it is.",
    )

    def take(text: str | None) -> None:
        if text is not None:
            screen.order(Save(str(absolute(text))))

    question = "Write the weights to which file?"
    ask = AskScreen(question, hints, f"{screen.state.run.run}.safetensors", _cannot_write)
    screen.app.push_screen(ask, take)


def load(screen: "LiveScreen") -> None:
    """Which file to read weights from."""

    def take(text: str | None) -> None:
        if text is not None:
            screen.order(Load(str(absolute(text))))

    hints = ("Names and shapes must be those of the model as it stands.",)
    ask = AskScreen("Read weights from which file?", hints, _newest(screen), _cannot_read)
    screen.app.push_screen(ask, take)


def absolute(text: str) -> Path:
    """A file as it was typed, seen from where the screen was started."""
    return Path.cwd() / Path(text.strip()).expanduser()


def _cannot_write(text: str) -> str:
    path = absolute(text)
    if path.suffix not in _ENDINGS:
        return f"a name that ends in .safetensors or .pt, not {text.strip()!r}"
    return "" if path.parent.is_dir() else f"there is no directory {path.parent}"


def _cannot_read(text: str) -> str:
    path = absolute(text)
    if path.suffix not in _ENDINGS:
        return f"a name that ends in .safetensors, .pt or .pth, not {text.strip()!r}"
    return "" if path.is_file() else f"there is no file {path}"


def _newest(screen: "LiveScreen") -> str:
    """The weights written last in this directory, else the name that `W` offers."""
    files = [path for path in Path.cwd().iterdir() if path.suffix in _ENDINGS and path.is_file()]
    newest = max(files, key=lambda path: path.stat().st_mtime, default=None)
    return newest.name if newest else f"{screen.state.run.run}.safetensors"


def share(screen: "LiveScreen") -> None:
    """Show the line; it is printed again when the screen is left."""
    text = line(screen.whole, screen.state, screen.launch.spec, screen.foghill.hide)
    lines = screen.foghill.lines
    if text not in lines:
        lines.append(text)
    screen.app.push_screen(LineScreen(text))


class LineScreen(RowsDialog[None]):
    """A command line to copy."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,c", "copy", show=False),
        Binding("escape,q,K", "dismiss(None)", show=False),
    ]

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        self._copied = False

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self._text)
        self._copied = True
        self.show_rows()

    def rows(self, width: int, height: int) -> list[Row]:
        rows: list[Row] = [(("These settings as a command line:", "strong"),), ()]
        rows += [((part, ""),) for part in wrapped(self._text, width)]
        said = "It is printed again when you leave."
        if self._copied:
            said = "Copied, where the terminal lets programs do that. " + said
        rows += [(), *(((part, "dim"),) for part in wrapped(said, width))]
        return [*rows, (("enter copy  esc back", "dim"),)]
