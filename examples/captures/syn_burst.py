"""Many connections at once for record.sh: syn_burst.py SERVER PORT.

Three sources open a hundred each as fast as they can; twenty others open one or two.
"""

import socket
import sys

server = (sys.argv[1], int(sys.argv[2]))
flooders = [f"192.0.2.{last}" for last in (200, 201, 202)] * 100
visitors = [f"192.0.2.{last}" for last in range(20, 40)] + ["192.0.2.20"]

sources = flooders
for index, visitor in enumerate(visitors):
    sources.insert(index * 15, visitor)

connections = []
for source in sources:
    connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    connection.setblocking(False)
    connection.bind((source, 0))
    connection.connect_ex(server)
    connections.append(connection)
for connection in connections:
    connection.close()
