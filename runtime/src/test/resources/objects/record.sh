#!/bin/bash
# Builds timers.bpf.o and packets.bpf.o, and records, as root on Linux 6.18, what its programs do with one packet: packets.tsv.
# Needs clang, llvm-strip, libbpf-dev, bpftool, and python3 for bpftool's JSON.
set -euo pipefail
cd "$(dirname "$0")"
for object in timers packets; do
  "${CLANG:-clang-19}" -O2 -g -target bpf -I/usr/include/"$(uname -m)"-linux-gnu -c $object.bpf.c -o $object.bpf.o
  "${LLVM_STRIP:-llvm-strip-19}" -g $object.bpf.o
done
pins=/sys/fs/bpf/ebpf4j-record
work=$(mktemp -d)
trap 'rm -rf "$pins" "$work"' EXIT
bpftool prog loadall packets.bpf.o "$pins"
# Ethernet, IPv4 with TCP, 60 bytes of payload.
python3 - "$work/in" <<'PY'
import struct, sys
ip = struct.pack(">BBHHHBBHII", 0x45, 0, 100, 1, 0x4000, 64, 6, 0x5d5d, 0xC0000201, 0xC0000202)
tcp = struct.pack(">HHIIBBHHH", 1234, 80, 1, 2, 0x50, 0x10, 512, 0xabcd, 0)
open(sys.argv[1], "wb").write(bytes.fromhex("0202020202020404040404040800") + ip + tcp + bytes(range(60)))
PY
# As a packet on its way has it, wire_len is its length only if there is a context.
head -c 192 /dev/zero > "$work/skb"
{
  echo "# Written by record.sh on Linux $(uname -r | cut -d. -f1,2): program, return value, packet afterwards"
  echo -e "input\t0\t$(xxd -p -c 100000 "$work/in")"
  for pin in "$pins"/*; do
    context=(ctx_in "$work/skb")
    [[ $pin != */xdp* ]] || context=()
    bpftool -j prog run pinned "$pin" "${context[@]}" data_in "$work/in" data_out "$work/out" data_size_out 20000 > "$work/json"
    value=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["retval"])' "$work/json")
    echo -e "$(basename "$pin")\t$value\t$(xxd -p -c 100000 "$work/out")"
  done
} > packets.tsv
