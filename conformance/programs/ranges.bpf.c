// What is known of numbers: each program reaches its forbidden instruction only on a way that no run takes, and is
// accepted if the verifier knows that.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

// R0 is any number.
#define PROGRAM(name, text)                                                                                            \
	SEC("socket") __attribute__((naked)) int name(void)                                                            \
	{                                                                                                              \
		asm volatile("call 7;" text " r10 = 0; 1: r0 = 0; exit;" ::: "memory");                                 \
	}

// Range and bits meet in the least number of the range only.
PROGRAM(only_least_number_fits,
	"r0 |= 0xe1; r0 &= 0xf1; if r0 == 0xf1 goto 1f; if r0 == 0xe1 goto 1f;")

// In the greatest that the bits allow.
PROGRAM(only_greatest_number_fits,
	"if r0 & 0xf goto 1f; r0 &= 0xf0; if r0 < 0xe1 goto 1f; if r0 == 0xf0 goto 1f;")

// In one between.
PROGRAM(only_one_number_between_fits,
	"if r0 & 0xf goto 1f; if r0 > 0x7df goto 1f; if r0 < 0x7cf goto 1f; if r0 == 0x7d0 goto 1f;")

// Where two fit, neither is known.
PROGRAM(two_numbers_fit,
	"r0 &= 0x30; if r0 > 0x1f goto 1f; if r0 == 0x10 goto 1f;")

// A lower half that is not negative replaces what is known better of the whole.
PROGRAM(lower_half_replaces_better_range,
	"if r0 s> 2 goto 1f; if r0 > 19 goto 1f; if r0 > 2 goto 2f; goto 1f; 2:")

// That bits make a number outside the range does not end a branch.
PROGRAM(impossible_constant,
	"r5 = r0; r5 &= -4; r7 = r0; r7 &= 1; r7 += -43; if w5 != w7 goto 1f;")

// Nor that no pair of numbers passes.
PROGRAM(impossible_pair,
	"r6 = r0; r6 <<= 5; if w6 < 3 goto 1f; if w6 >= 4 goto 1f;")

// A lower half around 0 says nothing of the whole.
PROGRAM(wrapping_lower_half,
	"r1 = 0x100000006 ll; if r0 < r1 goto 1f; r1 = 0x2ffffffef ll; if r0 > r1 goto 1f; if w0 s< -16 goto 1f; if w0 s> 5 goto 1f; r1 = 0x1fffffff0 ll; if r0 >= r1 goto 1f;")

// That no bit of a mask is set is all that is known then: the range is forgotten.
PROGRAM(no_bit_of_mask_forgets_range,
	"if r0 > 20 goto 1f; if r0 & 1 goto 1f; if r0 <= 20 goto 1f;")

// But for what the bits tell.
PROGRAM(no_bit_of_mask_keeps_bits,
	"r0 &= 0x1f; if r0 & 1 goto 1f; if r0 <= 0x1e goto 1f;")

// A register compared with itself may come out either way.
PROGRAM(compared_with_itself,
	"if r0 <= r0 goto 1f;")

// And learns from both sides.
PROGRAM(compared_with_itself_learns_twice,
	"if r0 > r0 goto 2f; goto 1f; 2: if r0 == 0 goto 3f; r1 = -1; if r0 != r1 goto 1f; 3:")

// The bits of a product are those that all products share.
PROGRAM(product_of_unknown_bits,
	"r0 &= 4; r0 |= 2; w0 *= 3134; r0 &= 0x20; if r0 == 0x20 goto 1f;")

// Where the byte order is the same a register stays linked.
PROGRAM(same_byte_order_keeps_link,
	"r6 = r0; r6 = le64 r6; if r0 > 10 goto 1f; if r6 <= 10 goto 1f;")

// Where bytes are cut off it does not.
PROGRAM(cut_breaks_link,
	"r6 = r0; r6 = le32 r6; if r0 > 10 goto 1f; if r6 <= 10 goto 1f;")

// A sum of lower halves is linked if the lower half of what is added is known.
PROGRAM(lower_half_of_summand_is_constant,
	"w6 = w0; r7 = r6; r8 = r0; r8 <<= 32; w6 += w8; if r7 > 10 goto 1f; if r6 <= 10 goto 1f;")

// Registers that nobody reads take no room among the six that are linked.
PROGRAM(dead_registers_are_not_linked,
	"r1 = r0; r2 = r0; r3 = r0; r4 = r0; r5 = r0; r6 = r0; r7 = r0; if r6 > 10 goto 1f; if r7 <= 10 goto 1f;")

// Those that both sides are linked to take room twice.
PROGRAM(both_sides_are_linked_twice,
	"r6 = r0; r7 = r0; r8 = r0; r9 = r0; if r6 < r7 goto 1f; if r0 > 10 goto 1f; if r9 > 10 goto 2f; if r8 > 10 goto 2f; if r7 > 10 goto 2f; if r6 > 10 goto 2f; goto 1f; 2:")

// What is linked by a sum of 32 bits learns by adding halves alone: that the sum of 64 bits is at most 0x55555556 says
// nothing of its signed half.
PROGRAM(sum_of_halves_learns_of_halves,
	"w8 = w0; w6 = w8; w8 += 1431655766; if w8 & 0x55555552 goto 1f; if w8 & 0x55555551 goto 1f; if w6 s<= 0x55555556 goto 1f;")
