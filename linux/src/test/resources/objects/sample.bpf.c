// One of everything that a host fills in when it loads an object.
#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

char terms[] SEC("license") = "GPL";

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 16);
  __type(key, __u32);
  __type(value, __u64);
} counts SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u64);
} per_cpu SEC(".maps");

struct event {
  __u32 length;
  __u32 first;
};

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 4096);
} events SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
  __uint(key_size, sizeof(__u32));
  __uint(value_size, sizeof(__u32));
} perf_events SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_USER_RINGBUF);
  __uint(max_entries, 4096);
} requests SEC(".maps");

struct inner {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u32);
};

struct inner first SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
  __uint(max_entries, 2);
  __type(key, __u32);
  __array(values, struct inner);
} outer SEC(".maps") = {
    .values = {[1] = &first},
};

int tail(struct __sk_buff *skb);


struct {
  __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
  __uint(max_entries, 2);
  __uint(key_size, sizeof(__u32));
  __array(values, int(struct __sk_buff *));
} jumps SEC(".maps") = {
    .values = {[1] = &tail},
};

const volatile __u32 limit = 100;
__u64 total = 5;
__u32 zeroed;

extern int LINUX_KERNEL_VERSION __kconfig;
extern bool CONFIG_BPF_SYSCALL __kconfig;
extern bool CONFIG_NO_SUCH_OPTION __kconfig __weak;
extern const void _stext __ksym __weak;

struct task_struct {
  int pid;
} __attribute__((preserve_access_index));

extern struct task_struct *bpf_task_acquire(struct task_struct *task) __ksym;
extern void bpf_task_release(struct task_struct *task) __ksym;
extern void bpf_no_such_function(void) __ksym __weak;

__attribute__((noinline)) static __u32 halve(__u32 x) {
  return x / 2;
}

__attribute__((noinline)) int add_one(int x) {
  return x + 1;
}

SEC("tc")
int count(struct __sk_buff *skb) {
  __u32 key = skb->len;
  __u64 one = 1, *value = bpf_map_lookup_elem(&counts, &key);
  if (value)
    __sync_fetch_and_add(value, 1);
  else
    bpf_map_update_elem(&counts, &key, &one, BPF_ANY);
  __u32 zero = 0;
  value = bpf_map_lookup_elem(&per_cpu, &zero);
  if (value)
    *value += 1;
  total += skb->len;
  zeroed = halve(skb->len);
  return add_one(limit);
}

SEC("xdp")
int report(struct xdp_md *ctx) {
  struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
  if (!event)
    return XDP_ABORTED;
  void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
  event->length = end - data;
  event->first = data + 1 <= end ? *(__u8 *)data : 0;
  bpf_ringbuf_submit(event, 0);
  return XDP_PASS;
}

SEC("xdp")
int report_perf(struct xdp_md *ctx) {
  struct event event = {.length = ctx->data_end - ctx->data, .first = 7};
  bpf_perf_event_output(ctx, &perf_events, BPF_F_CURRENT_CPU, &event, sizeof(event));
  return XDP_PASS;
}

static long take(struct bpf_dynptr *record, void *context) {
  __u32 value = 0;
  bpf_dynptr_read(&value, sizeof(value), record, 0, 0);
  total += value;
  return 0;
}

SEC("raw_tp")
int drain(void *ctx) {
  return bpf_user_ringbuf_drain(&requests, take, (void *)0, 0);
}

SEC("tc")
int tail(struct __sk_buff *skb) {
  return 77;
}

SEC("tc")
int jump(struct __sk_buff *skb) {
  bpf_tail_call(skb, &jumps, 1);
  return 1;
}

SEC("tc")
int nested(struct __sk_buff *skb) {
  __u32 one = 1, zero = 0;
  void *map = bpf_map_lookup_elem(&outer, &one);
  if (!map)
    return 1;
  __u32 *value = bpf_map_lookup_elem(map, &zero);
  return value ? *value : 2;
}

SEC("syscall")
int externs(void *ctx) {
  if (!CONFIG_BPF_SYSCALL || CONFIG_NO_SUCH_OPTION)
    return 1;
  if (LINUX_KERNEL_VERSION < 0x050000)
    return 2;
  if (!&_stext)
    return 3;
  if (bpf_no_such_function) {
    bpf_no_such_function();
    return 4;
  }
  struct task_struct *task = bpf_task_acquire(bpf_get_current_task_btf());
  if (!task)
    return 5;
  int pid = BPF_CORE_READ(task, pid);
  bpf_task_release(task);
  return pid > 0 ? 42 : 6;
}

SEC("?tc")
int refused(struct __sk_buff *skb) {
  __u32 key = 1;
  __u64 *value = bpf_map_lookup_elem(&counts, &key);
  return *value;
}

SEC("?fentry/bpf_fentry_test1")
int BPF_tied(void *ctx) {
  return 0;
}

SEC("?freplace/add_one")
int replaces(int x) {
  return x + 2;
}
