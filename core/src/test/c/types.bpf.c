/* All kinds of types, and layouts that are hard to print. */
#include "bpf.h"

#define __tag(name) __attribute__((btf_type_tag(#name)))
#define __decl(name) __attribute__((btf_decl_tag(name)))

enum color { RED, GREEN = 5, BLUE = -7 };
enum state { IDLE, BUSY = 0xfffffff0u };

struct node;
union either {
	int number;
	char bytes[4];
};

typedef int (*callback_t)(struct node *node, const char *name, ...);
typedef struct {
	__u8 high, low;
} halves_t;
typedef __u32 matrix_t[2][3];

struct bits {
	unsigned int one : 1;
	unsigned int two : 2;
	int : 3;
	signed int wide : 20;
	__u64 huge : 40;
	_Bool flag : 1;
	enum color color : 3;
	unsigned short tail;
};

struct packed {
	__u8 first;
	__u32 second;
	__u64 third;
} __attribute__((packed));

struct padded {
	__u8 byte;
	__u64 word __attribute__((aligned(32)));
	__u8 last;
};

struct aligned {
	int value;
} __attribute__((aligned(64)));

struct node {
	struct node *next;
	struct node __tag(rcu) *tagged;
	const volatile char *restrict text;
	callback_t on_event;
	int (*handlers[3])(void);
	void (*(*nested)(int))(long);
	int (*to_array)[5];
	char *(*strings[2])[7];
	union {
		int anonymous_int;
		struct {
			short anonymous_short[2];
		};
	};
	struct {
		int inside;
	} named_inner[2];
	halves_t halves;
	matrix_t matrix;
	enum color color;
	enum state state;
	union either either;
	_Bool truth;
	float real;
	double doubled;
	const struct undefined *opaque;
	struct bits bits;
	struct packed packed;
	struct padded padded;
	struct aligned aligned;
	int count;
	struct {
		int key;
		char name[];
	} *entries;
	__u32 flexible[] __decl("counted");
};

struct node root __decl("root of all");
enum state global_state;

SEC("socket")
int keep(struct node *ctx)
{
	return ctx->count + global_state;
}

char _license[] SEC("license") = "GPL";
