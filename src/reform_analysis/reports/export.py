"""An executed notebook -> one self-contained page that works offline.

Built on nbconvert's HTML exporter for its filters; the page template is our own. nbconvert's full path parses the
finished page again with BeautifulSoup and cleans each highlighted cell with bleach: nine tenths of its time, for
documents written by strangers. These pages are our own, so that is left out.
"""

from __future__ import annotations

import functools
import re
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from nbconvert.filters import Highlight2HTML, ansi2html
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from reform_analysis.reports import cells, record
from reform_analysis.reports.project import TEMPLATES

# words of the page itself, by language of the report
WORDS = {
    "en": {"code": "Code", "figure": "Figure without a description"},
    "fr": {"code": "Code", "figure": "Figure sans description"},
    "vi": {"code": "Mã lệnh", "figure": "Hình chưa có mô tả"},
}

# the first of these that an output offers is what the reader sees
_PRIORITY = ("text/html", "text/markdown", "image/svg+xml", "image/png", "image/jpeg", "text/plain")


def page(notebook: Any, *, language: str = "en", title: str = "") -> str:
    """Return an executed notebook as one HTML page without scripts or outside addresses.

    Parameters
    ----------
    notebook
        A notebook of format 4.
    language
        ISO 639-1 code for ``lang`` and the page's own words; a code without words gets the English ones.
    title
        Title of the page; its first heading when empty.
    """
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            notebook=notebook,
            language=language,
            words=WORDS.get(language, WORDS["en"]),
            title=title or cells.heading(notebook),
            css=_css(),
        )
    )


def warm(notebook: Any) -> None:
    """Fill the caches of pure functions with a notebook's code and prose, for processes forked later."""
    page(notebook)


@functools.lru_cache(maxsize=1)
def _environment() -> Environment:
    """Make the template environment once a process; everything is escaped unless the template says otherwise."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {
        "code": highlight,
        "markdown": markdown,
        "ansi": ansi2html,
        "shown": shown,
        "source": cells.source,
    }
    environment.globals["KEY_NUMBER"] = record.KEY_NUMBER
    return environment


@functools.lru_cache(maxsize=1)
def _css() -> str:
    """Return the style sheet, with the colours of highlighted code."""
    from pygments.formatters import HtmlFormatter

    colours = re.sub(r" /\*.*?\*/", "", HtmlFormatter().get_style_defs(".highlight"))
    return (TEMPLATES / "page.css").read_text(encoding="utf-8") + colours


@functools.lru_cache(maxsize=4096)
def highlight(code: str) -> str:
    """Return code as HTML with its syntax marked."""
    return str(Highlight2HTML(pygments_lexer="ipython3")(code))


@functools.lru_cache(maxsize=4096)
def markdown(text: str) -> str:
    """Return Markdown as HTML."""
    renderer = IPythonRenderer(escape=False, exclude_anchor_links=True)
    return str(MarkdownWithMath(renderer=renderer).render(text))


def shown(output: Any) -> str:
    """Return the mime type of a displayed output that the reader sees, or an empty string."""
    data = output["data"]
    return next((mime for mime in _PRIORITY if mime in data), "")
