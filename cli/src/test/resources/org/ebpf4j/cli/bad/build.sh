#!/bin/sh
# Compiles these objects anew; needs clang and libbpf's headers (Debian: libbpf-dev).
set -eu
cd "$(dirname "$0")"
for source in *.bpf.c; do
  target=bpfel
  [ "$source" != foreign.bpf.c ] || target=bpfeb
  "${CLANG:-clang-19}" -O2 -g -target "$target" -I "/usr/include/$(uname -m)-linux-gnu" -ffile-prefix-map="$PWD"=. -c "$source" -o "${source%.c}.o"
  "${LLVM_STRIP:-llvm-strip-19}" -g "${source%.c}.o"
done
