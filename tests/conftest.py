"""What all tests share: plain imports of the helper modules here, and property tests that repeat exactly."""

import sys
from pathlib import Path

from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))

# derandomised, so that a failure is the same on every machine; no deadline, since shared machines stall
settings.register_profile("suite", derandomize=True, deadline=None, max_examples=50)
settings.load_profile("suite")
