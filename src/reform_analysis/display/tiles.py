"""The provinces as equal tiles: where each stands, and what is written in it."""

from __future__ import annotations

import math
from typing import Any

from matplotlib.patches import Rectangle

from reform_analysis.analysis.answer import Quantity
from reform_analysis.display import style
from reform_analysis.display.formats import quantity
from reform_analysis.display.mapkey import MapKey

# row and column, north up: neighbours touch where they can; names as in the register
TILES: dict[str, tuple[int, int, str]] = {
    "12": (0, 0, "Lai Châu"),
    "15": (0, 1, "Lào Cai"),
    "08": (0, 2, "Tuyên Quang"),
    "04": (0, 3, "Cao Bằng"),
    "11": (1, 0, "Điện Biên"),
    "14": (1, 1, "Sơn La"),
    "25": (1, 2, "Phú Thọ"),
    "19": (1, 3, "Thái Nguyên"),
    "20": (1, 4, "Lạng Sơn"),
    "01": (2, 2, "Hà Nội"),
    "24": (2, 3, "Bắc Ninh"),
    "22": (2, 4, "Quảng Ninh"),
    "38": (3, 1, "Thanh Hóa"),
    "37": (3, 2, "Ninh Bình"),
    "33": (3, 3, "Hưng Yên"),
    "31": (3, 4, "Hải Phòng"),
    "40": (4, 1, "Nghệ An"),
    "42": (4, 2, "Hà Tĩnh"),
    "44": (5, 2, "Quảng Trị"),
    "46": (5, 3, "Huế"),
    "48": (6, 3, "Đà Nẵng"),
    "51": (7, 3, "Quảng Ngãi"),
    "52": (8, 3, "Gia Lai"),
    "66": (9, 3, "Đắk Lắk"),
    "80": (10, 1, "Tây Ninh"),
    "75": (10, 2, "Đồng Nai"),
    "68": (10, 3, "Lâm Đồng"),
    "56": (10, 4, "Khánh Hòa"),
    "91": (11, 0, "An Giang"),
    "82": (11, 1, "Đồng Tháp"),
    "79": (11, 2, "Hồ Chí Minh"),
    "92": (12, 0, "Cần Thơ"),
    "86": (12, 1, "Vĩnh Long"),
    "96": (13, 0, "Cà Mau"),
}
ROWS, COLUMNS = 14, 5


def draw_tile(ax: Any, row: Any, key: MapKey) -> None:
    """Draw one province's tile: name, value, and bounds where they differ."""
    down, right, _ = TILES[row.province_id]
    fill = key.fill(row.province_id)
    ax.add_patch(Rectangle((right + 0.03, down + 0.05), 0.94, 0.9, edgecolor=style.GREY, linewidth=0.4, **fill))
    known = math.isfinite(row.estimate)
    ink = style.text_on(fill["facecolor"])
    page = {} if known else {"bbox": {"facecolor": style.PAPER, "edgecolor": "none", "pad": 1}}
    number = Quantity(row.estimate, row.low, row.high, key.unit)
    value, bounds = (quantity(number, language=key.language, part=part) for part in ("value", "bounds"))
    lines = [(row.name, style.SMALL_SIZE + 0.5, "bold")]
    if known:
        lines.append((value, style.SMALL_SIZE + 0.5, "normal"))
        lines += [(bounds, style.SMALL_SIZE - 0.5, "normal")] if bounds != value else []
    for i, (text, size, weight) in enumerate(lines):
        middle = down + 0.5 + (i - (len(lines) - 1) / 2) * 0.27
        ax.text(right + 0.5, middle, text, size=size, weight=weight, color=ink, ha="center", va="center", **page)
