"""UDP datagrams larger than one packet for record.sh: send_datagrams.py IPV4 IPV6."""

import socket
import sys

for family, address, source in (
    (socket.AF_INET, sys.argv[1], "192.0.2.11"),
    (socket.AF_INET6, sys.argv[2], "2001:db8:1::11"),
):
    # 8081 is a port that the firewall blocks, 9000 is not.
    for port in (8081, 9000):
        with socket.socket(family, socket.SOCK_DGRAM) as sender:
            sender.bind((source, 0))
            sender.sendto(bytes(range(250)) * 14, (address, port))
