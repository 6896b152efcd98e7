"""Colours, typed once, and the plain signs for terminals without braille and boxes."""

from textual.theme import Theme

THEME = Theme(
    name="foghill",
    primary="#7fb4ca",
    secondary="#a292d6",
    accent="#e6c384",
    warning="#ffa066",
    error="#ff6b70",
    success="#98bb6c",
    foreground="#dcdce4",
    background="#16181d",
    surface="#1b1e25",
    panel="#252932",
    dark=True,
    variables={
        "border": "#4a5160",
        "border-blurred": "#343945",
        "cursor": "#2d4a5a",
        "dim": "#8a90a0",
        "input-selection-background": "#7fb4ca 35%",
    },
)

# One sign for one sign, so that nothing changes its width.
_ASCII = str.maketrans(
    {
        "▸": ">",
        "→": ">",
        "·": "-",
        "–": "-",
        "—": "-",
        "−": "-",
        "…": "~",
        "×": "x",
        "≤": "<",
        "≥": ">",
        "↑": "^",
        "↓": "v",
        "←": "<",
        "Δ": "d",
        "²": "2",
        "³": "3",
        "│": "|",
        "─": "-",
        "●": "*",
        "•": "*",
        "⇒": ">",
        "∂": "d",
        "√": "V",
        "½": "h",
        "ŷ": "y",
        "∞": "#",
        "′": "'",
        "⁰": "0",
        "¹": "1",
        "⁴": "4",
        "⁵": "5",
        "⁶": "6",
        "⁷": "7",
        "⁸": "8",
        "⁹": "9",
        "’": "'",
        "“": '"',
        "”": '"',
    }
)


def plain(text: str) -> str:
    """`text` in ASCII signs of the same width; what has no counterpart becomes `?`."""
    return text.translate(_ASCII).encode("ascii", "replace").decode("ascii")
