// SPDX-License-Identifier: Apache-2.0
/* For a machine of the other endianness. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int foreign(struct xdp_md *context)
{
	return XDP_PASS;
}
