#!/bin/bash
# Locks the packages with hashes: the largest set first, so that the smaller ones hold the same versions.
set -eu
cd "$(dirname "$0")/../.."
compile() { uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate "$@" pyproject.toml; }
compile --group dev -o requirements-dev.txt
compile --group stack -c requirements-dev.txt -o requirements-stack.txt
compile -c requirements-dev.txt -o requirements.txt
