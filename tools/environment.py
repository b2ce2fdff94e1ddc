"""Write environment.yml, for conda and Binder, from requirements.lock: the same packages at the same versions.

One Python version, that of the committed results: repo2docker reads it from the form `python=X.Y` alone, and builds on
an older one otherwise. The line `-e .` makes it copy the checkout first, so neither postBuild nor binder/ is needed.
"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEAD = """\
# Made from requirements.lock by `make lock`; do not edit. Conda brings Python and pip, pip the locked versions.
name: reform-analysis
channels:
  - conda-forge
dependencies:
  - python=3.11
  - pip
  - pip:
"""


def locked(text: str) -> list[str]:
    """Return the requirements of a lock file, in order, each with its version and marker but no hashes."""
    return [line.rstrip(" \\") for line in text.splitlines() if re.match(r"[a-z0-9]", line)]


def environment(lock: str) -> str:
    """Return the text of environment.yml for the text of a lock file."""
    return HEAD + "".join(f'      - "{requirement}"\n' for requirement in [*locked(lock), "-e ."])


if __name__ == "__main__":
    text = environment((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    (ROOT / "environment.yml").write_text(text, encoding="utf-8")
