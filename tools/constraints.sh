#!/bin/sh
# Renew constraints/ with the newest versions that pyproject.toml allows, for each supported Python.
# Run the tests afterwards: versions count as tested only when the tests pass with them.
#
# Each Python has two sets, as OpenHands pins its own litellm. The files hold only names and versions.
set -eu
cd "$(dirname "$0")/.."
uv=$(command -v uv || echo .venv-uv/bin/uv)
[ -x "$uv" ] || { tools/venv.sh && uv=.venv-uv/bin/uv; }

resolve() { # resolve FILE PYTHON EXTRA...: the extras that can be installed into one environment
    file=$1 python=$2
    shift 2
    options=""
    for extra in "$@"; do options="$options --extra $extra"; done
    # setuptools is included because it builds the package itself, in a separate environment.
    # shellcheck disable=SC2086
    echo "setuptools>=77" | "$uv" pip compile --quiet --upgrade --no-header --no-annotate --python-version "$python" \
        $options pyproject.toml - --output-file "$file.new"
    if grep -n -v -E '^[a-z0-9._-]+==[A-Za-z0-9.!]+$' "$file.new"; then
        echo "$file.new holds more than names and versions (lines above)" >&2
        exit 1
    fi
    mv "$file.new" "$file"
    echo "$file: $(wc -l <"$file") packages"
}

mkdir -p constraints
for python in 3.11 3.12 3.13; do
    # Without verl, whose requirements conflict with these extras.
    resolve constraints/python$python.txt $python \
        dev docker agents hub parquet zstd frames train lora wandb trackio trl verifiers inspect openenv skyrl ray serve viewer report docs
    [ $python = 3.11 ] || resolve constraints/python$python-openhands.txt $python dev openhands train serve # needs 3.12
done
