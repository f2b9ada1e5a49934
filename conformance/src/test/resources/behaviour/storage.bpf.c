// Values of tasks and control groups that hold more than bytes: a lock, pointers to objects.
#include "check.h"

// BPF_LOCAL_STORAGE_GET_F_CREATE
#define CREATE 1

// Big, so that objects which are not freed are noticed soon.
struct object {
  __u64 number;
  char ballast[2000];
};

struct holder {
  struct bpf_spin_lock lock;
  __u32 count;
  struct object KPTR *kept;
};

struct {
  __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, struct holder);
} of_tasks SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_CGRP_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, struct holder);
} of_groups SEC(".maps");

extern void *bpf_obj_new_impl(__u64 type, void *meta) __ksym;
extern void bpf_obj_drop_impl(void *object, void *meta) __ksym;
struct cgroup {
  int level;
} __attribute__((preserve_access_index));

extern struct cgroup *bpf_cgroup_from_id(__u64 id) __ksym;
extern void bpf_cgroup_release(struct cgroup *group) __ksym;

#define NEW() ((struct object *)bpf_obj_new_impl(LOCAL_TYPE(struct object), 0))
#define DROP(object) bpf_obj_drop_impl(object, 0)

static struct holder *of_this_task(__u64 flags)
{
  return bpf_task_storage_get(&of_tasks, bpf_get_current_task_btf(), 0, flags);
}

static int forget_this_task(void)
{
  return bpf_task_storage_delete(&of_tasks, bpf_get_current_task_btf());
}

// Puts a new object where another may be, which is dropped.
static __always_inline int keep(struct holder *holder, __u64 number)
{
  struct object *object = NEW();
  CHECK(object);
  object->number = number;
  struct object *old = bpf_kptr_xchg(&holder->kept, object);
  if (old)
    DROP(old);
  return 0;
}

SEC("tc")
int storage_has_a_lock(void *ctx)
{
  struct holder *holder = of_this_task(CREATE);
  CHECK(holder);
  bpf_spin_lock(&holder->lock);
  __u32 before = holder->count;
  holder->count = before + 3;
  bpf_spin_unlock(&holder->lock);
  __u32 after = holder->count;
  forget_this_task();
  CHECK(before == 0 && after == 3);
  return 0;
}

SEC("tc")
int storage_keeps_an_object(void *ctx)
{
  struct holder *holder = of_this_task(CREATE);
  CHECK(holder);
  CHECK(!keep(holder, 7));
  holder = of_this_task(0);
  CHECK(holder);
  struct object *object = bpf_kptr_xchg(&holder->kept, 0);
  CHECK(object);
  __u64 number = object->number;
  DROP(object);
  object = bpf_kptr_xchg(&holder->kept, 0);
  if (object) {
    DROP(object);
    return __LINE__;
  }
  CHECK(!forget_this_task());
  CHECK(number == 7);
  return 0;
}

SEC("tc")
int storage_begins_without_what_the_initial_value_has(void *ctx)
{
  struct holder initial;
  __builtin_memset(&initial, 0xff, sizeof(initial));
  struct holder *holder = bpf_task_storage_get(&of_tasks, bpf_get_current_task_btf(), &initial, CREATE);
  CHECK(holder);
  CHECK(holder->count == 0xffffffff);
  bpf_spin_lock(&holder->lock);
  holder->count = 1;
  bpf_spin_unlock(&holder->lock);
  struct object *object = bpf_kptr_xchg(&holder->kept, 0);
  if (object) {
    DROP(object);
    return __LINE__;
  }
  CHECK(!forget_this_task());
  return 0;
}

SEC("tc")
int control_group_storage_keeps_an_object(void *ctx)
{
  struct cgroup *group = bpf_cgroup_from_id(bpf_get_current_cgroup_id());
  CHECK(group);
  int result = 0;
  struct holder *holder = bpf_cgrp_storage_get(&of_groups, group, 0, CREATE);
  if (!holder)
    result = __LINE__;
  else
    result = keep(holder, 9);
  if (bpf_cgrp_storage_delete(&of_groups, group))
    result = __LINE__;
  bpf_cgroup_release(group);
  return result;
}

__u32 thread;

// Leaves an object in the value of its task.
SEC("?tc")
int object_is_left(void *ctx)
{
  thread = bpf_get_current_pid_tgid();
  struct holder *holder = of_this_task(CREATE);
  CHECK(holder);
  return keep(holder, thread);
}

SEC("?tc")
int storage_is_forgotten(void *ctx)
{
  return forget_this_task();
}
