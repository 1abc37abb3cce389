#!/usr/bin/env bash
# Bring this checkout from nothing to ready, and do nothing when it is ready already.
#
#   .ci/setup.sh run    what `tieout` needs to run
#   .ci/setup.sh dev    the same and what the tests and linters need
#
# Steps: the right Python, Debian packages (Pango, a CJK font), .venv, the locked packages, this project itself. Where it
# has no right to install, it prints the command to run and ends with 2. pip's and apt's own settings are left alone.
set -euo pipefail
cd "$(dirname "$0")/.."

wanted=${1:?usage: .ci/setup.sh run|dev}
python=${PYTHON:-python3}
stamp=.venv/tieout-setup

say() { printf 'setup: %s\n' "$*"; }
stop() {
    printf '\nsetup: %s\n' "$@" >&2
    exit 2
}

require_python() {
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && return
    local found
    found=$("$python" --version 2>&1) || found="no $python"
    stop "Python 3.11 or newer is needed, found: $found.
    On Debian 12 or newer:              apt-get install python3
    Where another one is there already: add its name, for example PYTHON=python3.12, to the make command."
}

# Debian packages that the machine lacks; python3-venv matters only while there is no .venv.
missing_packages() {
    "$python" .ci/missing_packages.py | if [ -x .venv/bin/python ]; then grep -vx python3-venv || true; else cat; fi
}

install_packages() {
    local packages as_root=()
    packages=$(missing_packages | tr '\n' ' ')
    packages=${packages% }
    [ -n "$packages" ] || return 0
    local install="apt-get update && apt-get install -y --no-install-recommends $packages"
    command -v apt-get >/dev/null || stop "this machine lacks what these Debian packages bring: $packages.
    There is no apt-get here: install their like with your own package manager, then run the same command again."
    if [ "$(id -u)" -ne 0 ]; then
        if ! sudo -n true 2>/dev/null; then
            local command="su - -c '$install'"
            if command -v sudo >/dev/null; then command="sudo sh -c '$install'"; fi
            stop "Debian packages are missing and there is no right to install them here: $packages.
    Run this once, then the same command again:

    $command
"
        fi
        as_root=(sudo -n)
    fi
    say "Debian packages: $packages"
    "${as_root[@]}" sh -c "DEBIAN_FRONTEND=noninteractive; export DEBIAN_FRONTEND; $install" || stop "apt-get could not install $packages.
    Its own message stands above. Mend that, then run the same command again."
    packages=$(missing_packages | tr '\n' ' ')
    [ -z "$packages" ] || stop "still missing after installing: $packages"
}

# What the .venv was made from: another lock, another Python or a moved checkout means another digest.
digest() {
    {
        printf '%s\n' "$1" "$PWD"
        "$python" --version
        cat .ci/setup.sh pyproject.toml requirements.lock requirements-build.lock
        if [ "$1" = dev ]; then cat requirements-dev.lock; fi
    } | sha256sum | cut -d' ' -f1
}

is_ready() {
    [ -x .venv/bin/tieout ] && [ -f "$stamp" ] || return 1
    # What is ready for tests is ready to run.
    grep -qx -e "$(digest "$wanted")" -e "$(digest dev)" "$stamp"
}

fill_venv() {
    rm -f "$stamp"
    # A .venv that was made elsewhere and moved here has scripts that start the old place's Python.
    if ! { grep -qF " $PWD/.venv" .venv/pyvenv.cfg && .venv/bin/python -m pip --version; } >/dev/null 2>&1; then
        say "virtual environment in .venv ($("$python" --version))"
        "$python" -m venv --clear .venv
    fi
    local lock=requirements.lock
    if [ "$wanted" = dev ]; then lock=requirements-dev.lock; fi
    say "packages of $lock (the first time takes a few minutes)"
    .venv/bin/python -m pip install --disable-pip-version-check --require-hashes -r "$lock" -r requirements-build.lock
    say "tieout itself"
    .venv/bin/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable .
    .venv/bin/python -m pip check --disable-pip-version-check
    digest "$wanted" >"$stamp"
}

case $wanted in run | dev) ;; *) stop "unknown: $wanted (run or dev)" ;; esac
require_python
install_packages
is_ready || fill_venv
say "ready"
