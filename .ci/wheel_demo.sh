#!/usr/bin/env bash
# Build the wheel, unpack it, and run the demo from what it holds in a folder that knows nothing of this checkout.
# It shows that SQL, templates, styles and fonts travel with the code.
set -euo pipefail
cd "$(dirname "$0")/.."

python=$PWD/.venv/bin/python
unpacked=$PWD/build/wheel
elsewhere=$(mktemp -d)
trap 'rm -rf "$elsewhere"' EXIT

rm -rf build/dist "$unpacked"
"$python" -m hatchling build --target wheel --directory build/dist
"$python" -m zipfile -e build/dist/tieout-*.whl "$unpacked"
cd "$elsewhere"
PYTHONPATH=$unpacked "$python" - demo --dir "$elsewhere/demo" <<'RUN'
import os
import sys

import pipelines.cli

assert pipelines.cli.__file__.startswith(os.environ["PYTHONPATH"]), f"not from the wheel: {pipelines.cli.__file__}"
sys.exit(pipelines.cli.main())
RUN
find "$elsewhere/demo" -name scorecard.pdf | grep -q . || { printf 'the demo from the wheel left no scorecard.pdf\n' >&2; exit 1; }
printf 'wheel-demo: the road ran from the wheel alone\n'
