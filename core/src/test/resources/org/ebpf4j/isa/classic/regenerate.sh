#!/bin/sh
# Rebuilds tcpdump-filters.txt: each filter as `# expression`, then what tcpdump -ddd prints for it.
set -eu
cd "$(dirname "$0")"
while IFS= read -r expression; do
  echo "# $expression"
  tcpdump -ddd -y EN10MB "$expression"
done >tcpdump-filters.txt <<'FILTERS'
ip
ip6
arp
tcp
udp port 53
tcp port 80
tcp port 80 and (((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0)
host 10.0.0.1
src net 10.0.0.0/8 and not dst host 10.0.0.2
ip6 host fe80::1
tcp[tcpflags] & (tcp-syn|tcp-fin) != 0
icmp[icmptype] == icmp-echo
portrange 1-1024
greater 100
less 60 or ether broadcast
vlan 5 and ip
ip[8] % 7 == 3
ip[8] / 4 * 3 == 45 or ip[1] ^ 5 > 200
tcp[0:2] << 3 > 1000 and ip[0] & 0xf > 5
len - 14 > 60
ip[ip[0] & 0xf] > 3
ether[6:4] > 0xf0000000
ip[2:2] / (ip[8] & 3) > 9
FILTERS
