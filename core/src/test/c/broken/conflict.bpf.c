/* A map whose key has two sizes. */
#include "../bpf.h"

struct {
	__uint(type, MAP_HASH);
	__uint(max_entries, 1);
	__uint(key_size, 8);
	__type(key, __u32);
	__type(value, __u32);
} torn SEC(".maps");
