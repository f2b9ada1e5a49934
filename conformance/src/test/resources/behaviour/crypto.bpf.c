// Encryption: the test fills in parameters and texts, and reads what became of them.
#include "check.h"

struct bpf_crypto_params {
  char type[14];
  __u8 reserved[2];
  char algo[128];
  __u8 key[256];
  __u32 key_len;
  __u32 authsize;
};

struct bpf_crypto_ctx {
  const void *type;
} __attribute__((preserve_access_index));

extern struct bpf_crypto_ctx *bpf_crypto_ctx_create(const struct bpf_crypto_params *params, __u32 params__sz,
                                                    int *err) __ksym;
extern struct bpf_crypto_ctx *bpf_crypto_ctx_acquire(struct bpf_crypto_ctx *ctx) __ksym;
extern void bpf_crypto_ctx_release(struct bpf_crypto_ctx *ctx) __ksym;
extern int bpf_crypto_encrypt(struct bpf_crypto_ctx *ctx, const struct bpf_dynptr *src,
                              const struct bpf_dynptr *dst, const struct bpf_dynptr *iv) __ksym;
extern int bpf_crypto_decrypt(struct bpf_crypto_ctx *ctx, const struct bpf_dynptr *src,
                              const struct bpf_dynptr *dst, const struct bpf_dynptr *iv) __ksym;
extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;

struct keeper {
  struct bpf_crypto_ctx KPTR *ctx;
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct keeper);
} keepers SEC(".maps");

struct bpf_crypto_params parameters = {};
__u8 from[1024] = {};
__u8 to[1024] = {};
__u8 vector[16] = {};
__u32 from_length = 0;
__u32 to_length = 0;
__u32 vector_length = 0;
__u32 decrypt = 0;
int result = 0;

// Sets the key; `result` is the error.
SEC("syscall")
int create(void *ctx) {
  int error = 1;
  struct bpf_crypto_ctx *made =
      bpf_crypto_ctx_create(&parameters, sizeof(parameters), &error);
  result = error;
  __u32 index = 0;
  struct keeper *keeper = bpf_map_lookup_elem(&keepers, &index);
  if (!made)
    return error == 0;
  if (!keeper) {
    bpf_crypto_ctx_release(made);
    return __LINE__;
  }
  struct bpf_crypto_ctx *more = bpf_crypto_ctx_acquire(made);
  if (more)
    bpf_crypto_ctx_release(more);
  struct bpf_crypto_ctx *old = bpf_kptr_xchg(&keeper->ctx, made);
  if (old)
    bpf_crypto_ctx_release(old);
  return more ? 0 : __LINE__;
}

// Encrypts or decrypts; `result` is what the function gives.
SEC("tc")
int crypt(struct __sk_buff *skb) {
  __u32 index = 0;
  struct keeper *keeper = bpf_map_lookup_elem(&keepers, &index);
  struct bpf_dynptr source, target, start;
  CHECK(keeper);
  __u64 text = *(volatile __u32 *)&from_length;
  __u64 room = *(volatile __u32 *)&to_length;
  __u64 first = *(volatile __u32 *)&vector_length;
  CHECK(text <= sizeof(from));
  CHECK(room <= sizeof(to));
  CHECK(first <= sizeof(vector));
  bpf_dynptr_from_mem(from, text, 0, &source);
  bpf_dynptr_from_mem(to, room, 0, &target);
  bpf_dynptr_from_mem(vector, first, 0, &start);
  bpf_rcu_read_lock();
  struct bpf_crypto_ctx *cipher = keeper->ctx;
  if (!cipher) {
    bpf_rcu_read_unlock();
    return __LINE__;
  }
  if (decrypt)
    result = bpf_crypto_decrypt(cipher, &source, &target, &start);
  else
    result = bpf_crypto_encrypt(cipher, &source, &target, &start);
  bpf_rcu_read_unlock();
  return 0;
}
