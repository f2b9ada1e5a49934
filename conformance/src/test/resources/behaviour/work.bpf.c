// Work that a program has done later.
#include "check.h"

extern int bpf_wq_init(struct bpf_wq *wq, void *map, unsigned int flags) __ksym;
extern int bpf_wq_start(struct bpf_wq *wq, unsigned int flags) __ksym;
extern int bpf_wq_set_callback_impl(struct bpf_wq *wq, int (*callback)(void *map, int *key, void *value),
                                    unsigned int flags, void *aux) __ksym;

struct job {
  __u64 done;
  struct bpf_wq work;
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 4);
  __type(key, int);
  __type(value, struct job);
} jobs SEC(".maps");

__u64 done = 0;
int last = -1;

static int work(void *map, int *key, void *value) {
  struct job *job = value;
  job->done++;
  last = *key;
  __sync_fetch_and_add(&done, 1);
  return 0;
}

SEC("tc")
int started(struct __sk_buff *skb) {
  int key = 2;
  struct job *job = bpf_map_lookup_elem(&jobs, &key);
  CHECK(job);
  CHECK(bpf_wq_init(&job->work, &jobs, 0) == 0);
  CHECK(bpf_wq_init(&job->work, &jobs, 0) == -EBUSY);
  CHECK(bpf_wq_set_callback_impl(&job->work, work, 0, 0) == 0);
  CHECK(bpf_wq_start(&job->work, 1) == -EINVAL);
  CHECK(bpf_wq_start(&job->work, 0) == 0);
  return 0;
}

SEC("tc")
int not_set_up(struct __sk_buff *skb) {
  int key = 3;
  struct job *job = bpf_map_lookup_elem(&jobs, &key);
  CHECK(job);
  CHECK(bpf_wq_start(&job->work, 0) == -EINVAL);
  CHECK(bpf_wq_set_callback_impl(&job->work, work, 0, 0) == -EINVAL);
  CHECK(bpf_wq_init(&job->work, &jobs, 1) == -EINVAL);
  return 0;
}
