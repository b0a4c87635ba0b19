#!/bin/sh
# Makes .venv and installs one lock and the program itself into it: tools/setup.sh LOCK
#
# With uv if it is there, else with venv and pip. The locks hold hashes only, so every file is
# checked and your own package index, if you have set one, is used. A second run does nothing.
set -eu

lock=$1
python=.venv/bin/python
stamp=.venv/$(basename "$lock").stamp
wanted="$(cksum <"$lock") $(cksum <pyproject.toml) $(pwd)"

say() {
    printf '%s\n' "$1"
}

fail() {
    printf '%s\n' "$1" >&2
    exit 1
}

# A home that is missing or cannot be written must not fill the terminal with warnings.
if [ ! -w "${HOME:-}" ]; then
    export PIP_NO_CACHE_DIR=1 UV_NO_CACHE=1
fi

is_recent() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

with_uv() {
    is_recent $python || uv venv --quiet --clear --python '>=3.11' .venv
    uv pip install --quiet --python $python --require-hashes -r "$lock"
    uv pip install --quiet --python $python --no-deps --no-build-isolation -e .
}

recent_python() {
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if is_recent "$name"; then
            say "$name"
            return
        fi
    done
    fail "Mailer needs Python 3.11 or newer, and found $(python3 -V 2>/dev/null || echo none). \
Install it (Debian, Ubuntu: apt install python3 python3-venv; macOS: brew install python), \
or install uv, which brings its own."
}

without_venv() {
    fail "$("$1" -V) is here, but without its venv module. \
Install it (Debian, Ubuntu: apt install python3-venv), or install uv."
}

with_pip() {
    if ! is_recent $python; then
        found=$(recent_python)
        "$found" -c 'import venv, ensurepip' 2>/dev/null || without_venv "$found"
        "$found" -m venv --clear .venv
    fi
    # An environment that uv has made has no pip.
    $python -m pip --version >/dev/null 2>&1 || $python -m ensurepip >/dev/null 2>&1 ||
        without_venv $python
    export PIP_USE_PEP517=1 # older pips warn before they build a source package in this way
    set -- $python -m pip install --quiet --disable-pip-version-check --no-input
    "$@" --require-hashes -r "$lock"
    "$@" --no-deps --no-build-isolation -e .
}

if [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && is_recent $python; then
    exit 0
fi
say "Setting up .venv from $lock; this happens once."
if command -v uv >/dev/null 2>&1; then
    with_uv
else
    with_pip
fi
say "$wanted" >"$stamp"
