#!/bin/bash
# Builds the platform's image from what is committed, whatever lies in this folder:  compose/build_release.sh IMAGE [COMMIT]
set -euo pipefail
cd "$(dirname "$0")/.."
image=${1:?the name of the image, as in registry.example/team/quartet:v1.2.0}
commit=$(git rev-parse --verify --quiet "${2:-HEAD}^{commit}") || { echo "There is no commit ${2:-HEAD} here." >&2; exit 2; }
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
git archive "$commit" | tar -x -C "$tree"
base=$(sed -n 's/.*{PYTHON_IMAGE:-\(.*\)}.*/\1/p' "$tree/docker-compose.override.yml")
docker build --file "$tree/compose/Dockerfile" --build-arg PYTHON_IMAGE="$base" --build-arg GIT_REVISION="$commit" --tag "$image" "$tree"
