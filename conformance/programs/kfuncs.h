// Kernel functions that these programs call, for versions of bpftool that do not write their prototypes.
#pragma once

#define KFUNC extern __attribute__((section(".ksyms")))

KFUNC void *bpf_obj_new_impl(__u64 type, void *meta);
KFUNC void bpf_obj_drop_impl(void *object, void *meta);
KFUNC void *bpf_refcount_acquire_impl(void *object, void *meta);
KFUNC int bpf_rbtree_add_impl(struct bpf_rb_root *root, struct bpf_rb_node *node,
			      bool(less)(struct bpf_rb_node *, const struct bpf_rb_node *), void *meta, __u64 offset);
KFUNC struct bpf_rb_node *bpf_rbtree_first(struct bpf_rb_root *root);
KFUNC struct bpf_rb_node *bpf_rbtree_remove(struct bpf_rb_root *root, struct bpf_rb_node *node);
KFUNC int bpf_list_push_back_impl(struct bpf_list_head *head, struct bpf_list_node *node, void *meta, __u64 offset);
KFUNC void bpf_throw(__u64 cookie);
KFUNC int bpf_res_spin_lock(struct bpf_res_spin_lock *lock);
KFUNC void bpf_res_spin_unlock(struct bpf_res_spin_lock *lock);
KFUNC void bpf_local_irq_save(unsigned long *flags);
KFUNC void bpf_local_irq_restore(unsigned long *flags);
KFUNC int bpf_wq_init(struct bpf_wq *work, void *map, unsigned int flags);
KFUNC int bpf_wq_start(struct bpf_wq *work, unsigned int flags);
KFUNC int bpf_wq_set_callback_impl(struct bpf_wq *work, int(callback)(void *, int *, void *), unsigned int flags,
				   void *aux);
KFUNC struct task_struct *bpf_task_acquire(struct task_struct *task);
KFUNC void bpf_task_release(struct task_struct *task);
KFUNC struct nf_conn *bpf_skb_ct_lookup(struct __sk_buff *skb, struct bpf_sock_tuple *tuple, __u32 tuple_size,
					struct bpf_ct_opts *options, __u32 options_size);
KFUNC void bpf_ct_release(struct nf_conn *connection);
KFUNC int bpf_strlen(const char *text);
KFUNC int bpf_strchr(const char *text, char c);
KFUNC int bpf_strcmp(const char *a, const char *b);
KFUNC void *bpf_cast_to_kern_ctx(void *context);
KFUNC void *bpf_rdonly_cast(const void *object, __u32 type);
KFUNC int bpf_dynptr_from_skb(struct __sk_buff *skb, __u64 flags, struct bpf_dynptr *dynptr);
KFUNC int bpf_dynptr_from_skb_meta(struct __sk_buff *skb, __u64 flags, struct bpf_dynptr *dynptr);
KFUNC void *bpf_dynptr_slice(const struct bpf_dynptr *dynptr, __u64 offset, void *buffer, __u64 buffer__szk);
KFUNC int bpf_dynptr_memset(struct bpf_dynptr *dynptr, __u64 offset, __u64 size, __u8 value);
KFUNC int bpf_dynptr_clone(const struct bpf_dynptr *dynptr, struct bpf_dynptr *clone);
KFUNC void *bpf_percpu_obj_new_impl(__u64 type, void *meta);
KFUNC void bpf_percpu_obj_drop_impl(void *object, void *meta);
KFUNC void bpf_rcu_read_lock(void);
KFUNC void bpf_rcu_read_unlock(void);
KFUNC int bpf_iter_num_new(struct bpf_iter_num *iterator, int start, int end);
