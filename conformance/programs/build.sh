#!/usr/bin/env bash
# build.sh - compiles the programs beside it, and asks the running kernel (as root, Linux 6.18) about them.
#
# Needs clang-19, bpftool and libbpf's headers. Writes *.bpf.o; with --record also verdicts.jsonl, for which the classes
# of this module must be on the class path that CLASSPATH names.
set -euo pipefail
cd "$(dirname "$0")"
include=$(mktemp -d)
trap 'rm -rf "$include"' EXIT
bpftool btf dump file /sys/kernel/btf/vmlinux format c >"$include/vmlinux.h"
for source in *.bpf.c lines/*.bpf.c replace/*.bpf.c stricter/*.bpf.c; do
  read -ra flags <<<"$(sed -n 's|^// flags: ||p' "$source")" # what one source needs more
  clang-19 "${flags[@]}" -O2 -g --target=bpf -mcpu=v3 -D__TARGET_ARCH_x86 -Wall -Wno-missing-declarations -I"$include" \
    -fdebug-prefix-map="$PWD=." -c "$source" -o "${source%.c}.o"
  llvm-strip-19 -g "${source%.c}.o" 2>/dev/null || true
done
if [ "${1:-}" = --record ]; then
  java org.ebpf4j.conformance.verdicts.VerdictCommand . --record verdicts.jsonl
fi
