#!/usr/bin/env bash
# Bring the locked Spark into build/spark, for the tests that run the steps' SQL on it; do nothing when it is there.
#
# A Python of its own: with pyspark in .venv, Great Expectations behaves otherwise and starts with a warning. Spark comes
# as source and is built without pip's isolated build, which would fetch setuptools unlocked: that one comes first.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
lock=requirements-spark.lock
home=build/spark
stamp=$home/tieout-setup

say() { printf 'setup: %s\n' "$*"; }

java=$(java -version 2>&1 | sed -nE 's/.* version "([0-9]+).*/\1/p') || true
if [ "${java:-0}" -lt 17 ]; then
    printf '\nsetup: Spark needs Java 17 or newer, found: %s.
    On Debian 12 or newer:  apt-get install --no-install-recommends default-jre-headless\n' "${java:-no java}" >&2
    exit 2
fi

wanted=$({
    printf '%s\n' "$PWD"
    "$python" --version
    cat .ci/setup_spark.sh "$lock"
} | sha256sum | cut -d' ' -f1)
if [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
    say "Spark is ready"
    exit 0
fi

say "Spark in $home (the first time 0.5 GB are fetched)"
"$python" -m venv --clear "$home"
install=("$home/bin/python" -m pip install --disable-pip-version-check --quiet --require-hashes)
"${install[@]}" -r <(awk '/^[a-z]/ { is_it = /^setuptools==/ } is_it' "$lock")
"${install[@]}" --no-build-isolation -r "$lock"
printf '%s\n' "$wanted" >"$stamp"
say "Spark is ready"
