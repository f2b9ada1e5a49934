// flags: -mllvm -funcspec-for-literal-constant -mllvm -force-specialization
// Copies of a function that the compiler makes for some of its arguments: their symbols are local, their types global.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

int numbers[64];

__noinline int choose(int *extra, int shift, int how)
{
	int sum = 0;

	for (int i = 0; i < 64; i++) {
		switch (how) {
		case 1:
			sum += numbers[i & 63];
			break;
		case 2:
			sum ^= numbers[i & 63] * shift;
			break;
		default:
			sum -= numbers[i & 63] << (shift & 31);
			break;
		}
		bpf_printk("%d", sum);
	}
	return extra ? sum + *extra : 0;
}

SEC("tc")
int leaves_arguments_out(struct __sk_buff *skb)
{
	int length = skb->len;

	return choose(&length, skb->mark, 1) + choose(&length, skb->mark, 2) + choose(&length, skb->len, 3);
}

static __noinline int chosen(int *extra, int shift, int how)
{
	int sum = 0;

	for (int i = 0; i < 16; i++) {
		if (how == 1)
			sum += numbers[i & 63];
		else
			sum ^= numbers[i & 63] * shift;
		bpf_printk("%d", sum);
	}
	return sum + *extra;
}

SEC("tc")
int copies_static_function(struct __sk_buff *skb)
{
	int length = skb->len;

	return chosen(&length, skb->mark, 1) + chosen(&length, skb->mark, 2);
}

char LICENSE[] SEC("license") = "GPL";
