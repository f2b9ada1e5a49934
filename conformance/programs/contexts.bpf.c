// Arguments of global functions that are tagged as the context: what they may point to, by program type.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#define CONTEXT __attribute__((btf_decl_tag("arg:ctx")))

struct bpf_iter__nothing {
	int a;
};

int number;

#define PROGRAM(name, section, type)                                                                 \
	__weak __noinline int takes_##name(type *context CONTEXT)                                    \
	{                                                                                            \
		return context ? number : 0;                                                         \
	}                                                                                            \
	SEC("?" section)                                                                             \
	int name(void *context)                                                                      \
	{                                                                                            \
		return takes_##name(context) & 0;                                                    \
	}

PROGRAM(tc_buffer, "tc", const volatile struct __sk_buff)
PROGRAM(tc_anything, "tc", void)
PROGRAM(tc_of_xdp, "tc", struct xdp_md)
PROGRAM(tc_words, "tc", __u64)
PROGRAM(tc_pointer, "tc", void *)
PROGRAM(kprobe_registers, "kprobe/vfs_read", struct pt_regs)
PROGRAM(kprobe_typedef, "kprobe/vfs_read", bpf_user_pt_regs_t)
PROGRAM(kprobe_buffer, "kprobe/vfs_read", struct __sk_buff)
PROGRAM(perf_data, "perf_event", struct bpf_perf_event_data)
PROGRAM(perf_registers, "perf_event", struct pt_regs)
PROGRAM(raw_words, "raw_tp/sys_enter", __u64)
PROGRAM(raw_half_words, "raw_tp/sys_enter", __u32)
PROGRAM(typed_raw_arguments, "tp_btf/sys_enter", struct bpf_raw_tracepoint_args)
PROGRAM(typed_buffer, "tp_btf/sys_enter", struct __sk_buff)
PROGRAM(iterator_any, "iter/task", struct bpf_iter__nothing)
PROGRAM(iterator_words, "iter/task", __u64)
PROGRAM(tracepoint_any, "tracepoint/syscalls/sys_enter_nanosleep", struct xdp_md)
PROGRAM(tracepoint_pointer, "tracepoint/syscalls/sys_enter_nanosleep", void *)
PROGRAM(syscall_any, "syscall", char)

char LICENSE[] SEC("license") = "GPL";
