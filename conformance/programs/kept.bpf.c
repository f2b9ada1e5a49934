// Objects that a map's value keeps: what may still be done with them once they are in it.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "kfuncs.h"

#define __percpu_kptr __attribute__((btf_type_tag("percpu_kptr")))
#define __kptr __attribute__((btf_type_tag("kptr")))

struct counts {
	__u64 seen, lost;
};

struct element {
	struct counts __percpu_kptr *per_cpu;
	struct counts __kptr *one;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, struct element);
} elements SEC(".maps");

static struct element *element(void)
{
	int zero = 0;
	return bpf_map_lookup_elem(&elements, &zero);
}

#define bpf_core_type_id_local(type) __builtin_btf_type_id(*(type *)0, 0)

// Tracks whoever is first: the object stays valid, as nobody frees it before the section ends.
static int counted_in(struct element *e)
{
	struct counts *made = bpf_percpu_obj_new_impl(bpf_core_type_id_local(struct counts), NULL);
	struct counts *old, *here;

	if (!made)
		return 0;
	old = bpf_kptr_xchg(&e->per_cpu, made);
	if (old)
		bpf_percpu_obj_drop_impl(old, NULL);
	here = bpf_this_cpu_ptr(made);
	here->seen++;
	return 1;
}

SEC("tc")
int keeps_per_cpu(struct __sk_buff *skb)
{
	struct element *e = element();

	return e ? counted_in(e) : 0;
}

SEC("?syscall")
int keeps_per_cpu_in_section(void *ctx)
{
	struct element *e = element();
	int result;

	if (!e)
		return 0;
	bpf_rcu_read_lock();
	result = counted_in(e);
	bpf_rcu_read_unlock();
	return result;
}

SEC("?syscall")
int keeps_per_cpu_without_section(void *ctx)
{
	struct element *e = element();

	return e ? counted_in(e) : 0;
}

SEC("?syscall")
int uses_per_cpu_after_section(void *ctx)
{
	struct counts *made, *old, *here;
	struct element *e = element();

	if (!e)
		return 0;
	made = bpf_percpu_obj_new_impl(bpf_core_type_id_local(struct counts), NULL);
	if (!made)
		return 0;
	bpf_rcu_read_lock();
	old = bpf_kptr_xchg(&e->per_cpu, made);
	bpf_rcu_read_unlock();
	if (old)
		bpf_percpu_obj_drop_impl(old, NULL);
	here = bpf_this_cpu_ptr(made);
	here->seen++;
	return 1;
}

SEC("tc")
int keeps_one(struct __sk_buff *skb)
{
	struct element *e = element();
	struct counts *made, *old;

	if (!e)
		return 0;
	made = bpf_obj_new_impl(bpf_core_type_id_local(struct counts), NULL);
	if (!made)
		return 0;
	old = bpf_kptr_xchg(&e->one, made);
	if (old)
		bpf_obj_drop_impl(old, NULL);
	return made->seen;
}

SEC("tc")
int drops_what_is_kept(struct __sk_buff *skb)
{
	struct element *e = element();
	struct counts *made, *old;

	if (!e)
		return 0;
	made = bpf_percpu_obj_new_impl(bpf_core_type_id_local(struct counts), NULL);
	if (!made)
		return 0;
	old = bpf_kptr_xchg(&e->per_cpu, made);
	if (old)
		bpf_percpu_obj_drop_impl(old, NULL);
	bpf_percpu_obj_drop_impl(made, NULL);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
