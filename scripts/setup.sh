#!/bin/sh
# Finds a Python that is new enough and hands over to scripts/setup.py, with `runtime` or `dev`.
# Name one yourself with AMPARO_PYTHON=/path/to/python (or `make setup PYTHON=/path/to/python`).
set -eu
cd "$(dirname "$0")/.."

# Nothing to do: the usual case, answered without looking for anything.
if [ -x .venv/bin/python ] && .venv/bin/python -m scripts.setup "${1:-dev}" --is-current 2>/dev/null; then
    exit 0
fi

fits='import sys; sys.exit(not sys.version_info >= (3, 11))'
has_venv='import ensurepip, venv'

# `command -v` is not enough: a version manager's shim exists for Pythons that are not switched on.
candidates() {
    [ -z "${AMPARO_PYTHON:-}" ] || printf '%s\n' "$AMPARO_PYTHON"
    printf '%s\n' python3 python3.13 python3.12 python3.11 python3.14 python
    printf '%s\n' /usr/bin/python3 /usr/local/bin/python3 /opt/homebrew/bin/python3
    for home in "${PYENV_ROOT:-}" "${HOME:-}/.pyenv"; do
        [ -d "$home/versions" ] || continue
        for version in 3.13 3.12 3.11 3.14; do
            ls -d "$home/versions/$version"*/bin/python 2>/dev/null || true
        done
    done
}

seen=''
without_venv=''
for python in $(candidates); do
    if "$python" -c "$fits" >/dev/null 2>&1; then
        if "$python" -c "$has_venv" >/dev/null 2>&1; then
            exec "$python" -m scripts.setup "${1:-dev}"
        fi
        without_venv=${without_venv:-$python}
    elif version=$("$python" -c 'import sys; print(".".join(map(str, sys.version_info[:3])))' 2>/dev/null); then
        seen="$seen $python ($version),"
    fi
done

if [ -n "$without_venv" ]; then
    # Debian and Ubuntu ship venv apart from Python.
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 && [ -z "${AMPARO_TRIED_APT:-}" ]; then
        echo "Installing python3-venv, which $without_venv lacks ..."
        if (apt-get update && apt-get install -y --no-install-recommends python3-venv) >/dev/null 2>&1; then
            AMPARO_TRIED_APT=1 exec sh scripts/setup.sh "${1:-dev}"
        fi
    fi
    echo "Amparo found $without_venv, but without Python's venv module: install it (Debian, Ubuntu: apt install python3-venv) and run this again." >&2
else
    echo "Amparo needs Python 3.11 or newer, and found${seen:- no Python at all,} so install one (Debian, Ubuntu: apt install python3 python3-venv) or name one: make setup PYTHON=/path/to/python3.12" >&2
fi
exit 1
