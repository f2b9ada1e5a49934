// SPDX-License-Identifier: Apache-2.0
/* Eight calls of helpers that do next to nothing: what a call costs. */
#include "common.h"

SEC("xdp")
int call_helpers(struct xdp_md *context)
{
	__u32 sum = 0;

	sum += bpf_get_smp_processor_id();
	sum += bpf_get_numa_node_id();
	sum += bpf_get_smp_processor_id();
	sum += bpf_get_numa_node_id();
	sum += bpf_get_smp_processor_id();
	sum += bpf_get_numa_node_id();
	sum += bpf_get_smp_processor_id();
	sum += bpf_get_numa_node_id();
	return sum == 0xffffffff ? XDP_ABORTED : XDP_PASS;
}
