// Programs that replace functions of balancer.bpf.c, and such that must not.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct endpoint {
	__u32 address;
	__u16 port;
	__u16 weight;
};

struct other {
	__u64 address;
};

SEC("freplace/choose")
int choose_heaviest(struct __sk_buff *skb, struct endpoint *endpoint)
{
	return endpoint ? endpoint->weight + skb->priority : 0;
}

SEC("freplace/choose")
int choose_unchecked(struct __sk_buff *skb, struct endpoint *endpoint)
{
	return endpoint->weight;
}

SEC("freplace/choose")
int choose_beyond(struct __sk_buff *skb, struct endpoint *endpoint)
{
	return endpoint ? *((__u64 *)endpoint + 1) : 0;
}

SEC("freplace/choose")
int choose_other(struct __sk_buff *skb, struct other *endpoint)
{
	return endpoint ? endpoint->address : 0;
}

SEC("freplace/choose")
int choose_packet(struct __sk_buff *skb, struct endpoint *endpoint)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;

	return data + 14 <= end ? *(__u8 *)(data + 13) : 0;
}

SEC("freplace/choose")
int choose_and_grow(struct __sk_buff *skb, struct endpoint *endpoint)
{
	return bpf_skb_change_tail(skb, skb->len + 8, 0);
}

SEC("freplace/grow")
int grow_more(struct __sk_buff *skb, int bytes)
{
	return bpf_skb_change_tail(skb, skb->len + 2 * (bytes & 63), 0);
}

SEC("freplace/grow")
int grow_xdp(struct xdp_md *xdp, int bytes)
{
	return bytes;
}

SEC("freplace/grow")
int grow_alone(struct __sk_buff *skb)
{
	return 0;
}

SEC("freplace/grow")
int grow_wide(struct __sk_buff *skb, long bytes)
{
	return bytes & 63;
}

SEC("freplace/count")
int count_short(__u32 value)
{
	return value + 2;
}

SEC("freplace/count")
long *count_pointer(__u32 value)
{
	return 0;
}

SEC("freplace/count")
long count_twice(__u32 value)
{
	return 2L * value;
}

SEC("freplace/hidden")
int hidden_shown(struct __sk_buff *skb)
{
	return 0;
}

SEC("freplace/nowhere")
int nowhere(struct __sk_buff *skb)
{
	return 0;
}

SEC("freplace/balance")
int balance_all(struct __sk_buff *skb)
{
	return 7;
}

SEC("freplace/admit")
int admit_all(struct __sk_buff *skb)
{
	return 1;
}

SEC("freplace/admit")
int admit_wrongly(struct __sk_buff *skb)
{
	return 7;
}

SEC("freplace")
int anything(struct __sk_buff *skb)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
