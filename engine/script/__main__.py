"""`python -m foghill.engine.script DIRECTORY FILE`: write the script of a run."""

import sys
from pathlib import Path

from .export import export

if __name__ == "__main__":
    sys.exit(export(Path(sys.argv[1]), sys.argv[2]))
