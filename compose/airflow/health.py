"""Check a part of Airflow: health.py URL [PART]. The answer's text counts, its HTTP status is always 200.

With the standard library: it runs every few seconds, and requests takes longer to import.
"""

import json
import sys
import urllib.request


def main(url: str, part: str = "") -> int:
    with urllib.request.urlopen(url, timeout=8) as answer:  # noqa: S310  # an address of this stack
        status = json.load(answer)[part]["status"] if part else "healthy"
    print(part, status)
    return 0 if status == "healthy" else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
