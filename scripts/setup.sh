#!/bin/sh
# Finds a Python that is new enough and hands over to scripts/setup.py, with `runtime` or `dev`.
# Name one yourself with AMPARO_PYTHON=/path/to/python (or `make setup PYTHON=/path/to/python`).
set -eu
cd "$(dirname "$0")/.."
level=${1:-dev}

# Nothing to do: the usual case, answered without looking for anything.
if [ -x .venv/bin/python ] && .venv/bin/python -m scripts.setup "$level" --is-current 2>/dev/null; then
    exit 0
fi

# All Pythons there are, the machine's own choice first. Not only the first of each name in PATH: a version
# manager's shim may stand before a good one, and exists for Pythons that are not switched on.
candidates() {
    for name in python3 python3.13 python3.12 python3.11 python3.14 python; do
        printf '%s\n' "$PATH" | tr ':' '\n' | while IFS= read -r folder; do
            [ ! -x "$folder/$name" ] || printf '%s\n' "$folder/$name"
        done
    done
    for folder in "${PYENV_ROOT:-}/versions" "${HOME:-}/.pyenv/versions"; do
        for version in 3.13 3.12 3.11 3.14; do
            for python in "$folder/$version"*/bin/python; do
                [ ! -x "$python" ] || printf '%s\n' "$python"
            done
        done
    done
}

too_old=''
without_venv=''
consider() { # consider PYTHON: goes on as it when it is good, notes what is wrong with it otherwise
    answer=$("$1" -c '
import sys
print(".".join(map(str, sys.version_info[:3])))
sys.stdout.flush()
if sys.version_info < (3, 11):
    sys.exit(3)
import ensurepip, venv' 2>/dev/null) && exec "$1" -m scripts.setup "$level"
    case $answer in
    '') ;;
    2.* | 3.[0-9].* | 3.10.*) too_old="${too_old:+$too_old, }$1 is $answer" ;;
    *) without_venv=${without_venv:-$1} ;;
    esac
}

if [ -n "${AMPARO_PYTHON:-}" ]; then
    consider "$AMPARO_PYTHON"
    echo "Amparo cannot use $AMPARO_PYTHON: it needs Python 3.11 or newer with the module venv." >&2
    exit 1
fi
pythons=$(candidates)
IFS='
'
for python in $pythons; do
    consider "$python"
done

if [ -z "$without_venv" ]; then
    echo "Amparo needs Python 3.11 or newer, and ${too_old:-there is no Python here}: install one (Debian, Ubuntu: apt install python3 python3-venv) or name one with make setup PYTHON=/path/to/python3.12." >&2
    exit 1
fi
# Debian and Ubuntu ship venv apart from Python.
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && [ -z "${AMPARO_TRIED_VENV:-}" ]; then
    echo "Installing python3-venv, which $without_venv lacks ..."
    if (apt-get update && apt-get install -y --no-install-recommends python3-venv) >/dev/null 2>&1; then
        AMPARO_TRIED_VENV=1 exec sh scripts/setup.sh "$level"
    fi
fi
echo "Amparo found $without_venv, but it lacks the module venv: install that (Debian, Ubuntu: apt install python3-venv) and run this again." >&2
exit 1
