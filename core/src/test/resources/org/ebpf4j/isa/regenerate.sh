#!/bin/sh
# Rebuilds the objects and listings in this directory; needs clang 19 and llvm-objdump 19.
set -eu
cd "$(dirname "$0")"
clang-19 -target bpf -mcpu=v4 -c every-instruction.s -o every-instruction.o
llvm-objdump-19 -d --no-show-raw-insn every-instruction.o |
  sed '1,/^Disassembly/d; s/[[:space:]]*$//' >every-instruction.txt
llvm-objcopy-19 -O binary -j .text every-instruction.o every-instruction.bin
rm every-instruction.o
