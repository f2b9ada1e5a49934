/* Global data: every section, static and global variables, addends. */
#include "bpf.h"

struct pair {
	__u32 left, right;
};

struct pair initialised = { 1, 2 };
__u32 zeroed[16];
const volatile __u32 limit = 77;
const char text[] = "read only text";
static volatile __u64 counter_static;
static volatile __u32 data_static[4] = { 10, 11, 12, 13 };
static const volatile __u32 table_static[4] = { 20, 21, 22, 23 };
__u64 custom_data SEC(".data.custom") = 0x1122334455667788;
const volatile __u64 custom_rodata SEC(".rodata.custom") = 99;
__u64 custom_bss SEC(".bss.custom");
__hidden __u32 hidden_only SEC(".data.hidden") = 5;

static __noinline __u64 sum(const char *string)
{
	__u64 result = 0;

	for (int i = 0; i < 4; i++)
		result += string[i];
	return result;
}

SEC("xdp")
int touch(struct xdp_md *ctx)
{
	counter_static++;
	zeroed[3] += data_static[2] + table_static[3] + initialised.right;
	custom_bss += custom_data + custom_rodata + hidden_only + limit;
	return sum("literal") + sum(text + 5);
}

char _license[] SEC("license") = "GPL";
