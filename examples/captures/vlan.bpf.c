// SPDX-License-Identifier: Apache-2.0
/* Puts VLAN 100 on what goes to or comes from 198.51.100.130, and takes it off; for record.sh. */
#include "../packet.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define TAGGED_ADDRESS 0xc6336482       /* 198.51.100.130 */
#define VLAN 100

SEC("tc")
int push(struct __sk_buff *skb)
{
	struct headers headers;

	if (find_headers(&headers, (void *)(long)skb->data, (void *)(long)skb->data_end) &&
	    headers.version == 4 &&
	    (headers.ip4->saddr == bpf_htonl(TAGGED_ADDRESS) ||
	     headers.ip4->daddr == bpf_htonl(TAGGED_ADDRESS)))
		bpf_skb_vlan_push(skb, bpf_htons(ETH_P_8021Q), VLAN);
	return 0;
}

SEC("tc")
int pop(struct __sk_buff *skb)
{
	if (skb->vlan_present)
		bpf_skb_vlan_pop(skb);
	return 0;
}
