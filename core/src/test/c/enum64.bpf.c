/* Enumerations of 64 bits, which clang describes since version 15. */
#include "bpf.h"

enum large { SMALL = 1, LARGE = 0x8000000000000001ull };
enum large_signed { NEGATIVE = -1, POSITIVE = 0x7fffffffffffffffll };

enum large large;
enum large_signed large_signed;

struct {
	__uint(type, MAP_BLOOM_FILTER);
	__uint(max_entries, 100);
	__type(value, __u64);
	__ulong(map_extra, 0x500000004ull);
} seen SEC(".maps");

SEC("socket")
int keep(void *ctx)
{
	return large == LARGE || large_signed == NEGATIVE;
}
