// SPDX-License-Identifier: Apache-2.0
// Keys, values and variables of many shapes, for the test of generated Java classes. Built by:
//   clang-19 -g -O2 --target=bpf -mcpu=v3 -I/usr/include/x86_64-linux-gnu -ffile-prefix-map="$PWD"=. \
//     -fdebug-compilation-dir=. -c generated.bpf.c -o ../resources/generated.bpf.o
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct point {
	int x, y;
};

union either {
	__u32 whole;
	__u8 parts[4];
};

struct entry {
	__u64 count;
	__u16 kind;
	struct point first;
	struct point others[2];
	__u32 numbers[3];
	char label[8];
	union either either;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct entry);
} entries SEC(".maps");

enum color {
	RED,
	GREEN = 5,
	BLUE = 70000,
};

typedef struct {
	__u8 first;
	__u8 second;
} pair;

struct shapes {
	enum color color;
	enum color colors[2];
	int narrow : 3;
	unsigned int wide : 17;
	__u64 widest : 40;
	_Bool flag : 1;
	double exact;
	float floats[2];
	void *address;
	struct {
		__u16 inside;
		_Bool truth;
	};
	struct {
		__u32 deep;
		struct {
			__u8 deeper;
		} level[2];
	} nested;
	union {
		__u32 number;
		struct {
			__u16 low, high;
		};
		char text[4];
	};
	pair pairs[2];
	char names[2][4];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct shapes);
} shapes_map SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, enum color);
	__type(value, union either);
} colors SEC(".maps");

struct switches {
	__u8 count;
	_Bool on[3];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, _Bool);
	__type(value, float);
} ratios SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, double);
	__type(value, struct switches);
} exact_switches SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u16[2]);
	__type(value, __u32[4]);
} rows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, _Bool[4]);
	__type(value, struct point[2]);
} lines SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, pair[2]);
	__type(value, enum color[3]);
} palettes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

const volatile __u32 limit = 1;
__u64 total;
_Bool flags[2][2];
__u32 step = 1;
__u8 class[3][2];
float ratio = 1.5f;
enum color chosen = GREEN;
_Bool enabled = 1;
struct point corner = { 3, 4 };
struct point corners[2] = { { 5, 6 }, { 7, 8 } };

SEC("xdp")
int count_packets(struct xdp_md *context)
{
	__u32 key = 1;
	struct entry *entry = bpf_map_lookup_elem(&entries, &key);

	total += context->data_end - context->data + step;
	class[1][1]++;
	flags[1][0] = flags[0][1];
	if (entry && entry->kind < limit)
		entry->count += step;
	return XDP_PASS;
}

// Counts in each bit-field, changes the union and takes the next color.
SEC("xdp")
int change_shapes(struct xdp_md *context)
{
	__u32 key = 0;
	enum color wanted = BLUE;
	struct shapes *shapes = bpf_map_lookup_elem(&shapes_map, &key);
	union either *either = bpf_map_lookup_elem(&colors, &wanted);

	if (either)
		either->whole++;
	if (!shapes)
		return XDP_ABORTED;
	shapes->narrow--;
	shapes->wide++;
	shapes->widest += 1000;
	shapes->flag = !shapes->flag;
	shapes->low++;
	shapes->nested.level[1].deeper++;
	shapes->truth = enabled;
	if (shapes->color == RED)
		shapes->color = chosen;
	corner.x++;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
