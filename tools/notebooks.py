"""Execute the committed notebooks at their defaults, keep their outputs, and write their key numbers.

`python tools/notebooks.py [NOTEBOOK ...]`; without arguments all of notebooks/. An ordinary kernel runs them, so that
what is committed owes nothing to the batch engine.
"""

import json
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from reform_analysis.reports.attempt import key_numbers
from reform_analysis.reports.normalise import normalise

ROOT = Path(__file__).resolve().parent.parent


def execute(path: Path) -> None:
    """Run one notebook and write it, and its key numbers, in their normal form."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}).execute()
    normalise(notebook, {})
    notebook.metadata.pop("papermill")
    nbformat.write(notebook, path)
    expected = ROOT / "reports" / "expected" / f"{path.stem}.json"
    numbers = {number.pop("name"): number for number in key_numbers(notebook)}
    expected.write_text(json.dumps(numbers, indent=2, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:] or sorted(map(str, (ROOT / "notebooks").glob("*.ipynb"))):
        execute(Path(name).resolve())
