"""SVG by hand: logarithmic axes, lines, words, and the document around them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

INK, FAINT, PAPER, GREY = "#24292f", "#d0d7de", "#ffffff", "#57606a"
OURS = "#0969da"
RIVALS = ("#bc4c00", "#1a7f37", "#8250df", "#bf8700", "#57606a")  # in the order of the run
WIDTH = 960


@dataclass(frozen=True, slots=True)
class Scale:
    """A logarithmic axis: values from `low` to `high` onto pixels from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        clipped = min(max(value, self.low), self.high)
        share = math.log(clipped / self.low) / math.log(self.high / self.low)
        return round(self.start + share * (self.end - self.start), 1)

    def decades(self) -> list[float]:
        first, last = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
        return [10.0**exponent for exponent in range(first, last + 1)]


def document(height: int, body: Sequence[str]) -> str:
    total = height + 24
    area = f'width="{WIDTH}" height="{total}"'
    space = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {total}"'
    head = f'<svg {space} {area} font-family="sans-serif">'
    return "\n".join([head, f'<rect {area} fill="{PAPER}"/>', *body, "</svg>", ""])


def line(x1: float, y1: float, x2: float, y2: float, color: str, width: int = 1) -> str:
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{color}" stroke-width="{width}"/>'


def text(
    x: float,
    y: float,
    words: str,
    anchor: str = "start",
    weight: str = "normal",
    size: int = 11,
    color: str = INK,
) -> str:
    font = f'font-weight="{weight}" font-size="{size}" fill="{color}"'
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" {font}>{escape(words)}</text>'


def polyline(spots: Sequence[tuple[float, float, str]], color: str, dash: str = "") -> list[str]:
    """A line through spots, each with what it says when it is pointed at."""
    path = " ".join(f"{x},{y}" for x, y, _ in spots)
    stroke = f'stroke="{color}" stroke-width="2" stroke-dasharray="{dash or "none"}"'
    dots = [
        f'<circle cx="{x}" cy="{y}" r="3" fill="{color}"><title>{escape(label)}</title></circle>'
        for x, y, label in spots
    ]
    return [f'<polyline points="{path}" fill="none" {stroke}/>', *dots]
