/* A function that nobody defines. */
#include "../bpf.h"

extern int nowhere(int value);

SEC("xdp")
int call(struct xdp_md *ctx)
{
	return nowhere(ctx->data);
}
