"""Records what Linux makes of every packet of the captures: examples/expected/record.py [EXAMPLE...]

Loads each example with bpftool, gives it the packets of each capture one after the other with
BPF_PROG_TEST_RUN, maps kept in between, and writes EXAMPLE-CAPTURE.txt: one line per packet with the
return value, the length after the run, and the first 16 digits of the SHA-256 of the bytes.

Needs root, Linux 5.17 or newer on x86-64, and bpftool.
"""

import ctypes
import hashlib
import os
import pathlib
import shutil
import struct
import subprocess
import sys

EXAMPLES = pathlib.Path(__file__).resolve().parent.parent
CAPTURES = ["web", "dns", "syn", "fragments"]
PINS = pathlib.Path("/sys/fs/bpf/ebpf4j-expected")

SYS_BPF = 321
BPF_OBJ_GET = 7
BPF_PROG_TEST_RUN = 10
HEADROOM = 512

libc = ctypes.CDLL(None, use_errno=True)


def bpf(command, attributes):
    buffer = ctypes.create_string_buffer(attributes, 128)
    result = libc.syscall(SYS_BPF, command, buffer, 128)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result, buffer.raw


def packets(capture):
    """The packets of a little-endian pcap file."""
    content = capture.read_bytes()
    position = 24
    while position < len(content):
        _, _, length, _ = struct.unpack_from("<4I", content, position)
        yield content[position + 16 : position + 16 + length]
        position += 16 + length


def run(program, packet):
    data = ctypes.create_string_buffer(packet, len(packet))
    after = ctypes.create_string_buffer(len(packet) + HEADROOM)
    # prog_fd, retval, data_size_in, data_size_out, data_in, data_out, repeat
    attributes = struct.pack(
        "<4I2QI", program, 0, len(packet), len(after), ctypes.addressof(data), ctypes.addressof(after), 1
    )
    _, result = bpf(BPF_PROG_TEST_RUN, attributes)
    value, _, length = struct.unpack_from("<i2I", result, 4)
    return value, after.raw[:length]


def record(example, capture):
    PINS.mkdir()
    # The maps are pinned, too: a program array that no one holds loses its programs.
    subprocess.run(
        ["bpftool", "prog", "loadall", EXAMPLES / example / f"{example}.bpf.o", PINS / "programs"]
        + ["pinmaps", PINS / "maps"],
        check=True,
    )
    path = ctypes.create_string_buffer(os.fsencode(PINS / "programs" / example))
    program, _ = bpf(BPF_OBJ_GET, struct.pack("<Q", ctypes.addressof(path)))
    try:
        with open(EXAMPLES / "expected" / f"{example}-{capture}.txt", "w") as lines:
            for packet in packets(EXAMPLES / "captures" / f"{capture}.pcap"):
                value, after = run(program, packet)
                digest = hashlib.sha256(after).hexdigest()[:16]
                print(value, len(after), digest, file=lines)
    finally:
        os.close(program)
        shutil.rmtree(PINS)


names = sys.argv[1:] or sorted(source.parent.name for source in EXAMPLES.glob("*/*.bpf.o"))
for name in names:
    for capture_name in CAPTURES:
        record(name, capture_name)
