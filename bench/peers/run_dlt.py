"""dlt's rest_api source over the same endpoint, into SQLite. Runs in dlt's own environment: ``... URL EMAIL TOKEN``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import dlt
from dlt.sources.rest_api import rest_api_source

from bench.floor import FIELDS
from bench.stopwatch import timed

_JQL = "project in (JIRAA, JIRAB, JIRAC, JIRAD, JIRAE, JIRAF, JIRAG, JIRAH) ORDER BY key ASC"


def main() -> None:
    url, email, token = sys.argv[1:]
    source = rest_api_source(
        {
            "client": {
                "base_url": f"{url}/rest/api/3/",
                "auth": {"type": "http_basic", "username": email, "password": token},
                "paginator": {"type": "cursor", "cursor_path": "nextPageToken", "cursor_param": "nextPageToken"},
            },
            "resources": [
                {
                    "name": "issues",
                    "primary_key": "id",
                    "endpoint": {
                        "path": "search/jql",
                        "params": {"jql": _JQL, "maxResults": 100, "fields": ",".join(FIELDS)},
                        "data_selector": "issues",
                    },
                }
            ],
        }
    )
    with TemporaryDirectory(prefix="bench-") as folder:
        pipeline = dlt.pipeline(
            "bench",
            pipelines_dir=folder,
            dataset_name="main",
            destination=dlt.destinations.sqlalchemy(f"sqlite:///{Path(folder, 'dlt.db')}"),
        )
        with timed() as lap:
            pipeline.run(source)
        count = pipeline.last_trace.last_normalize_info.row_counts["issues"]
    print(json.dumps({"wall_s": lap.wall_s, "items": count}))


if __name__ == "__main__":
    main()
