/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the headers of a packet: Ethernet, VLAN tags, IPv4 or IPv6, and what they carry. */
#ifndef EBPF4J_EXAMPLES_PACKET_H
#define EBPF4J_EXAMPLES_PACKET_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <stdbool.h>
#include <stddef.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define MAX_VLAN_TAGS 2
#define MAX_IPV6_EXTENSIONS 6

#define IPV4_OFFSET_MASK 0x1fff         /* of frag_off: the offset, in units of 8 bytes */
#define IPV6_OFFSET_MASK 0xfff8         /* of the fragment header's second word: the offset */

/* What stands between an Ethernet type of 802.1Q or 802.1ad and the next type (IEEE 802.1Q). */
struct vlan_tag {
	__be16 control;
	__be16 type;
};

/* How every IPv6 extension header begins (RFC 8200 section 4.1). */
struct extension_header {
	__u8 next;
	__u8 length;                    /* in units of 8 bytes, the first 8 not counted */
	__be16 offset;                  /* in a fragment header: offset and flags */
	__be32 rest;
};

struct headers {
	struct ethhdr *ethernet;
	__u8 version;                   /* of IP: 4, 6, or 0 for anything else, such as ARP */
	struct iphdr *ip4;              /* set where version is 4 */
	struct ipv6hdr *ip6;            /* set where version is 6 */
	__u8 protocol;                  /* of what the IP header and its extensions carry */
	bool later_fragment;            /* carries no transport header: not the first fragment */
	void *transport;                /* after the IP header and its extensions */
};

struct ports {
	__be16 source;
	__be16 destination;
};

/* Skips the extension headers of IPv6. Returns false if they are cut off or too many. */
static __always_inline bool skip_extensions(struct headers *headers, void *end)
{
	for (int i = 0; i < MAX_IPV6_EXTENSIONS; i++) {
		struct extension_header *extension = headers->transport;
		__u8 protocol = headers->protocol;

		if (protocol != IPPROTO_HOPOPTS && protocol != IPPROTO_ROUTING &&
		    protocol != IPPROTO_DSTOPTS && protocol != IPPROTO_FRAGMENT)
			return true;
		if ((void *)(extension + 1) > end)
			return false;
		headers->protocol = extension->next;
		if (protocol == IPPROTO_FRAGMENT) {
			headers->transport = extension + 1;
			if (extension->offset & bpf_htons(IPV6_OFFSET_MASK)) {
				headers->later_fragment = true;
				return true;
			}
		} else {
			headers->transport += 8 + 8 * (__u32)extension->length;
		}
	}
	return false;
}

/*
 * Finds the headers between data and end. Returns false if the packet is malformed: a header is
 * cut off or contradicts itself. Of a packet that is neither IPv4 nor IPv6 only the Ethernet header is set.
 */
static __always_inline bool find_headers(struct headers *headers, void *data, void *end)
{
	struct ethhdr *ethernet = data;
	void *position = ethernet + 1;
	__be16 type;

	__builtin_memset(headers, 0, sizeof(*headers));
	if (position > end)
		return false;
	headers->ethernet = ethernet;
	type = ethernet->h_proto;

	for (int i = 0; i < MAX_VLAN_TAGS; i++) {
		struct vlan_tag *tag = position;

		if (type != bpf_htons(ETH_P_8021Q) && type != bpf_htons(ETH_P_8021AD))
			break;
		if ((void *)(tag + 1) > end)
			return false;
		type = tag->type;
		position = tag + 1;
	}

	if (type == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip4 = position;

		if ((void *)(ip4 + 1) > end || ip4->version != 4 || ip4->ihl < 5)
			return false;
		headers->version = 4;
		headers->ip4 = ip4;
		headers->protocol = ip4->protocol;
		headers->later_fragment = ip4->frag_off & bpf_htons(IPV4_OFFSET_MASK);
		headers->transport = position + 4 * (__u32)ip4->ihl;
		return true;
	}
	if (type == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip6 = position;

		if ((void *)(ip6 + 1) > end || ip6->version != 6)
			return false;
		headers->version = 6;
		headers->ip6 = ip6;
		headers->protocol = ip6->nexthdr;
		headers->transport = ip6 + 1;
		return skip_extensions(headers, end);
	}
	return true;
}

/* The ports of a TCP, UDP or SCTP packet, or NULL where it has none to read. */
static __always_inline struct ports *find_ports(const struct headers *headers, void *end)
{
	struct ports *ports = headers->transport;

	if (!headers->version || headers->later_fragment || (void *)(ports + 1) > end)
		return NULL;
	if (headers->protocol != IPPROTO_TCP && headers->protocol != IPPROTO_UDP &&
	    headers->protocol != IPPROTO_SCTP)
		return NULL;
	return ports;
}

#endif
