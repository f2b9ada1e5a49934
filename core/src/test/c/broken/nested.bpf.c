/* A map of maps of maps. */
#include "../bpf.h"

struct leaf {
	__uint(type, MAP_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
};

struct branch {
	__uint(type, MAP_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct leaf);
};

struct {
	__uint(type, MAP_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct branch);
} root SEC(".maps");
