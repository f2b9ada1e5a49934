// Sets of CPUs.
#include "check.h"

struct bpf_cpumask { int opaque; };
struct cpumask { int opaque; };

extern struct bpf_cpumask *bpf_cpumask_create(void) __ksym;
extern struct bpf_cpumask *bpf_cpumask_acquire(struct bpf_cpumask *mask) __ksym;
extern void bpf_cpumask_release(struct bpf_cpumask *mask) __ksym;
extern __u32 bpf_cpumask_first(const struct cpumask *mask) __ksym;
extern __u32 bpf_cpumask_first_zero(const struct cpumask *mask) __ksym;
extern __u32 bpf_cpumask_first_and(const struct cpumask *a, const struct cpumask *b) __ksym;
extern void bpf_cpumask_set_cpu(__u32 cpu, struct bpf_cpumask *mask) __ksym;
extern void bpf_cpumask_clear_cpu(__u32 cpu, struct bpf_cpumask *mask) __ksym;
extern _Bool bpf_cpumask_test_cpu(__u32 cpu, const struct cpumask *mask) __ksym;
extern _Bool bpf_cpumask_test_and_set_cpu(__u32 cpu, struct bpf_cpumask *mask) __ksym;
extern _Bool bpf_cpumask_test_and_clear_cpu(__u32 cpu, struct bpf_cpumask *mask) __ksym;
extern void bpf_cpumask_setall(struct bpf_cpumask *mask) __ksym;
extern void bpf_cpumask_clear(struct bpf_cpumask *mask) __ksym;
extern _Bool bpf_cpumask_and(struct bpf_cpumask *to, const struct cpumask *a, const struct cpumask *b) __ksym;
extern void bpf_cpumask_or(struct bpf_cpumask *to, const struct cpumask *a, const struct cpumask *b) __ksym;
extern void bpf_cpumask_xor(struct bpf_cpumask *to, const struct cpumask *a, const struct cpumask *b) __ksym;
extern _Bool bpf_cpumask_equal(const struct cpumask *a, const struct cpumask *b) __ksym;
extern _Bool bpf_cpumask_intersects(const struct cpumask *a, const struct cpumask *b) __ksym;
extern _Bool bpf_cpumask_subset(const struct cpumask *a, const struct cpumask *b) __ksym;
extern _Bool bpf_cpumask_empty(const struct cpumask *mask) __ksym;
extern _Bool bpf_cpumask_full(const struct cpumask *mask) __ksym;
extern void bpf_cpumask_copy(struct bpf_cpumask *to, const struct cpumask *from) __ksym;
extern __u32 bpf_cpumask_any_distribute(const struct cpumask *mask) __ksym;
extern __u32 bpf_cpumask_any_and_distribute(const struct cpumask *a, const struct cpumask *b) __ksym;
extern __u32 bpf_cpumask_weight(const struct cpumask *mask) __ksym;

#define READ(mask) ((const struct cpumask *)(mask))

struct keeper { struct bpf_cpumask KPTR *mask; };

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct keeper);
} keepers SEC(".maps");

#define CHECK2(condition) \
  do { \
    if (!(condition)) { \
      line = __LINE__; \
      goto done; \
    } \
  } while (0)

SEC("syscall")
int mask_holds_cpus(void *ctx)
{
  int line = 0;
  struct bpf_cpumask *mask = bpf_cpumask_create();
  CHECK(mask);
  CHECK2(bpf_cpumask_empty(READ(mask)));
  CHECK2(!bpf_cpumask_test_cpu(0, READ(mask)));
  bpf_cpumask_set_cpu(1, mask);
  CHECK2(bpf_cpumask_first(READ(mask)) == 1);
  CHECK2(bpf_cpumask_first_zero(READ(mask)) == 0);
  CHECK2(bpf_cpumask_test_cpu(1, READ(mask)));
  CHECK2(bpf_cpumask_weight(READ(mask)) == 1);
  CHECK2(bpf_cpumask_test_and_set_cpu(1, mask));
  CHECK2(!bpf_cpumask_test_and_set_cpu(0, mask));
  CHECK2(bpf_cpumask_test_and_clear_cpu(1, mask));
  CHECK2(!bpf_cpumask_test_and_clear_cpu(1, mask));
  bpf_cpumask_set_cpu(1 << 20, mask);
  CHECK2(!bpf_cpumask_test_cpu(1 << 20, READ(mask)));
  CHECK2(bpf_cpumask_any_distribute(READ(mask)) == 0);
  bpf_cpumask_setall(mask);
  CHECK2(bpf_cpumask_full(READ(mask)));
  bpf_cpumask_clear_cpu(0, mask);
  CHECK2(!bpf_cpumask_full(READ(mask)));
  bpf_cpumask_clear(mask);
  CHECK2(bpf_cpumask_empty(READ(mask)));
done:
  bpf_cpumask_release(mask);
  return line;
}

SEC("syscall")
int masks_are_combined(void *ctx)
{
  int line = 0;
  struct bpf_cpumask *a = bpf_cpumask_create(), *b, *c;
  CHECK(a);
  b = bpf_cpumask_create();
  if (!b) {
    bpf_cpumask_release(a);
    return __LINE__;
  }
  c = bpf_cpumask_create();
  if (!c) {
    bpf_cpumask_release(a);
    bpf_cpumask_release(b);
    return __LINE__;
  }
  bpf_cpumask_set_cpu(0, a);
  bpf_cpumask_set_cpu(1, b);
  CHECK2(!bpf_cpumask_intersects(READ(a), READ(b)));
  CHECK2(!bpf_cpumask_and(c, READ(a), READ(b)));
  bpf_cpumask_or(c, READ(a), READ(b));
  CHECK2(bpf_cpumask_weight(READ(c)) == 2);
  CHECK2(bpf_cpumask_subset(READ(a), READ(c)));
  CHECK2(!bpf_cpumask_subset(READ(c), READ(a)));
  CHECK2(bpf_cpumask_and(c, READ(b), READ(c)));
  CHECK2(bpf_cpumask_equal(READ(c), READ(b)));
  CHECK2(bpf_cpumask_first_and(READ(c), READ(b)) == 1);
  CHECK2(bpf_cpumask_any_and_distribute(READ(c), READ(b)) == 1);
  bpf_cpumask_xor(c, READ(c), READ(b));
  CHECK2(bpf_cpumask_empty(READ(c)));
  bpf_cpumask_copy(c, READ(a));
  CHECK2(bpf_cpumask_equal(READ(c), READ(a)));
done:
  bpf_cpumask_release(a);
  bpf_cpumask_release(b);
  bpf_cpumask_release(c);
  return line;
}

SEC("syscall")
int mask_is_kept_in_a_map(void *ctx)
{
  __u32 zero = 0;
  struct keeper *keeper = bpf_map_lookup_elem(&keepers, &zero);
  CHECK(keeper);
  struct bpf_cpumask *mask = bpf_cpumask_create(), *again;
  CHECK(mask);
  bpf_cpumask_set_cpu(0, mask);
  again = bpf_cpumask_acquire(mask);
  mask = bpf_kptr_xchg(&keeper->mask, mask);
  if (mask)
    bpf_cpumask_release(mask);
  int held = bpf_cpumask_test_cpu(0, READ(again));
  bpf_cpumask_release(again);
  mask = bpf_kptr_xchg(&keeper->mask, 0);
  CHECK(mask);
  int kept = bpf_cpumask_test_cpu(0, READ(mask));
  bpf_cpumask_release(mask);
  CHECK(held && kept);
  return 0;
}
