// Maps of each kind, from the side of programs.
#include "check.h"

struct pair {
  __u64 a, b;
};

#define MAP(name, kind, entries, key_type, value_type) \
  struct { \
    __uint(type, BPF_MAP_TYPE_##kind); \
    __uint(max_entries, entries); \
    __type(key, key_type); \
    __type(value, value_type); \
  } name SEC(".maps")

MAP(hash, HASH, 4, __u32, struct pair);
MAP(array, ARRAY, 4, __u32, struct pair);
MAP(percpu_hash, PERCPU_HASH, 4, __u32, struct pair);
MAP(percpu_array, PERCPU_ARRAY, 4, __u32, struct pair);
MAP(lru_hash, LRU_HASH, 8, __u32, __u64);
MAP(lru_percpu_hash, LRU_PERCPU_HASH, 8, __u32, __u64);
MAP(marks, HASH, 64, __u32, __u64);

struct {
  __uint(type, BPF_MAP_TYPE_LPM_TRIE);
  __uint(max_entries, 8);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, __u64);
  __type(value, __u32);
} trie SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_QUEUE);
  __uint(max_entries, 3);
  __type(value, __u32);
} queue SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_STACK);
  __uint(max_entries, 3);
  __type(value, __u32);
} stack SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_BLOOM_FILTER);
  __uint(max_entries, 100);
  __type(value, __u32);
} bloom SEC(".maps");

struct inner {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u32);
} first SEC(".maps"), second SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
  __uint(max_entries, 3);
  __type(key, __u32);
  __array(values, struct inner);
} outer SEC(".maps") = {.values = {[0] = &first, [1] = &second}};

struct {
  __uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
  __uint(max_entries, 3);
  __type(key, __u32);
  __array(values, struct inner);
} outer_hash SEC(".maps") = {.values = {[7] = &second}};

struct locked {
  struct bpf_spin_lock lock;
  __u32 value;
};

MAP(locked_array, ARRAY, 1, __u32, struct locked);

SEC("tc")
int hash_obeys_its_flags(void *ctx)
{
  __u32 key = 1;
  struct pair value = {1, 2}, other = {3, 4}, *found;
  bpf_map_delete_elem(&hash, &key);
  CHECK(!bpf_map_lookup_elem(&hash, &key));
  CHECK(bpf_map_update_elem(&hash, &key, &value, BPF_EXIST) == -ENOENT);
  CHECK(bpf_map_update_elem(&hash, &key, &value, BPF_NOEXIST) == 0);
  CHECK(bpf_map_update_elem(&hash, &key, &other, BPF_NOEXIST) == -EEXIST);
  CHECK(bpf_map_update_elem(&hash, &key, &other, 3) == -EINVAL);
  CHECK(bpf_map_update_elem(&hash, &key, &other, BPF_F_LOCK) == -EINVAL);
  found = bpf_map_lookup_elem(&hash, &key);
  CHECK(found && found->a == 1);
  CHECK(bpf_map_update_elem(&hash, &key, &other, BPF_EXIST) == 0);
  found = bpf_map_lookup_elem(&hash, &key);
  CHECK(found && found->b == 4);
  CHECK(bpf_map_delete_elem(&hash, &key) == 0);
  CHECK(bpf_map_delete_elem(&hash, &key) == -ENOENT);
  return 0;
}

SEC("tc")
int hash_is_full(void *ctx)
{
  struct pair value = {};
  for (__u32 i = 0; i < 4; i++) {
    __u32 key = i;
    CHECK(bpf_map_update_elem(&hash, &key, &value, BPF_ANY) == 0);
  }
  __u32 more = 4;
  CHECK(bpf_map_update_elem(&hash, &more, &value, BPF_ANY) == -E2BIG);
  for (__u32 i = 0; i < 4; i++) {
    __u32 key = i;
    CHECK(bpf_map_delete_elem(&hash, &key) == 0);
  }
  return 0;
}

SEC("tc")
int deleted_value_stays_readable(void *ctx)
{
  __u32 key = 1;
  struct pair value = {5, 6}, *found;
  CHECK(bpf_map_update_elem(&hash, &key, &value, BPF_ANY) == 0);
  found = bpf_map_lookup_elem(&hash, &key);
  CHECK(found);
  CHECK(bpf_map_delete_elem(&hash, &key) == 0);
  CHECK(found->a == 5 && found->b == 6);
  found->a = 7;
  CHECK(!bpf_map_lookup_elem(&hash, &key));
  return 0;
}

SEC("tc")
int array_has_all_its_elements(void *ctx)
{
  __u32 key = 3, beyond = 4;
  struct pair value = {8, 9}, *found;
  CHECK(bpf_map_update_elem(&array, &key, &value, BPF_NOEXIST) == -EEXIST);
  CHECK(bpf_map_update_elem(&array, &key, &value, BPF_EXIST) == 0);
  CHECK(bpf_map_update_elem(&array, &beyond, &value, BPF_ANY) == -E2BIG);
  CHECK(bpf_map_update_elem(&array, &key, &value, 9) == -EINVAL);
  CHECK(bpf_map_delete_elem(&array, &key) == -EINVAL);
  found = bpf_map_lookup_elem(&array, &key);
  CHECK(found && found->a == 8);
  CHECK(!bpf_map_lookup_elem(&array, &beyond));
  return 0;
}

SEC("tc")
int cpus_have_their_own_values(void *ctx)
{
  __u32 key = 2, cpu = bpf_get_smp_processor_id();
  struct pair value = {10, 11}, *own, *same;
  CHECK(bpf_map_update_elem(&percpu_hash, &key, &value, BPF_ANY) == 0);
  CHECK(bpf_map_update_elem(&percpu_array, &key, &value, BPF_ANY) == 0);
  own = bpf_map_lookup_elem(&percpu_hash, &key);
  same = bpf_map_lookup_percpu_elem(&percpu_hash, &key, cpu);
  CHECK(own && own == same && own->a == 10);
  struct pair *other = bpf_map_lookup_percpu_elem(&percpu_hash, &key, cpu ? 0 : 1);
  CHECK(other && other->a == 0);
  CHECK(!bpf_map_lookup_percpu_elem(&percpu_hash, &key, 1 << 20));
  own = bpf_map_lookup_elem(&percpu_array, &key);
  same = bpf_map_lookup_percpu_elem(&percpu_array, &key, cpu);
  CHECK(own && own == same && own->b == 11);
  CHECK(bpf_map_delete_elem(&percpu_hash, &key) == 0);
  CHECK(bpf_map_delete_elem(&percpu_array, &key) == -EINVAL);
  return 0;
}

// In a map, as counters on the stack make the verifier follow every value of theirs.
static volatile __u32 wrong, left;

static long use_lru(__u32 index, void *unused)
{
  __u32 key = index;
  __u64 value = index, *found;
  bpf_map_update_elem(&lru_hash, &key, &value, BPF_ANY);
  bpf_map_update_elem(&lru_percpu_hash, &key, &value, BPF_ANY);
  found = bpf_map_lookup_elem(&lru_hash, &key);
  wrong += !found || *found != index;
  found = bpf_map_lookup_elem(&lru_percpu_hash, &key);
  wrong += !found || *found != index;
  return 0;
}

static long count_lru(__u32 index, void *unused)
{
  __u32 key = index;
  left += bpf_map_lookup_elem(&lru_hash, &key) != 0;
  return 0;
}

SEC("tc")
int lru_makes_room(void *ctx)
{
  wrong = left = 0;
  CHECK(bpf_loop(100, use_lru, 0, 0) == 100);
  CHECK(bpf_loop(100, count_lru, 0, 0) == 100);
  CHECK(wrong == 0);
  CHECK(left >= 1 && left <= 8);
  return 0;
}

static __u64 prefix(__u32 length, __u32 address)
{
  return (__u64)__builtin_bswap32(address) << 32 | length;
}

SEC("tc")
int trie_finds_the_longest_prefix(void *ctx)
{
  __u32 value = 8, *found;
  __u64 key = prefix(8, 0x0a000000);
  CHECK(bpf_map_update_elem(&trie, &key, &value, BPF_NOEXIST) == 0);
  CHECK(bpf_map_update_elem(&trie, &key, &value, BPF_NOEXIST) == -EEXIST);
  value = 24;
  key = prefix(24, 0x0a010200);
  CHECK(bpf_map_update_elem(&trie, &key, &value, BPF_EXIST) == -ENOENT);
  CHECK(bpf_map_update_elem(&trie, &key, &value, BPF_ANY) == 0);
  key = prefix(33, 0x0a010200);
  CHECK(bpf_map_update_elem(&trie, &key, &value, BPF_ANY) == -EINVAL);
  key = prefix(32, 0x0a010203);
  found = bpf_map_lookup_elem(&trie, &key);
  CHECK(found && *found == 24);
  key = prefix(32, 0x0a010303);
  found = bpf_map_lookup_elem(&trie, &key);
  CHECK(found && *found == 8);
  key = prefix(32, 0x0b010303);
  CHECK(!bpf_map_lookup_elem(&trie, &key));
  key = prefix(24, 0x0a010200);
  CHECK(bpf_map_delete_elem(&trie, &key) == 0);
  CHECK(bpf_map_delete_elem(&trie, &key) == -ENOENT);
  key = prefix(32, 0x0a010203);
  found = bpf_map_lookup_elem(&trie, &key);
  CHECK(found && *found == 8);
  return 0;
}

SEC("tc")
int queue_is_first_in_first_out(void *ctx)
{
  __u32 value = 0;
  CHECK(bpf_map_pop_elem(&queue, &value) == -ENOENT);
  for (__u32 i = 1; i <= 3; i++) {
    __u32 pushed = i;
    CHECK(bpf_map_push_elem(&queue, &pushed, BPF_ANY) == 0);
  }
  __u32 four = 4;
  CHECK(bpf_map_push_elem(&queue, &four, BPF_ANY) == -E2BIG);
  CHECK(bpf_map_push_elem(&queue, &four, BPF_NOEXIST) == -EINVAL);
  CHECK(bpf_map_push_elem(&queue, &four, BPF_EXIST) == 0);
  CHECK(bpf_map_peek_elem(&queue, &value) == 0 && value == 2);
  CHECK(bpf_map_pop_elem(&queue, &value) == 0 && value == 2);
  CHECK(bpf_map_pop_elem(&queue, &value) == 0 && value == 3);
  CHECK(bpf_map_pop_elem(&queue, &value) == 0 && value == 4);
  CHECK(bpf_map_peek_elem(&queue, &value) == -ENOENT && value == 0);
  return 0;
}

SEC("tc")
int stack_is_last_in_first_out(void *ctx)
{
  __u32 value = 0;
  for (__u32 i = 1; i <= 3; i++) {
    __u32 pushed = i;
    CHECK(bpf_map_push_elem(&stack, &pushed, BPF_ANY) == 0);
  }
  CHECK(bpf_map_peek_elem(&stack, &value) == 0 && value == 3);
  CHECK(bpf_map_pop_elem(&stack, &value) == 0 && value == 3);
  CHECK(bpf_map_pop_elem(&stack, &value) == 0 && value == 2);
  CHECK(bpf_map_pop_elem(&stack, &value) == 0 && value == 1);
  CHECK(bpf_map_pop_elem(&stack, &value) == -ENOENT);
  return 0;
}

static long ask_bloom(__u32 index, void *unused)
{
  __u32 value = index;
  left += bpf_map_peek_elem(&bloom, &value) == 0;
  return 0;
}

SEC("tc")
int bloom_filter_remembers(void *ctx)
{
  __u32 value = 12345;
  CHECK(bpf_map_push_elem(&bloom, &value, BPF_NOEXIST) == -EINVAL);
  CHECK(bpf_map_push_elem(&bloom, &value, BPF_ANY) == 0);
  CHECK(bpf_map_peek_elem(&bloom, &value) == 0);
  wrong = left = 0;
  CHECK(bpf_loop(100, ask_bloom, 0, 0) == 100);
  CHECK(left < 50);
  return 0;
}

SEC("tc")
int maps_are_found_in_maps(void *ctx)
{
  __u32 zero = 0, one = 1, two = 2, seven = 7, *value;
  void *inner = bpf_map_lookup_elem(&outer, &one);
  CHECK(inner);
  value = bpf_map_lookup_elem(inner, &zero);
  CHECK(value);
  *value = 77;
  void *same = bpf_map_lookup_elem(&outer_hash, &seven);
  CHECK(same);
  value = bpf_map_lookup_elem(same, &zero);
  CHECK(value && *value == 77);
  value = bpf_map_lookup_elem(&second, &zero);
  CHECK(value && *value == 77);
  value = bpf_map_lookup_elem(&first, &zero);
  CHECK(value && *value == 0);
  CHECK(!bpf_map_lookup_elem(&outer, &two));
  CHECK(!bpf_map_lookup_elem(&outer_hash, &two));
  return 0;
}

SEC("tc")
int values_are_locked(void *ctx)
{
  __u32 zero = 0;
  struct locked *value = bpf_map_lookup_elem(&locked_array, &zero), fresh = {.value = 9};
  CHECK(value);
  bpf_spin_lock(&value->lock);
  value->value = 5;
  bpf_spin_unlock(&value->lock);
  CHECK(value->value == 5);
  CHECK(bpf_map_update_elem(&locked_array, &zero, &fresh, BPF_F_LOCK) == 0);
  CHECK(value->value == 9);
  bpf_spin_lock(&value->lock);
  value->value = 6;
  bpf_spin_unlock(&value->lock);
  CHECK(value->value == 6);
  return 0;
}

static volatile __u32 seen, limit;
static volatile __u64 sum;

static long mark(__u32 index, void *unused)
{
  __u32 key = index;
  __u64 value = 100;
  bpf_map_update_elem(&marks, &key, &value, BPF_ANY);
  return 0;
}

static long add(void *map, __u32 *key, __u64 *value, void *unused)
{
  seen++;
  sum += *key + *value;
  return seen == limit;
}

static long delete(void *map, __u32 *key, __u64 *value, void *unused)
{
  seen++;
  bpf_map_delete_elem(map, key);
  return 0;
}

SEC("tc")
int elements_are_visited_and_deleted(void *ctx)
{
  seen = limit = sum = 0;
  CHECK(bpf_loop(32, mark, 0, 0) == 32);
  CHECK(bpf_for_each_map_elem(&marks, add, 0, 1) == -EINVAL);
  CHECK(bpf_for_each_map_elem(&marks, add, 0, 0) == 32);
  CHECK(seen == 32 && sum == 32 * 100 + 31 * 16);
  seen = 0;
  limit = 5;
  CHECK(bpf_for_each_map_elem(&marks, add, 0, 0) == 5);
  seen = 0;
  CHECK(bpf_for_each_map_elem(&marks, delete, 0, 0) == 32);
  CHECK(seen == 32);
  seen = 0;
  CHECK(bpf_for_each_map_elem(&marks, delete, 0, 0) == 0);
  return 0;
}

struct bpf_map {
  __u32 id;
  enum bpf_map_type map_type;
  __u32 key_size;
  __u32 value_size;
  __u32 max_entries;
  __u32 map_flags;
} __attribute__((preserve_access_index));

SEC("tc")
int maps_describe_themselves(void *ctx)
{
  struct bpf_map *map = (struct bpf_map *)&trie;
  CHECK(map->map_type == BPF_MAP_TYPE_LPM_TRIE);
  CHECK(map->key_size == 8 && map->value_size == 4);
  CHECK(map->max_entries == 8 && map->map_flags == BPF_F_NO_PREALLOC);
  CHECK(map->id != 0);
  CHECK(((struct bpf_map *)&hash)->max_entries == 4);
  return 0;
}
