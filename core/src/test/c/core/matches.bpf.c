/* TYPE_MATCHES, which clang asks for since version 15. */
#include "../bpf.h"

struct inner {
	int x, y;
};

struct matched {
	int value;
	struct inner *link;
};

struct unmatched {
	int value;
	int gone;
};

#define matches(type) __builtin_preserve_type_info(*(typeof(type) *)0, 2)

SEC("socket")
int match(void *ctx)
{
	return matches(struct matched) * 2 + matches(struct unmatched);
}
