#!/bin/sh
# Makes the virtual environment and installs DocMind into it: setup.sh FOLDER WHAT [MORE...], WHAT being '.' or '.[dev]'.
# MORE are packages to install afterwards, whatever versions of shared libraries they bring along.
# PYTHON names the interpreter to use. pip's own configuration (PIP_*, pip.conf) is the user's and is honoured.
set -eu

folder=$1
what=$2
shift 2
log=$folder/setup.log

fail() {
    echo "setup: $1" >&2
    exit 1
}

# 0: fit for use; 1: absent or of another version; 2: right version, but it cannot make virtual environments.
fitness() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null || return 1
    "$1" -c 'import ensurepip, venv' 2>/dev/null || return 2
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        fitness "$PYTHON" && status=0 || status=$?
        case $status in
        0) echo "$PYTHON" && return ;;
        2) fail "$PYTHON lacks the venv module. Install it (Debian, Ubuntu: apt install python3-venv), then run make again." ;;
        *) fail "$PYTHON is not a Python 3.11, 3.12 or 3.13. Give the path of one: make PYTHON=/path/to/python3.12 ..." ;;
        esac
    fi
    without_venv=
    for candidate in python3.11 python3.12 python3.13 python3 python; do
        fitness "$candidate" && status=0 || status=$?
        case $status in
        0) echo "$candidate" && return ;;
        2) without_venv=$candidate ;;
        esac
    done
    [ -z "$without_venv" ] ||
        fail "$without_venv lacks the venv module. Install it (Debian, Ubuntu: apt install $without_venv-venv), then run make again."
    fail "no Python 3.11, 3.12 or 3.13 was found. Install one, or name it: make PYTHON=/path/to/python3.12 ..."
}

make_environment() {
    if [ -x "$folder/bin/python" ] && "$folder/bin/python" -m pip --version >/dev/null 2>&1 &&
        fitness "$folder/bin/python"; then
        return
    fi
    python=$(find_python) || exit 1
    echo "Making a virtual environment in $folder with $("$python" --version)."
    "$python" -m venv --clear "$folder" ||
        fail "the virtual environment could not be made in $folder; the lines above say why."
}

# Half a gigabyte of packages on top of torch, which is the bulk; less than this certainly does not do.
check_space() {
    free=$(df -Pk "$folder" | awk 'NR == 2 { print $4 }')
    [ "$free" -ge 3000000 ] ||
        fail "the disk is too full: DocMind's packages take 2.5 GB and $((free / 1000)) MB are free here. Free some space, then run make again."
}

# pip works for minutes; on a terminal, show what it is at.
show_progress() {
    [ -t 1 ] || return 0
    while sleep 1; do
        printf '\r  %-76.76s' "$(tail -n 1 "$log" 2>/dev/null | tr -d '\r')"
    done
}

pip_install() {
    output=$1
    shift
    "$folder/bin/python" -m pip install --disable-pip-version-check --no-input --progress-bar off "$@" >"$output" 2>&1
}

install() {
    echo "Installing DocMind's packages into $folder (2.5 GB; some minutes the first time)."
    show_progress &
    progress=$!
    trap 'kill "$progress" 2>/dev/null || true' EXIT
    status=0
    pip_install "$log" -e "$what" || status=$?
    [ "$status" -ne 0 ] || [ $# -eq 0 ] || pip_install "$log" "$@" || status=$?
    kill "$progress" 2>/dev/null || true
    wait "$progress" 2>/dev/null || true
    [ ! -t 1 ] || printf '\r%-78s\r' ''
    [ "$status" -eq 0 ] || explain
}

explain() {
    if grep -q 'No space left on device' "$log"; then
        fail "the disk is full. Free 3 GB, then run make again."
    elif grep -qE 'connection broken by|Network is unreachable|name resolution|ProxyError' "$log"; then
        fail "the package index could not be reached. Check the network or 'pip config list', then run make again ($log has the details)."
    fi
    said=$(grep -E '^ *(ERROR:|error:|[A-Za-z]*Error:)' "$log" | tail -n 3)
    echo "${said:-$(tail -n 3 "$log")}" >&2
    fail "pip could not install DocMind; the lines above and $log say why."
}

make_environment
check_space
install "$@"
