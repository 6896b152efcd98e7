"""A program on a pseudo terminal, and its bytes by frame and panel."""

import os
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2]))

from bench.terminal import COLUMNS, ROWS, Chunk, Terminal
from bench.terminal_bytes import by_panel, frames, panels

SCREEN = [
    "status",
    "┌knobs┐┌loss──────┐",
    "│     ││          │",
    "└─────┘└──────────┘",
    "┌step─┐┌1 fit─────┐",
    "│     ││          │",
    "└─────┘└──────────┘",
    "footer",
]


def test_the_terminal_shows_what_a_program_writes_and_takes_its_keys() -> None:
    program = "import os; print(*os.get_terminal_size()); print(input() + '!')"
    terminal = Terminal([sys.executable, "-c", program])
    try:
        terminal.wait_for(f"{COLUMNS} {ROWS}")
        terminal.press("hello\n")
        chunk = terminal.wait(lambda screen: "hello!" in "".join(screen.display), "the answer")
        assert chunk.time > terminal.began
        assert b"hello!" in chunk.content
    finally:
        terminal.kill()
    assert terminal.process.returncode is not None


def test_what_never_comes_is_reported_with_what_did() -> None:
    terminal = Terminal([sys.executable, "-c", "print('something else')"])
    try:
        with pytest.raises(RuntimeError, match="never showed knobs"):
            terminal.wait_for("knobs", seconds=5)
    finally:
        terminal.kill()
    with pytest.raises(OSError):
        os.kill(terminal.process.pid, 0)


def test_bytes_belong_to_the_panel_in_which_their_piece_begins() -> None:
    places = panels([row.ljust(COLUMNS) for row in SCREEN] + [" " * COLUMNS] * (ROWS - 8))
    pieces = {
        "status": b"\x1b[1;1Hhill",
        "knobs and step": b"\x1b[5;2Hbatch",
        "chart": b"\x1b[3;9Hxy\x1b[4;10H-",
        "picture": b"\x1b[6;12Hpoint",
        "footer": b"\x1b[8;1Hkeys",
        "elsewhere": b"",
    }
    count = by_panel(b"?" + b"".join(pieces.values()), places)
    assert count == {name: len(piece) for name, piece in pieces.items()} | {"elsewhere": 1}
    assert by_panel(b"", places).total() == 0


def test_a_frame_is_what_comes_within_a_tenth_of_a_second() -> None:
    chunks = [Chunk(0.0, b"a"), Chunk(0.05, b"b"), Chunk(0.1, b"c"), Chunk(0.5, b"d")]
    assert frames(chunks) == [b"ab", b"c", b"d"]
