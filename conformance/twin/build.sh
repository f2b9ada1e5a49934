#!/bin/bash
# Builds the C twin, its companions and the objects that the suites compare with, into DIR.
#   ./build.sh [DIR]     default DIR: ${XDG_CACHE_HOME:-$HOME/.cache}/ebpf4j-twin
# Needs a C compiler, clang for BPF, and libbpf-dev. Exit code 3 says that one of them is missing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/ebpf4j-twin}

compiler=$(command -v "${CC:-gcc}" || command -v clang || true)
[ -n "$compiler" ] || { echo "build.sh: no C compiler: install gcc" >&2; exit 3; }
bpf_compiler=$(command -v "${CLANG:-clang}" || command -v clang-19 || command -v clang-16 || command -v clang-14 || true)
[ -n "$bpf_compiler" ] || { echo "build.sh: no clang that compiles for BPF: install clang" >&2; exit 3; }
echo '#include <bpf/libbpf.h>' | "$compiler" -E -x c - > /dev/null 2>&1 ||
  { echo "build.sh: no bpf/libbpf.h: install libbpf-dev" >&2; exit 3; }

mkdir -p "$out"
newer() { [ ! -e "$2" ] || [ "$1" -nt "$2" ]; }
for program in twin tracer refuse; do
  if newer "$here/$program.c" "$out/$program"; then
    "$compiler" -O2 -Wall -Werror -o "$out/$program.new" "$here/$program.c" -lbpf
    mv "$out/$program.new" "$out/$program"
  fi
done
for object in large kinds congestion wanting replaced replacing; do
  if newer "$here/$object.bpf.c" "$out/$object.bpf.o"; then
    "$bpf_compiler" -O2 -g -target bpf -I/usr/include/"$(uname -m)"-linux-gnu -c "$here/$object.bpf.c" -o "$out/$object.bpf.o"
  fi
done
echo "$out"
