// SPDX-License-Identifier: Apache-2.0
// What replaces and watches the function of replaced.bpf.c. Some kernels refuse to load it.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("freplace/choose")
int replaces(struct xdp_md *context)
{
	return context->rx_queue_index ? XDP_PASS : XDP_DROP;
}

SEC("fentry/choose")
int watches_start(void *context)
{
	return 0;
}

SEC("fexit/choose")
int watches_end(void *context)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
