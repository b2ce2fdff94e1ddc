"""Execute the committed notebooks at their defaults, keep their outputs, and write their key numbers.

`python tools/notebooks.py [NOTEBOOK ...]`; without arguments all of notebooks/. An ordinary kernel runs them, so that
what is committed owes nothing to the batch engine.
"""

import base64
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
    first_figure(notebook, ROOT / "docs" / "figures" / f"{path.stem}.png")
    expected = ROOT / "reports" / "expected" / f"{path.stem}.json"
    numbers = {number.pop("name"): number for number in key_numbers(notebook)}
    expected.write_text(json.dumps(numbers, indent=2, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")


def first_figure(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Keep a notebook's first figure as a picture, for the pages that show what comes out."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(base64.b64decode(output["data"]["image/png"]))
                return


if __name__ == "__main__":
    for name in sys.argv[1:] or sorted(map(str, (ROOT / "notebooks").glob("*.ipynb"))):
        execute(Path(name).resolve())
