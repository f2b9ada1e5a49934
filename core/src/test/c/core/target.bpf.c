/* The types of program.bpf.c as another kernel might have them. */
#include "../bpf.h"

struct inner {
	long before;
	int y;
	int x;
};

enum mode { MODE_NEW, MODE_OFF, MODE_ON = 0x44 };

typedef long number_t;

struct sample {
	char pad[24];
	struct {
		__u32 second;
		struct inner inner;
	};
	struct inner array[8];
	short before;
	union {
		struct {
			__u32 anonymous;
		};
		__u16 halves[4];
	};
	unsigned int skipped : 3;
	int bits : 7;
	unsigned int more_bits : 4;
	long narrow;
	__u32 *pointer;
	__u64 first;
	int renamed;
	struct inner flexible[];
};

struct matched {
	short pad;
	const int value;
	struct inner *link;
	int more;
};

struct unmatched {
	int value;
};

struct sample *use_sample;
struct matched *use_matched;
struct unmatched *use_unmatched;
enum mode use_mode;
number_t use_number;
struct sample sample;
struct matched matched;
struct unmatched unmatched;
