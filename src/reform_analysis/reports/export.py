"""A report -> one self-contained page that works offline.

nbconvert's filters (Markdown, colours of code and terminals) under templates of our own. nbconvert's full path parses
the finished page again with BeautifulSoup and cleans each highlighted cell with bleach: nine tenths of its time, for
documents written by strangers. These pages are our own, so that is left out; a policy in the page keeps whatever a
notebook displays from running a script or fetching anything.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from typing import Any

from nbconvert.filters import Highlight2HTML, ansi2html
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from reform_analysis.display.memo import Memo
from reform_analysis.reports import document
from reform_analysis.reports.blocks import Table
from reform_analysis.reports.document import Document
from reform_analysis.reports.project import TEMPLATES, page_templates

# words of the page itself, by language of the report
WORDS = {
    "en": {
        "code": "Code",
        "all_code": "Show all code",
        "contents": "Contents",
        "figure": "Figure without a description",
        "cited": "Cited in",
        "again": "This command builds the report again:",
    },
    "fr": {
        "code": "Code",
        "all_code": "Montrer tout le code",
        "contents": "Sommaire",
        "figure": "Figure sans description",
        "cited": "Cité dans",
        "again": "Cette commande reconstruit le rapport\u202f:",
    },
    "vi": {
        "code": "Mã lệnh",
        "all_code": "Hiện tất cả mã lệnh",
        "contents": "Mục lục",
        "figure": "Hình chưa có mô tả",
        "cited": "Trích dẫn trong",
        "again": "Lệnh tạo lại báo cáo này:",
    },
}

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_SOURCE = re.compile(r'(<li id="source-(\d+)".*?)</li>')


def page(report: Document) -> str:
    """Return a report as one HTML page that fetches nothing; its one script, for convenience, unfolds all code."""
    script = _script()
    return render(
        "page.html.j2",
        document=report,
        language=report.language,
        words=WORDS[report.language],
        script=script,
        policy=f"{_POLICY}; script-src 'sha256-{_digest(script)}'",
    )


def render(template: str, **values: Any) -> str:
    """Return a page of one of the templates, with the style sheet that all share and a policy against fetching."""
    return _environment().get_template(template).render({"policy": _POLICY, "css": _css()} | values)


def warm(notebook: Any) -> None:
    """Fill the caches of pure functions with a notebook's code and prose, for processes forked later."""
    page(document.read(notebook))


@functools.lru_cache(maxsize=1)
def _environment() -> Any:
    """Make the template environment once a process."""
    environment = page_templates()
    environment.filters |= {
        "code": highlighted.__getitem__,
        "markdown": rendered.__getitem__,
        "ansi": ansi2html,
        "kind": lambda block: type(block).__name__,
        "numbered": numbered,
        "cited_in": _cited_in,
    }
    return environment


@functools.lru_cache(maxsize=1)
def _css() -> str:
    """Return the style sheet, with the colours of highlighted code."""
    from pygments.formatters import HtmlFormatter

    colours = re.sub(r" /\*.*?\*/", "", HtmlFormatter().get_style_defs(".highlight"))
    return (TEMPLATES / "page.css").read_text(encoding="utf-8") + colours


@functools.lru_cache(maxsize=1)
def _script() -> str:
    """Return the page's script."""
    return (TEMPLATES / "page.js").read_text(encoding="utf-8")


def _digest(script: str) -> str:
    """Return what a content security policy knows a script by."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _highlight(code: str) -> str:
    """Return code as HTML with its syntax marked."""
    return str(Highlight2HTML(pygments_lexer="ipython3")(code))


def _render(text: str) -> str:
    """Return Markdown as HTML."""
    renderer = IPythonRenderer(escape=False, exclude_anchor_links=True)
    return str(MarkdownWithMath(renderer=renderer).render(text))


highlighted: Memo[str, str] = Memo(_highlight, size=4096)
rendered: Memo[str, str] = Memo(_render, size=4096)


def numbered(table: Table) -> str:
    """Return a table's HTML with its number in the caption, and with scopes where pandas leaves them out.

    Examples
    --------
    >>> numbered(Table(2, "Table 2", "", "<table><tbody><tr><th>a</th></tr></tbody></table>", ()))
    '<table><caption>Table 2</caption><tbody><tr><th scope="row">a</th></tr></tbody></table>'
    """
    if table.caption:
        html = re.sub(r"(<caption[^>]*>)", rf"\1{table.label}. ", table.html, count=1)
    else:
        html = re.sub(r"(<table[^>]*>)", rf"\1<caption>{table.label}</caption>", table.html, count=1)
    head, body, rows = html.partition("<tbody")
    return head.replace("<th>", '<th scope="col">') + body + rows.replace("<th>", '<th scope="row">')


def _cited_in(sources: str, report: Document) -> str:
    """Return the list of sources, each with links back to the tables that cite it."""
    tables = [block for block in report.blocks if isinstance(block, Table)]
    links: dict[int, list[str]] = {}
    for table in tables:
        for number in table.notes:
            links.setdefault(number, []).append(f'<a href="#{table.id}">{table.label}</a>')
    word = WORDS[report.language]["cited"]

    def with_links(item: re.Match[str]) -> str:
        found = links.get(int(item[2]))
        return f'{item[1]} <span class="cited">{word} {", ".join(found)}.</span></li>' if found else item[0]

    return _SOURCE.sub(with_links, sources)
