#!/bin/sh
# Make .venv with everything that the make targets need. A second call is fast: it does nothing as long as
# pyproject.toml, constraints/ and this script are older than the stamp.
#
# PYTHON=/path/to/python selects the interpreter; by default it is 3.12 or 3.13 from PATH or pyenv, else 3.11.
# VENV selects another folder. EXTRAS selects other extras, which are added to those of earlier calls.
#
# The versions are from constraints/, so that a clone gives the same environment a year later. VERSIONS=latest
# takes the newest versions that pyproject.toml allows. TORCH_BACKEND selects the build of torch: "cpu", "pypi"
# (with CUDA libraries, 4 GB more) or a backend of uv such as "cu130". The default is "cpu" if there is no GPU
# and PyTorch's index can be reached, else "pypi".
set -eu
cd "$(dirname "$0")/.."
root=$(pwd)
venv=${VENV:-.venv}
stamp=$venv/.ready
extras=${EXTRAS-dev,docker,agents,train,lora,serve,ray,report}
versions=${VERSIONS:-tested}
case $versions in tested | latest) ;; *)
    echo "VERSIONS must be tested or latest, got $versions" >&2
    exit 2
    ;;
esac

ready() { # is everything that is asked for installed here, from the current files?
    [ -f "$stamp" ] && [ ! pyproject.toml -nt "$stamp" ] && [ ! tools/venv.sh -nt "$stamp" ] || return 1
    [ "$versions" = tested ] || return 1 # the newest versions change
    [ -z "$(find constraints -newer "$stamp")" ] || return 1
    grep -qx "root $root" "$stamp" && grep -qx "versions $versions" "$stamp" || return 1
    for extra in $(echo "$extras" | tr , ' '); do grep -qx "extra $extra" "$stamp" || return 1; done
}
if ready; then exit 0; fi

runs() { # is $1 an interpreter of at least 3.11 that starts? (A pyenv shim may not start.)
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    pyenv_root=${PYENV_ROOT:-$HOME/.pyenv}
    for minor in 12 13 11; do
        for candidate in "python3.$minor" "$pyenv_root"/versions/3."$minor".*/bin/python3; do
            if command -v "$candidate" >/dev/null 2>&1 && runs "$candidate"; then
                command -v "$candidate"
                return
            fi
        done
    done
    if runs python3; then command -v python3; return; fi
    echo "codefrontier needs Python 3.11 or newer: none found on PATH or in $pyenv_root/versions" >&2
    exit 2
}

as_root_install() { # a bare Debian python3 has neither pip nor venv
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "installing Debian packages: $*" >&2
        apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@" >&2
    else
        echo "need pip or uv to set up; on Debian: apt-get install $*" >&2
        exit 2
    fi
}

find_uv() {
    if command -v uv >/dev/null 2>&1 && uv --version >/dev/null 2>&1; then command -v uv; return; fi
    if [ ! -x .venv-uv/bin/uv ]; then
        python=$1
        if ! "$python" -m pip --version >/dev/null 2>&1; then
            python=python3
            if ! "$python" -m pip --version >/dev/null 2>&1; then
                as_root_install python3-pip
                python=/usr/bin/python3
            fi
        fi
        "$python" -m pip install --quiet --disable-pip-version-check --target .venv-uv --upgrade uv==0.13.9 >&2
    fi
    echo .venv-uv/bin/uv
}

python=${PYTHON:-$(find_python)}
runs "$python" || { echo "PYTHON=$python is not Python 3.11 or newer" >&2; exit 2; }
uv=$(find_uv "$python")
export UV_LINK_MODE=${UV_LINK_MODE:-copy}
if [ ! -x "$venv"/bin/python ] || ! "$venv"/bin/python -c pass >/dev/null 2>&1; then
    "$uv" venv --quiet --clear --python "$python" "$venv"
fi
minor=$("$venv"/bin/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')
tested=constraints/python$minor.txt
case ",$extras," in *,openhands,*) tested=constraints/python$minor-openhands.txt ;; esac # OpenHands pins its own litellm
if [ "$versions" = latest ]; then
    pins=--upgrade
elif [ -f "$tested" ]; then
    pins="--constraint $tested --build-constraint $tested"
else
    pins=""
    echo "there is no $tested: taking the newest versions that pyproject.toml admits" >&2
fi

torch_backend() { # print the option of uv that picks the build of torch
    case ${TORCH_BACKEND:-} in
    pypi) return ;;
    ?*) echo "--torch-backend $TORCH_BACKEND"; return ;;
    esac
    case ",$extras," in *,train,* | *,trl,*) ;; *) return ;; esac
    [ ! -e /dev/nvidiactl ] || return 0
    # shellcheck disable=SC2086
    if UV_HTTP_RETRIES=0 UV_HTTP_TIMEOUT=10 "$uv" pip install --quiet --dry-run --python "$venv"/bin/python \
        --torch-backend cpu $pins --no-deps --reinstall-package torch torch 2>/dev/null; then
        echo "--torch-backend cpu"
    else
        echo "no CPU build of torch can be reached: taking PyPI's, with 4 GB of CUDA libraries" >&2
    fi
}

find_links=""
for folder in ${PIP_FIND_LINKS:-}; do [ -d "$folder" ] && find_links="$find_links --find-links $folder"; done
backend=$(torch_backend)
# shellcheck disable=SC2086
"$uv" pip install --quiet --python "$venv"/bin/python $find_links $backend $pins -e ".${extras:+[$extras]}"
# Type checkers do not follow the import hook of an editable install, so they get a plain path.
mkdir -p "$venv/checked"
ln -sfn "$root" "$venv/checked/codefrontier"
{
    echo "root $root"
    echo "versions $versions"
    for extra in $(echo "$extras" | tr , ' '); do echo "extra $extra"; done
} > "$stamp"
