"""The colours of the dashboard, light and dark: all text can be read (WCAG 2.2, AA), all fields can be seen."""

from __future__ import annotations

import re

import pytest

from vigyc.surfaces.web.assets import read_assets

TEXT, EDGE = 4.5, 3.0
ON = {
    "text": "bg card sunk hover", "soft": "bg card sunk hover accent-soft", "faint": "bg card sunk hover",
    "accent": "bg card hover", "on-accent": "accent", "good": "good-soft card", "bad": "bg card bad-soft",
    "warn": "card warn-soft", "calm": "calm-soft", "off": "off-soft", "comment": "card sunk",
    "string": "card sunk bad-soft", "number": "card sunk bad-soft warn-soft", "keyword": "card sunk",
    "form": "card sunk",
    "vigy": "card sunk bad-soft", "call": "card sunk bad-soft",
}  # fmt: skip


def light(colour: str) -> float:
    """The relative luminance of `#rgb` or `#rrggbb`."""
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dim, bright = sorted((light(one), light(other)))
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("at", [0, 1, 2], ids=["light", "dark by the system", "dark by choice"])
def test_contrast(at: int) -> None:
    blocks = re.findall(r":root[^{]*\{([^}]*)\}", read_assets().files["tokens.css"].body.decode())
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})", blocks[at]))
    for name, grounds in ON.items():
        for ground in grounds.split():
            assert contrast(colours[name], colours[ground]) >= TEXT, f"{name} on {ground}"
    assert contrast(colours["field"], colours["card"]) >= EDGE
