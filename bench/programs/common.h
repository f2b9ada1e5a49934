/* SPDX-License-Identifier: Apache-2.0 */
/* What the benchmark programs share. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <stdbool.h>
#include <stddef.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

static __always_inline void *begin(struct xdp_md *context)
{
	return (void *)(long)context->data;
}

static __always_inline void *end(struct xdp_md *context)
{
	return (void *)(long)context->data_end;
}
