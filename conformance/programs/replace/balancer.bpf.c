// A program with functions for others to replace, as patch.bpf.c does.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct endpoint {
	__u32 address;
	__u16 port;
	__u16 weight;
};

__noinline int choose(struct __sk_buff *skb, struct endpoint *endpoint)
{
	if (!endpoint)
		return -1;
	return endpoint->address ^ skb->hash;
}

__noinline int grow(struct __sk_buff *skb, int bytes)
{
	return bpf_skb_change_tail(skb, skb->len + (bytes & 63), 0);
}

__noinline long count(__u32 value)
{
	volatile long sum = value;
	return sum + 1;
}

static __attribute__((noinline)) int hidden(struct __sk_buff *skb)
{
	volatile int mark = skb->mark;
	return mark;
}

SEC("tc")
int balance(struct __sk_buff *skb)
{
	struct endpoint endpoint = {.address = skb->mark, .port = 80, .weight = 1};
	int chosen = choose(skb, &endpoint);

	if (grow(skb, chosen) < 0)
		return 2;
	return (count(chosen) + hidden(skb)) & 1;
}

SEC("cgroup_skb/ingress")
int admit(struct __sk_buff *skb)
{
	return hidden(skb) & 1;
}

SEC("fentry/bpf_fentry_test1")
int watch(__u64 *arguments)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
