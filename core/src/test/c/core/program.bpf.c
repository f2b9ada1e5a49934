/* One program for each kind of CO-RE relocation, compiled against the types of `local` here. The
 * files target_*.bpf.c lay out the same types in other ways. */
#include "../bpf.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct inner {
	int x, y;
};

enum mode { MODE_OFF, MODE_ON = 3, MODE_GONE = 9 };

struct sample {
	__u32 first;
	__u64 second;
	struct inner inner;
	struct inner array[4];
	union {
		__u32 anonymous;
		__u16 halves[2];
	};
	int bits : 5;
	unsigned int more_bits : 3;
	short narrow;
	int only_local;
	__u32 *pointer;
	struct inner flexible[];
};

struct sample___flavour {
	int renamed;
};

struct missing {
	int field;
};

#pragma clang attribute pop

typedef int number_t;

struct matched {
	int value;
	struct inner *link;
};

enum { BYTE_OFFSET, BYTE_SIZE, EXISTS, SIGNED, LEFT_SHIFT, RIGHT_SHIFT };
enum { TYPE_EXISTS_KIND, TYPE_SIZE_KIND, TYPE_MATCHES_KIND };

#define field_info(field, kind) __builtin_preserve_field_info(field, kind)
#define type_info(type, kind) __builtin_preserve_type_info(*(typeof(type) *)0, kind)
#define enum_info(type, value, kind) \
	__builtin_preserve_enum_value(*(typeof(enum type) *)value, kind)

SEC("socket")
int offsets(struct sample *s)
{
	return s->second + s->inner.y + s->array[2].x + s->anonymous + s->halves[1] + s->narrow;
}

SEC("socket")
int stores(struct sample *s)
{
	s->first = 1;
	s->second = 2;
	s->array[3].y = s->flexible[2].x;
	return 0;
}

SEC("socket")
__u64 fields(struct sample *s)
{
	__u64 result = field_info(s->inner, BYTE_OFFSET);

	result = result * 16 + field_info(s->second, BYTE_SIZE);
	result = result * 16 + field_info(s->first, EXISTS);
	result = result * 16 + field_info(s->only_local, EXISTS);
	result = result * 16 + field_info(s->narrow, SIGNED);
	result = result * 256 + field_info(s->bits, LEFT_SHIFT);
	result = result * 256 + field_info(s->more_bits, RIGHT_SHIFT);
	return result;
}

SEC("socket")
int flavours(void *ctx)
{
	struct sample___flavour *flavour = ctx;

	if (field_info(flavour->renamed, EXISTS))
		return flavour->renamed;
	return 0;
}

SEC("socket")
__u64 types(void *ctx)
{
	__u64 result = type_info(struct sample, TYPE_EXISTS_KIND);

	result = result * 16 + type_info(struct missing, TYPE_EXISTS_KIND);
	result = result * 1024 + type_info(struct inner, TYPE_SIZE_KIND);
	result = result * 16 + type_info(struct missing, TYPE_SIZE_KIND);
	result = result * 16 + type_info(number_t, TYPE_EXISTS_KIND);
	return result;
}

SEC("socket")
__u64 ids(void *ctx)
{
	return __builtin_btf_type_id(*(struct inner *)0, 0) +
	       __builtin_btf_type_id(*(struct inner *)0, 1) * 1000;
}

SEC("socket")
__u64 enums(void *ctx)
{
	__u64 result = enum_info(mode, MODE_ON, 1);

	result = result * 16 + enum_info(mode, MODE_ON, 0);
	result = result * 16 + enum_info(mode, MODE_GONE, 0);
	return result;
}

SEC("socket")
int poisoned(struct sample *s)
{
	return s->only_local;
}

char _license[] SEC("license") = "GPL";
