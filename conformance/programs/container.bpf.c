// SPDX-License-Identifier: Apache-2.0
// A container's datapath as clouds run it: identities, policy, connection tracking, services with Maglev tables, source
// translation with a search for a free port, ICMP errors that carry other packets' headers, tunnels, events, metrics. One
// program a direction with all of it inlined, two parts behind tail calls.
#include "vmlinux.h"
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define INLINE static __always_inline
#define OK 0
#define SHOT 2
#define ETH_IPV4 bpf_htons(0x0800)
#define ETH_IPV6 bpf_htons(0x86dd)
#define ETH_ARP bpf_htons(0x0806)
#define TCP 6
#define UDP 17
#define ICMP 1
#define ICMP6 58
#define PSEUDO 0x10
#define TUNNEL 7
#define PORTS_TRIED 24
#define MAGLEV 251
#define WORLD 2
#define HOST 1

char gpl[] SEC("license") = "GPL";

enum tail { TAIL_IPV6, TAIL_SERVICE_NAT, TAIL_DROP };
enum reason { R_SHORT = 1, R_PROTOCOL, R_POLICY, R_NO_BACKEND, R_NO_PORT, R_CT, R_STORE, R_LOOP, R_TTL, R_FRAGMENT };
enum found { CT_NEW, CT_ESTABLISHED, CT_REPLY, CT_RELATED };

union address { __u32 v4; __u32 words[4]; __u64 halves[2]; };

struct tuple { union address source, target; __be16 source_port, target_port; __u8 protocol, direction; __u8 flags, spare; };

struct connection {
  __u64 expires, packets, bytes;
  __u32 identity, backend;
  __u16 service, flags;
  __u8 seen_syn : 1, seen_fin_here : 1, seen_fin_there : 1, seen_rst : 1, closing : 1;
  __u8 tcp_flags[2];
};

struct endpoint { __u32 interface, identity; __u8 mac[6], router_mac[6]; __u32 node; __u32 flags; };
struct identity_key { __u32 length; union address address; };
struct identity { __u32 number, node; };
struct policy_key { __u32 identity; __be16 port; __u8 protocol, egress; };
struct policy { __u64 packets, bytes; __u16 proxy; __u8 deny, audit; };
struct service_key { union address address; __be16 port; __u8 protocol, spare; };
struct service { __u32 count, id, affinity_seconds; __u8 maglev, flags, spare[2]; };
struct backend { union address address; __be16 port; __u8 protocol, flags; };
struct affinity_key { union address client; __u32 service; };
struct affinity { __u64 used; __u32 backend; };
struct translation { union address address; __be16 port; __u16 spare; __u64 created; };
struct event { __u32 reason, identity, target_identity, interface; struct tuple tuple; __u64 when; __u32 length; };
struct metric_key { __u8 reason, direction; __u16 spare; };
struct metric { __u64 packets, bytes; };

struct scratch { struct tuple tuple, inner; struct event event; struct connection connection; };

#define MAP(NAME, TYPE, KEY, VALUE, ENTRIES, FLAGS) \
  struct { __uint(type, TYPE); __type(key, KEY); __type(value, VALUE); __uint(max_entries, ENTRIES); __uint(map_flags, FLAGS); } NAME SEC(".maps")

MAP(endpoints, BPF_MAP_TYPE_HASH, union address, struct endpoint, 4096, 0);
MAP(identities, BPF_MAP_TYPE_LPM_TRIE, struct identity_key, struct identity, 16384, BPF_F_NO_PREALLOC);
MAP(policies, BPF_MAP_TYPE_HASH, struct policy_key, struct policy, 16384, 0);
MAP(connections, BPF_MAP_TYPE_LRU_HASH, struct tuple, struct connection, 65536, 0);
MAP(services, BPF_MAP_TYPE_HASH, struct service_key, struct service, 4096, 0);
MAP(backends, BPF_MAP_TYPE_HASH, __u32, struct backend, 16384, 0);
MAP(affinities, BPF_MAP_TYPE_LRU_HASH, struct affinity_key, struct affinity, 16384, 0);
MAP(translations, BPF_MAP_TYPE_LRU_HASH, struct tuple, struct translation, 65536, 0);
MAP(metrics, BPF_MAP_TYPE_PERCPU_HASH, struct metric_key, struct metric, 512, 0);
MAP(room, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, struct scratch, 1, 0);

struct { __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY); __uint(key_size, 4); __uint(value_size, 4); } events SEC(".maps");
struct table { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, __u32); __type(value, __u32); __uint(max_entries, MAGLEV); } table SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH_OF_MAPS); __type(key, __u32); __uint(max_entries, 1024); __array(values, struct table); } tables SEC(".maps");

int ipv6(struct __sk_buff *packet);
int service_nat(struct __sk_buff *packet);
int dropped(struct __sk_buff *packet);
struct {
  __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __uint(max_entries, 8); __type(key, __u32); __array(values, int(void *));
} tails SEC(".maps") = {.values = {[TAIL_IPV6] = (void *)&ipv6, [TAIL_SERVICE_NAT] = (void *)&service_nat, [TAIL_DROP] = (void *)&dropped}};

const volatile __u32 node_address = 0x0100007f;
const volatile __u16 first_port = 32768, last_port = 60999;
const volatile __u32 tunnel_interface = 3, seed = 0x5bd1e995;
const volatile bool encapsulate = true, audit = false, trace = true;

INLINE void count(struct __sk_buff *packet, __u8 reason, __u8 direction) {
  struct metric_key key = {.reason = reason, .direction = direction};
  struct metric *found = bpf_map_lookup_elem(&metrics, &key);
  if (found) {
    found->packets++;
    found->bytes += packet->len;
  } else {
    struct metric first = {.packets = 1, .bytes = packet->len};
    bpf_map_update_elem(&metrics, &key, &first, 0);
  }
}

INLINE int drop(struct __sk_buff *packet, __u32 reason, __u32 identity) {
  packet->cb[0] = reason;
  packet->cb[1] = identity;
  bpf_tail_call(packet, &tails, TAIL_DROP);
  return SHOT;
}

INLINE __u32 mix(__u32 hash, __u32 word) {
  word *= 0xcc9e2d51;
  word = word << 15 | word >> 17;
  hash ^= word * 0x1b873593;
  hash = hash << 13 | hash >> 19;
  return hash * 5 + 0xe6546b64;
}

INLINE __u32 hash_of(const struct tuple *t) {
  __u32 hash = seed;
#pragma unroll
  for (int i = 0; i < 4; i++) hash = mix(hash, t->source.words[i]);
#pragma unroll
  for (int i = 0; i < 4; i++) hash = mix(hash, t->target.words[i]);
  hash = mix(hash, (__u32)t->source_port << 16 | t->target_port);
  hash = mix(hash, t->protocol);
  hash ^= hash >> 16;
  hash *= 0x85ebca6b;
  return hash ^ hash >> 13;
}

INLINE void reverse(struct tuple *to, const struct tuple *from) {
  to->source = from->target;
  to->target = from->source;
  to->source_port = from->target_port;
  to->target_port = from->source_port;
  to->protocol = from->protocol;
  to->direction = !from->direction;
  to->flags = from->flags;
  to->spare = 0;
}

INLINE const struct identity *identity_of(const union address *address) {
  struct identity_key key = {.length = 128, .address = *address};
  return bpf_map_lookup_elem(&identities, &key);
}

INLINE int policy_of(struct __sk_buff *packet, __u32 identity, const struct tuple *t, bool egress, __u16 *proxy) {
  struct policy_key key = {.identity = identity, .port = t->target_port, .protocol = t->protocol, .egress = egress};
  struct policy *found = bpf_map_lookup_elem(&policies, &key);
  if (!found) {
    key.port = 0;
    found = bpf_map_lookup_elem(&policies, &key);
  }
  if (!found) {
    key.protocol = 0;
    found = bpf_map_lookup_elem(&policies, &key);
  }
  if (!found) {
    key.identity = 0;
    key.protocol = t->protocol;
    key.port = t->target_port;
    found = bpf_map_lookup_elem(&policies, &key);
  }
  if (!found) {
    key.port = 0;
    key.protocol = 0;
    found = bpf_map_lookup_elem(&policies, &key);
  }
  if (!found) return audit ? OK : -R_POLICY;
  __sync_fetch_and_add(&found->packets, 1);
  __sync_fetch_and_add(&found->bytes, packet->len);
  if (found->deny) return found->audit ? OK : -R_POLICY;
  *proxy = found->proxy;
  return OK;
}

INLINE void update_connection(struct connection *c, struct __sk_buff *packet, __u8 flags, bool reply) {
  __u64 now = bpf_ktime_get_ns();
  __u64 life = 60000000000ull;
  c->packets++;
  c->bytes += packet->len;
  if (flags & 2) c->seen_syn = 1;
  if (flags & 4) c->seen_rst = 1;
  if (flags & 1) {
    if (reply) c->seen_fin_there = 1; else c->seen_fin_here = 1;
  }
  if (c->seen_rst || (c->seen_fin_here && c->seen_fin_there)) {
    c->closing = 1;
    life = 10000000000ull;
  } else if (c->seen_syn) {
    life = 21600000000000ull;
  }
  c->tcp_flags[reply] |= flags;
  c->expires = now + life;
}

INLINE enum found track(struct __sk_buff *packet, struct scratch *s, __u8 flags, struct connection **out) {
  struct connection *c = bpf_map_lookup_elem(&connections, &s->tuple);
  if (c) {
    if (!c->closing || !(flags & 2)) {
      update_connection(c, packet, flags, false);
      *out = c;
      return CT_ESTABLISHED;
    }
    c->closing = c->seen_fin_here = c->seen_fin_there = c->seen_rst = 0;
    update_connection(c, packet, flags, false);
    *out = c;
    return CT_NEW;
  }
  reverse(&s->inner, &s->tuple);
  c = bpf_map_lookup_elem(&connections, &s->inner);
  if (c) {
    update_connection(c, packet, flags, true);
    *out = c;
    return s->tuple.flags ? CT_RELATED : CT_REPLY;
  }
  return CT_NEW;
}

INLINE int create(struct __sk_buff *packet, struct scratch *s, __u32 identity, __u32 backend, __u16 service, __u8 flags) {
  struct connection *c = &s->connection;
  __builtin_memset(c, 0, sizeof *c);
  c->identity = identity;
  c->backend = backend;
  c->service = service;
  update_connection(c, packet, flags, false);
  return bpf_map_update_elem(&connections, &s->tuple, c, BPF_ANY) ? -R_CT : OK;
}

INLINE const struct backend *choose(struct __sk_buff *packet, const struct service *service, const struct tuple *t, __u32 *number) {
  struct affinity_key key = {.client = t->source, .service = service->id};
  __u64 now = bpf_ktime_get_ns();
  if (service->affinity_seconds) {
    struct affinity *kept = bpf_map_lookup_elem(&affinities, &key);
    if (kept && kept->used + service->affinity_seconds * 1000000000ull > now) {
      __u32 old = kept->backend;
      const struct backend *b = bpf_map_lookup_elem(&backends, &old);
      if (b && !(b->flags & 1)) {
        kept->used = now;
        *number = old;
        return b;
      }
    }
  }
  __u32 id = service->id, slot;
  if (service->maglev) {
    void *inner = bpf_map_lookup_elem(&tables, &id);
    if (!inner) return 0;
    slot = hash_of(t) % MAGLEV;
    __u32 *entry = bpf_map_lookup_elem(inner, &slot);
    if (!entry) return 0;
    *number = *entry;
  } else {
    if (!service->count) return 0;
    *number = id * 64 + bpf_get_prandom_u32() % service->count;
  }
  const struct backend *b = bpf_map_lookup_elem(&backends, number);
  if (b && service->affinity_seconds) {
    struct affinity fresh = {.used = now, .backend = *number};
    bpf_map_update_elem(&affinities, &key, &fresh, 0);
  }
  return b;
}

INLINE int checksum_at(__u8 protocol) {
  switch (protocol) {
  case TCP: return offsetof(struct tcphdr, check);
  case UDP: return offsetof(struct udphdr, check);
  case ICMP6: return offsetof(struct icmp6hdr, icmp6_cksum);
  default: return -1;
  }
}

INLINE int rewrite4(struct __sk_buff *packet, int l3, int l4, const struct tuple *t, bool source, __be32 address, __be16 port) {
  int address_at = l3 + (source ? offsetof(struct iphdr, saddr) : offsetof(struct iphdr, daddr));
  __be32 old = source ? t->source.v4 : t->target.v4;
  __be16 old_port = source ? t->source_port : t->target_port;
  int check = checksum_at(t->protocol);
  if (bpf_skb_store_bytes(packet, address_at, &address, 4, 0) < 0) return -R_STORE;
  if (bpf_l3_csum_replace(packet, l3 + offsetof(struct iphdr, check), old, address, 4) < 0) return -R_STORE;
  if (check >= 0) {
    __u64 flags = PSEUDO | 4 | (t->protocol == UDP ? BPF_F_MARK_MANGLED_0 : 0);
    if (bpf_l4_csum_replace(packet, l4 + check, old, address, flags) < 0) return -R_STORE;
    if (port && port != old_port) {
      if (bpf_l4_csum_replace(packet, l4 + check, old_port, port, 2 | (t->protocol == UDP ? BPF_F_MARK_MANGLED_0 : 0)) < 0) return -R_STORE;
      if (bpf_skb_store_bytes(packet, l4 + (source ? 0 : 2), &port, 2, 0) < 0) return -R_STORE;
    }
  }
  return OK;
}

INLINE int rewrite6(struct __sk_buff *packet, int l3, int l4, const struct tuple *t, bool source, union address *address, __be16 port) {
  int at = l3 + (source ? offsetof(struct ipv6hdr, saddr) : offsetof(struct ipv6hdr, daddr));
  union address old = source ? t->source : t->target;
  __be16 old_port = source ? t->source_port : t->target_port;
  int check = checksum_at(t->protocol);
  __s64 sum = bpf_csum_diff(old.words, 16, address->words, 16, 0);
  if (sum < 0 || bpf_skb_store_bytes(packet, at, address, 16, 0) < 0) return -R_STORE;
  if (check >= 0) {
    if (bpf_l4_csum_replace(packet, l4 + check, 0, sum, PSEUDO) < 0) return -R_STORE;
    if (port && port != old_port && t->protocol != ICMP6) {
      if (bpf_l4_csum_replace(packet, l4 + check, old_port, port, 2) < 0) return -R_STORE;
      if (bpf_skb_store_bytes(packet, l4 + (source ? 0 : 2), &port, 2, 0) < 0) return -R_STORE;
    }
  }
  return OK;
}

INLINE int ports(struct __sk_buff *packet, int l4, struct tuple *t, __u8 *flags) {
  struct { __be16 source, target; } pair;
  switch (t->protocol) {
  case TCP:
    if (bpf_skb_load_bytes(packet, l4 + 13, flags, 1) < 0) return -R_SHORT;
    break;
  case UDP: break;
  default: return -R_PROTOCOL;
  }
  if (bpf_skb_load_bytes(packet, l4, &pair, 4) < 0) return -R_SHORT;
  t->source_port = pair.source;
  t->target_port = pair.target;
  return OK;
}

// An error carries the header of the packet that it is about: it belongs to that packet's connection.
INLINE int icmp4(struct __sk_buff *packet, int l4, struct tuple *t) {
  struct icmphdr icmp;
  struct iphdr about;
  struct { __be16 source, target; } pair;
  if (bpf_skb_load_bytes(packet, l4, &icmp, sizeof icmp) < 0) return -R_SHORT;
  switch (icmp.type) {
  case 0: case 8:
    t->source_port = t->target_port = icmp.un.echo.id;
    return OK;
  case 3: case 11: case 12:
    if (bpf_skb_load_bytes(packet, l4 + sizeof icmp, &about, sizeof about) < 0) return -R_SHORT;
    if (about.protocol != TCP && about.protocol != UDP) return -R_PROTOCOL;
    if (bpf_skb_load_bytes(packet, l4 + sizeof icmp + about.ihl * 4, &pair, 4) < 0) return -R_SHORT;
    t->source.v4 = about.daddr;
    t->target.v4 = about.saddr;
    t->protocol = about.protocol;
    t->source_port = pair.target;
    t->target_port = pair.source;
    t->flags = 1;
    return OK;
  default:
    return -R_PROTOCOL;
  }
}

INLINE int translate_source(struct __sk_buff *packet, struct scratch *s, int l3, int l4) {
  struct translation *kept = bpf_map_lookup_elem(&translations, &s->tuple), fresh = {};
  if (!kept) {
    __u32 range = last_port - first_port + 1, start = hash_of(&s->tuple);
    bool free = false;
    reverse(&s->inner, &s->tuple);
    s->inner.target.v4 = node_address;
    for (int i = 0; i < PORTS_TRIED; i++) {
      __u16 port = first_port + (start + i * 7) % range;
      s->inner.target_port = bpf_htons(port);
      if (!bpf_map_lookup_elem(&translations, &s->inner)) {
        free = true;
        break;
      }
    }
    if (!free) return -R_NO_PORT;
    fresh.address.v4 = node_address;
    fresh.port = s->inner.target_port;
    fresh.created = bpf_ktime_get_ns();
    if (bpf_map_update_elem(&translations, &s->tuple, &fresh, BPF_NOEXIST)) return -R_NO_PORT;
    struct translation back = {.address = s->tuple.source, .port = s->tuple.source_port, .created = fresh.created};
    if (bpf_map_update_elem(&translations, &s->inner, &back, BPF_NOEXIST)) {
      bpf_map_delete_elem(&translations, &s->tuple);
      return -R_NO_PORT;
    }
    kept = &fresh;
  }
  return rewrite4(packet, l3, l4, &s->tuple, true, kept->address.v4, kept->port);
}

INLINE int lower_ttl(struct __sk_buff *packet, int l3) {
  __u8 ttl;
  if (bpf_skb_load_bytes(packet, l3 + offsetof(struct iphdr, ttl), &ttl, 1) < 0) return -R_SHORT;
  if (ttl <= 1) return -R_TTL;
  __u8 lower = ttl - 1;
  if (bpf_l3_csum_replace(packet, l3 + offsetof(struct iphdr, check), ttl, lower, 2) < 0) return -R_STORE;
  return bpf_skb_store_bytes(packet, l3 + offsetof(struct iphdr, ttl), &lower, 1, 0) < 0 ? -R_STORE : OK;
}

INLINE int deliver(struct __sk_buff *packet, const union address *to, const struct identity *target, int l3, bool v4) {
  struct endpoint *local = bpf_map_lookup_elem(&endpoints, to);
  if (local) {
    if (v4) {
      int result = lower_ttl(packet, l3);
      if (result < 0) return result;
    }
    if (bpf_skb_store_bytes(packet, 0, local->mac, 6, 0) < 0) return -R_STORE;
    if (bpf_skb_store_bytes(packet, 6, local->router_mac, 6, 0) < 0) return -R_STORE;
    return bpf_redirect_peer(local->interface, 0);
  }
  if (encapsulate && target && target->node) {
    struct bpf_tunnel_key key = {};
    key.tunnel_id = target->number;
    key.remote_ipv4 = target->node;
    key.tunnel_ttl = 64;
    if (bpf_skb_set_tunnel_key(packet, &key, sizeof key, BPF_F_ZERO_CSUM_TX) < 0) return -R_STORE;
    return bpf_redirect(tunnel_interface, 0);
  }
  return OK;
}

INLINE void tell(struct __sk_buff *packet, struct scratch *s, __u32 reason, __u32 from, __u32 to) {
  struct event *e = &s->event;
  e->reason = reason;
  e->identity = from;
  e->target_identity = to;
  e->interface = packet->ifindex;
  e->tuple = s->tuple;
  e->when = bpf_ktime_get_ns();
  e->length = packet->len;
  __u64 bytes = packet->len < 128 ? packet->len : 128;
  bpf_perf_event_output(packet, &events, bytes << 32 | BPF_F_CURRENT_CPU, e, sizeof *e);
}

INLINE int service_of(struct __sk_buff *packet, struct scratch *s, int l3, int l4, bool v4, __u32 *number, __u16 *id) {
  struct service_key key = {.address = s->tuple.target, .port = s->tuple.target_port, .protocol = s->tuple.protocol};
  struct service *service = bpf_map_lookup_elem(&services, &key);
  if (!service) {
    key.port = 0;
    service = bpf_map_lookup_elem(&services, &key);
    if (!service) return OK;
  }
  const struct backend *b = choose(packet, service, &s->tuple, number);
  if (!b) return -R_NO_BACKEND;
  union address address = b->address;
  int result = v4 ? rewrite4(packet, l3, l4, &s->tuple, false, address.v4, b->port)
                  : rewrite6(packet, l3, l4, &s->tuple, false, &address, b->port);
  if (result < 0) return result;
  *id = service->id;
  s->tuple.target = address;
  if (b->port) s->tuple.target_port = b->port;
  if (address.halves[0] == s->tuple.source.halves[0] && address.halves[1] == s->tuple.source.halves[1]) return -R_LOOP;
  return OK;
}

INLINE int forward(struct __sk_buff *packet, struct scratch *s, int l3, int l4, __u8 flags, bool v4, __u32 identity, bool egress) {
  __u32 number = 0;
  __u16 service = 0, proxy = 0;
  struct connection *c = 0;
  int result = OK;
  if (egress && !s->tuple.flags) {
    result = service_of(packet, s, l3, l4, v4, &number, &service);
    if (result < 0) return result;
  }
  enum found state = track(packet, s, flags, &c);
  const struct identity *target = identity_of(egress ? &s->tuple.target : &s->tuple.source);
  __u32 other = target ? target->number : WORLD;
  switch (state) {
  case CT_NEW:
    result = policy_of(packet, other, &s->tuple, egress, &proxy);
    if (result < 0) return result;
    if (!c) {
      result = create(packet, s, identity, number, service, flags);
      if (result < 0) return result;
    }
    if (trace) tell(packet, s, 0, identity, other);
    break;
  case CT_REPLY:
  case CT_RELATED:
    if (c && c->backend) {
      __u32 old = c->backend;
      struct backend *b = bpf_map_lookup_elem(&backends, &old);
      if (b && v4 && state == CT_REPLY) {
        result = rewrite4(packet, l3, l4, &s->tuple, true, b->address.v4, b->port);
        if (result < 0) return result;
      }
    }
    break;
  case CT_ESTABLISHED:
    break;
  }
  if (proxy) {
    packet->mark = 0x200 | (__u32)proxy << 16;
    return OK;
  }
  packet->mark = identity << 16 | 0xf00;
  if (egress && v4 && other == WORLD && !s->tuple.flags && s->tuple.protocol != ICMP) {
    packet->cb[2] = l4;
    packet->cb[3] = number;
    bpf_tail_call(packet, &tails, TAIL_SERVICE_NAT);
    return -R_NO_PORT;
  }
  return deliver(packet, &s->tuple.target, target, l3, v4);
}

INLINE int parse4(struct __sk_buff *packet, struct scratch *s, int *l4, __u8 *flags) {
  void *data = (void *)(long)packet->data, *end = (void *)(long)packet->data_end;
  struct ethhdr *link = data;
  struct iphdr *ip = (void *)(link + 1);
  if ((void *)(ip + 1) > end) return -R_SHORT;
  if (ip->ihl < 5 || ip->version != 4) return -R_PROTOCOL;
  if (ip->frag_off & bpf_htons(0x3fff)) return -R_FRAGMENT;
  __builtin_memset(&s->tuple, 0, sizeof s->tuple);
  s->tuple.source.v4 = ip->saddr;
  s->tuple.target.v4 = ip->daddr;
  s->tuple.protocol = ip->protocol;
  *l4 = sizeof *link + ip->ihl * 4;
  return ip->protocol == ICMP ? icmp4(packet, *l4, &s->tuple) : ports(packet, *l4, &s->tuple, flags);
}

INLINE int parse6(struct __sk_buff *packet, struct scratch *s, int *l4, __u8 *flags) {
  struct ipv6hdr ip;
  struct { __u8 next, length; } option;
  int at = sizeof(struct ethhdr) + sizeof ip;
  if (bpf_skb_load_bytes(packet, sizeof(struct ethhdr), &ip, sizeof ip) < 0) return -R_SHORT;
  __builtin_memset(&s->tuple, 0, sizeof s->tuple);
  __builtin_memcpy(&s->tuple.source, &ip.saddr, 16);
  __builtin_memcpy(&s->tuple.target, &ip.daddr, 16);
  __u8 next = ip.nexthdr;
  for (int i = 0; i < 6; i++) {
    if (next == TCP || next == UDP || next == ICMP6) break;
    if (next == 44) return -R_FRAGMENT;
    if (next != 0 && next != 43 && next != 60 && next != 51) return -R_PROTOCOL;
    if (bpf_skb_load_bytes(packet, at, &option, 2) < 0) return -R_SHORT;
    at += next == 51 ? (option.length + 2) * 4 : (option.length + 1) * 8;
    next = option.next;
  }
  s->tuple.protocol = next;
  *l4 = at;
  if (next == ICMP6) {
    struct icmp6hdr icmp;
    if (bpf_skb_load_bytes(packet, at, &icmp, sizeof icmp) < 0) return -R_SHORT;
    s->tuple.source_port = s->tuple.target_port = icmp.icmp6_dataun.u_echo.identifier;
    return icmp.icmp6_type == 128 || icmp.icmp6_type == 129 || icmp.icmp6_type >= 133 ? OK : -R_PROTOCOL;
  }
  return ports(packet, at, &s->tuple, flags);
}

INLINE struct scratch *scratch(void) {
  __u32 zero = 0;
  return bpf_map_lookup_elem(&room, &zero);
}

INLINE __u32 own_identity(const union address *address) {
  struct endpoint *own = bpf_map_lookup_elem(&endpoints, address);
  return own ? own->identity : HOST;
}

INLINE int finish(struct __sk_buff *packet, int result, __u32 identity, __u8 direction) {
  if (result < 0) return drop(packet, -result, identity);
  count(packet, 0, direction);
  return result;
}

SEC("tc") int from_container(struct __sk_buff *packet) {
  struct scratch *s = scratch();
  int l4 = 0;
  __u8 flags = 0;
  if (!s) return SHOT;
  if (packet->protocol == ETH_ARP) return OK;
  if (packet->protocol == ETH_IPV6) {
    bpf_tail_call(packet, &tails, TAIL_IPV6);
    return SHOT;
  }
  if (packet->protocol != ETH_IPV4) return finish(packet, -R_PROTOCOL, 0, 1);
  if (bpf_skb_pull_data(packet, 34) < 0) return finish(packet, -R_SHORT, 0, 1);
  int result = parse4(packet, s, &l4, &flags);
  if (result < 0) return finish(packet, result, 0, 1);
  s->tuple.direction = 1;
  __u32 identity = own_identity(&s->tuple.source);
  return finish(packet, forward(packet, s, sizeof(struct ethhdr), l4, flags, true, identity, true), identity, 1);
}

SEC("tc") int to_container(struct __sk_buff *packet) {
  struct scratch *s = scratch();
  int l4 = 0;
  __u8 flags = 0;
  if (!s) return SHOT;
  if (packet->protocol == ETH_ARP) return OK;
  int result = packet->protocol == ETH_IPV4 ? parse4(packet, s, &l4, &flags)
               : packet->protocol == ETH_IPV6 ? parse6(packet, s, &l4, &flags) : -R_PROTOCOL;
  if (result < 0) return finish(packet, result, 0, 0);
  __u32 identity = own_identity(&s->tuple.target);
  bool v4 = packet->protocol == ETH_IPV4;
  result = v4 ? forward(packet, s, sizeof(struct ethhdr), l4, flags, true, identity, false)
              : forward(packet, s, sizeof(struct ethhdr), l4, flags, false, identity, false);
  return finish(packet, result, identity, 0);
}

SEC("tc") int ipv6(struct __sk_buff *packet) {
  struct scratch *s = scratch();
  int l4 = 0;
  __u8 flags = 0;
  if (!s) return SHOT;
  int result = parse6(packet, s, &l4, &flags);
  if (result < 0) return finish(packet, result, 0, 1);
  s->tuple.direction = 1;
  __u32 identity = own_identity(&s->tuple.source);
  return finish(packet, forward(packet, s, sizeof(struct ethhdr), l4, flags, false, identity, true), identity, 1);
}

SEC("tc") int service_nat(struct __sk_buff *packet) {
  struct scratch *s = scratch();
  if (!s) return SHOT;
  int result = translate_source(packet, s, sizeof(struct ethhdr), packet->cb[2]);
  return finish(packet, result, packet->cb[1], 1);
}

SEC("tc") int dropped(struct __sk_buff *packet) {
  struct scratch *s = scratch();
  if (!s) return SHOT;
  count(packet, packet->cb[0], 2);
  tell(packet, s, packet->cb[0], packet->cb[1], 0);
  return SHOT;
}

// Wrong: the backend is used although there may be none.
SEC("tc") int backend_unchecked(struct __sk_buff *packet) {
  struct scratch *s = scratch();
  int l4 = 0;
  __u8 flags = 0;
  __u32 number = 0;
  if (!s || parse4(packet, s, &l4, &flags) < 0) return SHOT;
  struct service_key key = {.address = s->tuple.target, .port = s->tuple.target_port, .protocol = s->tuple.protocol};
  struct service *service = bpf_map_lookup_elem(&services, &key);
  if (!service) return OK;
  const struct backend *b = choose(packet, service, &s->tuple, &number);
  return rewrite4(packet, sizeof(struct ethhdr), l4, &s->tuple, false, b->address.v4, b->port);
}

