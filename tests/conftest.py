"""Puts this folder on the path, so that tests share their helper modules by plain imports."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
