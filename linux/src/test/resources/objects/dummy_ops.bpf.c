// The struct of functions that Linux keeps for test runs of such programs (net/bpf/bpf_dummy_struct_ops.c).

#define SEC(name) __attribute__((section(name), used))

char terms[] SEC("license") = "GPL";

struct bpf_dummy_ops_state {
  int val;
};

struct bpf_dummy_ops {
  int (*test_1)(struct bpf_dummy_ops_state *state);
};

SEC("struct_ops/test_1")
int answer(unsigned long long *arguments) {
  struct bpf_dummy_ops_state *state = (void *)arguments[0];
  if (!state)
    return 42;
  return state->val;
}

SEC(".struct_ops")
struct bpf_dummy_ops dummy = {
    .test_1 = (void *)answer,
};
