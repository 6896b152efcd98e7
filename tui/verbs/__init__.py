"""What `foghill VERB` does, one file per family of verbs. `cli.py` reads the command line."""

import os
import sys


class VerbError(Exception):
    """What was asked cannot be done; the text is one sentence. `code` is the exit code."""

    def __init__(self, sentence: str, code: int = 1) -> None:
        super().__init__(sentence)
        self.code = code


def say(line: str) -> None:
    """Print a line at once. Where standard output was closed by its reader, as `head` does, the
    program ends quietly: to a verb that talks to an engine, a broken pipe would be that engine's.
    """
    try:
        print(line, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(141) from None  # as a shell reports SIGPIPE
