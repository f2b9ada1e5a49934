// Iterators: what they are shown, and what they write.
#include "check.h"

#define KERNEL __attribute__((preserve_access_index))

struct seq_file;
struct list_head {
  struct list_head *next;
} KERNEL;
struct bpf_iter_meta {
  struct seq_file *seq;
  __u64 session_id;
  __u64 seq_num;
} KERNEL;
struct bpf_map {
  __u32 id, key_size, value_size, max_entries;
  char name[16];
} KERNEL;
struct bpf_prog_aux {
  __u32 id;
  char name[16];
} KERNEL;
struct bpf_prog {
  __u32 len;
  struct bpf_prog_aux *aux;
} KERNEL;
struct task_struct {
  int pid, tgid;
  char comm[16];
  struct task_struct *group_leader;
} KERNEL;
struct bpf_iter__bpf_map_elem {
  struct bpf_iter_meta *meta;
  struct bpf_map *map;
  void *key, *value;
} KERNEL;
struct bpf_iter__bpf_map {
  struct bpf_iter_meta *meta;
  struct bpf_map *map;
} KERNEL;
struct bpf_iter__bpf_prog {
  struct bpf_iter_meta *meta;
  struct bpf_prog *prog;
} KERNEL;
struct bpf_iter__task {
  struct bpf_iter_meta *meta;
  struct task_struct *task;
} KERNEL;

#define PRINT(seq, format, ...)                                             \
  ({                                                                        \
    static const char text[] = format;                                      \
    __u64 arguments[] = {__VA_ARGS__};                                      \
    bpf_seq_printf(seq, text, sizeof(text), arguments, sizeof(arguments));  \
  })

struct pair {
  __u32 a, b;
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 100);
  __type(key, __u32);
  __type(value, struct pair);
} hash SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 100);
  __type(key, __u32);
  __type(value, struct pair);
} lru SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 3);
  __type(key, __u32);
  __type(value, struct pair);
} array SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 3);
  __type(key, __u32);
  __type(value, struct pair);
} cpu_array SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_HASH);
  __uint(max_entries, 3);
  __type(key, __u32);
  __type(value, struct pair);
} cpu_hash SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_QUEUE);
  __uint(max_entries, 3);
  __type(value, __u32);
} queue SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 3);
  __type(key, __u16);
  __type(value, __u16);
} small SEC(".maps");

// Prints each element, and adds 1 to it.
SEC("iter/bpf_map_elem")
int elements(struct bpf_iter__bpf_map_elem *ctx) {
  struct seq_file *seq = ctx->meta->seq;
  __u64 number = ctx->meta->seq_num;
  __u32 *key = ctx->key;
  struct pair *value = ctx->value;
  if (!key) {
    PRINT(seq, "end %llu of %s, %d\n", number, (__u64)ctx->map->name, value != 0);
    return 0;
  }
  if (!value)
    return 0;
  PRINT(seq, "%llu: %u is %u %u\n", number, *key, value->a, value->b);
  value->b++;
  return 0;
}

__u32 tries = 0;
__u32 again = 0;

// Asks to be shown the second element again, as often as `again` says.
SEC("iter/bpf_map_elem")
int repeated(struct bpf_iter__bpf_map_elem *ctx) {
  __u32 *key = ctx->key;
  if (!key) {
    PRINT(ctx->meta->seq, "end %llu after %u\n", ctx->meta->seq_num, tries);
    return 0;
  }
  tries++;
  PRINT(ctx->meta->seq, "%llu: %u\n", ctx->meta->seq_num, *key);
  if (*key == 1 && again) {
    again--;
    return 1;
  }
  return 0;
}

// Deletes each element that it is shown.
SEC("iter/bpf_map_elem")
int emptied(struct bpf_iter__bpf_map_elem *ctx) {
  struct pair *value = ctx->value;
  __u32 *key = ctx->key;
  if (!key)
    return 0;
  if (!value)
    return 0;
  __u32 copy = *key;
  long result = bpf_map_delete_elem(&hash, &copy);
  PRINT(ctx->meta->seq, "%u %d %u\n", copy, result, value->a);
  return 0;
}

char large[4096] = {};
__u32 writes = 0;

// Writes 4096 bytes several times for each element, and what bpf_seq_write says at the first.
SEC("iter/bpf_map_elem")
int written(struct bpf_iter__bpf_map_elem *ctx) {
  if (!ctx->key)
    return 0;
  int result = 0;
  for (__u32 i = 0; i < 16; i++) {
    if (i < writes)
      result = bpf_seq_write(ctx->meta->seq, large, sizeof(large));
  }
  PRINT(ctx->meta->seq, "%d\n", result);
  return 0;
}

// The arguments that bpf_seq_printf refuses.
SEC("iter/bpf_map_elem")
int refused(struct bpf_iter__bpf_map_elem *ctx) {
  static const char plain[] = "%d\n", unknown[] = "%q\n", few[] = "%d %d\n";
  struct seq_file *seq = ctx->meta->seq;
  __u64 arguments[13] = {7};
  if (ctx->key)
    return 0;
  int length = bpf_seq_printf(seq, plain, sizeof(plain), arguments, 7);
  int kind = bpf_seq_printf(seq, unknown, sizeof(unknown), arguments, 8);
  int missing = bpf_seq_printf(seq, few, sizeof(few), arguments, 8);
  int many = bpf_seq_printf(seq, plain, sizeof(plain), arguments, sizeof(arguments));
  int cut = bpf_seq_printf(seq, plain, sizeof(plain) - 1, arguments, 8);
  PRINT(seq, "%d %d %d %d %d\n", length, kind, missing, many, cut);
  return 0;
}

// Prints the maps that this object has.
SEC("iter/bpf_map")
int maps(struct bpf_iter__bpf_map *ctx) {
  struct bpf_map *map = ctx->map;
  if (!map) {
    PRINT(ctx->meta->seq, "end\n", 0);
    return 0;
  }
  PRINT(ctx->meta->seq, "%u %s %u %u %u\n", map->id, (__u64)map->name, map->key_size, map->value_size,
        map->max_entries);
  return 0;
}

SEC("iter/bpf_prog")
int programs(struct bpf_iter__bpf_prog *ctx) {
  struct bpf_prog *prog = ctx->prog;
  if (!prog)
    return 0;
  PRINT(ctx->meta->seq, "%u %s %d\n", prog->aux->id, (__u64)prog->aux->name, prog->len > 0);
  return 0;
}

SEC("iter/task")
int tasks(struct bpf_iter__task *ctx) {
  struct task_struct *task = ctx->task;
  if (!task) {
    PRINT(ctx->meta->seq, "end\n", 0);
    return 0;
  }
  PRINT(ctx->meta->seq, "%d %d %d %s\n", task->tgid, task->pid, task->group_leader->pid, (__u64)task->comm);
  return 0;
}

struct btf_ptr {
  void *ptr;
  __u32 type_id, flags;
};

// Prints each element as if it were two pointers.
SEC("iter/bpf_map_elem")
int typed(struct bpf_iter__bpf_map_elem *ctx) {
  struct pair *value = ctx->value;
  if (!value)
    return 0;
  __u64 copy[2] = {value->a, value->b};
  struct btf_ptr pointer = {
      .ptr = copy, .type_id = __builtin_btf_type_id(*(struct list_head *)0, 1)};
  bpf_seq_printf_btf(ctx->meta->seq, &pointer, sizeof(pointer), 4);
  int flags = bpf_seq_printf_btf(ctx->meta->seq, &pointer, sizeof(pointer), 16);
  PRINT(ctx->meta->seq, " %d\n", flags);
  return 0;
}

// Counts packets by whether their length is even, for the iterators to show.
SEC("tc")
int counts(struct __sk_buff *skb) {
  __u32 key = skb->len % 2;
  struct pair one = {.a = 1}, *found = bpf_map_lookup_elem(&hash, &key);
  if (found)
    __sync_fetch_and_add(&found->a, 1);
  else
    bpf_map_update_elem(&hash, &key, &one, BPF_NOEXIST);
  return 0;
}

// Addresses as they are, at the end.
SEC("iter/bpf_map_elem")
int addresses(struct bpf_iter__bpf_map_elem *ctx) {
  if (ctx->key)
    return 0;
  PRINT(ctx->meta->seq, "%px|%20px|%-20px|\n", 0x1234, 0x1234, 0x1234);
  return 0;
}
