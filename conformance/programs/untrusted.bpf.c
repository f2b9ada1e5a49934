// Arguments of global functions tagged arg:untrusted: which tags and types are taken, what callers may give, and what the
// functions may do with them.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#define TAG(name) __attribute__((btf_decl_tag("arg:" #name)))
#define GLOBAL __weak __attribute__((noinline)) int

char LICENSE[] SEC("license") = "GPL";

struct task_struct___flavoured {
	int pid;
} __attribute__((preserve_access_index));

extern int bpf_strlen(const char *text) __ksym __weak;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} records SEC(".maps");

long number;
unsigned int distance;

#pragma clang diagnostic ignored "-Wint-conversion"

// One function and a program that calls it with 0, which the compiler does not see.
#define PROGRAM(name, parameter, ...)                                                                                  \
	GLOBAL takes_##name(parameter)                                                                                 \
	{                                                                                                              \
		__VA_ARGS__                                                                                            \
	}                                                                                                              \
	SEC("raw_tp/sys_enter") int name(void *ctx)                                                                    \
	{                                                                                                              \
		long given = 0;                                                                                        \
		asm volatile("" : "+r"(given));                                                                        \
		return takes_##name(given);                                                                            \
	}

#define NOTHING                                                                                                        \
	int result = 0;                                                                                                \
	asm volatile("" : "+r"(result) : "r"(p));                                                                      \
	return result;

PROGRAM(plain_and_untrusted, struct task_struct *p TAG(untrusted), NOTHING)
PROGRAM(nullable, struct task_struct *p TAG(untrusted) TAG(nullable), NOTHING)
PROGRAM(not_null, void *p TAG(untrusted) TAG(nonnull), NOTHING)
PROGRAM(in_arena, void *p TAG(untrusted) TAG(arena), NOTHING)
PROGRAM(context, void *p TAG(untrusted) TAG(ctx), NOTHING)
PROGRAM(trusted_wins, struct task_struct *p TAG(untrusted) TAG(trusted) TAG(nullable), NOTHING)
PROGRAM(unknown_tag, void *p TAG(untrusted) TAG(other), NOTHING)
PROGRAM(of_a_dynptr, struct bpf_dynptr *p TAG(untrusted), NOTHING)
PROGRAM(of_a_number, long p TAG(untrusted), NOTHING)
PROGRAM(of_a_pointer, int **p TAG(untrusted), NOTHING)
PROGRAM(of_a_flavour, struct task_struct___flavoured *p TAG(untrusted), return p->pid;)
PROGRAM(of_an_enumeration, enum bpf_attach_type *p TAG(untrusted), return *p;)
PROGRAM(of_characters, const volatile char *restrict p TAG(untrusted), return p[3];)
PROGRAM(nullable_alone, int *p TAG(nullable), NOTHING)
PROGRAM(arena_nullable, int *p TAG(arena) TAG(nullable), NOTHING)
PROGRAM(trusted_not_null, struct task_struct *p TAG(trusted) TAG(nonnull), NOTHING)

PROGRAM(loads_all_widths, void *p TAG(untrusted),
	return *(char *)p + *(short *)(p + 1) + *(int *)(p + 5) + *(long *)(p + 11) + *(signed char *)(p - 1);)
PROGRAM(loads_far_away, void *p TAG(untrusted), return *(int *)(p + 32000);)
PROGRAM(follows_a_member, struct task_struct *p TAG(untrusted), return p->mm->map_count;)
PROGRAM(stores, int *p TAG(untrusted), *p = 1; return 0;)
PROGRAM(stores_a_member, struct task_struct *p TAG(untrusted), p->pid = 1; return 0;)
PROGRAM(adds_atomically, long *p TAG(untrusted), __sync_fetch_and_add(p, 1); return 0;)
PROGRAM(gives_itself, void *p TAG(untrusted), return (long)p;)
PROGRAM(keeps_it, void *p TAG(untrusted), number = (long)p; return 0;)
PROGRAM(compares_with_null, int *p TAG(untrusted), return p ? *p : 1;)
PROGRAM(passes_it_on, void *p TAG(untrusted), return takes_plain_and_untrusted(p);)
GLOBAL takes_memory(int *p)
{
	return p ? *p : 0;
}
PROGRAM(passes_it_on_as_memory, int *p TAG(untrusted), return takes_memory(p);)
PROGRAM(passes_it_to_a_function, char *p TAG(untrusted), return bpf_strlen(p);)
PROGRAM(copies_from_it, void *p TAG(untrusted), long to; bpf_probe_read_kernel(&to, 8, p); return to;)
PROGRAM(prints_from_it, char *p TAG(untrusted), return bpf_trace_printk(p, 4);)

#define CALLER(name, ...)                                                                                              \
	SEC("raw_tp/sys_enter") int gives_##name(void *ctx)                                                            \
	{                                                                                                              \
		__VA_ARGS__                                                                                            \
	}

CALLER(a_number, return takes_of_characters((void *)12345);)
CALLER(the_context, return takes_of_characters(ctx + 8);)
CALLER(its_stack, long here = 7; return takes_of_characters((void *)&here) + (here != 7);)
CALLER(what_lies_outside, return takes_of_characters((void *)&number + 100000);)
CALLER(some_place, return takes_of_characters((void *)&number + distance);)
CALLER(an_object, return takes_of_a_flavour((void *)bpf_get_current_task_btf() + distance);)
CALLER(a_record, long *record = bpf_ringbuf_reserve(&records, 8, 0); int result = takes_of_characters((void *)record);
       if (record) bpf_ringbuf_discard(record, 0); return result;)
CALLER(a_record_and_forgets_it, return takes_of_characters(bpf_ringbuf_reserve(&records, 8, 0));)
CALLER(a_map, return takes_of_characters((void *)&records);)
