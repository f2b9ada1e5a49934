// Exceptions. A program that throws ends there: with the cookie, or with what its callback gives,
// which turns the cookie that it must get into 0.
#include "check.h"

extern void bpf_throw(__u64 cookie) __ksym;

#define CATCHES_BY(callback) __attribute__((btf_decl_tag("exception_callback:" #callback)))


static __always_inline int length_is(struct __sk_buff *skb, __u32 least)
{
  return skb->len >= least;
}

// ---- without a callback the cookie is the result

SEC("tc")
int cookie_is_the_result_without_a_callback(struct __sk_buff *skb)
{
  if (length_is(skb, 1))
    bpf_throw(0);
  return __LINE__;
}

static __noinline int throws_deep_down(struct __sk_buff *skb, __u32 depth)
{
  if (length_is(skb, depth))
    bpf_throw(0);
  return __LINE__;
}

static __noinline int calls_what_throws(struct __sk_buff *skb)
{
  int line = throws_deep_down(skb, 2);
  return line + __LINE__;
}

SEC("tc")
int exception_passes_all_functions(struct __sk_buff *skb)
{
  int line = calls_what_throws(skb);
  return line + __LINE__;
}

// A global function: proven on its own.
__noinline int global_that_throws(struct __sk_buff *skb)
{
  if (length_is(skb, 3))
    bpf_throw(0);
  return __LINE__;
}

SEC("tc")
int exception_passes_global_functions(struct __sk_buff *skb)
{
  return global_that_throws(skb) + __LINE__;
}

// ---- with a callback its result is

__noinline int cookie_minus_0x1122334455667788(__u64 cookie)
{
  return cookie == 0x1122334455667788 ? 0 : __LINE__;
}

SEC("tc")
CATCHES_BY(cookie_minus_0x1122334455667788)
int callback_gets_all_bits_of_the_cookie(struct __sk_buff *skb)
{
  if (length_is(skb, 1))
    bpf_throw(0x1122334455667788);
  return __LINE__;
}

__noinline int callback_with_a_stack_and_calls(__u64 cookie)
{
  volatile __u64 words[40];
  __u64 sum = 0;
  for (int i = 0; i < 40; i++)
    words[i] = i * cookie;
  for (int i = 0; i < 40; i++)
    sum += words[i];
  return sum == 780 * cookie && bpf_get_smp_processor_id() < 1024 ? 0 : __LINE__;
}

static __noinline int throws_from_a_deep_stack(struct __sk_buff *skb)
{
  volatile __u64 words[12];
  for (int i = 0; i < 12; i++)
    words[i] = skb->len;
  if (words[3] == skb->len)
    bpf_throw(7);
  return words[5];
}

SEC("tc")
CATCHES_BY(callback_with_a_stack_and_calls)
int callback_is_an_ordinary_function(struct __sk_buff *skb)
{
  volatile __u64 words[12];
  for (int i = 0; i < 12; i++)
    words[i] = i;
  return throws_from_a_deep_stack(skb) + words[11] + __LINE__;
}

// ---- what is not thrown goes on

__noinline int unreachable(__u64 cookie)
{
  return __LINE__;
}

SEC("tc")
CATCHES_BY(unreachable)
int nothing_is_thrown(struct __sk_buff *skb)
{
  if (skb->len > 100000)
    bpf_throw(1);
  return 0;
}

// ---- what was done before stays done, and nothing after is

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u64);
} counts SEC(".maps");

static __noinline void counts_then_throws(struct __sk_buff *skb)
{
  __u32 key = 0;
  __u64 *count = bpf_map_lookup_elem(&counts, &key);
  if (!count)
    return;
  *count += 5;
  if (length_is(skb, 1))
    bpf_throw(0);
  *count += 1000;
}

__noinline int count_is_5(__u64 cookie)
{
  __u32 key = 0;
  __u64 *count = bpf_map_lookup_elem(&counts, &key);
  return count && *count == 5 ? 0 : __LINE__;
}

SEC("tc")
CATCHES_BY(count_is_5)
int what_was_done_before_stays(struct __sk_buff *skb)
{
  counts_then_throws(skb);
  return __LINE__;
}

// ---- loops

static __noinline int throws_in_round(struct __sk_buff *skb, int round)
{
  if (round == 17 && length_is(skb, 1))
    bpf_throw(1000 + round);
  return round;
}

__noinline int cookie_is_1017(__u64 cookie)
{
  return cookie == 1017 ? 0 : __LINE__;
}

SEC("tc")
CATCHES_BY(cookie_is_1017)
int exception_leaves_loops(struct __sk_buff *skb)
{
  int sum = 0;
  for (int i = 0; i < 100; i++)
    sum += throws_in_round(skb, i);
  return sum + __LINE__;
}

// XDP too.
struct xdp_md { __u32 data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex; };

SEC("xdp")
int xdp_throws(struct xdp_md *ctx)
{
  if (ctx->data_end - ctx->data > 1)
    bpf_throw(0);
  return 1;
}

// ---- for ExceptionsTest, which loads several at once or expects a refusal

__noinline int callback_of_the_second(__u64 cookie)
{
  return cookie == 42 ? 1042 : __LINE__;
}

__noinline int callback_of_the_first(__u64 cookie)
{
  return cookie == 42 ? 2042 : __LINE__;
}

int second(struct __sk_buff *skb);

struct {
  __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
  __uint(max_entries, 1);
  __uint(key_size, 4);
  __array(values, int());
} next SEC(".maps") = {.values = {[0] = (void *)&second}};

SEC("?tc")
CATCHES_BY(callback_of_the_second)
int second(struct __sk_buff *skb)
{
  if (length_is(skb, 1))
    bpf_throw(42);
  return 0;
}

SEC("?tc")
int calls_second(struct __sk_buff *skb)
{
  bpf_tail_call(skb, &next, 0);
  return __LINE__;
}

SEC("?tc")
CATCHES_BY(callback_of_the_first)
int calls_second_or_throws(struct __sk_buff *skb)
{
  bpf_tail_call(skb, &next, 0);
  bpf_throw(42);
  return 0;
}

static long throws_in_round_3(__u32 round, void *unused)
{
  if (round == 3)
    bpf_throw(round);
  return 0;
}

SEC("?tc")
int callback_of_a_loop_throws(struct __sk_buff *skb)
{
  bpf_loop(10, throws_in_round_3, 0, 0);
  return __LINE__;
}
