// One program and more for each family of rules: objects, lists, trees, exceptions, locks, interrupts, work queues,
// iterators, connections, strings, casts; each with one that breaks its rule.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

#include "kfuncs.h"

#define __contains(type, member) __attribute__((btf_decl_tag("contains:" #type ":" #member)))
#define container(pointer, type, member) ((type *)((void *)(pointer) - __builtin_offsetof(type, member)))

struct item {
	__u64 key;
	struct bpf_rb_node tree;
	struct bpf_list_node list;
	struct bpf_refcount count;
};

struct shelf {
	struct bpf_spin_lock lock;
	struct bpf_rb_root root __contains(item, tree);
	struct bpf_list_head head __contains(item, list);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct shelf);
} shelves SEC(".maps");

struct guarded {
	struct bpf_res_spin_lock lock;
	__u64 value;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct guarded);
} guards SEC(".maps");

struct job {
	struct bpf_wq work;
	__u64 runs;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct job);
} jobs SEC(".maps");

static struct shelf *shelf(void)
{
	__u32 key = bpf_get_prandom_u32() & 3;

	return bpf_map_lookup_elem(&shelves, &key);
}

static struct item *new_item(void)
{
	return bpf_obj_new_impl(bpf_core_type_id_local(struct item), NULL);
}

static bool less(struct bpf_rb_node *a, const struct bpf_rb_node *b)
{
	return container(a, struct item, tree)->key < container(b, struct item, tree)->key;
}

SEC("tc")
int tree_and_list(struct __sk_buff *skb)
{
	struct shelf *at = shelf();
	struct bpf_rb_node *first;
	struct item *item, *other;

	if (!at)
		return 0;
	item = new_item();
	if (!item)
		return 0;
	item->key = skb->len;
	other = bpf_refcount_acquire_impl(item, NULL);
	bpf_spin_lock(&at->lock);
	bpf_rbtree_add_impl(&at->root, &item->tree, less, NULL, __builtin_offsetof(struct item, tree));
	bpf_list_push_back_impl(&at->head, &other->list, NULL, __builtin_offsetof(struct item, list));
	first = bpf_rbtree_first(&at->root);
	if (!first) {
		bpf_spin_unlock(&at->lock);
		return 0;
	}
	first = bpf_rbtree_remove(&at->root, first);
	bpf_spin_unlock(&at->lock);
	if (first)
		bpf_obj_drop_impl(container(first, struct item, tree), NULL);
	return 0;
}

SEC("tc")
int tree_without_lock(struct __sk_buff *skb)
{
	struct shelf *at = shelf();
	struct item *item;

	if (!at)
		return 0;
	item = new_item();
	if (!item)
		return 0;
	bpf_rbtree_add_impl(&at->root, &item->tree, less, NULL, __builtin_offsetof(struct item, tree));
	return 0;
}

SEC("tc")
int item_leaked(struct __sk_buff *skb)
{
	struct item *item = new_item();

	if (item)
		item->key = 1;
	return 0;
}

SEC("tc")
int item_after_unlock(struct __sk_buff *skb)
{
	struct shelf *at = shelf();
	struct bpf_rb_node *first;

	if (!at)
		return 0;
	bpf_spin_lock(&at->lock);
	first = bpf_rbtree_first(&at->root);
	bpf_spin_unlock(&at->lock);
	return first ? container(first, struct item, tree)->key : 0;
}

SEC("tc")
int throws(struct __sk_buff *skb)
{
	if (skb->len > 1000)
		bpf_throw(1);
	return 0;
}

SEC("tc")
int throws_with_item(struct __sk_buff *skb)
{
	struct item *item = new_item();

	if (!item)
		return 0;
	if (skb->len > 1000)
		bpf_throw(1);
	bpf_obj_drop_impl(item, NULL);
	return 0;
}

SEC("tc")
int resilient(struct __sk_buff *skb)
{
	__u32 key = bpf_get_prandom_u32() & 1;
	struct guarded *at = bpf_map_lookup_elem(&guards, &key);

	if (!at)
		return 0;
	if (bpf_res_spin_lock(&at->lock))
		return 0;
	at->value++;
	bpf_res_spin_unlock(&at->lock);
	return 0;
}

SEC("tc")
int resilient_kept(struct __sk_buff *skb)
{
	__u32 key = bpf_get_prandom_u32() & 1;
	struct guarded *at = bpf_map_lookup_elem(&guards, &key);

	if (!at)
		return 0;
	if (bpf_res_spin_lock(&at->lock))
		return 0;
	at->value++;
	return 0;
}

SEC("tc")
int interrupts(struct __sk_buff *skb)
{
	unsigned long outer, inner;

	bpf_local_irq_save(&outer);
	bpf_local_irq_save(&inner);
	bpf_local_irq_restore(&inner);
	bpf_local_irq_restore(&outer);
	return 0;
}

SEC("tc")
int interrupts_out_of_order(struct __sk_buff *skb)
{
	unsigned long outer, inner;

	bpf_local_irq_save(&outer);
	bpf_local_irq_save(&inner);
	bpf_local_irq_restore(&outer);
	bpf_local_irq_restore(&inner);
	return 0;
}

static int work(void *map, int *key, void *value)
{
	struct job *job = value;

	job->runs++;
	return 0;
}

SEC("syscall")
int queue(void *ctx)
{
	__u32 key = bpf_get_prandom_u32() & 1;
	struct job *job = bpf_map_lookup_elem(&jobs, &key);

	if (!job)
		return 0;
	if (bpf_wq_init(&job->work, &jobs, 0))
		return 1;
	if (bpf_wq_set_callback_impl(&job->work, work, 0, NULL))
		return 2;
	return bpf_wq_start(&job->work, 0);
}

SEC("tp_btf/task_newtask")
int BPF_PROG(tasks, struct task_struct *task, u64 flags)
{
	struct task_struct *held = bpf_task_acquire(task);

	if (!held)
		return 0;
	bpf_task_release(held);
	return 0;
}

SEC("tp_btf/task_newtask")
int BPF_PROG(tasks_walked, struct task_struct *task, u64 flags)
{
	struct task_struct *parent = task->group_leader->real_parent->last_wakee;

	bpf_task_acquire(parent);
	return 0;
}

SEC("iter/task")
int iterate(struct bpf_iter__task *ctx)
{
	struct seq_file *out = ctx->meta->seq;
	struct task_struct *task = ctx->task;

	if (!task)
		return 0;
	bpf_seq_write(out, &task->pid, sizeof(task->pid));
	return 0;
}

SEC("iter/task")
int iterate_unchecked(struct bpf_iter__task *ctx)
{
	bpf_seq_write(ctx->meta->seq, &ctx->task->pid, 4);
	return 0;
}

SEC("tc")
int connection(struct __sk_buff *skb)
{
	struct bpf_sock_tuple tuple = {};
	struct bpf_ct_opts options = { .netns_id = -1 };
	struct nf_conn *found;
	__u32 mark;

	found = bpf_skb_ct_lookup(skb, &tuple, sizeof(tuple.ipv4), &options, sizeof(options));
	if (!found)
		return 0;
	mark = found->mark;
	found->mark = mark + 1;
	bpf_ct_release(found);
	return mark & 1;
}

SEC("tc")
int connection_written(struct __sk_buff *skb)
{
	struct bpf_sock_tuple tuple = {};
	struct bpf_ct_opts options = { .netns_id = -1 };
	struct nf_conn *found;

	found = bpf_skb_ct_lookup(skb, &tuple, sizeof(tuple.ipv4), &options, sizeof(options));
	if (!found)
		return 0;
	found->status = 0;
	bpf_ct_release(found);
	return 0;
}

SEC("tc")
int strings(struct __sk_buff *skb)
{
	char text[8] = "ebpf4j";

	return bpf_strlen(text) + bpf_strchr(text, 'j') + bpf_strcmp(text, "x");
}

SEC("tc")
int casts(struct __sk_buff *skb)
{
	struct sk_buff *kernel = bpf_cast_to_kern_ctx(skb);
	struct sk_buff *again = bpf_rdonly_cast(kernel, bpf_core_type_id_kernel(struct sk_buff));

	return kernel->len + again->data_len;
}

SEC("tc")
int casts_written(struct __sk_buff *skb)
{
	struct sk_buff *kernel = bpf_cast_to_kern_ctx(skb);

	kernel->len = 0;
	return 0;
}

SEC("struct_ops")
__u32 BPF_PROG(slow_start, struct sock *sk)
{
	return ((struct tcp_sock *)sk)->snd_ssthresh;
}

SEC("struct_ops")
void BPF_PROG(avoid, struct sock *sk, __u32 ack, __u32 acked)
{
	struct tcp_sock *tcp = (struct tcp_sock *)sk;

	tcp->snd_cwnd = tcp->snd_cwnd + acked;
}

SEC("struct_ops")
__u32 BPF_PROG(undo, struct sock *sk)
{
	return ((struct tcp_sock *)sk)->prior_cwnd;
}

SEC(".struct_ops")
struct tcp_congestion_ops plain = {
	.ssthresh = (void *)slow_start,
	.cong_avoid = (void *)avoid,
	.undo_cwnd = (void *)undo,
	.name = "ebpf4j_plain",
};

char LICENSE[] SEC("license") = "GPL";
