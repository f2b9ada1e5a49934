// Connections that the network keeps track of. In Linux those that are added here go after seconds.
#include "check.h"

enum { EPROTO = 71, ENONET = 64, EAFNOSUPPORT = 97, TCP = 6, UDP = 17 };
enum { SEEN_REPLY = 2, ASSURED = 4, CONFIRMED = 8, DYING = 512 };

struct nf_conn {
  __u32 mark;
  unsigned long status;
  __u32 timeout;
} __attribute__((preserve_access_index));

struct nf_conn___init {
  struct nf_conn ct;
} __attribute__((preserve_access_index));

struct bpf_ct_opts {
  __s32 netns_id, error;
  __u8 l4proto, dir;
  __u16 ct_zone_id;
  __u8 ct_zone_dir, reserved[3];
};

struct tuple {
  __u32 saddr, daddr;
  __u16 sport, dport;
};

struct bpf_sock_tuple {
  union {
    struct {
      __u32 saddr, daddr;
      __u16 sport, dport;
    } ipv4;
    struct {
      __u32 saddr[4], daddr[4];
      __u16 sport, dport;
    } ipv6;
  };
};

extern struct nf_conn___init *bpf_skb_ct_alloc(struct __sk_buff *skb, struct bpf_sock_tuple *tuple, __u32 tuple__sz,
                                               struct bpf_ct_opts *opts, __u32 opts__sz) __ksym;
extern struct nf_conn *bpf_skb_ct_lookup(struct __sk_buff *skb, struct bpf_sock_tuple *tuple, __u32 tuple__sz,
                                         struct bpf_ct_opts *opts, __u32 opts__sz) __ksym;
extern struct nf_conn *bpf_ct_insert_entry(struct nf_conn___init *ct) __ksym;
extern void bpf_ct_release(struct nf_conn *ct) __ksym;
extern void bpf_ct_set_timeout(struct nf_conn___init *ct, __u32 timeout) __ksym;
extern int bpf_ct_change_timeout(struct nf_conn *ct, __u32 timeout) __ksym;
extern int bpf_ct_set_status(struct nf_conn___init *ct, __u32 status) __ksym;
extern int bpf_ct_change_status(struct nf_conn *ct, __u32 status) __ksym;

#define LOOKUP(tuple, size, options, options_size) \
  ({ \
    struct nf_conn *found = bpf_skb_ct_lookup(skb, (void *)tuple, size, options, options_size); \
    if (found) \
      bpf_ct_release(found); \
    found ? 0 : (options)->error; \
  })

SEC("tc")
int what_is_not_a_connection_is_not_found(struct __sk_buff *skb) {
  struct tuple tuple = {.saddr = bpf_get_prandom_u32(), .daddr = bpf_get_prandom_u32(), .sport = 1, .dport = 2};
  struct bpf_ct_opts options = {.netns_id = -1, .l4proto = TCP};
  CHECK(LOOKUP(&tuple, sizeof(tuple), &options, sizeof(options)) == -ENOENT);
  CHECK(LOOKUP(&tuple, sizeof(tuple), &options, 12) == -ENOENT);
  CHECK(LOOKUP(&tuple, sizeof(tuple), &options, 15) == -EINVAL);
  CHECK(LOOKUP(&tuple, sizeof(tuple) - 1, &options, sizeof(options)) == -EAFNOSUPPORT);
  CHECK(LOOKUP(0, 0, &options, sizeof(options)) == -EINVAL);
  options.reserved[1] = 1;
  CHECK(LOOKUP(&tuple, sizeof(tuple), &options, sizeof(options)) == -EINVAL);
  options.reserved[1] = 0;
  options.netns_id = -2;
  CHECK(LOOKUP(&tuple, sizeof(tuple), &options, sizeof(options)) == -EINVAL);
  options.netns_id = 0xf00f;
  CHECK(LOOKUP(&tuple, sizeof(tuple), &options, sizeof(options)) == -ENONET);
  options.netns_id = -1;
  options.l4proto = 1;
  CHECK(LOOKUP(&tuple, sizeof(tuple), &options, sizeof(options)) == -EPROTO);
  return 0;
}

// Adds a connection; 0, or 1 if it is there already, or -1.
static __always_inline int add(struct __sk_buff *skb, struct tuple *tuple, struct bpf_ct_opts *options, __u32 mark) {
  struct bpf_sock_tuple *either = (void *)tuple;
  struct nf_conn___init *made = bpf_skb_ct_alloc(skb, either, sizeof(either->ipv4), options, sizeof(*options));
  if (!made)
    return -1;
  bpf_ct_set_timeout(made, 5000);
  made->ct.mark = mark;
  int refused = bpf_ct_set_status(made, CONFIRMED);
  int taken = bpf_ct_set_status(made, ASSURED);
  struct nf_conn *added = bpf_ct_insert_entry(made);
  if (!added)
    return 1;
  bpf_ct_release(added);
  return refused == -EBUSY && taken == 0 ? 0 : -1;
}

SEC("tc")
int connection_is_added_and_found_from_both_sides(struct __sk_buff *skb) {
  struct tuple tuple = {.saddr = bpf_get_prandom_u32(), .daddr = bpf_get_prandom_u32(), .sport = 3, .dport = 4};
  struct tuple reply = {.saddr = tuple.daddr, .daddr = tuple.saddr, .sport = 4, .dport = 3};
  struct bpf_ct_opts options = {.netns_id = -1, .l4proto = UDP};
  CHECK(add(skb, &tuple, &options, 77) == 0);
  CHECK(add(skb, &tuple, &options, 78) == 1);
  struct nf_conn *found = bpf_skb_ct_lookup(skb, (void *)&tuple, sizeof(tuple), &options, sizeof(options));
  CHECK(found);
  __u32 mark = found->mark;
  unsigned long status = found->status;
  int direction = options.dir;
  found->mark = 79;
  bpf_ct_release(found);
  CHECK(mark == 77 && direction == 0);
  CHECK(status == (CONFIRMED | ASSURED));
  found = bpf_skb_ct_lookup(skb, (void *)&reply, sizeof(reply), &options, sizeof(options));
  CHECK(found);
  mark = found->mark;
  bpf_ct_release(found);
  CHECK(mark == 79 && options.dir == 1);
  options.l4proto = TCP;
  CHECK(LOOKUP(&tuple, sizeof(tuple), &options, sizeof(options)) == -ENOENT);
  return 0;
}

SEC("tc")
int zones_are_apart(struct __sk_buff *skb) {
  struct tuple tuple = {.saddr = bpf_get_prandom_u32(), .daddr = bpf_get_prandom_u32(), .sport = 5, .dport = 6};
  struct bpf_ct_opts options = {.netns_id = -1, .l4proto = UDP, .ct_zone_id = 10, .ct_zone_dir = 3};
  CHECK(add(skb, &tuple, &options, 1) == 0);
  CHECK(LOOKUP(&tuple, sizeof(tuple), &options, sizeof(options)) == 0);
  options.ct_zone_id = 11;
  CHECK(LOOKUP(&tuple, sizeof(tuple), &options, sizeof(options)) == -ENOENT);
  return 0;
}

SEC("tc")
int status_and_timeout_are_changed(struct __sk_buff *skb) {
  struct tuple tuple = {.saddr = bpf_get_prandom_u32(), .daddr = bpf_get_prandom_u32(), .sport = 7, .dport = 8};
  struct bpf_ct_opts options = {.netns_id = -1, .l4proto = TCP};
  CHECK(add(skb, &tuple, &options, 0) == 0);
  struct nf_conn *found = bpf_skb_ct_lookup(skb, (void *)&tuple, sizeof(tuple), &options, sizeof(options));
  CHECK(found);
  int unconfirmed = bpf_ct_change_status(found, ASSURED);
  int dying = bpf_ct_change_status(found, CONFIRMED | ASSURED | DYING);
  int seen = bpf_ct_change_status(found, CONFIRMED | ASSURED | SEEN_REPLY);
  int unseen = bpf_ct_change_status(found, CONFIRMED | ASSURED);
  unsigned long status = found->status;
  __u32 before = found->timeout;
  int longer = bpf_ct_change_timeout(found, 60000);
  __u32 after = found->timeout;
  bpf_ct_release(found);
  CHECK(unconfirmed == -EBUSY && dying == -EBUSY && seen == 0 && unseen == -EBUSY);
  CHECK(status == (CONFIRMED | ASSURED | SEEN_REPLY));
  CHECK(longer == 0 && after > before);
  return 0;
}
