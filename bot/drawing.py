"""Drawing -> PNG, by matplotlib's Agg canvas. Always with the typeface that comes with it, whatever the machine has."""

from __future__ import annotations

import bisect
import io
import threading
from functools import cache
from pathlib import Path
from typing import Any

from bot.model import Drawing, DrawnLine, DrawnMark, DrawnText

_DPI = 100
_SHAPES = {"circle": "o", "triangle": "^", "down": "v", "square": "s", "diamond": "D", "cross": "X"}
_LOCK = threading.Lock()  # its text layout keeps state that threads must not share


def draw(drawing: Drawing) -> bytes:
    """The PNG, the same bytes for the same drawing."""
    # Imported when first needed: it takes a second, and most processes never draw.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with _LOCK:
        figure = Figure(figsize=(drawing.width / _DPI, drawing.height / _DPI), dpi=_DPI, facecolor=drawing.background)
        canvas = FigureCanvasAgg(figure)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, drawing.width)
        axes.set_ylim(drawing.height, 0)
        axes.axis("off")
        _draw_edge(axes, drawing)
        for order, item in enumerate(drawing.items):
            _draw_item(axes, item, order + 1)
        out = io.BytesIO()
        canvas.print_png(out, metadata={"Software": None})  # type: ignore[no-untyped-call]
    return out.getvalue()


def _draw_edge(axes: Any, drawing: Drawing) -> None:
    from matplotlib.patches import Rectangle

    box = Rectangle((2, 2), drawing.width - 4, drawing.height - 4, fill=False, edgecolor=drawing.edge, linewidth=2.5)
    axes.add_patch(box)


def _draw_item(axes: Any, item: DrawnText | DrawnLine | DrawnMark, order: int) -> None:
    points = 72 / _DPI  # of a pixel
    match item:
        case DrawnText():
            axes.text(
                item.x,
                item.y,
                _cut(item),
                fontproperties=_font(item.bold),
                fontsize=item.size * points,
                color=item.colour,
                ha=item.align,
                va="center_baseline",
                parse_math=False,
                zorder=order,
            )
        case DrawnLine():
            across, down = zip(*item.points, strict=True)
            axes.plot(across, down, color=item.colour, linewidth=item.width * points, zorder=order)
        case DrawnMark():
            axes.plot(
                [item.x],
                [item.y],
                marker=_SHAPES[item.shape],
                markersize=item.size * points * (0.82 if item.shape == "diamond" else 1),  # as large to the eye
                markerfacecolor=item.colour if item.filled else "none",
                markeredgecolor=item.colour,
                markeredgewidth=2.2,
                zorder=order,
            )


@cache
def _path(bold: bool) -> Path:
    import matplotlib as mpl

    return Path(mpl.get_data_path()) / "fonts" / "ttf" / ("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf")


@cache
def _font(bold: bool) -> Any:
    from matplotlib.font_manager import FontProperties

    return FontProperties(fname=_path(bold))


def _cut(item: DrawnText) -> str:
    """The text, as much of it as has room, cut between words and ended by "…"."""
    text = " ".join(item.text.split())
    if _width(text, item) <= item.most_width:
        return text
    ends = range(1, len(text))
    room = bisect.bisect_right(ends, item.most_width, key=lambda end: _width(text[:end] + "…", item))
    head, _, rest = text[:room].rpartition(" ")
    kept = head if len(rest) < room // 3 else text[:room]
    return kept.rstrip(" ,;·—-(") + "…"


def _width(text: str, item: DrawnText) -> float:
    """In pixels."""
    font = _measure(item.bold)
    font.set_size(item.size, 72)
    font.set_text(text, 0.0)
    return float(font.get_width_height()[0]) / 64


@cache
def _measure(bold: bool) -> Any:
    from matplotlib.ft2font import FT2Font

    return FT2Font(str(_path(bold)))
