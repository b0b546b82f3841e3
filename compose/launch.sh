#!/bin/bash
# What make up, down, ps, logs ... call: finds a Python and hands over to compose/launch, which needs no packages.
cd "$(dirname "$0")/.." || exit 1

find_python() {
    local candidate
    bash compose/python/setup.sh python 2>/dev/null && return 0
    # One without the venv module, or newer than the packages are for, is good enough for a stack in containers.
    for candidate in python3.14 python3.13 python3.12 python3.11 python3 python; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return 0
        fi
    done
    bash compose/python/setup.sh python # says what to install
    return 1
}

python=$(find_python) || exit 1
exec "$python" -B -m compose.launch "$@"
