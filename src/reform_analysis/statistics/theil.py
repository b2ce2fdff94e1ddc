"""The name under which the room looked `theil` up before its home became `entropy`."""

from reform_analysis.statistics.entropy import theil

__all__ = ["theil"]
