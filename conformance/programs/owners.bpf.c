// SPDX-License-Identifier: Apache-2.0
// Objects that own each other in a ring of lists: Linux takes none of the object's types, and makes no objects of them.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "kfuncs.h"

char _license[] SEC("license") = "GPL";

struct owner {
	struct bpf_list_node node;
	struct bpf_spin_lock lock;
	struct bpf_list_head owned __attribute__((btf_decl_tag("contains:owner:node")));
};

SEC("tc")
int makes_owner(struct __sk_buff *skb)
{
	struct owner *owner = bpf_obj_new_impl(__builtin_btf_type_id(*(struct owner *)0, 0), NULL);

	if (owner)
		bpf_obj_drop_impl(owner, NULL);
	return 0;
}
