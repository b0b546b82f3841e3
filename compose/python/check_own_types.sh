#!/bin/bash
# Checks the types of projects that have an environment of their own, in that one: check_own_types.sh PROJECT...
set -eu
cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || exit 0
.venv/bin/python -m service.contract.own_environment
for project in "$@"; do
    .venv/bin/python -m mypy --python-executable="$project/.venv/bin/python" --package="$project"
done
