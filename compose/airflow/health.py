"""Whether a part of Airflow is healthy: health.py URL [PART]. Its own words count, the HTTP status is always 200."""

import json
import sys
import urllib.request


def main(url: str, part: str = "") -> int:
    with urllib.request.urlopen(url, timeout=8) as answer:  # noqa: S310  # an address of this stack
        told = json.load(answer)[part]["status"] if part else "healthy"
    print(part, told)
    return 0 if told == "healthy" else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
