"""Validate RO-Crates against Process Run Crate 0.5, without the network; run in the validator's own environment.

The validator fetches the JSON-LD context that a crate names. ro-crate-py carries that context, so it is put into the
validator's cache, and nothing else is fetched.
"""

import io
import sys
import tempfile
from importlib import resources
from pathlib import Path
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests_cache import CachedSession
from rocrate_validator import services
from rocrate_validator.models import ValidationSettings
from urllib3 import HTTPResponse

CONTEXT = "https://w3id.org/ro/crate/1.1/context"
# recommendations that these crates do not follow, each with its reason
NOT_FOLLOWED = {
    "The Action SHOULD have an endTime in ISO 8601 format": "times stand in the ledger, which is a file of the crate",
    "The Action SHOULD have an agent that is a Person or Organization": "a build does not know who runs it",
    "The Application SHOULD have a url": "notebooks and software are known by their contents",
    "The SoftwareApplication id SHOULD be an absolute URI": "the same",
    "The organization SHOULD have a URL.": "the contributors have none",
    "The `publisher` property of a `Root Data Entity` SHOULD be an `Organization`": "a build is no publication",
}


class Carried(HTTPAdapter):
    """Answers every request with the context that ro-crate-py carries."""

    def send(self, request: PreparedRequest, *_: Any, **__: Any) -> Response:
        """Return the context as the network would."""
        body = io.BytesIO(resources.files("rocrate").joinpath("data/ro-crate.jsonld").read_bytes())
        headers = {"Content-Type": "application/ld+json"}
        return self.build_response(request, HTTPResponse(body, headers, status=200, preload_content=False))


def fill(cache: Path) -> None:
    """Put the context into a cache of the validator."""
    with CachedSession(str(cache), backend="sqlite", expire_after=-1) as session:
        session.mount(CONTEXT, Carried())
        if session.get(CONTEXT).json()["@id"] != CONTEXT:
            raise ValueError(f"rocrate must carry {CONTEXT}; install the version that .ci/roc-validator.in names")


def problems(crate: str, cache: Path) -> list[str]:
    """Return what a crate lacks: whatever is required, and what is recommended and not excepted."""
    result = services.validate(
        ValidationSettings(
            rocrate_uri=crate,
            profile_identifier="process-run-crate",
            requirement_severity="RECOMMENDED",
            offline=True,
            cache_path=cache,
        )
    )
    return [
        f"{issue.severity.name} {issue.check.identifier}: {issue.message} ({issue.violatingEntity})"
        for issue in result.get_issues()
        if issue.message not in NOT_FOLLOWED
    ]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "cache"
        fill(store)
        found = {crate: problems(crate, store) for crate in sys.argv[1:]}
    for crate, lines in found.items():
        print(f"{crate}: {len(lines)} problems", *lines, sep="\n")
    sys.exit(any(found.values()))
