"""A real Chromium for the tests that need one; they are skipped, with the reason, where it is absent."""

import contextlib
import os
import shutil

import pytest
from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# containers have neither the sandbox's privileges nor a graphics card; the others keep the browser off the network
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LOCAL = ("file:", "data:", "blob:", "about:")


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    """A running Chromium, for one module: its event loop must be gone before other tests start theirs."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip(f"none of {', '.join(NAMES)} is on PATH; on Debian: apt-get install chromium")
    home = tmp_path_factory.mktemp("chromium-home")
    with sync_playwright() as playwright:
        # a home of its own: the real one may be missing or read-only
        browser = playwright.chromium.launch(
            executable_path=path, args=ARGUMENTS, env=os.environ | {"HOME": str(home), "XDG_CACHE_HOME": str(home)}
        )
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def opened(browser, *, allowed=LOCAL, **options):
    """Yield a page in a context of its own; once done with, it must have asked for ``allowed`` addresses only."""
    outside = []
    context = browser.new_context(**options)
    try:
        page = context.new_page()
        page.on("request", lambda sent: None if sent.url.startswith(allowed) else outside.append(sent.url))
        yield page
    finally:
        context.close()
    assert not outside, outside
