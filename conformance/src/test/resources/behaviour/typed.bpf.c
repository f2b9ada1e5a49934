// Text of values by their types: the test fills in value and type, and reads the text.
#include "check.h"

struct btf_ptr {
  void *ptr;
  __u32 type_id, flags;
};

__u8 value[8192] = {};
__u32 type = 0;
__u64 flags = 0;
char text[65536] = {};
__s64 result = 0;

SEC("syscall")
int shown(void *ctx) {
  struct btf_ptr pointer = {.ptr = value, .type_id = type};
  result = bpf_snprintf_btf(text, sizeof(text), &pointer, sizeof(pointer), flags);
  return 0;
}

// Text that is cut, and arguments that are refused.
SEC("syscall")
int cut(void *ctx) {
  struct btf_ptr pointer = {.ptr = value, .type_id = type};
  char small[8] = "xxxxxxx";
  long whole = bpf_snprintf_btf(text, sizeof(text), &pointer, sizeof(pointer), 0);
  CHECK(whole > 8);
  CHECK(bpf_snprintf_btf(small, sizeof(small), &pointer, sizeof(pointer), 0) == whole);
  for (int i = 0; i < 7; i++)
    CHECK(small[i] == text[i]);
  CHECK(small[7] == 0);
  CHECK(bpf_snprintf_btf(text, sizeof(text), &pointer, 8, 0) == -EINVAL);
  CHECK(bpf_snprintf_btf(text, sizeof(text), &pointer, sizeof(pointer), 16) == -EINVAL);
  pointer.type_id = 0;
  CHECK(bpf_snprintf_btf(text, sizeof(text), &pointer, sizeof(pointer), 0) == -EINVAL);
  pointer.type_id = 0x7ffffff;
  CHECK(bpf_snprintf_btf(text, sizeof(text), &pointer, sizeof(pointer), 0) == -ENOENT);
  pointer.type_id = type;
  pointer.ptr = 0;
  CHECK(bpf_snprintf_btf(text, sizeof(text), &pointer, sizeof(pointer), 0) == -ERANGE);
  pointer.ptr = (void *)0xfffffffffffff000;
  CHECK(bpf_snprintf_btf(text, sizeof(text), &pointer, sizeof(pointer), 0) == -EFAULT);
  return 0;
}
