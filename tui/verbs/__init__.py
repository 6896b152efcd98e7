"""What `foghill VERB` does, one file per family of verbs. `cli.py` reads the command line."""


class VerbError(Exception):
    """What was asked cannot be done; the text is one sentence. `code` is the exit code."""

    def __init__(self, sentence: str, code: int = 1) -> None:
        super().__init__(sentence)
        self.code = code
