"""How loading grows: the real data against pandas alone, and a data directory of a million made-up figures.

`python benchmarks/data.py [ROWS]`; prints a table. Part of `make bench`.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROUNDS = 7

# Each runs in a process of its own, so that memory and caches are its own.
PANDAS = """
import time; from reform_analysis.evidence import files, schema, directory
declared = schema.processed_tables()['observations']
path = directory.processed_file('observations.csv')
types = {'text': 'str', 'number': 'float64', 'integer': 'Int64', 'yes_no': 'bool'}
import pandas as pd
start = time.perf_counter()
frame = pd.read_csv(path, dtype={c.name: types[c.type] for c in declared.columns if c.type in types},
    parse_dates=[c.name for c in declared.columns if c.type == 'date'], date_format='%Y-%m-%d', keep_default_na=False,
    na_values={c.name: [''] for c in declared.columns if c.type in ('number', 'integer', 'date')})
"""
LOAD = """
import time, reform_analysis as ra; from reform_analysis.evidence import store
start = time.perf_counter()
frame = ra.load(phase='all', min_reliability='D')
"""
FILTER = """
import time, reform_analysis as ra; from reform_analysis.evidence import store
store.table('observations')
start = time.perf_counter()
frame = ra.load('digital_services', place='Việt Nam', as_of='2025-09-15')
"""
AUDIT = """
import time; from reform_analysis.evidence import store; from reform_analysis.evidence.audit import audit
observations, identities, indicators = (store.table(n) for n in ('observations', 'identities', 'indicators'))
start = time.perf_counter()
frame = audit(observations, identities, indicators)
"""
END = r"""
seconds = time.perf_counter() - start
import json, pathlib, re
peak = 1024 * int(re.search(r'VmHWM:\s+(\d+)', pathlib.Path('/proc/self/status').read_text())[1])
own = int(frame.memory_usage(deep=True).sum())
print(json.dumps({'seconds': seconds, 'rows': len(frame), 'frame': own, 'peak': peak}))
"""


def measure(code: str, data: Path, rounds: int) -> dict:
    """Return the medians of what a piece of code measures of itself, in fresh processes."""
    environment = {**os.environ, "REFORM_ANALYSIS_DATA": str(data)}
    runs = [
        json.loads(
            subprocess.run(
                [sys.executable, "-c", code + END], env=environment, check=True, capture_output=True, text=True
            ).stdout
        )
        for _ in range(rounds)
    ]
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def enlarge(data: Path, folder: Path, rows: int) -> Path:
    """Write a data directory whose observations are the real ones over again, under new names, places and days."""
    import numpy as np
    import pandas as pd

    from reform_analysis.evidence import files, schema

    processed = folder / "processed"
    shutil.copytree(data / "processed", processed)
    declared = schema.processed_tables()["observations"]
    path = processed / "observations.csv"
    small = files.read_processed(path, declared)
    rng = np.random.default_rng(20251031)
    copies = -(-rows // len(small))
    big = pd.concat([small] * copies, ignore_index=True).head(rows)
    copy = np.arange(rows) // len(small)
    big["observation_id"] = [f"{name}{number:04d}" for name, number in zip(big["observation_id"], copy, strict=True)]
    big["source_id"] = [f"{name[:-6]}{number:06x}" for name, number in zip(big["source_id"], copy, strict=True)]
    big["period_end"] += pd.to_timedelta(rng.integers(-60, 60, rows), unit="D")
    big["reprint_group"] = ""
    path.write_text(files.to_csv(big, declared), encoding="utf-8")
    return folder


def main(rows: int) -> None:
    """Print the table."""
    from reform_analysis.evidence.directory import data_directory

    real = data_directory()
    with tempfile.TemporaryDirectory() as folder:
        for label, data, rounds in (
            ("the real data", real, ROUNDS),
            (f"{rows:,} figures", enlarge(real, Path(folder) / "data", rows), 1),
        ):
            print(f"\n{label}")
            base = measure(PANDAS, data, rounds)
            for name, code in (
                ("pandas.read_csv", PANDAS),
                ("ra.load", LOAD),
                ("a filtered load", FILTER),
                ("audit", AUDIT),
            ):
                found = base if code is PANDAS else measure(code, data, rounds)
                print(
                    f"{name:16} {found['seconds']:8.3f} s  {found['seconds'] / base['seconds']:5.2f} of read_csv  "
                    f"{found['rows']:9,.0f} rows  peak {found['peak'] / 2**20:7.0f} MiB  "
                    f"{found['peak'] / max(found['frame'], 1):5.1f} of the frame's own"
                )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
