/* A program that names the function which ends it when an assertion fails. */
#include "bpf.h"

#define __exception_cb(name) __attribute__((btf_decl_tag("exception_callback:" #name)))

__noinline int on_exception(__u64 cookie)
{
	return 5;
}

SEC("tc")
__exception_cb(on_exception) int guarded(void *ctx)
{
	return 1;
}

SEC("tc")
int plain(void *ctx)
{
	return 2;
}

char _license[] SEC("license") = "GPL";
