// SPDX-License-Identifier: Apache-2.0
// What an object of the program's own gives where it has a pointer.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "kfuncs.h"

char _license[] SEC("license") = "GPL";

struct thing {
	void *plain;
	char *text;
	struct thing *next;
	int *numbers[2];
};

long sink;

#define PROGRAM(name, statement)                                                                                        \
	SEC("tc") int name(struct __sk_buff *skb)                                                                       \
	{                                                                                                               \
		struct thing *thing = bpf_obj_new_impl(__builtin_btf_type_id(*(struct thing *)0, 0), NULL);             \
		if (!thing)                                                                                             \
			return 0;                                                                                       \
		statement;                                                                                              \
		bpf_obj_drop_impl(thing, NULL);                                                                         \
		return 0;                                                                                               \
	}

PROGRAM(reads_text, sink = *thing->text)
PROGRAM(reads_behind_text, sink = thing->text[3])
PROGRAM(writes_text, *thing->text = 1)
PROGRAM(reads_plain_pointer, sink = *(long *)thing->plain)
PROGRAM(reads_element, sink = *thing->numbers[1])
PROGRAM(reads_next, sink = (long)thing->next->plain)
PROGRAM(takes_next_for_number, sink = (long)thing->next | skb->len)
PROGRAM(reads_where_it_wrote, thing->text = (char *)(long)skb->len; asm volatile("" ::: "memory"); sink = *thing->text)
