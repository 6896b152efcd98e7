"""The end of the log, as plain text."""

from pathlib import Path

from foghill.engine.server.tail import TAIL_BYTES, size_of, tail


def test_the_tail_is_plain_text(tmp_path: Path) -> None:
    log = tmp_path / "engine.log"
    log.write_bytes(b" 10%\r 99%\r100%\n\x1b[31mred\x1b[0m \x1b]0;title\x07end\xff\ttab\n")
    assert tail(log, 10).lines == ("100%", "red end\ufffd\ttab")


def test_only_the_last_lines_of_a_long_log_are_read(tmp_path: Path) -> None:
    log = tmp_path / "engine.log"
    log.write_text("x" * TAIL_BYTES + "\n" + "\n".join(map(str, range(50))) + "\n")
    assert tail(log, 3).lines == ("47", "48", "49")
    assert size_of(log) == log.stat().st_size
    assert size_of(tmp_path / "none") == 0
    log.write_text("")
    assert tail(log, 3).lines == ()
