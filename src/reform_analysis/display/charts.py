"""The figures of the reports: ``ra.charts.steps(answer, title=..., language=...)``.

Every function takes an answer or a tidy table and returns a `chart.Chart`: a picture that is drawn when it is shown,
the table behind it, and an alternative text computed from that table. An answer that is a reason why there is nothing
to show is shown as that reason.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

import pandas as pd

from reform_analysis.analysis.answer import Answer
from reform_analysis.display import (
    areas,
    bars,
    curves,
    days,
    flows,
    grids,
    intervals,
    panels,
    ranges,
    series,
    slopes,
    stacks,
)
from reform_analysis.display import (
    scatter as points,
)
from reform_analysis.display import (
    waterfall as totals,
)
from reform_analysis.display.chart import Chart
from reform_analysis.display.tables import Statements, statements

__all__ = [
    "Chart",
    "alluvial",
    "caterpillar",
    "dumbbell",
    "ecdf",
    "filled_strip",
    "funnel",
    "heat_table",
    "interval_dots",
    "lollipops",
    "lorenz",
    "mirrored_bars",
    "paired_bars",
    "range_bars",
    "scatter",
    "slope",
    "small_multiples",
    "stacked_area",
    "stacked_bars",
    "stacked_columns",
    "steps",
    "strips",
    "timeline",
    "waterfall",
]

_P = ParamSpec("_P")
_Drawing = Callable[Concatenate[Answer | pd.DataFrame, _P], Chart]
_Shown = Callable[Concatenate[Answer | pd.DataFrame, _P], Chart | Statements]


def _or_why_not(draw: _Drawing[_P]) -> _Shown[_P]:
    """Let a figure of an answer without rows show why there is none."""

    @wraps(draw)
    def shown(data: Answer | pd.DataFrame, /, *args: _P.args, **keywords: _P.kwargs) -> Chart | Statements:
        if isinstance(data, Answer) and data.table.empty and data.unknown is not None:
            return statements(data, str(keywords.get("language", "en")))
        return draw(data, *args, **keywords)

    return shown


alluvial = _or_why_not(flows.alluvial)
caterpillar = _or_why_not(intervals.caterpillar)
dumbbell = _or_why_not(ranges.dumbbell)
ecdf = _or_why_not(curves.ecdf)
filled_strip = _or_why_not(grids.filled_strip)
funnel = _or_why_not(points.funnel)
heat_table = _or_why_not(grids.heat_table)
interval_dots = _or_why_not(intervals.interval_dots)
lollipops = _or_why_not(days.lollipops)
lorenz = _or_why_not(curves.lorenz)
mirrored_bars = _or_why_not(bars.mirrored_bars)
paired_bars = _or_why_not(bars.paired_bars)
range_bars = _or_why_not(ranges.range_bars)
scatter = _or_why_not(points.scatter)
slope = _or_why_not(slopes.slope)
small_multiples = _or_why_not(panels.small_multiples)
stacked_area = _or_why_not(areas.stacked_area)
stacked_bars = _or_why_not(stacks.stacked_bars)
stacked_columns = _or_why_not(stacks.stacked_columns)
steps = _or_why_not(series.steps)
strips = _or_why_not(panels.strips)
timeline = _or_why_not(days.timeline)
waterfall = _or_why_not(totals.waterfall)
