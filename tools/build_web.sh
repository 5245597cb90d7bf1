#!/usr/bin/env bash
# Builds the pages into web/dist, only where a source is newer than the last build.
set -euo pipefail
cd "$(dirname "$0")/../web"

if [ ! -f node_modules/.installed ] || [ package-lock.json -nt node_modules/.installed ]; then
  echo "==> Installing the pages' packages (npm ci)"
  npm ci --no-audit --no-fund --loglevel=error
  touch node_modules/.installed
fi
if [ -f dist/index.html ] && [ -z "$(find src public tools index.html package.json vite.config.ts -newer dist/index.html -print -quit 2>/dev/null)" ]; then
  exit 0
fi
echo "==> Building the pages"
npm run --silent build
touch dist/index.html
