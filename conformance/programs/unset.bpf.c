// SPDX-License-Identifier: Apache-2.0
// Calls of kernel functions with registers that nothing was put into. Linux does not say so of a pointer, but what the function
// takes there, or that the pointer has no constant offset.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "kfuncs.h"

char _license[] SEC("license") = "GPL";

// Clears the registers of arguments, and sets those only that `types` has.
#define CALL(function, types, ...)                                                                                      \
	({                                                                                                              \
		bpf_get_prandom_u32();                                                                                  \
		((__u64(*) types)function)(__VA_ARGS__);                                                                \
	})

#define PROGRAM(name, call)                                                                                             \
	SEC("tc") int name(struct __sk_buff *ctx)                                                                       \
	{                                                                                                               \
		call;                                                                                                   \
		return 0;                                                                                               \
	}

PROGRAM(unset_iterator, CALL(bpf_iter_num_new, (void)))
PROGRAM(unset_number, CALL(bpf_iter_num_new, (void *), &(struct bpf_iter_num){}))
PROGRAM(unset_dynptr, CALL(bpf_dynptr_clone, (void)))
PROGRAM(unset_flag, CALL(bpf_local_irq_save, (void)))
PROGRAM(unset_lock, CALL(bpf_res_spin_lock, (void)))
PROGRAM(unset_object, CALL(bpf_obj_drop_impl, (void)))
