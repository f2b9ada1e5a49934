// SPDX-License-Identifier: Apache-2.0
// A program whose function others replace and watch.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__noinline int choose(struct xdp_md *context)
{
	return context->ingress_ifindex ? XDP_PASS : XDP_DROP;
}

SEC("xdp")
int chooses(struct xdp_md *context)
{
	return choose(context);
}

char LICENSE[] SEC("license") = "GPL";
