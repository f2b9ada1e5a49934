// SPDX-License-Identifier: Apache-2.0
// Arguments of tracepoints: pointers that are there, and pointers that may be 0.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "GPL";

SEC("tp_btf/signal_deliver")
int delivered(u64 *context)
{
	struct kernel_siginfo *info = (void *)context[1];

	return info->si_code;
}

SEC("tp_btf/tcp_sendmsg_locked")
int sent(u64 *context)
{
	struct sk_buff *skb = (void *)context[2];

	return skb ? skb->len : 0;
}

SEC("tp_btf/tcp_sendmsg_locked")
int sent_unchecked(u64 *context)
{
	struct sk_buff *skb = (void *)context[2];

	return skb->len;
}
