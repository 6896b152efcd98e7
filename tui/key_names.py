"""Names of keys: Textual's, and as they stand on the keyboard. Loads nothing."""

SHOWN_KEYS = {
    "full_stop": ".",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "plus": "+",
    "minus": "-",
    "colon": ":",
    "question_mark": "?",
    "slash": "/",
    "escape": "esc",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "equals_sign": "=",
    "shift+tab": "shift-tab",
    "ctrl+p": "ctrl-p",
    "ctrl+c": "ctrl-c",
}


def shown_key(key: str) -> str:
    """Textual's name of a key as a person writes it."""
    return SHOWN_KEYS.get(key, key)
