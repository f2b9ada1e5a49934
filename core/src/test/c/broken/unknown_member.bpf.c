/* A map with a member that means nothing. */
#include "../bpf.h"

struct {
	__uint(type, MAP_HASH);
	__uint(entries, 1);
} odd SEC(".maps");
