// Helpers, one by one.
#include "check.h"

#define BPF_F_CURRENT_CPU 0xffffffffull
#define BPF_F_USER_STACK (1ull << 8)
#define BPF_RB_AVAIL_DATA 0
#define BPF_RB_RING_SIZE 1
#define BPF_RB_CONS_POS 2
#define BPF_RB_PROD_POS 3

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 4096);
} ring SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_DEVMAP);
  __uint(max_entries, 2);
  __type(key, __u32);
  __type(value, __u32);
} devices SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
  __uint(max_entries, 4);
  __type(key, __u32);
  __type(value, __u32);
} events SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u8[64]);
} scratch SEC(".maps");

static long count(__u32 index, __u64 *sum)
{
  *sum += index;
  return index == 9;
}

SEC("tc")
int loop_ends_when_told(void *ctx)
{
  __u64 sum = 0;
  CHECK(bpf_loop(5, count, &sum, 0) == 5 && sum == 10);
  sum = 0;
  CHECK(bpf_loop(100, count, &sum, 0) == 10 && sum == 45);
  CHECK(bpf_loop(0, count, &sum, 0) == 0);
  CHECK(bpf_loop(1, count, &sum, 1) == -EINVAL);
  // Where Linux inlines the loop, the error has 32 bits.
  CHECK((int)bpf_loop((1 << 23) + 1, count, &sum, 0) == -E2BIG);
  return 0;
}

SEC("tc")
int ring_counts_its_bytes(void *ctx)
{
  __u64 word = 1;
  CHECK(bpf_ringbuf_query(&ring, BPF_RB_RING_SIZE) == 4096);
  __u64 before = bpf_ringbuf_query(&ring, BPF_RB_PROD_POS);
  CHECK(bpf_ringbuf_output(&ring, &word, 8, 0) == 0);
  CHECK(bpf_ringbuf_query(&ring, BPF_RB_PROD_POS) == before + 16);
  __u64 *record = bpf_ringbuf_reserve(&ring, 24, 0);
  CHECK(record);
  *record = 2;
  bpf_ringbuf_discard(record, 0);
  CHECK(bpf_ringbuf_query(&ring, BPF_RB_PROD_POS) == before + 48);
  record = bpf_ringbuf_reserve(&ring, 8, 0);
  CHECK(record);
  *record = 3;
  bpf_ringbuf_submit(record, 1);
  CHECK(bpf_ringbuf_query(&ring, 17) == 0);
  CHECK(bpf_ringbuf_output(&ring, &word, 8, 1 << 5) == -EINVAL);
  return 0;
}

SEC("tc")
int ring_refuses_what_is_too_large(void *ctx)
{
  __u64 *record = bpf_ringbuf_reserve(&ring, 4096, 0);
  if (record) {
    bpf_ringbuf_discard(record, 0);
    return __LINE__;
  }
  record = bpf_ringbuf_reserve(&ring, 8, 1);
  if (record) {
    bpf_ringbuf_discard(record, 0);
    return __LINE__;
  }
  return 0;
}

SEC("tc")
int ring_reserves_by_dynptr(void *ctx)
{
  struct bpf_dynptr ptr;
  __u8 bytes[4] = {1, 2, 3, 4};
  int reserved = bpf_ringbuf_reserve_dynptr(&ring, 16, 0, &ptr);
  int written = bpf_dynptr_write(&ptr, 13, bytes, 3, 0);
  int beyond = bpf_dynptr_write(&ptr, 13, bytes, 4, 0);
  bpf_ringbuf_submit_dynptr(&ptr, 0);
  CHECK(reserved == 0 && written == 0 && beyond == -E2BIG);
  reserved = bpf_ringbuf_reserve_dynptr(&ring, 1 << 20, 0, &ptr);
  written = bpf_dynptr_write(&ptr, 0, bytes, 1, 0);
  bpf_ringbuf_discard_dynptr(&ptr, 0);
  CHECK(reserved == -EINVAL && written == -EINVAL);
  return 0;
}

SEC("xdp")
int redirect_to_a_map_falls_back(void *ctx)
{
  CHECK(bpf_redirect_map((void *)&devices, 0, 2) == 2);
  CHECK(bpf_redirect_map((void *)&devices, 7, 1) == 1);
  CHECK(bpf_redirect_map((void *)&devices, 0, 1 << 10) == 0);
  return 0;
}

SEC("xdp")
int redirect_takes_no_flags_in_xdp(void *ctx)
{
  CHECK(bpf_redirect(1, 1) == 0);
  CHECK(bpf_redirect(1, 0) == 4);
  return 0;
}

SEC("tc")
int redirect_refuses_unknown_flags(void *ctx)
{
  CHECK(bpf_redirect(1, 2) == 2);
  CHECK(bpf_redirect(1, 1) == 7);
  CHECK(bpf_redirect_peer(1, 1) == 2);
  CHECK(bpf_redirect_neigh(1, 0, 0, 1) == 2);
  return 0;
}

SEC("tc")
int perf_output_needs_a_reader(void *ctx)
{
  __u64 word = 1;
  CHECK(bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &word, 8) == -ENOENT);
  CHECK(bpf_perf_event_output(ctx, &events, 4, &word, 8) == -E2BIG);
  CHECK(bpf_perf_event_output(ctx, &events, 1ull << 60, &word, 8) == -EINVAL);
  return 0;
}

SEC("tc")
int mtu_of_no_device(struct __sk_buff *ctx)
{
  __u32 length = 0;
  CHECK(bpf_check_mtu(ctx, 1 << 20, &length, 0, 0) == -19);
  CHECK(bpf_check_mtu(ctx, 1, &length, 0, 4) == -EINVAL);
  return 0;
}

SEC("tc")
int numbers_are_read_and_written(void *ctx)
{
  static const char format[] = "%d %s %x";
  char text[16], hello[] = "hi";
  __u64 arguments[] = {(__u64)-5, (long)hello, 255};
  long number = 0;
  unsigned long positive = 0;
  CHECK(bpf_snprintf(text, sizeof(text), format, arguments, sizeof(arguments)) == 9);
  CHECK(text[0] == '-' && text[1] == '5' && text[3] == 'h' && text[6] == 'f' && text[8] == 0);
  CHECK(bpf_strtol("-42x", 4, 0, &number) == 3 && number == -42);
  CHECK(bpf_strtoul("0x2a", 4, 0, &positive) == 4 && positive == 42);
  CHECK(bpf_strtoul("zz", 2, 0, &positive) == -EINVAL);
  CHECK(bpf_strncmp("abcd", 4, "abce") < 0);
  return 0;
}

SEC("tc")
int packet_is_loaded_and_stored(struct __sk_buff *ctx)
{
  __u8 bytes[4];
  CHECK(bpf_skb_load_bytes(ctx, 42, bytes, 4) == 0 && bytes[3] == 3);
  CHECK(bpf_skb_load_bytes(ctx, 61, bytes, 4) == -EFAULT && bytes[0] == 0);
  CHECK(bpf_skb_load_bytes_relative(ctx, 0, bytes, 1, 1) == 0 && bytes[0] == 0x45);
  bytes[0] = 0xee;
  CHECK(bpf_skb_store_bytes(ctx, 63, bytes, 1, 0) == 0);
  CHECK(bpf_skb_store_bytes(ctx, 64, bytes, 1, 0) == -EFAULT);
  CHECK(bpf_skb_store_bytes(ctx, 63, bytes, 1, 4) == -EINVAL);
  CHECK(bpf_skb_pull_data(ctx, 64) == 0);
  return 0;
}

SEC("tc")
int tunnel_options_follow_the_key(struct __sk_buff *ctx)
{
  __u32 key[11] = {5, 0x01020304}, options[2] = {7, 8}, got[4] = {};
  CHECK(bpf_skb_get_tunnel_opt(ctx, got, 8) == -ENOENT);
  CHECK(bpf_skb_set_tunnel_opt(ctx, options, 8) == -EINVAL);
  CHECK(bpf_skb_set_tunnel_key(ctx, (void *)key, sizeof(key), 0) == 0);
  CHECK(bpf_skb_set_tunnel_opt(ctx, options, 6) == -EINVAL);
  CHECK(bpf_skb_set_tunnel_opt(ctx, options, 8) == 0);
  CHECK(bpf_skb_get_tunnel_opt(ctx, got, 4) == -12);
  CHECK(bpf_skb_get_tunnel_opt(ctx, got, 16) == 8);
  CHECK(got[0] == 7 && got[1] == 8 && got[2] == 0);
  return 0;
}

SEC("tc")
int time_stamps_name_their_clock(struct __sk_buff *ctx)
{
  CHECK(bpf_skb_set_tstamp(ctx, 1, 0) == 0);
  CHECK(bpf_skb_set_tstamp(ctx, 0, 1) == -EINVAL);
  CHECK(bpf_skb_set_tstamp(ctx, 5, 3) == -EINVAL);
  CHECK(bpf_skb_set_tstamp(ctx, 5, 1) == 0);
  CHECK(bpf_skb_set_tstamp(ctx, 0, 0) == 0);
  return 0;
}

SEC("tc")
int clones_need_a_device(struct __sk_buff *ctx)
{
  CHECK(bpf_clone_redirect(ctx, 1 << 20, 0) == -EINVAL);
  CHECK(bpf_clone_redirect(ctx, 1, 2) == -EINVAL);
  return 0;
}

SEC("tc")
int packets_of_test_runs_have_no_group_and_no_cookie(struct __sk_buff *ctx)
{
  CHECK(bpf_get_cgroup_classid(ctx) == 0);
  CHECK(bpf_get_route_realm(ctx) == 0);
  CHECK(bpf_csum_level(ctx, 9) == -EINVAL);
  return 0;
}

SEC("xdp")
int packet_of_xdp_is_loaded_and_stored(void *ctx)
{
  __u8 bytes[4];
  CHECK(bpf_xdp_get_buff_len(ctx) == 64);
  CHECK(bpf_xdp_load_bytes(ctx, 42, bytes, 4) == 0 && bytes[3] == 3);
  CHECK(bpf_xdp_load_bytes(ctx, 61, bytes, 4) == -EINVAL);
  CHECK(bpf_xdp_store_bytes(ctx, 60, bytes, 4) == 0);
  CHECK(bpf_xdp_adjust_tail(ctx, -4) == 0);
  CHECK(bpf_xdp_get_buff_len(ctx) == 60);
  CHECK(bpf_xdp_adjust_tail(ctx, -100) == -EINVAL);
  CHECK(bpf_xdp_adjust_head(ctx, -14) == 0);
  CHECK(bpf_xdp_adjust_head(ctx, -1000) == -EINVAL);
  CHECK(bpf_xdp_adjust_meta(ctx, -4) == 0);
  CHECK(bpf_xdp_adjust_meta(ctx, -3) < 0);
  return 0;
}

SEC("tc")
int checksums_are_summed(void *ctx)
{
  __u32 from[2] = {0x11223344, 1}, to[2] = {0x55667788, 2};
  CHECK(bpf_csum_diff(0, 0, to, 8, 0) == 0xccf0);
  CHECK(bpf_csum_diff(from, 8, to, 8, 0) == 0x8889);
  CHECK(bpf_csum_diff(from, 3, to, 8, 0) == 0x998a);
  CHECK(bpf_csum_diff(from, 5, to, 8, 0) == 0x8889);
  return 0;
}
