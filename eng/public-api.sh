#!/usr/bin/env bash
# Lists the public members of the engine that PublicAPI.Unshipped.txt does not have yet, and adds them. What was removed or changed, the build names; take its old line out by hand.
set -euo pipefail
cd "$(dirname "$0")/.."
list=src/Damon.Engine/PublicAPI.Unshipped.txt
found="$({ "${DOTNET:-dotnet}" build src/Damon.Engine -c Release 2>&1 || true; } | sed -nE "s/.*error RS0016: Symbol '(.*)' is not part of the declared public API.*/\1/p" | LC_ALL=C sort -u)"
[ -n "$found" ] || { echo "Nothing to add."; exit 0; }
{ grep -v '^#nullable enable' "$list" || true; echo "$found"; } | LC_ALL=C sort -u > "$list.new"
{ echo '#nullable enable'; cat "$list.new"; } > "$list"
rm "$list.new"
echo "$found"
