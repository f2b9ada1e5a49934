// SPDX-License-Identifier: GPL-2.0
// A callback, which needs the object's types, and more calls inside one another than Linux has frames for.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define DEEPER(name, next)                  \
    static __noinline int name(volatile int *x) \
    {                                       \
        *x += 1;                            \
        return next(x) + *x;                \
    }

static __noinline int d8(volatile int *x)
{
    *x += 1;
    return *x;
}

DEEPER(d7, d8)
DEEPER(d6, d7)
DEEPER(d5, d6)
DEEPER(d4, d5)
DEEPER(d3, d4)
DEEPER(d2, d3)
DEEPER(d1, d2)

static int each(__u32 i, int *sum)
{
    volatile int x = i;

    *sum += d1(&x);
    return 0;
}

SEC("tc")
int deep(struct __sk_buff *skb)
{
    int sum = 0;

    bpf_loop(3, each, &sum, 0);
    return sum;
}

char LICENSE[] SEC("license") = "GPL";
