#!/bin/bash
# Builds the objects of the behaviour suite. Needs clang 19, llvm-strip and libbpf-dev.
set -euo pipefail
cd "$(dirname "$0")"
for source in ${*:-*.bpf.c}; do
  object=${source%.c}.o
  "${CLANG:-clang-19}" -O2 -g -target bpf -mcpu=v4 -Wall -I/usr/include/"$(uname -m)"-linux-gnu -c "$source" -o "$object"
  "${LLVM_STRIP:-llvm-strip-19}" -g "$object"
done
