// SPDX-License-Identifier: Apache-2.0
//
// One program for each sort of fault that the verifier explains, and one without. Compiled with
//   clang-19 -O2 -g -mcpu=v3 -target bpf -ffile-prefix-map="$PWD"=. -I/usr/include/x86_64-linux-gnu -c faults.bpf.c -o ../resources/faults.bpf.o
//   llvm-strip-19 -g ../resources/faults.bpf.o

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define PORTS 16

struct counter {
	struct bpf_spin_lock lock;
	__u64 packets;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} sources SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counter);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64[PORTS]);
} ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} next SEC(".maps");

char LICENSE[] SEC("license") = "GPL";

SEC("xdp")
int accepted(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *ethernet = data;

	if (data + sizeof(*ethernet) > end)
		return XDP_ABORTED;
	return ethernet->h_proto == bpf_htons(ETH_P_IP) ? XDP_PASS : XDP_DROP;
}

SEC("xdp")
int short_packet(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *ethernet = data;
	struct iphdr *ip = data + sizeof(*ethernet);

	if (data + sizeof(*ethernet) > end)
		return XDP_ABORTED;
	if (ethernet->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	return ip->protocol == 17 ? XDP_DROP : XDP_PASS;
}

SEC("xdp")
int unchecked_lookup(struct xdp_md *ctx)
{
	__u32 key = ctx->ingress_ifindex;
	__u64 *count = bpf_map_lookup_elem(&sources, &key);

	*count += 1;
	return XDP_PASS;
}

SEC("xdp")
int index_out_of_range(struct xdp_md *ctx)
{
	__u8 *data = (__u8 *)(long)ctx->data;
	__u8 *end = (__u8 *)(long)ctx->data_end;
	__u32 zero = 0;
	__u64 *counts;

	if (data + 1 > end)
		return XDP_ABORTED;
	counts = bpf_map_lookup_elem(&ports, &zero);
	if (!counts)
		return XDP_ABORTED;
	if (data[0] <= PORTS)           /* one too many */
		counts[data[0]]++;
	return XDP_PASS;
}

SEC("xdp")
int unbounded_index(struct xdp_md *ctx)
{
	__u32 zero = 0;
	__u64 *counts = bpf_map_lookup_elem(&ports, &zero);

	if (!counts)
		return XDP_ABORTED;
	counts[ctx->rx_queue_index]++;
	return XDP_PASS;
}

SEC("tc")
__attribute__((naked)) int uninitialised_register(struct __sk_buff *skb)
{
	asm volatile("r0 = r3; exit;");
}

SEC("tc")
int leaked_record(struct __sk_buff *skb)
{
	__u32 *length = bpf_ringbuf_reserve(&events, sizeof(*length), 0);

	if (!length)
		return 0;
	*length = skb->len;
	if (*length > 1500)
		return 0;
	bpf_ringbuf_submit(length, 0);
	return 0;
}

SEC("tc")
int lock_kept(struct __sk_buff *skb)
{
	__u32 zero = 0;
	struct counter *counter = bpf_map_lookup_elem(&counters, &zero);

	if (!counter)
		return 0;
	bpf_spin_lock(&counter->lock);
	counter->packets++;
	if (skb->len > 1500)
		return 2;
	bpf_spin_unlock(&counter->lock);
	return 0;
}

SEC("xdp")
int number_as_pointer(struct xdp_md *ctx)
{
	__u64 *guess = (__u64 *)(long)ctx->rx_queue_index;

	return *guess ? XDP_PASS : XDP_DROP;
}

SEC("xdp")
int wrong_helper(struct xdp_md *ctx)
{
	__u32 word;

	return bpf_skb_load_bytes(ctx, 0, &word, sizeof(word)) ? XDP_DROP : XDP_PASS;
}

SEC("xdp")
int wrong_map(struct xdp_md *ctx)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&next, &key) ? XDP_PASS : XDP_DROP;
}

static __attribute__((noinline)) int fill(char *to, int with)
{
	char local[264];

	for (int i = 0; i < sizeof(local); i++) {
		local[i] = with;
		asm volatile("" ::"r"(local) : "memory");
	}
	to[0] = local[7];
	return local[with & 15];
}

SEC("tc")
int big_stack(struct __sk_buff *skb)
{
	char text[264] = {};

	asm volatile("" ::"r"(text) : "memory");
	return fill(text, skb->len & 1) + text[3];
}

SEC("xdp")
__attribute__((naked)) int endless_loop(struct xdp_md *ctx)
{
	asm volatile("r0 = 0; 1: r0 &= 1; if r0 < 2 goto 1b; exit;");
}

SEC("xdp")
int written_context(struct xdp_md *ctx)
{
	ctx->rx_queue_index = 1;
	return XDP_PASS;
}

SEC("cgroup_skb/egress")
int wrong_result(struct __sk_buff *skb)
{
	return skb->len > 1500 ? 7 : 1;
}

SEC("tc")
int unbounded_size(struct __sk_buff *skb)
{
	char text[64] = {};

	bpf_skb_load_bytes(skb, 0, text, skb->len);
	return text[0];
}

SEC("tc")
int released_twice(struct __sk_buff *skb)
{
	__u32 *length = bpf_ringbuf_reserve(&events, sizeof(*length), 0);

	if (!length)
		return 0;
	bpf_ringbuf_discard(length, 0);
	*length = skb->len;
	return 0;
}

SEC("xdp")
int packet_moved(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data;

	if (data + 4 > (__u8 *)(long)ctx->data_end)
		return XDP_DROP;
	if (bpf_xdp_adjust_head(ctx, -4))
		return XDP_DROP;
	return data[3] & 1;
}

static __attribute__((noinline)) int grow(struct xdp_md *ctx)
{
	return bpf_xdp_adjust_head(ctx, -4);
}

SEC("xdp")
int packet_moved_in_call(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data;

	if (data + 4 > (__u8 *)(long)ctx->data_end)
		return XDP_DROP;
	if (grow(ctx))
		return XDP_DROP;
	return data[3] & 1;
}

SEC("xdp")
int wrong_end(struct xdp_md *ctx)
{
	__u32 *meta = (void *)(long)ctx->data_meta;

	if ((void *)(meta + 1) > (void *)(long)ctx->data_end)
		return XDP_DROP;
	return *meta & 1;
}

SEC("tc")
int offset_too_far(struct __sk_buff *skb)
{
	__u8 *at = (void *)(long)skb->data + (skb->mark & 0xffff);

	if (at + 4 > (__u8 *)(long)skb->data_end)
		return 0;
	return at[3];
}

SEC("tc")
int size_of_another(struct __sk_buff *skb)
{
	__u32 word = 0;

	bpf_skb_load_bytes(skb, 0, &word, 8);
	return word;
}

SEC("tc")
int size_beyond_value(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct counter *counter = bpf_map_lookup_elem(&counters, &key);

	if (counter)
		bpf_skb_load_bytes(skb, 0, &counter->packets, (skb->len & 31) + 1);
	return 0;
}

SEC("tc")
int index_and_size(struct __sk_buff *skb)
{
	__u32 key = 0;
	__u64 *packets = bpf_map_lookup_elem(&sources, &key);

	if (packets)
		bpf_skb_load_bytes(skb, 0, (char *)packets + (*packets & 7), 2);
	return 0;
}

// Takes a context that it does not use, so that clang passes none.
__attribute__((noinline)) int ignores_context(struct __sk_buff *skb, __u32 number)
{
	return number + bpf_get_prandom_u32();
}

SEC("tc")
int context_left_out(struct __sk_buff *skb)
{
	__u32 word = 0;

	bpf_skb_load_bytes(skb, 0, &word, 4);
	return ignores_context(skb, word);
}

SEC("cgroup/sendmsg6")
int field_of_other_hook(struct bpf_sock_addr *ctx)
{
	ctx->msg_src_ip4 = 0;
	return 1;
}

struct {
	__uint(type, BPF_MAP_TYPE_SOCKMAP);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} listeners SEC(".maps");

SEC("sk_lookup")
int leaked_socket(struct bpf_sk_lookup *ctx)
{
	__u32 key = 0;
	struct bpf_sock *socket = bpf_map_lookup_elem(&listeners, &key);

	if (socket)
		bpf_sk_assign(ctx, socket, 0);
	return SK_PASS;
}
