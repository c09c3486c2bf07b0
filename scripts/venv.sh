# Sourced by the other scripts: `ensure_venv EXTRAS` makes a virtual environment that holds this project and
# puts it first in PATH. VENV moves it (default .venv); EXTRAS is "" or a list such as "[dev]".
cd "$(dirname "${BASH_SOURCE[0]}")/.."
VENV=${VENV:-.venv}

find_python() {
    local candidate
    for candidate in "${PYTHON:-}" python3.11 python3.12 python3.13 python3.14 python3 python; do
        if [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "vigyc needs Python 3.11 or newer; none was found (set PYTHON=/path/to/python3)" >&2
    return 1
}

ensure_venv() {
    local python stamp
    if [ ! -x "$VENV/bin/python" ]; then
        python=$(find_python) || exit 1
        "$python" -m venv "$VENV" || { echo "could not create $VENV: is the venv module installed?" >&2; exit 1; }
    fi
    stamp="$VENV/.installed$1"
    if [ ! -e "$stamp" ] || [ pyproject.toml -nt "$stamp" ]; then
        echo "installing vigyc$1 into $VENV ..." >&2
        "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check -e ".$1" || exit 1
        touch "$stamp"
    fi
    PATH="$(cd "$VENV/bin" && pwd):$PATH"
}
