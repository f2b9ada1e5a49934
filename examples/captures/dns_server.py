"""A DNS server of a few lines for record.sh: dns_server.py ADDRESS.

Answers A, AAAA, MX and TXT, and knows no *.example.
"""

import socket
import struct
import sys

TYPES = {
    1: socket.inet_aton("192.0.2.80"),
    28: socket.inet_pton(socket.AF_INET6, "2001:db8:1::80"),
    15: struct.pack("!H", 10) + b"\x04mail\xc0\x0c",
    16: b"\x14the text of a record",
}
NAME_ERROR = 3


def answer(query):
    identifier, _flags, questions = struct.unpack_from("!3H", query)
    end = 12
    while query[end]:
        end += 1 + query[end]
    name, end = query[12 : end + 1], end + 5
    (record_type,) = struct.unpack_from("!H", query, end - 4)
    data = TYPES.get(record_type)
    missing = name.endswith(b"\x07example\x00")
    records = 0 if missing or data is None else 1
    # A response, recursion available.
    flags = 0x8180 | (NAME_ERROR if missing else 0)
    reply = struct.pack("!6H", identifier, flags, questions, records, 0, 0) + query[12:end]
    if records:
        reply += b"\xc0\x0c" + struct.pack("!HHIH", record_type, 1, 300, len(data)) + data
    return reply


address = sys.argv[1]
with socket.socket(
    socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM
) as server:
    server.bind((address, 53))
    while True:
        message, sender = server.recvfrom(4096)
        server.sendto(answer(message), sender)
