// Storage of control groups, of the older kind.
#include "check.h"

// Programs of control groups may return 0 and 1 alone.
#undef CHECK
#define CHECK(condition) \
  do { \
    if (!(condition)) \
      return 1; \
  } while (0)

struct bpf_cgroup_storage_key {
  __u64 cgroup_inode_id;
  __u32 attach_type;
};

struct {
  __uint(type, BPF_MAP_TYPE_CGROUP_STORAGE);
  __type(key, struct bpf_cgroup_storage_key);
  __type(value, __u64);
} storage SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE);
  __type(key, struct bpf_cgroup_storage_key);
  __type(value, __u64);
} cpu_storage SEC(".maps");

SEC("cgroup_skb/ingress")
int control_group_has_a_value(struct __sk_buff *skb) {
  __u64 *value = bpf_get_local_storage(&storage, 0);
  CHECK(*value == 0);
  *value = 7;
  __u64 *again = bpf_get_local_storage(&storage, 0);
  CHECK(*again == 7);
  return 0;
}

SEC("cgroup_skb/ingress")
int control_group_has_a_value_for_each_cpu(struct __sk_buff *skb) {
  __u64 *value = bpf_get_local_storage(&cpu_storage, 0);
  CHECK(*value == 0);
  __sync_fetch_and_add(value, 5);
  __u64 *again = bpf_get_local_storage(&cpu_storage, 0);
  CHECK(*again == 5);
  return 0;
}
