"""Axes in the reader's language: numbers with their units, dates, panels and shared words."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import matplotlib.dates as mdates
import pandas as pd
from babel.dates import format_date
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from reform_analysis.display import style
from reform_analysis.display.catalogue import translate
from reform_analysis.display.formats import LOCALES, number

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

# CLDR's stand-alone Vietnamese month ("Tháng 10") is too wide for an axis; its short form is "thg 10".
_MONTH_PATTERNS = {"en": "LLL", "fr": "LLL", "vi": "MMM"}

_AXIS_LABELS = {
    "million": "million",
    "billion": "billion",
    "million VND": "million VND",
    "billion VND": "billion VND",
    "VND": "VND",
}


def _axis_scale(largest: float, unit: str) -> tuple[float, str]:
    """Return the factor of an axis' numbers and the word for it."""
    if unit == "share":
        return 0.01, ""
    money = " VND" if unit.startswith("VND") else ""
    for factor, word in ((1e9, "billion"), (1e6, "million")):
        if largest >= factor * (1 if money else 2):
            return factor, word + money
    return 1.0, "VND" if money else ""


def axis_label(label: str, largest: float, unit: str, language: str) -> str:
    """Return an axis label with the scale of its numbers: "dossiers (million)"."""
    text = translate(label, language) if label else ""
    word = _axis_scale(largest, unit)[1]
    if not word:
        return text
    scale = translate(_AXIS_LABELS[word], language)
    return f"{text} ({scale})" if text else scale


def tick_words(ticks: Sequence[float], unit: str, largest: float, language: str) -> list[str]:
    """Return tick labels to the decimals that tell neighbouring ticks apart."""
    factor = _axis_scale(largest, unit)[0]
    scaled = [tick / factor for tick in ticks]
    step = min((abs(b - a) for a, b in pairwise(scaled) if b != a), default=abs(scaled[0]))
    decimals = next((d for d in range(5) if abs(round(step, d) - step) < 1e-9 * max(step, 1.0)), 4)
    words = [number(x, language=language, decimals=decimals) for x in scaled]
    if unit in ("share", "percent"):
        words = [translate("{n}%", language).replace("{n}", word) for word in words]
    return words


def number_axis(axis: Any, *, unit: str, language: str, largest: float, ticks: int = 6) -> None:
    """Give a linear axis round ticks in the reader's digits, with a pale grid."""
    axis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 2.5, 5, 10], integer=unit == "count" and largest >= 5))
    axis.set_major_formatter(_AllTicks(unit, largest, language))
    axis.grid(True)
    axis.set_tick_params(length=0)


class _AllTicks(FuncFormatter):
    """Format ticks together: how many decimals one needs depends on its neighbours."""

    def __init__(self, unit: str, largest: float, language: str) -> None:
        super().__init__(lambda x, _: tick_words([x], unit, largest, language)[0])
        self._words = lambda ticks: tick_words(ticks, unit, largest, language)

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        return self._words(list(values))


def log_axis(axis: Any, low: float, high: float, *, unit: str, language: str) -> None:
    """Give a logarithmic axis ticks at 1, 2 and 5, more over a narrow range, fewer over a wide one."""
    decades_shown = math.log10(high / low)
    steps = (1, 2, 3, 5, 7) if decades_shown < 1.3 else (1, 2, 5) if decades_shown < 2.5 else (1,)
    decades = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 2)
    ticks = [m * 10.0**k for k in decades for m in steps]
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_minor_locator(FixedLocator([]))
    axis.set_major_formatter(FuncFormatter(lambda x, _: tick_words([x], unit, 0.0, language)[0]))
    axis.grid(True)


def as_day(value: Any) -> datetime.date:
    """Return a date from a date, a time stamp or an ISO string."""
    return pd.Timestamp(value).date()


def days_in(column: pd.Series) -> list[datetime.date] | None:
    """Return a column as dates, or None where it holds categories."""
    if all(isinstance(v, datetime.date) or (isinstance(v, str) and _DAY.fullmatch(v)) for v in column):
        return [as_day(value) for value in column]
    return None


def _tick_days(first: datetime.date, last: datetime.date, most: int) -> list[datetime.date]:
    """Return round days between two dates: weeks, months, quarters or years, at most ``most`` of them."""
    span = (last - first).days
    if span <= 45:
        monday = first - datetime.timedelta(days=first.weekday())
        step = 7 if span > 10 else 1 if span < 3 else 2
        start = monday if step == 7 else first
        days = [start + datetime.timedelta(days=step * i) for i in range(span // step + 2)]
    else:
        months = 1 if span <= 270 else 3 if span <= 800 else 12
        starts = [datetime.date(y, m, 1) for y in range(first.year, last.year + 2) for m in range(1, 13, months)]
        days = starts
    shown = [day for day in days if first <= day <= last]
    return shown[:: max(1, math.ceil(len(shown) / most))]


def _day_words(days: list[datetime.date], language: str) -> list[str]:
    """Return tick labels: day and month, or month; the year under the first tick and each January."""
    with_day = any(day.day != 1 for day in days)
    pattern = ("d/M" if language == "vi" else "d MMM") if with_day else _MONTH_PATTERNS[language]
    words = []
    for i, day in enumerate(days):
        text = format_date(day, pattern, locale=LOCALES[language])
        new_year = i == 0 or day.year != days[i - 1].year
        words.append(f"{text}\n{day.year}" if new_year else text)
    return words


def date_axis(ax: Any, first: datetime.date, last: datetime.date, language: str, *, most: int = 9) -> None:
    """Give the x axis of ``ax`` at most ``most`` round days in the reader's language."""
    days = _tick_days(first, last, most)
    ax.set_xticks([mdates.date2num(day) for day in days], _day_words(days, language))
    margin = max(0.015 * (last - first).days, 0.5)
    ax.set_xlim(mdates.date2num(first) - margin, mdates.date2num(last) + margin)


def category_axis(ax: Any, labels: Sequence[str], *, width: float = 2.2) -> None:
    """Give the y axis one line a category, the first on top."""
    ax.set_yticks(range(len(labels)), [style.wrapped(text, size=style.BASE_SIZE - 0.5, width=width) for text in labels])
    ax.set_ylim(len(labels) - 0.4, -0.6)
    ax.spines["left"].set_visible(False)


def panel_title(ax: Any, text: str, *, bold: bool = False) -> None:
    """Write a panel's name or its unit above its left edge, where a reader starts."""
    ax.set_title(text, loc="left", fontsize=style.BASE_SIZE, color=style.INK if bold else style.GREY, pad=5)
