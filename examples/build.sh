#!/bin/sh
# Compiles the examples' objects anew: examples/build.sh [NAME...]
#
# Needs clang 14 or newer, llvm-strip, libbpf's headers (Debian: libbpf-dev) and the kernel's (linux-libc-dev).
# CLANG and LLVM_STRIP name other compilers; OUT names a folder that takes the objects instead.
set -eu
cd "$(dirname "$0")"

CLANG=${CLANG:-clang-19}
LLVM_STRIP=${LLVM_STRIP:-llvm-strip-19}
headers=/usr/include/$(uname -m)-linux-gnu

if [ $# -eq 0 ]; then
  for folder in */; do
    name=${folder%/}
    [ ! -f "$name/$name.bpf.c" ] || set -- "$@" "$name"
  done
fi
for name in "$@"; do
  object=$name/$name.bpf.o
  [ -z "${OUT:-}" ] || object=$OUT/$name.bpf.o
  # Prefix maps keep this checkout's path out of the object.
  "$CLANG" -O2 -g -mcpu=v3 -Wall -Werror -target bpf -I "$headers" -ffile-prefix-map="$PWD"=. \
    -c "$name/$name.bpf.c" -o "$object"
  # The DWARF sections go; BTF stays.
  "$LLVM_STRIP" -g "$object"
  echo "$object"
done
