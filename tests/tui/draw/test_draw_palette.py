"""Palettes: colours from a theme, blends, signs without braille."""

from foghill.tui.draw.palette import ASCII_SIGNS, Palette, blend, palette_of
from foghill.tui.theme import THEME


def test_a_blend_lies_between_its_colours():
    assert blend("#000000", "#ffffff", 0.0) == "#000000"
    assert blend("#000000", "#ffffff", 1.0) == "#ffffff"
    assert blend("#000000", "#ff8000", 0.5) == "#804000"


def test_a_colour_the_terminal_names_cannot_be_blended():
    assert blend("ansi_blue", "#ffffff", 0.5) == ""
    assert Palette(back="ansi_default").tint("#ffffff", 0.5) == ""


def test_every_ascii_sign_is_ascii_and_as_wide_as_the_sign_it_replaces():
    for name in Palette(ascii=True).signs.__dataclass_fields__:
        sign = getattr(ASCII_SIGNS, name)
        assert sign.isascii(), name
        if name != "powers":
            assert len(sign) == len(getattr(Palette().signs, name)) or name == "dotted", name


def test_the_theme_gives_the_colours():
    palette = palette_of({"primary": "#112233", "error": "#445566FF", "surface": "#000000"})
    assert palette.train == "#112233"
    assert palette.bad == "#445566"
    assert palette.back == "#000000"
    assert len(set(palette_of({"primary": THEME.primary}).classes)) >= 5
