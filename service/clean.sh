#!/bin/bash
# Says what would be lost, asks, and deletes the home and the environment.
set -u
cd "$(dirname "$0")/.." || exit 1
home=${QUARTET_HOME:-artifacts}

found=$(for path in "$home" .venv; do [ -e "$path" ] && du -sh "$path"; done)
[ -n "$found" ] || { echo "Nothing to delete."; exit 0; }
# A folder that a typing mistake named is not ours to delete.
if [ -e "$home" ] && [ "$home" != artifacts ] && ! ls "$home"/.quartet* >/dev/null 2>&1; then
    echo "$home does not look like a home of Quartet: nothing is deleted." >&2
    exit 2
fi
printf 'This deletes the database, models and reports in the home, and the environment:\n%s\n' "$found"
printf 'Type yes to go on: '
read -r answer || answer=""
[ "$answer" = yes ] || { echo; echo "Nothing was deleted."; exit 0; }
rm -rf -- "$home" .venv
echo "Deleted."
