#!/usr/bin/env bash
# Rebuilds the objects that the tests read, ../resources/objects/**/*.o, from the sources beside this
# script. Needs clang-14, clang-16, clang-19, llvm-strip-19 and bpftool.
set -euo pipefail
cd "$(dirname "$0")"
objects=../resources/objects
flags=(-O2 -g -mcpu=v3 -Wall -Wno-unused-function -fdebug-prefix-map="$PWD"=. -ffile-prefix-map="$PWD"=.)

compile() { # compile CLANG TARGET FOLDER SOURCE...
  local clang=$1 target=$2 folder=$objects/$3 source object
  shift 3
  mkdir -p "$folder"
  for source in "$@"; do
    object=$folder/$(basename "${source%.c}").o
    "$clang" "${flags[@]}" -target "$target" -c "$source" -o "$object"
    # The tests need BTF only; DWARF would be most of the file.
    llvm-strip-19 -g "$object"
  done
}

for version in 14 16 19; do
  sources=(*.bpf.c core/*.bpf.c)
  # Enumerations of 64 bits and TYPE_MATCHES came with clang 15.
  [ "$version" != 14 ] || sources=($(printf '%s\n' "${sources[@]}" | grep -v -e enum64 -e matches))
  compile "clang-$version" bpfel "clang-$version" "${sources[@]}"
done
compile clang-19 bpfeb big-endian *.bpf.c core/*.bpf.c
compile clang-19 bpfel broken broken/*.bpf.c

# As clang leaves them, with DWARF and its relocations, and with a section for each function and
# variable; and as bpftool links them.
mkdir -p "$objects/debug" "$objects/linked"
clang-19 "${flags[@]}" -target bpfel -c maps.bpf.c -o "$objects/debug/maps.bpf.o"
clang-19 "${flags[@]}" -ffunction-sections -fdata-sections -target bpfel -c subprograms.bpf.c \
  -o "$objects/debug/subprograms.bpf.o"
for source in maps globals subprograms externs; do
  bpftool gen object "$objects/linked/$source.bpf.o" "$objects/clang-19/$source.bpf.o"
done
