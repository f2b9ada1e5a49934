// Kernel functions that need no objects of the program's own.
#include "check.h"

struct bpf_cpumask;
struct cpumask;

extern int bpf_iter_bits_new(struct bpf_iter_bits *it, const __u64 *words, __u32 count) __ksym;
extern int *bpf_iter_bits_next(struct bpf_iter_bits *it) __ksym;
extern void bpf_iter_bits_destroy(struct bpf_iter_bits *it) __ksym;
extern int bpf_strcmp(const char *a, const char *b) __ksym;
extern int bpf_strcasecmp(const char *a, const char *b) __ksym;
extern int bpf_strchr(const char *s, char c) __ksym;
extern int bpf_strchrnul(const char *s, char c) __ksym;
extern int bpf_strnchr(const char *s, __u64 count, char c) __ksym;
extern int bpf_strrchr(const char *s, int c) __ksym;
extern int bpf_strlen(const char *s) __ksym;
extern int bpf_strnlen(const char *s, __u64 count) __ksym;
extern int bpf_strspn(const char *s, const char *accept) __ksym;
extern int bpf_strcspn(const char *s, const char *reject) __ksym;
extern int bpf_strstr(const char *a, const char *b) __ksym;
extern int bpf_strnstr(const char *a, const char *b, __u64 length) __ksym;
extern int bpf_res_spin_lock(struct bpf_res_spin_lock *lock) __ksym;
extern void bpf_res_spin_unlock(struct bpf_res_spin_lock *lock) __ksym;
extern int bpf_res_spin_lock_irqsave(struct bpf_res_spin_lock *lock, unsigned long *flags) __ksym;
extern void bpf_res_spin_unlock_irqrestore(struct bpf_res_spin_lock *lock, unsigned long *flags) __ksym;
extern void bpf_preempt_disable(void) __ksym;
extern void bpf_preempt_enable(void) __ksym;
extern void bpf_local_irq_save(unsigned long *flags) __ksym;
extern void bpf_local_irq_restore(unsigned long *flags) __ksym;
extern int bpf_dynptr_from_skb(struct __sk_buff *skb, __u64 flags, struct bpf_dynptr *ptr) __ksym;
extern void *bpf_dynptr_slice(const struct bpf_dynptr *ptr, __u32 offset, void *buffer, __u32 size) __ksym;
extern void *bpf_dynptr_slice_rdwr(const struct bpf_dynptr *ptr, __u32 offset, void *buffer, __u32 size) __ksym;
extern int bpf_dynptr_adjust(const struct bpf_dynptr *ptr, __u32 start, __u32 end) __ksym;
extern _Bool bpf_dynptr_is_null(const struct bpf_dynptr *ptr) __ksym;
extern _Bool bpf_dynptr_is_rdonly(const struct bpf_dynptr *ptr) __ksym;
extern __u32 bpf_dynptr_size(const struct bpf_dynptr *ptr) __ksym;
extern int bpf_dynptr_clone(const struct bpf_dynptr *ptr, struct bpf_dynptr *clone) __ksym;
extern int bpf_dynptr_copy(struct bpf_dynptr *to, __u64 to_offset, struct bpf_dynptr *from, __u64 from_offset, __u64 size) __ksym;
extern int bpf_dynptr_memset(struct bpf_dynptr *ptr, __u64 offset, __u64 size, __u8 value) __ksym;

static __u64 bits_of(const __u64 *words, __u32 count)
{
  struct bpf_iter_bits it;
  __u64 sum = 0;
  int *bit;
  bpf_iter_bits_new(&it, words, count);
  while ((bit = bpf_iter_bits_next(&it)))
    sum = sum * 3 + *bit + 1;
  bpf_iter_bits_destroy(&it);
  return sum;
}

SEC("tc")
int bits_are_shown_in_order(void *ctx)
{
  __u64 one = 1ull << 63 | 0x11;
  __u64 three[3] = {0x8000000000000001, 0, 6};
  CHECK(bits_of(&one, 1) == (1 * 3 + 5) * 3 + 64);
  CHECK(bits_of(three, 3) == ((1 * 3 + 64) * 3 + 130) * 3 + 131);
  return 0;
}

SEC("tc")
int bits_iterator_refuses_bad_sizes(void *ctx)
{
  struct bpf_iter_bits it;
  __u64 word = -1;
  int none, many;
  none = bpf_iter_bits_new(&it, &word, 0);
  int *bit = bpf_iter_bits_next(&it);
  bpf_iter_bits_destroy(&it);
  CHECK(none == -EINVAL);
  CHECK(!bit);
  many = bpf_iter_bits_new(&it, &word, 512);
  bpf_iter_bits_destroy(&it);
  CHECK(many == -E2BIG);
  return 0;
}

const char text[] = "The quick brown fox", same[] = "The quick brown fox", upper[] = "THE QUICK BROWN FOX";
const char less[] = "The quick brown dog", empty[] = "", brown[] = "brown", set[] = "ehT ", late[] = "xq";

SEC("syscall")
int strings_are_compared(void *ctx)
{
  CHECK(bpf_strcmp(text, same) == 0);
  CHECK(bpf_strcmp(text, less) == 1);
  CHECK(bpf_strcmp(less, text) == -1);
  CHECK(bpf_strcmp(empty, text) == -1);
  CHECK(bpf_strcasecmp(text, upper) == 0);
  CHECK(bpf_strcasecmp(upper, less) == 1);
  CHECK(bpf_strcmp((void *)0, text) == -ERANGE);
  return 0;
}

SEC("syscall")
int strings_are_searched(void *ctx)
{
  CHECK(bpf_strlen(text) == 19);
  CHECK(bpf_strlen(empty) == 0);
  CHECK(bpf_strnlen(text, 5) == 5);
  CHECK(bpf_strnlen(text, 100) == 19);
  CHECK(bpf_strchr(text, 'q') == 4);
  CHECK(bpf_strchr(text, 'z') == -ENOENT);
  CHECK(bpf_strchr(text, 0) == 19);
  CHECK(bpf_strchrnul(text, 'z') == 19);
  CHECK(bpf_strchrnul(text, 'x') == 18);
  CHECK(bpf_strnchr(text, 4, 'q') == -ENOENT);
  CHECK(bpf_strnchr(text, 5, 'q') == 4);
  CHECK(bpf_strrchr(text, 'o') == 17);
  CHECK(bpf_strrchr(text, 'z') == -ENOENT);
  CHECK(bpf_strrchr(text, 0) == 19);
  CHECK(bpf_strlen((void *)0) == -ERANGE);
  return 0;
}

SEC("syscall")
int strings_are_spanned_and_found(void *ctx)
{
  CHECK(bpf_strspn(text, set) == 4);
  CHECK(bpf_strspn(text, empty) == 0);
  CHECK(bpf_strcspn(text, late) == 4);
  CHECK(bpf_strcspn(text, empty) == 19);
  CHECK(bpf_strstr(text, brown) == 10);
  CHECK(bpf_strstr(text, empty) == 0);
  CHECK(bpf_strstr(brown, text) == -ENOENT);
  CHECK(bpf_strnstr(text, brown, 14) == -ENOENT);
  CHECK(bpf_strnstr(text, brown, 15) == 10);
  CHECK(bpf_strnstr(text, empty, 0) == 0);
  return 0;
}

struct locked {
  struct bpf_res_spin_lock lock;
  __u32 value;
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 2);
  __type(key, __u32);
  __type(value, struct locked);
} locks SEC(".maps");

SEC("tc")
int lock_is_taken_once(void *ctx)
{
  __u32 key = 0;
  struct locked *locked = bpf_map_lookup_elem(&locks, &key);
  CHECK(locked);
  int first = bpf_res_spin_lock(&locked->lock);
  if (first)
    return __LINE__;
  locked->value++;
  bpf_res_spin_unlock(&locked->lock);
  int again = bpf_res_spin_lock(&locked->lock);
  if (again)
    return __LINE__;
  bpf_res_spin_unlock(&locked->lock);
  return 0;
}

SEC("tc")
int lock_notices_that_it_is_held(void *ctx)
{
  __u32 key = 1;
  struct locked *a = bpf_map_lookup_elem(&locks, &key);
  struct locked *b = bpf_map_lookup_elem(&locks, &key);
  CHECK(a && b);
  int first = bpf_res_spin_lock(&a->lock);
  if (first)
    return __LINE__;
  int second = bpf_res_spin_lock(&b->lock);
  if (!second)
    bpf_res_spin_unlock(&b->lock);
  bpf_res_spin_unlock(&a->lock);
  CHECK(second == -EDEADLK);
  return 0;
}

SEC("tc")
int lock_is_taken_with_interrupts_off(void *ctx)
{
  __u32 key = 0, other = 1;
  unsigned long flags, more;
  struct locked *a = bpf_map_lookup_elem(&locks, &key);
  struct locked *b = bpf_map_lookup_elem(&locks, &other);
  struct locked *same = bpf_map_lookup_elem(&locks, &key);
  CHECK(a && b && same);
  int first = bpf_res_spin_lock_irqsave(&a->lock, &flags);
  if (first)
    return __LINE__;
  int second = bpf_res_spin_lock_irqsave(&b->lock, &more);
  if (second) {
    bpf_res_spin_unlock_irqrestore(&a->lock, &flags);
    return __LINE__;
  }
  bpf_res_spin_unlock_irqrestore(&b->lock, &more);
  int held = bpf_res_spin_lock_irqsave(&same->lock, &more);
  if (!held)
    bpf_res_spin_unlock_irqrestore(&same->lock, &more);
  bpf_res_spin_unlock_irqrestore(&a->lock, &flags);
  CHECK(held == -EDEADLK);
  return 0;
}

SEC("tc")
int preemption_and_interrupts_are_switched(void *ctx)
{
  unsigned long flags;
  bpf_preempt_disable();
  bpf_preempt_enable();
  bpf_local_irq_save(&flags);
  bpf_local_irq_restore(&flags);
  return 0;
}

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 2);
  __type(key, __u32);
  __type(value, __u8[32]);
} bytes SEC(".maps");

SEC("tc")
int dynptr_over_memory(void *ctx)
{
  __u32 key = 0;
  __u8 *memory = bpf_map_lookup_elem(&bytes, &key);
  CHECK(memory);
  struct bpf_dynptr ptr, clone;
  for (int i = 0; i < 32; i++)
    memory[i] = i;
  CHECK(bpf_dynptr_from_mem(memory, 32, 0, (void *)&ptr) == 0);
  CHECK(!bpf_dynptr_is_null(&ptr));
  CHECK(!bpf_dynptr_is_rdonly(&ptr));
  CHECK(bpf_dynptr_size(&ptr) == 32);
  CHECK(bpf_dynptr_adjust(&ptr, 5, 40) == -ERANGE);
  CHECK(bpf_dynptr_adjust(&ptr, 9, 8) == -EINVAL);
  CHECK(bpf_dynptr_adjust(&ptr, 8, 24) == 0);
  CHECK(bpf_dynptr_size(&ptr) == 16);
  CHECK(bpf_dynptr_clone(&ptr, &clone) == 0);
  CHECK(bpf_dynptr_adjust(&clone, 4, 8) == 0);
  CHECK(bpf_dynptr_size(&ptr) == 16);
  __u8 two[2];
  CHECK(bpf_dynptr_read(two, 2, (void *)&clone, 1, 0) == 0);
  CHECK(two[0] == 13 && two[1] == 14);
  CHECK(bpf_dynptr_read(two, 2, (void *)&clone, 3, 0) == -E2BIG);
  CHECK(bpf_dynptr_write((void *)&clone, 0, two, 2, 0) == 0);
  CHECK(bpf_dynptr_write((void *)&clone, 0, two, 2, 1) == -EINVAL);
  CHECK(memory[12] == 13 && memory[13] == 14);
  __u8 *data = bpf_dynptr_data((void *)&ptr, 15, 1);
  CHECK(data && *data == 23);
  CHECK(!bpf_dynptr_data((void *)&ptr, 16, 1));
  return 0;
}

SEC("tc")
int dynptr_is_filled_and_copied(void *ctx)
{
  __u32 key = 0, other = 1;
  __u8 *from = bpf_map_lookup_elem(&bytes, &key);
  __u8 *to = bpf_map_lookup_elem(&bytes, &other);
  CHECK(from && to);
  struct bpf_dynptr a, b;
  CHECK(bpf_dynptr_from_mem(from, 32, 0, (void *)&a) == 0);
  CHECK(bpf_dynptr_from_mem(to, 32, 0, (void *)&b) == 0);
  CHECK(bpf_dynptr_memset(&a, 0, 32, 0x5a) == 0);
  CHECK(bpf_dynptr_memset(&a, 31, 2, 1) == -E2BIG);
  CHECK(bpf_dynptr_memset(&b, 0, 32, 0) == 0);
  CHECK(bpf_dynptr_copy(&b, 4, &a, 30, 2) == 0);
  CHECK(bpf_dynptr_copy(&b, 0, &a, 30, 3) == -E2BIG);
  CHECK(to[3] == 0 && to[4] == 0x5a && to[5] == 0x5a && to[6] == 0);
  return 0;
}

SEC("tc")
int dynptr_over_a_packet(struct __sk_buff *skb)
{
  struct bpf_dynptr ptr;
  __u8 buffer[4] = {}, *slice;
  CHECK(bpf_dynptr_from_skb(skb, 1, &ptr) == -EINVAL);
  CHECK(bpf_dynptr_is_null(&ptr));
  CHECK(bpf_dynptr_from_skb(skb, 0, &ptr) == 0);
  CHECK(bpf_dynptr_size(&ptr) == skb->len);
  CHECK(!bpf_dynptr_is_rdonly(&ptr));
  slice = bpf_dynptr_slice(&ptr, 42, buffer, 4);
  CHECK(slice && slice[3] == 3);
  CHECK(!bpf_dynptr_slice(&ptr, 61, buffer, 4));
  slice = bpf_dynptr_slice_rdwr(&ptr, 42, buffer, 4);
  CHECK(slice);
  __u8 fresh[2] = {0xaa, 0xbb};
  CHECK(bpf_dynptr_write((void *)&ptr, 43, fresh, 2, 0) == 0);
  CHECK(bpf_dynptr_read(buffer, 4, (void *)&ptr, 42, 0) == 0);
  CHECK(buffer[0] == 0 && buffer[1] == 0xaa && buffer[2] == 0xbb && buffer[3] == 3);
  CHECK(!bpf_dynptr_data((void *)&ptr, 0, 1));
  return 0;
}

struct sk_buff {
  unsigned int len;
  __u32 mark;
  __u16 protocol;
  unsigned char *data;
} __attribute__((preserve_access_index));

struct xdp_md {
  __u32 data, data_end;
};

struct xdp_buff {
  void *data;
  void *data_end;
} __attribute__((preserve_access_index));

extern void *bpf_cast_to_kern_ctx(void *context) __ksym;

SEC("tc")
int packet_is_a_struct_of_the_kernel_too(struct __sk_buff *skb)
{
  skb->mark = 77;
  struct sk_buff *packet = bpf_cast_to_kern_ctx(skb);
  CHECK(packet->len == skb->len);
  CHECK(packet->mark == 77);
  CHECK(packet->protocol == skb->protocol);
  __u8 seen = 0, first = 1;
  CHECK(!bpf_probe_read_kernel(&seen, 1, packet->data));
  CHECK(!bpf_skb_load_bytes(skb, 0, &first, 1));
  CHECK(seen == first);
  return 0;
}

SEC("xdp")
int frame_is_a_struct_of_the_kernel_too(struct xdp_md *md)
{
  struct xdp_buff *frame = bpf_cast_to_kern_ctx(md);
  CHECK((long)frame->data_end - (long)frame->data == md->data_end - md->data);
  return 0;
}
