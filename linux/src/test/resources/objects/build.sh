#!/usr/bin/env bash
# Rebuilds the objects beside this script; needs clang-19 and libbpf-dev.
set -euo pipefail
cd "$(dirname "$0")"
for source in *.bpf.c; do
  clang-19 -g -O2 --target=bpf -mcpu=v3 -D__TARGET_ARCH_x86 -I/usr/include/x86_64-linux-gnu \
    -ffile-prefix-map="$PWD"=. -fdebug-compilation-dir=. -c "$source" -o "${source%.c}.o"
  llvm-strip-19 -g "${source%.c}.o"
done
