/* Programs and subprograms in all places, and the names of sections. */
#include "bpf.h"

__u64 calls;

static __noinline int leaf(int value)
{
	calls += value;
	return calls;
}

static __noinline int middle(int value)
{
	return leaf(value) + leaf(value + 1);
}

__noinline int global_sub(int value)
{
	return middle(value) * 3;
}

__hidden __noinline int hidden_sub(int value)
{
	return leaf(value) * 5;
}

__weak __noinline int weak_sub(int value)
{
	calls = value;
	return value + 7;
}

static long each(__u32 index, void *context)
{
	calls += leaf(index);
	return 0;
}

SEC("xdp")
int first(struct xdp_md *ctx)
{
	return global_sub(ctx->data) + hidden_sub(ctx->data_end) + leaf(1);
}

SEC("xdp")
int second(struct xdp_md *ctx)
{
	bpf_loop(10, each, 0, 0);
	return weak_sub(ctx->data);
}

SEC("?tc")
int not_loaded(void *ctx)
{
	return 0;
}

SEC("xdp.frags")
int frags(struct xdp_md *ctx)
{
	return 2;
}

SEC("lsm.s/file_open")
int sleepable(void *ctx)
{
	return 0;
}

SEC("policy/check")
int unknown_section(void *ctx)
{
	return 0;
}

static __attribute__((noinline, section("syscall"))) int beside(int value)
{
	calls = value;
	return value + 9;
}

SEC("syscall")
int with_neighbour(void *ctx)
{
	return beside(4);
}

char _license[] SEC("license") = "GPL";
