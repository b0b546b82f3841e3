#!/bin/bash
# Makes .venv with the locked packages when it is missing or out of date; silent when there is nothing to do.
#   setup.sh          what the loop needs          setup.sh stack   also Airflow and the servers
#   setup.sh dev      also what tests and lint need
#   setup.sh python   only prints the Python that fits
# For bash 3.2, the version of macOS.
set -u
cd "$(dirname "$0")/../.." || exit 1
case ${1:-} in
    dev) locked=requirements-dev.txt sets="requirements.txt requirements-stack.txt requirements-dev.txt" ;;
    stack) locked=requirements-stack.txt sets="requirements.txt requirements-stack.txt" ;;
    *) locked=requirements.txt sets=requirements.txt ;;
esac
venv=.venv lock=.venv.lock log=.venv/install.log installer=""

main() {
    up_to_date && return 0
    take_lock
    trap 'stop_installer; rm -rf "$lock"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    up_to_date && return 0 # another make has done it meanwhile
    local python
    python=$(find_python) || exit 1
    # Packages of an installation that was cut off can look complete and lack files: only a new start is safe.
    if [ -e "$venv/unfinished" ] || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1 || ! fits "$venv/bin/python"; then
        rm -rf "$venv"
        mkdir "$venv" && touch "$venv/unfinished" || { say "This folder can't be written: $PWD."; exit 1; }
        "$python" -m venv "$venv" >"$log" 2>&1 || fail "Making $venv failed."
    fi
    touch "$venv/unfinished"
    install_packages
    local set
    for set in $sets; do state "$set" >"$venv/state-$set"; done # each set holds the ones before it
    rm -f "$venv/unfinished"
}

say() { printf '%s\n' "$*" >&2; }

state() { cksum <"$1"; }

up_to_date() {
    [ ! -e "$venv/unfinished" ] && [ "$(cat "$venv/state-$locked" 2>/dev/null)" = "$(state "$locked")" ] && fits "$venv/bin/python"
}

version_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }

fits() {
    case $(version_of "$1") in 3.11 | 3.12 | 3.13) true ;; *) false ;; esac
}

# Prints the first Python that fits; shims that exist and fail are passed over.
find_python() {
    local candidate version seen="" bare=""
    for candidate in python3.13 python3.12 python3.11 python3 python; do
        version=$(version_of "$candidate")
        if [ -z "$version" ]; then continue; fi
        if ! fits "$candidate"; then
            seen=${seen:-$version}
        elif "$candidate" -c 'import venv, ensurepip' 2>/dev/null; then
            echo "$candidate"
            return 0
        else
            bare=${bare:-$version}
        fi
    done
    explain_python "$seen" "$bare"
    return 1
}

explain_python() { # $1: a version that does not fit; $2: one that fits but has no venv module
    local need="Quartet needs Python 3.11, 3.12 or 3.13"
    if [ -n "$2" ]; then
        if has apt-get; then say "Python $2 is here, but its venv module is not. Type:  sudo apt install python$2-venv"
        else say "Python $2 is here, but its venv module is not. Type:  $(install_line)"; fi
    elif [ -z "$1" ]; then say "$need, and this machine has none. Type:  $(install_line)"
    else
        case $1 in
            2.* | 3.[0-9] | 3.10) say "$need; this machine only has $1, which is too old. Type:  $(install_line)" ;;
            *) say "$need; this machine only has $1, which is too new. Type:  $(install_line)" ;;
        esac
    fi
}

has() { command -v "$1" >/dev/null 2>&1; }

install_line() {
    local minor
    if has apt-get; then
        for minor in 13 12 11; do
            if [ -n "$(apt-cache pkgnames "python3.$minor-venv" 2>/dev/null)" ]; then
                echo "sudo apt install python3.$minor python3.$minor-venv"
                return
            fi
        done
        if grep -qi '^ID=ubuntu' /etc/os-release 2>/dev/null; then
            echo "sudo add-apt-repository -y ppa:deadsnakes/ppa && sudo apt install python3.13 python3.13-venv"
        else echo "sudo apt update && sudo apt install python3 python3-venv"; fi
    elif [ "$(uname -s)" = Darwin ]; then echo "brew install python@3.13"
    elif has dnf; then echo "sudo dnf install python3.13"
    elif has pyenv; then echo "pyenv install 3.13 && pyenv local 3.13"
    else echo "install Python 3.13, then make again"; fi
}

# A folder is the one thing that every system makes for a single process only.
take_lock() {
    local owner announced=""
    until mkdir "$lock" 2>/dev/null; do
        [ -d "$lock" ] || { say "This folder can't be written: $PWD."; exit 1; }
        owner=$(cat "$lock/pid" 2>/dev/null)
        if [ -z "$owner" ]; then
            sleep 2
            owner=$(cat "$lock/pid" 2>/dev/null)
        fi
        # shellcheck disable=SC2086 # two numbers: the script, and the installer that can outlive it
        if [ -z "$owner" ] || ! kill -0 $owner 2>/dev/null; then
            mv "$lock" "$lock.$$" 2>/dev/null && rm -rf "$lock.$$"
        else
            [ -n "$announced" ] || say "Another make is installing packages (process ${owner%% *}): waiting for it."
            announced=yes
            sleep 1
        fi
    done
    echo $$ >"$lock/pid"
}

install_packages() {
    local started=$SECONDS python=$venv/bin/python
    : >"$log"
    run_installer "Installing uv" "$python" -m pip install --quiet --require-hashes --only-binary :all: --no-input \
        --disable-pip-version-check --no-color -r requirements-uv.txt || fail "Installing uv failed."
    run_installer "Installing about $(grep -c '==' "$locked") packages" "$python" compose/python/install.py "$python" "$locked" ||
        fail "Installing packages failed."
    # On all cores, without large parts of which a process only reads a few files; uv's own way takes twice as long.
    # A template that is no Python may fail to compile, which does no harm.
    run_installer "Compiling" "$python" -m compileall -q -j 0 -x '/(tests|pip|mypy|plotly|fontTools|databricks)/' "$venv/lib"
    installer=""
    [ -t 2 ] && printf '\r\033[K' >&2
    set -- "$venv"/lib/*/site-packages/*.dist-info
    say "Ready after $((SECONDS - started)) s: Python $(version_of "$python") with $# packages in $venv."
}

# Runs a command, whose number the lock holds too, beside a line of progress: without a terminal, one every 20 seconds.
run_installer() {
    local what=$1 tick=0
    shift
    "$@" >>"$log" 2>&1 &
    installer=$!
    echo "$$ $installer" >"$lock/pid"
    while kill -0 "$installer" 2>/dev/null; do
        if [ -t 2 ]; then printf '\r\033[K%s, %d s' "$what" $((SECONDS - started)) >&2
        elif [ $((tick % 100)) -eq 0 ] && [ $tick -gt 0 ]; then say "$what, $((SECONDS - started)) s"; fi
        tick=$((tick + 1))
        sleep 0.2
    done
    wait "$installer"
}

stop_installer() { [ -z "$installer" ] || kill "$installer" 2>/dev/null; }

fail() {
    installer=""
    [ -t 2 ] && printf '\r\033[K' >&2
    say "$1 The last lines of $PWD/$log:"
    tail -n 12 "$log" | sed 's/^/  | /' >&2
    if grep -qiE 'no space left' "$log"; then say "The disk is full: free about 2 GB, then make again."
    elif grep -qiE 'hash mismatch|do not match the hashes' "$log"; then say "A downloaded package is not the locked one: a mirror or proxy changes packages, or the lock file was edited by hand."
    elif grep -qiE 'connection|failed to fetch|resolve|timed out|retr(y|ies)|ssl|certificate|proxy|no matching distribution|no solution found' "$log"; then
        say "This looks like the network: check that pip can reach your package index (proxy, certificates), then make again."
    else say "Then make again; it starts over by itself."; fi
    exit 1
}

if [ "${1:-}" = python ]; then find_python; else main; fi
