#!/bin/sh
# Compiles the benchmark programs: bench/programs/build.sh [FOLDER]
#
# Needs what examples/build.sh needs. Objects of the C programs lie beside them, in the tree; those of large
# programs, which straight.sh and branchy.sh write, go to FOLDER (default: bench/target/programs).
set -eu
cd "$(dirname "$0")"

CLANG=${CLANG:-clang-19}
LLVM_STRIP=${LLVM_STRIP:-llvm-strip-19}
headers=/usr/include/$(uname -m)-linux-gnu
generated=${1:-../target/programs}

compile() { # source object
  "$CLANG" -O2 -g -mcpu=v3 -Wall -Werror -target bpf -I "$headers" -I "$PWD" -ffile-prefix-map="$PWD"=. -c "$1" -o "$2"
  "$LLVM_STRIP" -g "$2"
  echo "$2"
}

for source in *.bpf.c; do
  compile "$source" "${source%.c}.o"
done
mkdir -p "$generated"
for count in 1000 4000 20000 100000; do
  ./straight.sh "$count" > "$generated/straight$count.bpf.c"
  compile "$generated/straight$count.bpf.c" "$generated/straight$count.bpf.o"
done
for steps in 250 1000; do
  ./branchy.sh "$steps" > "$generated/branchy$steps.bpf.c"
  compile "$generated/branchy$steps.bpf.c" "$generated/branchy$steps.bpf.o"
done
