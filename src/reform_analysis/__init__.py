"""Published figures on Viet Nam's two-tier local government reform, with their sources and bounds.

Names load on first use, so that ``import reform_analysis`` costs nothing by itself.
"""

from importlib import import_module as _import_module

# the one place of the version: the package's metadata, the data package and `make release` take it from here
__version__ = "0.1.0"

# public name -> module that holds it; a module listed under its own name is itself public
_HOMES = {
    "load": ".evidence.store",
    "codebook": ".evidence.store",
    "sources": ".evidence.store",
    "places": ".evidence.store",
    "concordance": ".evidence.store",
    "directives": ".evidence.store",
    "audit": ".evidence.store",
    "cite": ".evidence.store",
    "trace": ".reports.usage",
    "analysis": ".analysis",
    "statistics": ".statistics",
    "charts": ".display.charts",
    "tables": ".display.tables",
    "maps": ".display.maps",
    "report": ".reports.report",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"reform_analysis has no {name!r}; it offers {', '.join(__all__)}")
    module = _import_module(_HOMES[name], __name__)
    value = module if _HOMES[name].rsplit(".", 1)[-1] == name else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
