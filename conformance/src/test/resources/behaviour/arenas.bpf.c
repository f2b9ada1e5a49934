// Arenas: memory that programs take page by page and fill with data structures of their own.
#include "check.h"

#define __arena __attribute__((address_space(1)))
#define PAGE 4096

struct {
  __uint(type, BPF_MAP_TYPE_ARENA);
  __uint(map_flags, 1 << 10);
  __uint(max_entries, 64);
} arena SEC(".maps");

extern void __arena *bpf_arena_alloc_pages(void *map, void __arena *addr, __u32 pages, int node, __u64 flags) __ksym;
extern void bpf_arena_free_pages(void *map, void __arena *ptr, __u32 pages) __ksym;
extern int bpf_arena_reserve_pages(void *map, void __arena *ptr, __u32 pages) __ksym;

// A loop that ends in any case, as Linux's selftests write it: code 0xe5, src 0.
#define can_loop \
  ({ \
    __label__ l_break, l_continue; \
    _Bool ret = 1; \
    asm volatile goto("may_goto %l[l_break]" :::: l_break); \
    goto l_continue; \
  l_break: \
    ret = 0; \
  l_continue:; \
    ret; \
  })

#define barrier() asm volatile("" ::: "memory")

// Where loops begin: a number that the verifier does not know, so that it need not walk each round.
int zero;

// The arena has 64 pages, of which global variables take the first.

struct two { __u64 a, b; };

// ---- pages

SEC("syscall")
int pages_are_zero_and_keep_what_is_stored(void *ctx)
{
  struct two __arena *page = bpf_arena_alloc_pages(&arena, 0, 1, -1, 0);
  CHECK(page);
  CHECK(page->a == 0 && page->b == 0 && page[255].b == 0);
  page->a = 0x1122334455667788;
  page[255].b = 7;
  barrier();
  CHECK(page->a == 0x1122334455667788 && page[255].b == 7);
  CHECK(*(__u8 __arena *)page == 0x88);
  CHECK(*((__u16 __arena *)page + 1) == 0x5566);
  CHECK(*((__u32 __arena *)page + 1) == 0x11223344);
  CHECK(*((__s8 __arena *)page) == (__s8)0x88);
  bpf_arena_free_pages(&arena, page, 1);
  return 0;
}

SEC("syscall")
int pages_come_in_order_and_freed_ones_again(void *ctx)
{
  char __arena *first = bpf_arena_alloc_pages(&arena, 0, 1, -1, 0);
  char __arena *three = bpf_arena_alloc_pages(&arena, 0, 3, -1, 0);
  char __arena *last = bpf_arena_alloc_pages(&arena, 0, 1, -1, 0);
  CHECK(first && three && last);
  CHECK(three == first + PAGE);
  CHECK(last == three + 3 * PAGE);
  bpf_arena_free_pages(&arena, three, 3);
  // The smallest range that fits.
  char __arena *two = bpf_arena_alloc_pages(&arena, 0, 2, -1, 0);
  CHECK(two == three);
  char __arena *large = bpf_arena_alloc_pages(&arena, 0, 2, -1, 0);
  CHECK(large == last + PAGE);
  char __arena *one = bpf_arena_alloc_pages(&arena, 0, 1, -1, 0);
  CHECK(one == three + 2 * PAGE);
  return 0;
}

SEC("syscall")
int page_is_zero_again_after_it_was_freed(void *ctx)
{
  __u64 __arena *page = bpf_arena_alloc_pages(&arena, 0, 1, -1, 0);
  CHECK(page);
  *page = 1;
  barrier();
  bpf_arena_free_pages(&arena, page, 1);
  __u64 __arena *again = bpf_arena_alloc_pages(&arena, page, 1, -1, 0);
  CHECK(again == page);
  CHECK(*again == 0);
  return 0;
}

SEC("syscall")
int pages_run_out(void *ctx)
{
  CHECK(!bpf_arena_alloc_pages(&arena, 0, 65, -1, 0));
  CHECK(!bpf_arena_alloc_pages(&arena, 0, 64, -1, 0));
  char __arena *all = bpf_arena_alloc_pages(&arena, 0, 63, -1, 0);
  CHECK(all);
  CHECK(!bpf_arena_alloc_pages(&arena, 0, 1, -1, 0));
  bpf_arena_free_pages(&arena, all + 62 * PAGE, 1);
  CHECK(bpf_arena_alloc_pages(&arena, 0, 1, -1, 0) == all + 62 * PAGE);
  CHECK(!bpf_arena_alloc_pages(&arena, 0, 0, -1, 0));
  CHECK(!bpf_arena_alloc_pages(&arena, 0, 1, -1, 1));
  return 0;
}

SEC("syscall")
int pages_at_a_place_of_ones_own(void *ctx)
{
  char __arena *first = bpf_arena_alloc_pages(&arena, 0, 1, -1, 0);
  CHECK(first);
  char __arena *there = bpf_arena_alloc_pages(&arena, first + 10 * PAGE, 2, -1, 0);
  CHECK(there == first + 10 * PAGE);
  CHECK(!bpf_arena_alloc_pages(&arena, first + 11 * PAGE, 2, -1, 0));
  CHECK(!bpf_arena_alloc_pages(&arena, first + 20 * PAGE + 8, 1, -1, 0));
  CHECK(!bpf_arena_alloc_pages(&arena, first + 62 * PAGE, 2, -1, 0));
  CHECK(!bpf_arena_alloc_pages(&arena, first + 63 * PAGE, 1, -1, 0));
  CHECK(!bpf_arena_alloc_pages(&arena, first - PAGE, 1, -1, 0));
  CHECK(bpf_arena_alloc_pages(&arena, first + 62 * PAGE, 1, -1, 0) == first + 62 * PAGE);
  return 0;
}

SEC("syscall")
int reserved_pages_are_not_handed_out(void *ctx)
{
  char __arena *first = bpf_arena_alloc_pages(&arena, 0, 1, -1, 0);
  CHECK(first);
  CHECK(bpf_arena_reserve_pages(&arena, first + PAGE, 2) == 0);
  CHECK(bpf_arena_reserve_pages(&arena, first + PAGE, 1) == -EBUSY);
  CHECK(bpf_arena_reserve_pages(&arena, first, 1) == -EBUSY);
  CHECK(bpf_arena_reserve_pages(&arena, first + 60 * PAGE, 5) == -EINVAL);
  CHECK(bpf_arena_reserve_pages(&arena, first + 60 * PAGE, 0) == 0);
  CHECK(bpf_arena_reserve_pages(&arena, first + 60 * PAGE + 1, 1) == 0);
  CHECK(bpf_arena_alloc_pages(&arena, 0, 1, -1, 0) == first + 3 * PAGE);
  CHECK(!bpf_arena_alloc_pages(&arena, first + PAGE, 1, -1, 0));
  bpf_arena_free_pages(&arena, first + PAGE, 2);
  CHECK(bpf_arena_alloc_pages(&arena, first + PAGE, 2, -1, 0) == first + PAGE);
  return 0;
}

// ---- pages that are not there

SEC("syscall")
int loads_of_no_page_give_0_and_stores_are_lost(void *ctx)
{
  char __arena *page = bpf_arena_alloc_pages(&arena, 0, 1, -1, 0);
  CHECK(page);
  __u64 __arena *beyond = (__u64 __arena *)(page + PAGE);
  CHECK(*beyond == 0);
  *beyond = 5;
  barrier();
  CHECK(*beyond == 0);
  CHECK(*(__u32 __arena *)beyond == 0);
  CHECK(*(__s16 __arena *)beyond == 0);
  __u64 __arena *far = (__u64 __arena *)(page + (1 << 30));
  *far = 9;
  barrier();
  CHECK(*far == 0);
  // Half here and half there is not there.
  *(__u64 __arena *)(page + PAGE - 8) = -1ull;
  barrier();
  CHECK(*(__u64 __arena *)(page + PAGE - 4) == 0);
  *(__u64 __arena *)(page + PAGE - 4) = 0x0102030405060708;
  barrier();
  CHECK(*(__u64 __arena *)(page + PAGE - 8) == -1ull);
  bpf_arena_free_pages(&arena, page, 1);
  barrier();
  CHECK(*(__u64 __arena *)(page + PAGE - 8) == 0);
  return 0;
}

SEC("syscall")
int null_is_a_page_that_is_not_there(void *ctx)
{
  __u64 __arena *null = 0;
  CHECK(bpf_arena_alloc_pages(&arena, 0, 1, -1, 0));
  asm volatile("" : "+r"(null));
  CHECK(null[3] == 0);
  null[3] = 1;
  barrier();
  CHECK(null[3] == 0);
  return 0;
}

SEC("syscall")
int accesses_may_lie_in_two_pages(void *ctx)
{
  char __arena *pages = bpf_arena_alloc_pages(&arena, 0, 2, -1, 0);
  CHECK(pages);
  *(__u64 __arena *)(pages + PAGE - 3) = 0x0102030405060708;
  barrier();
  CHECK(*(__u64 __arena *)(pages + PAGE - 3) == 0x0102030405060708);
  CHECK(pages[PAGE] == 5 && pages[PAGE - 1] == 6);
  return 0;
}

// ---- atomic operations

SEC("syscall")
int atomic_operations_work_in_arenas(void *ctx)
{
  struct two __arena *page = bpf_arena_alloc_pages(&arena, 0, 1, -1, 0);
  CHECK(page);
  page->a = 5;
  barrier();
  CHECK(__sync_fetch_and_add(&page->a, 10) == 5 && page->a == 15);
  __sync_fetch_and_add(&page->a, 1);
  CHECK(page->a == 16);
  __sync_fetch_and_or(&page->a, 3);
  CHECK(page->a == 19);
  __sync_fetch_and_and(&page->a, 18);
  CHECK(page->a == 18);
  __sync_fetch_and_xor(&page->a, 1);
  CHECK(page->a == 19);
  CHECK(__sync_lock_test_and_set(&page->a, 100) == 19 && page->a == 100);
  CHECK(__sync_val_compare_and_swap(&page->a, 100, 200) == 100 && page->a == 200);
  CHECK(__sync_val_compare_and_swap(&page->a, 100, 300) == 200 && page->a == 200);
  __u32 __arena *half = (__u32 __arena *)&page->b;
  half[1] = 0xffffffff;
  barrier();
  CHECK(__sync_fetch_and_add(half, 7) == 0 && half[0] == 7);
  CHECK(__sync_fetch_and_add(&half[1], 1) == 0xffffffff && page->b == 7);
  CHECK(__sync_val_compare_and_swap(half, 7, 8) == 7 && half[0] == 8);
  CHECK(__sync_lock_test_and_set(half, 9) == 8 && half[0] == 9);
  return 0;
}

SEC("syscall")
int bit_operations_fetch_in_arenas(void *ctx)
{
  struct two __arena *page = bpf_arena_alloc_pages(&arena, 0, 1, -1, 0);
  CHECK(page);
  page->a = 16;
  barrier();
  CHECK(__sync_fetch_and_or(&page->a, 3) == 16 && page->a == 19);
  CHECK(__sync_fetch_and_and(&page->a, 18) == 19 && page->a == 18);
  CHECK(__sync_fetch_and_xor(&page->a, 1) == 18 && page->a == 19);
  return 0;
}

// Written out: clang 19 has no builtins for them.
static __always_inline __u64 load_acquire(__u64 __arena *from)
{
  __u64 value;
  // r1 = load_acquire((u64 *)(r2 + 0))
  asm volatile("r2 = %1; r2 = addr_space_cast(r2, 0, 1); .8byte %2; %0 = r1"
               : "=r"(value)
               : "r"(from), "i"(0x00000100000021dbull)
               : "r1", "r2", "memory");
  return value;
}

static __always_inline void store_release(__u64 __arena *to, __u64 value)
{
  // store_release((u64 *)(r1 + 0), r2)
  asm volatile("r1 = %0; r1 = addr_space_cast(r1, 0, 1); r2 = %1; .8byte %2"
               :
               : "r"(to), "r"(value), "i"(0x00000110000021dbull)
               : "r1", "r2", "memory");
}

SEC("syscall")
int loads_acquire_and_stores_release_in_arenas(void *ctx)
{
  __u64 __arena *page = bpf_arena_alloc_pages(&arena, 0, 1, -1, 0);
  CHECK(page);
  store_release(page, 0x1234567890);
  CHECK(load_acquire(page) == 0x1234567890);
  CHECK(*page == 0x1234567890);
  store_release(page + PAGE / 8, 1);
  CHECK(load_acquire(page) == 0x1234567890);
  return 0;
}

SEC("syscall")
int atomic_operations_on_no_page_do_nothing(void *ctx)
{
  struct two __arena *page = bpf_arena_alloc_pages(&arena, 0, 1, -1, 0);
  CHECK(page);
  struct two __arena *beyond = page + PAGE / sizeof(*page);
  __sync_fetch_and_add(&beyond->a, 10);
  barrier();
  CHECK(beyond->a == 0);
  CHECK(page->a == 0);
  return 0;
}

// ---- pointers that are stored

struct node {
  struct node __arena *next;
  __u64 value;
};

struct list {
  struct node __arena *first;
  __u64 count;
};

struct list __arena global_list;
int __arena global_number = 17;
int __arena global_zero;

SEC("syscall")
int global_variables_lie_in_the_arena(void *ctx)
{
  CHECK(global_number == 17 && global_zero == 0);
  global_number++;
  global_zero = 3;
  barrier();
  CHECK(global_number == 18 && global_zero == 3);
  char __arena *page = bpf_arena_alloc_pages(&arena, 0, 1, -1, 0);
  CHECK(page);
  CHECK(((__u64)page ^ (__u64)&global_number) >> 32 == 0);
  CHECK((__u64)page >> 12 != (__u64)&global_number >> 12);
  return 0;
}

static struct node __arena *room;
static __u32 used;

static __noinline struct node __arena *new_node(void)
{
  if (!room || used == PAGE / sizeof(struct node)) {
    room = bpf_arena_alloc_pages(&arena, 0, 1, -1, 0);
    used = 0;
    if (!room)
      return 0;
  }
  return room + used++;
}

SEC("syscall")
int list_grows_over_pages_and_is_walked(void *ctx)
{
  __u64 sum = 0, count = zero;
  for (int i = zero; i < 1000 && can_loop; i++) {
    struct node __arena *n = new_node();
    CHECK(n);
    n->value = i;
    n->next = global_list.first;
    global_list.first = n;
    global_list.count++;
  }
  CHECK(global_list.count == 1000);
  for (struct node __arena *n = global_list.first; n && can_loop; n = n->next) {
    sum += n->value;
    count++;
  }
  CHECK(count == 1000 && sum == 499500);
  // Unlink every second one.
  for (struct node __arena *n = global_list.first; n && n->next && can_loop; n = n->next)
    n->next = n->next->next;
  count = sum = zero;
  for (struct node __arena *n = global_list.first; n && can_loop; n = n->next) {
    sum += n->value;
    count++;
  }
  CHECK(count == 500 && sum == 250000);
  return 0;
}

// A hash table whose chains are nodes of a page pool.
#define BUCKETS 256

struct entry {
  struct entry __arena *next;
  __u64 key, value;
};

struct table {
  struct entry __arena *buckets[BUCKETS];
  struct entry __arena *free;
  __u32 entries, unused;
};

struct table __arena table;

static __always_inline __u32 bucket_of(__u64 key)
{
  return (key * 0x9e3779b97f4a7c15ull) >> 56;
}

static __noinline struct entry __arena *table_find(__u64 key)
{
  for (struct entry __arena *e = table.buckets[bucket_of(key)]; e && can_loop; e = e->next)
    if (e->key == key)
      return e;
  return 0;
}

static __noinline int table_put(__u64 key, __u64 value)
{
  struct entry __arena *e = table_find(key);
  if (!e) {
    e = table.free;
    if (!e) {
      e = bpf_arena_alloc_pages(&arena, 0, 1, -1, 0);
      if (!e)
        return -1;
      for (int i = zero; i < PAGE / sizeof(*e) && can_loop; i++) {
        e[i].next = table.free;
        table.free = &e[i];
      }
      e = table.free;
    }
    table.free = e->next;
    e->key = key;
    e->next = table.buckets[bucket_of(key)];
    table.buckets[bucket_of(key)] = e;
    table.entries++;
  }
  e->value = value;
  return 0;
}

static __noinline int table_remove(__u64 key)
{
  struct entry __arena *before = 0;
  for (struct entry __arena *e = table.buckets[bucket_of(key)]; e && can_loop; e = e->next) {
    if (e->key == key) {
      if (before)
        before->next = e->next;
      else
        table.buckets[bucket_of(key)] = e->next;
      e->next = table.free;
      table.free = e;
      table.entries--;
      return 0;
    }
    before = e;
  }
  return -ENOENT;
}

SEC("syscall")
int hash_table_in_an_arena(void *ctx)
{
  for (__u64 i = zero; i < 3000 && can_loop; i++)
    CHECK(table_put(i * i, i) == 0);
  CHECK(table.entries == 3000);
  for (__u64 i = zero; i < 3000 && can_loop; i++) {
    struct entry __arena *e = table_find(i * i);
    CHECK(e && e->value == i);
  }
  for (__u64 i = zero; i < 3000 && can_loop; i += 3)
    CHECK(table_remove(i * i) == 0);
  CHECK(table.entries == 2000);
  CHECK(table_remove(0) == -ENOENT);
  for (__u64 i = zero; i < 3000 && can_loop; i++)
    CHECK(!table_find(i * i) == (i % 3 == 0));
  CHECK(table_put(1, 77) == 0 && table.entries == 2000);
  CHECK(table_find(1)->value == 77);
  return 0;
}

// Global functions may take pointers into the arena.
__noinline int sum_of(struct two *two __attribute__((btf_decl_tag("arg:arena"))))
{
  struct two __arena *there = (struct two __arena *)two;
  return there->a + there->b;
}

SEC("syscall")
int function_gets_a_pointer_into_an_arena(void *ctx)
{
  struct two __arena *page = bpf_arena_alloc_pages(&arena, 0, 1, -1, 0);
  CHECK(page);
  page->a = 30;
  page->b = 12;
  barrier();
  CHECK(sum_of((void *)page) == 42);
  return 0;
}

// Linux keeps what is computed of such pointers to 32 bits.
SEC("syscall")
int arithmetic_of_pointers_keeps_to_32_bits(void *ctx)
{
  __u64 __arena *page = bpf_arena_alloc_pages(&arena, 0, 1, -1, 0);
  __u64 value;
  CHECK(page);
  *page = 77;
  asm volatile("r1 = %1; r1 = addr_space_cast(r1, 0, 1); r2 = 0x500000000 ll; r1 += r2;"
               "r1 = *(u64 *)(r1 + 0); %0 = r1"
               : "=r"(value)
               : "r"(page)
               : "r1", "r2", "memory");
  CHECK(value == 77);
  return 0;
}
