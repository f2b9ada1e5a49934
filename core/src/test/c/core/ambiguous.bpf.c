/* Two layouts of one struct, as a kernel has them that was built with conflicting headers. */
#include "../bpf.h"

struct sample {
	__u32 second, first;
};

struct sample___other {
	__u32 first, second;
};

struct sample one;
struct sample___other two;
