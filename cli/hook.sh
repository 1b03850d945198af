#!/bin/sh
# Runs `tollgate` out of this checkout, built at its first use.
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
binary=$root/target/release/tollgate
[ -x "$binary" ] || cargo build --release --locked --quiet --package tollgate --manifest-path "$root/Cargo.toml" \
    --target-dir "$root/target" >&2
exec "$binary" "$@"
