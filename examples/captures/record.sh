#!/bin/bash
# Records the captures of this folder anew: examples/captures/record.sh [web|dns|syn|fragments|mixed]...
# What the examples make of them is then to be recorded anew, too: examples/expected/record.py.
#
# Real programs talk between two network namespaces joined by a veth pair; tcpdump listens at the
# server's end. All addresses are from the ranges kept for documentation (RFC 5737, RFC 3849).
#
# Needs root and, by their Debian names: iproute2 ethtool tcpdump curl python3 bind9-dnsutils
# iputils-ping wireshark-common clang-19 libbpf-dev. Nothing outside the two namespaces is touched, and they go at the end.
set -euo pipefail
cd "$(dirname "$0")"

client=ebpf4j-client-$$
server=ebpf4j-server-$$
work=$(mktemp -d)

in_client() { ip netns exec "$client" "$@"; }
in_server() { ip netns exec "$server" "$@"; }

cleanup() {
  local namespace running
  for namespace in "$client" "$server"; do
    running=$(ip netns pids "$namespace" 2>/dev/null || true)
    [ -z "$running" ] || kill $running || true
    ip netns del "$namespace" 2>/dev/null || true
  done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

make_network() {
  ip netns add "$client"
  ip netns add "$server"
  ip link add client0 netns "$client" address 02:00:00:00:00:01 type veth \
    peer name server0 netns "$server" address 02:00:00:00:00:02
  # No offloads: what is recorded is what a wire would carry, checksums and segments included.
  in_client ethtool -K client0 tx off rx off tso off gso off gro off >/dev/null
  in_server ethtool -K server0 tx off rx off tso off gso off gro off >/dev/null
  in_client ip link set lo up
  in_client ip link set client0 addrgenmode none up
  in_server ip link set server0 addrgenmode none up

  # 203.0.113.0/24 and 2001:db8:bad::/48 are what the firewall blocks by default.
  for address in 192.0.2.10 192.0.2.11 203.0.113.9 203.0.113.70; do
    in_client ip address add "$address/32" dev client0
  done
  for address in 2001:db8:1::10 2001:db8:1::11 2001:db8:bad::9; do
    in_client ip address add "$address/128" dev client0 nodad
  done
  in_server ip address add 198.51.100.1/24 dev server0
  in_server ip address add 2001:db8:2::1/64 dev server0 nodad
  in_client ip route add 198.51.100.0/24 dev client0 src 192.0.2.10
  in_client ip route add 2001:db8:2::/64 dev client0 src 2001:db8:1::10
  in_server ip route add 192.0.2.10 dev server0
  in_server ip route add default via 192.0.2.10
  in_server ip route add 2001:db8:1::10 dev server0
  in_server ip route add default via 2001:db8:1::10
  # The client owns all of 192.0.2.0/24, so that many sources can be one machine.
  in_client ip route add local 192.0.2.0/24 dev lo

  # A VLAN without VLAN devices, which not every kernel has: programs push and pop the tags.
  in_client ip address add 203.0.113.130/32 dev client0
  in_client ip address add 203.0.113.75/32 dev client0
  in_server ip address add 198.51.100.130/32 dev server0
  clang-19 -O2 -g -target bpf -I "/usr/include/$(uname -m)-linux-gnu" -c vlan.bpf.c -o "$work/vlan.bpf.o"
  for end in client server; do
    local namespace=${!end}
    ip netns exec "$namespace" tc qdisc add dev "${end}0" clsact
    ip netns exec "$namespace" tc filter add dev "${end}0" egress bpf direct-action \
      object-file "$work/vlan.bpf.o" program push
    ip netns exec "$namespace" tc filter add dev "${end}0" ingress bpf direct-action \
      object-file "$work/vlan.bpf.o" program pop
  done
}

start_services() {
  mkdir "$work/site"
  seq -f 'line %g of a page that fills more than one segment' 1 60 >"$work/site/index.html"
  seq -f '%g' 1 3000 >"$work/site/numbers.txt"
  in_server python3 -m http.server --bind :: --directory "$work/site" 80 >/dev/null 2>&1 &
  in_server python3 -m http.server --bind :: --directory "$work/site" 8081 >/dev/null 2>&1 &
  for address in 198.51.100.1 198.51.100.130 2001:db8:2::1; do
    in_server python3 dns_server.py "$address" &
  done
  for port in :80 :8081 :53; do
    until [ -n "$(in_server ss -Hltu "sport = $port" 2>/dev/null)" ]; do sleep 0.1; done
  done
}

# start_capture NAMESPACE INTERFACE FILE: records until stop_captures.
start_capture() {
  ip netns exec "$1" tcpdump -Z root -i "$2" -U --immediate-mode -w "$3" 2>"$3.log" &
  captures+=($!)
  until grep -q 'listening on' "$3.log"; do sleep 0.1; done
}

stop_captures() {
  sleep 1
  kill -INT "${captures[@]}"
  wait "${captures[@]}" || true
  captures=()
}
captures=()

# get SOURCE URL: an HTTP request from that source address; one that fails is traffic, too.
get() { in_client curl -gsS -m 5 -o /dev/null --interface "$1" "$2" 2>/dev/null || true; }

web_traffic() {
  get 192.0.2.10 http://198.51.100.1/
  get 192.0.2.11 http://198.51.100.1/numbers.txt
  get 2001:db8:1::10 'http://[2001:db8:2::1]/'
  get 2001:db8:1::11 'http://[2001:db8:2::1]/numbers.txt'
  get 192.0.2.10 http://198.51.100.1/missing.html
  get 203.0.113.9 http://198.51.100.1/                  # a blocked source
  get 203.0.113.70 http://198.51.100.1/                 # an allowed piece of a blocked prefix
  get 2001:db8:bad::9 'http://[2001:db8:2::1]/'         # a blocked IPv6 source
  get 192.0.2.10 http://198.51.100.1:8081/              # a blocked port that answers
  get 2001:db8:1::10 'http://[2001:db8:2::1]:8081/'
  get 192.0.2.11 http://198.51.100.1:23/                # closed ports, blocked and not
  get 192.0.2.11 http://198.51.100.1:445/
  get 192.0.2.11 http://198.51.100.1:9999/
  get 2001:db8:1::11 'http://[2001:db8:2::1]:3389/'
  get 203.0.113.75 http://198.51.100.130/               # in VLAN 100, as are the next
  get 203.0.113.130 http://198.51.100.130/
  in_client ping -q -c 2 -i 0.2 -I 192.0.2.10 198.51.100.1 >/dev/null || true
  in_client ping -q -c 2 -i 0.2 -I 203.0.113.9 198.51.100.1 >/dev/null || true
  in_client ping -6 -q -c 2 -i 0.2 -I 2001:db8:1::10 2001:db8:2::1 >/dev/null || true
}

# ask SOURCE SERVER QUERY...
ask() {
  local source=$1 name_server=$2
  shift 2
  in_client dig +tries=1 +time=2 +nocookie -b "$source" "@$name_server" "$@" >/dev/null || true
}

dns_traffic() {
  local name
  for name in example.com www.example.com example.net a.very.deep.name.under.example.org; do
    ask 192.0.2.10 198.51.100.1 "$name" A
    ask 2001:db8:1::10 2001:db8:2::1 "$name" AAAA
  done
  ask 192.0.2.11 198.51.100.1 example.com MX
  ask 192.0.2.11 198.51.100.1 example.com TXT
  ask 192.0.2.11 198.51.100.1 +noedns missing.example A
  ask 192.0.2.11 198.51.100.1 -x 192.0.2.10
  ask 192.0.2.11 198.51.100.1 . NS
  ask 203.0.113.9 198.51.100.1 blocked.example A
  ask 203.0.113.75 198.51.100.130 tagged.example A
  ask 2001:db8:1::11 2001:db8:2::1 \
    sixty-three-letters-are-the-most-that-one-label-of-a-name-holds.and.this.name.is.longer.than.most.example.com A
  ask 192.0.2.10 198.51.100.1 +tcp example.com A        # nobody listens: refused
  get 192.0.2.10 http://198.51.100.1/
}

syn_traffic() {
  get 192.0.2.10 http://198.51.100.1/
  in_client python3 syn_burst.py 198.51.100.1 80
  get 192.0.2.11 http://198.51.100.1/
  get 2001:db8:1::10 'http://[2001:db8:2::1]/'
}

fragments_traffic() {
  in_client ping -q -c 2 -i 0.2 -s 4000 -I 192.0.2.10 198.51.100.1 >/dev/null || true
  in_client ping -q -c 1 -s 4000 -I 203.0.113.9 198.51.100.1 >/dev/null || true
  in_client ping -6 -q -c 2 -i 0.2 -s 4000 -I 2001:db8:1::10 2001:db8:2::1 >/dev/null || true
  in_client ping -6 -q -c 1 -s 2000 -I 2001:db8:bad::9 2001:db8:2::1 >/dev/null || true
  in_client python3 send_datagrams.py 198.51.100.1 2001:db8:2::1
}

record_at_server() {
  start_capture "$server" server0 "$work/$1.pcap"
  "$1_traffic"
  stop_captures
  mv "$work/$1.pcap" "$1.pcap"
}

# Both ends of the wire in one pcapng file, as two interfaces.
record_mixed() {
  start_capture "$client" client0 "$work/client.pcap"
  start_capture "$server" server0 "$work/server.pcap"
  get 192.0.2.10 http://198.51.100.1/
  get 2001:db8:1::10 'http://[2001:db8:2::1]/'
  ask 192.0.2.10 198.51.100.1 example.com A
  in_client ping -q -c 2 -i 0.2 -s 2000 -I 192.0.2.11 198.51.100.1 >/dev/null || true
  get 203.0.113.9 http://198.51.100.1:8081/
  get 203.0.113.75 http://198.51.100.130/
  stop_captures
  mergecap -F pcapng -I none -w "$work/mixed.pcapng" "$work/client.pcap" "$work/server.pcap"
  mv "$work/mixed.pcapng" mixed.pcapng
}

make_network
start_services
[ $# -gt 0 ] || set -- web dns syn fragments mixed
for capture in "$@"; do
  case $capture in
    mixed) record_mixed ;;
    web | dns | syn | fragments) record_at_server "$capture" ;;
    *) echo "record.sh: no capture is called $capture" >&2; exit 2 ;;
  esac
  ls -l "$capture".pcap*
done
