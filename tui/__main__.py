"""The command `foghill`: parse, do what was asked, and turn every failure into one sentence.

Exit codes: 0 done, 1 failed, 2 for bad usage or input. Starts fast: a verb imports its own needs,
and Textual is imported when a screen opens.
"""

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper

from ..engine.protocol.frames import ProtocolError
from ..engine.runs.catalog import CatalogError
from .cli import parse
from .verbs import VerbError


def main(argv: Sequence[str] | None = None) -> int:
    """What the `foghill` script calls; `argv` is without the program's name."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without UTF-8 gets "?", not a crash
    try:
        chosen = parse(sys.argv[1:] if argv is None else argv)
        code = int(chosen.verb(chosen))
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        return _reader_left()
    except KeyboardInterrupt:
        return 130
    except CatalogError as error:
        return _complain(str(error), 2)
    except VerbError as error:
        return _complain(str(error), error.code)
    except ProtocolError as error:
        return _complain(f"this engine cannot be understood: {error}", 1)
    except OSError as error:
        return _complain(_os_words(error), 1)
    except Exception as error:
        if os.environ.get("FOGHILL_DEBUG"):
            raise
        what = f"{type(error).__name__}: {error}".splitlines()[0]
        return _complain(f"a bug of Foghill itself: {what} (FOGHILL_DEBUG=1 shows where)", 1)


def _complain(sentence: str, code: int) -> int:
    print(f"foghill: {sentence}", file=sys.stderr)
    return code


def _os_words(error: OSError) -> str:
    if error.strerror is None:
        return str(error) or type(error).__name__
    return f"{error.filename}: {error.strerror}" if error.filename else error.strerror


def _reader_left() -> int:
    """`foghill ls | head -1` is no failure worth a message; the flush at exit must not fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 141  # as a shell reports SIGPIPE


if __name__ == "__main__":
    sys.exit(main())
