/* A map that does not say what it is. */
#include "../bpf.h"

struct {
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} typeless SEC(".maps");
