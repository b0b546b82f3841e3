#!/bin/bash
# Locks the packages with hashes: the largest set first, so that the smaller ones hold the same versions.
set -eu
cd "$(dirname "$0")/../.."
compile() {
    .venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate "$@"
}
compile --group setup -o requirements-uv.txt
compile --group dev -o requirements-dev.txt pyproject.toml
compile --group stack -c requirements-dev.txt -o requirements-stack.txt pyproject.toml
compile -c requirements-dev.txt -o requirements.txt pyproject.toml
