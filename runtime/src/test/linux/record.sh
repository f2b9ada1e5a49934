#!/bin/sh
# Records anew what Linux does with the scripts of map_scripts.py. Run as root, on Linux 6.18 or so.
set -eu
cd "$(dirname "$0")"
oracle=$(mktemp)
trap 'rm -f "$oracle"' EXIT
cc -O1 -Wall -o "$oracle" map_oracle.c
for what in attributes operations; do
  python3 map_scripts.py "$what" | "$oracle" \
    > ../resources/org/ebpf4j/runtime/internal/map/linux-map-"$what".txt
done
