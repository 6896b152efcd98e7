"""Keys as they stand on the keyboard, from a module that loads nothing."""

import subprocess
import sys

from foghill.tui.key_names import SHOWN_KEYS, shown_key


def test_signs_have_names_and_the_rest_are_themselves():
    assert shown_key("full_stop") == "."
    assert shown_key("W") == "W"
    assert len(set(SHOWN_KEYS.values())) == len(SHOWN_KEYS)


def test_reading_a_line_of_keys_loads_no_screen():
    code = "import foghill.tui.keys, sys; assert 'textual' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
