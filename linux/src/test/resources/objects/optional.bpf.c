// Programs that are loaded only if they are named.
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("?xdp")
int first(struct xdp_md *context) {
  return XDP_PASS;
}

SEC("?xdp")
int second(struct xdp_md *context) {
  return XDP_DROP;
}
