// Programs that each try some helpers on the packet they are given. What they return, and what the packet
// is afterwards, is compared with what Linux gave (packets.tsv, written by record.sh).
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "GPL";


// Writes results over the end of the packet, where the comparison sees them.
static __always_inline int show(struct __sk_buff *skb, const __s32 *values, int size)
{
	return bpf_skb_store_bytes(skb, skb->len - size, values, size, 0);
}

SEC("tc") int csum_diff_all(struct __sk_buff *skb)
{
	__u32 a[3] = {0x12345678, 0xffffffff, 0x80000001}, b[2] = {0xdeadbeef, 0x00000001};
	__s32 v[6] = {
		bpf_csum_diff(0, 0, b, sizeof(b), 7),
		bpf_csum_diff(a, sizeof(a), 0, 0, 0x10000),
		bpf_csum_diff(a, sizeof(a), b, sizeof(b), 0xffffffff),
		bpf_csum_diff(0, 0, 0, 0, 0x12345),
		bpf_csum_diff(a, 4, a, 4, 0),
		bpf_csum_diff(a, 8, b, 4, 3),
	};
	show(skb, v, sizeof(v));
	return bpf_csum_diff(0, 0, b, 4, 0) & 0x7fffffff;
}

SEC("tc") int l3_replace(struct __sk_buff *skb)
{
	__s32 v[6] = {
		bpf_l3_csum_replace(skb, 24, bpf_htons(0x4000), bpf_htons(0x1234), 2),
		bpf_l3_csum_replace(skb, 24, 0x01020304, 0xa0b0c0d0, 4),
		bpf_l3_csum_replace(skb, 24, 0, 0x23456, 0),
		bpf_l3_csum_replace(skb, 24, 1, 0x23456, 0),
		bpf_l3_csum_replace(skb, 25, 0, 1, 2),
		bpf_l3_csum_replace(skb, 24, 0, 1, 3),
	};
	show(skb, v, sizeof(v));
	return bpf_l3_csum_replace(skb, 4000, 0, 1, 2);
}

SEC("tc") int l4_replace(struct __sk_buff *skb)
{
	__s32 v[6] = {
		bpf_l4_csum_replace(skb, 50, bpf_htons(80), bpf_htons(8080), 2),
		bpf_l4_csum_replace(skb, 50, 0x01020304, 0xa0b0c0d0, BPF_F_PSEUDO_HDR | 4),
		bpf_l4_csum_replace(skb, 40, 0x01020304, 0xa0b0c0d0, BPF_F_MARK_MANGLED_0 | 4),
		bpf_l4_csum_replace(skb, 50, 1, 2, 1),
		bpf_l4_csum_replace(skb, 50, 1, 2, 0x1002),
		bpf_csum_update(skb, 5),
	};
	show(skb, v, sizeof(v));
	return bpf_csum_level(skb, BPF_CSUM_LEVEL_QUERY);
}

SEC("tc") int load_store(struct __sk_buff *skb)
{
	__u8 b[8] = {1, 2, 3, 4, 5, 6, 7, 8};
	__s32 v[6] = {};
	v[0] = bpf_skb_load_bytes(skb, skb->len - 4, b, 8);
	v[1] = b[0] + b[7];
	v[2] = bpf_skb_load_bytes_relative(skb, 9, b, 1, BPF_HDR_START_NET);
	v[3] = b[0];
	v[4] = bpf_skb_store_bytes(skb, skb->len - 4, b, 8, 0);
	v[5] = bpf_skb_store_bytes(skb, 0, b, 8, 4);
	bpf_skb_store_bytes(skb, 6, b, 6, BPF_F_RECOMPUTE_CSUM);
	show(skb, v, sizeof(v));
	return bpf_skb_pull_data(skb, skb->len + 1);
}

SEC("tc") int fields(struct __sk_buff *skb)
{
	__s32 v[12] = {skb->len, skb->pkt_type, skb->mark, skb->protocol, skb->vlan_present, skb->ingress_ifindex,
		       skb->ifindex, skb->wire_len, skb->gso_segs, skb->priority, skb->data_end - skb->data,
		       skb->data - skb->data_meta};
	show(skb, v, sizeof(v));
	return 0;
}

SEC("tc") int change_tail(struct __sk_buff *skb)
{
	__s32 v[5] = {
		bpf_skb_change_tail(skb, skb->len + 20, 0),
		bpf_skb_change_tail(skb, 13, 0),
		bpf_skb_change_tail(skb, 16064, 0),
		bpf_skb_change_tail(skb, 16065, 0),
		bpf_skb_change_tail(skb, 90, 1),
	};
	bpf_skb_change_tail(skb, 80, 0);
	show(skb, v, sizeof(v));
	return skb->len;
}

SEC("tc") int change_head(struct __sk_buff *skb)
{
	__s32 v[3] = {bpf_skb_change_head(skb, 30, 0), bpf_skb_change_head(skb, 300, 0),
		      bpf_skb_change_head(skb, 2, 1)};
	show(skb, v, sizeof(v));
	return skb->len;
}

SEC("tc") int change_proto(struct __sk_buff *skb)
{
	__s32 v[4] = {bpf_skb_change_proto(skb, bpf_htons(0x86dd), 0), skb->protocol,
		      bpf_skb_change_proto(skb, bpf_htons(0x1234), 0), bpf_skb_change_proto(skb, bpf_htons(0x800), 1)};
	show(skb, v, sizeof(v));
	return skb->len;
}

SEC("tc") int change_proto_back(struct __sk_buff *skb)
{
	bpf_skb_change_proto(skb, bpf_htons(0x86dd), 0);
	return bpf_skb_change_proto(skb, bpf_htons(0x800), 0);
}

SEC("tc") int change_type(struct __sk_buff *skb)
{
	__s32 v[3] = {bpf_skb_change_type(skb, 3), skb->pkt_type, bpf_skb_change_type(skb, 4)};
	show(skb, v, sizeof(v));
	return 0;
}

SEC("tc") int grow_mac(struct __sk_buff *skb)
{
	__s32 v[2] = {bpf_skb_adjust_room(skb, 20, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_ENCAP_L3_IPV4),
		      bpf_skb_adjust_room(skb, 20, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_ENCAP_L3_IPV4)};
	show(skb, v, sizeof(v));
	return skb->len;
}

SEC("tc") int grow_net(struct __sk_buff *skb)
{
	__s32 v[5] = {bpf_skb_adjust_room(skb, 8, BPF_ADJ_ROOM_NET, 0),
		      bpf_skb_adjust_room(skb, 5000, BPF_ADJ_ROOM_NET, 0),
		      bpf_skb_adjust_room(skb, 8, 7, 0),
		      bpf_skb_adjust_room(skb, 8, BPF_ADJ_ROOM_NET, 1 << 20),
		      bpf_skb_adjust_room(skb, 48, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_ENCAP_L3_IPV6)};
	show(skb, v, sizeof(v));
	return skb->protocol;
}

SEC("tc") int shrink(struct __sk_buff *skb)
{
	__s32 v[5] = {bpf_skb_adjust_room(skb, -8, BPF_ADJ_ROOM_NET, 0),
		      bpf_skb_adjust_room(skb, -8, BPF_ADJ_ROOM_NET, BPF_F_ADJ_ROOM_ENCAP_L3_IPV4),
		      bpf_skb_adjust_room(skb, -2000, BPF_ADJ_ROOM_MAC, 0),
		      bpf_skb_adjust_room(skb, -4, BPF_ADJ_ROOM_MAC, 1 << 8),
		      skb->protocol};
	show(skb, v, sizeof(v));
	return skb->len;
}

SEC("tc") int vlan(struct __sk_buff *skb)
{
	__s32 v[8] = {bpf_skb_vlan_push(skb, bpf_htons(0x8100), 5), skb->vlan_tci, skb->vlan_present,
		      bpf_skb_vlan_push(skb, bpf_htons(0x88a8), 0x2006), skb->vlan_tci, skb->vlan_proto, skb->len,
		      skb->protocol};
	show(skb, v, sizeof(v));
	return 0;
}

SEC("tc") int vlan_twice_and_back(struct __sk_buff *skb)
{
	bpf_skb_vlan_push(skb, bpf_htons(0x8100), 5);
	bpf_skb_vlan_push(skb, bpf_htons(0x88a8), 6);
	__s32 v[7] = {bpf_skb_vlan_pop(skb), skb->vlan_present, skb->vlan_tci, skb->protocol,
		      bpf_skb_vlan_pop(skb), skb->vlan_present, bpf_skb_vlan_pop(skb)};
	show(skb, v, sizeof(v));
	return skb->protocol;
}

SEC("tc") int congestion(struct __sk_buff *skb)
{
	__u8 tos;
	int first = bpf_skb_ecn_set_ce(skb);
	bpf_skb_load_bytes(skb, 15, &tos, 1);
	tos |= 2;
	bpf_skb_store_bytes(skb, 15, &tos, 1, 0);
	return first << 8 | bpf_skb_ecn_set_ce(skb);
}

SEC("tc") int hashes(struct __sk_buff *skb)
{
	bpf_set_hash(skb, 77);
	__s32 v[3] = {skb->hash, bpf_get_hash_recalc(skb), 0};
	bpf_set_hash_invalid(skb);
	v[2] = skb->hash;
	show(skb, v, sizeof(v));
	return bpf_redirect(1, 0) << 8 | bpf_redirect(1, 4);
}

SEC("tc") int tunnel(struct __sk_buff *skb)
{
	struct bpf_tunnel_key set = {.tunnel_id = 7, .remote_ipv4 = 0x01020304, .tunnel_tos = 3, .tunnel_ttl = 4};
	struct bpf_tunnel_key get = {};
	__s32 v[5] = {bpf_skb_get_tunnel_key(skb, &get, 28, 0), bpf_skb_set_tunnel_key(skb, &set, sizeof(set), 0),
		      bpf_skb_get_tunnel_key(skb, &get, 28, BPF_F_TUNINFO_IPV6), 0, 0};
	v[3] = bpf_skb_get_tunnel_key(skb, &get, 28, 0);
	set.tunnel_label = 1;
	v[4] = bpf_skb_set_tunnel_key(skb, &set, 28, 0);
	bpf_skb_store_bytes(skb, 14, &get, 28, 0);
	show(skb, v, sizeof(v));
	return bpf_skb_set_tunnel_key(skb, &set, 27, 0);
}

SEC("xdp") int xdp_bounds(struct xdp_md *ctx)
{
	__s32 v[8] = {bpf_xdp_adjust_head(ctx, -217), bpf_xdp_adjust_head(ctx, -4), bpf_xdp_adjust_meta(ctx, -6),
		      bpf_xdp_adjust_meta(ctx, -8), bpf_xdp_adjust_tail(ctx, 4000), bpf_xdp_adjust_tail(ctx, 6),
		      bpf_xdp_adjust_tail(ctx, -4000), bpf_xdp_get_buff_len(ctx)};
	return bpf_xdp_store_bytes(ctx, 20, v, sizeof(v));
}

SEC("xdp") int xdp_bytes(struct xdp_md *ctx)
{
	__u8 b[8] = {};
	__s32 v[6] = {bpf_xdp_load_bytes(ctx, 4, b, 8), b[0], bpf_xdp_load_bytes(ctx, 60000, b, 8),
		      bpf_xdp_load_bytes(ctx, 0x10000, b, 8), bpf_xdp_store_bytes(ctx, 57, b, 8), 0};
	v[5] = bpf_redirect(1, 1);
	bpf_xdp_store_bytes(ctx, 14, v, sizeof(v));
	return bpf_redirect(1, 0);
}

SEC("socket") int filter_bytes(struct __sk_buff *skb)
{
	__u8 b[2] = {};
	int a = bpf_skb_load_bytes(skb, 0, b, 1);
	int c = bpf_skb_load_bytes_relative(skb, 12, b + 1, 1, BPF_HDR_START_MAC);
	return (a + c) << 24 | skb->len << 16 | b[0] << 8 | b[1];
}

SEC("cgroup_skb/ingress") int cgroup_bytes(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	if (data + 20 > end)
		return 0;
	return *(__u8 *)data == 0x45 && skb->family == 2 && skb->remote_ip4 == *(__u32 *)(data + 16) &&
	       skb->local_ip4 == *(__u32 *)(data + 12);
}
