// Helpers of network programs that work on headers. The packet is one of UDP over IPv4.
#include "check.h"

enum { BPF_LWT_ENCAP_SEG6, BPF_LWT_ENCAP_SEG6_INLINE, BPF_LWT_ENCAP_IP };
enum { EBADMSG = 74, EBADF = 9 };

static int load(struct __sk_buff *skb, __u32 offset) {
  __u8 byte = 0;
  return bpf_skb_load_bytes(skb, offset, &byte, 1) ? -1 : byte;
}

SEC("lwt_in")
int ip_header_is_pushed(struct __sk_buff *skb) {
  __u8 header[20] = {0x45, 0, 0, 0x73, 0, 0, 0x40, 0, 0x40, 4, 0, 0, 192, 168, 0, 1, 192, 168, 0, 199};
  __u32 length = skb->len;
  CHECK(load(skb, 0) == 0x45);
  CHECK(bpf_lwt_push_encap(skb, BPF_LWT_ENCAP_IP, header, sizeof(header)) == 0);
  CHECK(skb->len == length + 20);
  CHECK(load(skb, 0) == 0x45 && load(skb, 19) == 199 && load(skb, 20) == 0x45);
  // As in RFC 1071, with the protocol 4.
  CHECK(load(skb, 10) == 0xb8 && load(skb, 11) == 0x6e);
  CHECK(skb->protocol == 8);
  return 0;
}

SEC("lwt_in")
int checksum_that_is_there_stays(struct __sk_buff *skb) {
  __u8 header[20] = {0x45, 0, 0, 0x73, 0, 0, 0x40, 0, 0x40, 4, 0x12, 0x34, 192, 168, 0, 1, 192, 168, 0, 199};
  CHECK(bpf_lwt_push_encap(skb, BPF_LWT_ENCAP_IP, header, sizeof(header)) == 0);
  CHECK(load(skb, 10) == 0x12 && load(skb, 11) == 0x34);
  return 0;
}

SEC("lwt_in")
int ipv6_header_is_pushed(struct __sk_buff *skb) {
  __u8 header[48] = {0x60};
  __u32 length = skb->len;
  CHECK(bpf_lwt_push_encap(skb, BPF_LWT_ENCAP_IP, header, sizeof(header)) == 0);
  CHECK(skb->len == length + 48 && skb->protocol == 0xdd86);
  CHECK(load(skb, 0) == 0x60 && load(skb, 48) == 0x45);
  return 0;
}

SEC("lwt_in")
int headers_that_are_none_are_refused(struct __sk_buff *skb) {
  __u8 header[64] = {0x45};
  __u32 length = skb->len;
  CHECK(bpf_lwt_push_encap(skb, BPF_LWT_ENCAP_IP, header, 19) == -EINVAL);
  header[0] = 0x46;
  CHECK(bpf_lwt_push_encap(skb, BPF_LWT_ENCAP_IP, header, 20) == -EINVAL);
  header[0] = 0x55;
  CHECK(bpf_lwt_push_encap(skb, BPF_LWT_ENCAP_IP, header, 20) == -EINVAL);
  header[0] = 0x60;
  CHECK(bpf_lwt_push_encap(skb, BPF_LWT_ENCAP_IP, header, 39) == -EINVAL);
  CHECK(bpf_lwt_push_encap(skb, 3, header, 40) == -EINVAL);
  CHECK(skb->len == length);
  return 0;
}

// After an IP header that says so, a whole UDP header has to follow.
SEC("lwt_in")
int udp_without_its_header_is_refused(struct __sk_buff *skb) {
  __u8 header[64] = {0x45};
  header[9] = 17;
  CHECK(bpf_lwt_push_encap(skb, BPF_LWT_ENCAP_IP, header, 20) == -EINVAL);
  CHECK(bpf_lwt_push_encap(skb, BPF_LWT_ENCAP_IP, header, 27) == -EINVAL);
  header[0] = 0x60;
  header[6] = 17;
  CHECK(bpf_lwt_push_encap(skb, BPF_LWT_ENCAP_IP, header, 47) == -EINVAL);
  CHECK(bpf_lwt_push_encap(skb, BPF_LWT_ENCAP_IP, header, 48) == 0);
  header[0] = 0x45;
  CHECK(bpf_lwt_push_encap(skb, BPF_LWT_ENCAP_IP, header, 28) == 0);
  return 0;
}

SEC("lwt_in")
int segment_routing_needs_its_header(struct __sk_buff *skb) {
  __u8 header[40] = {};
  CHECK(bpf_lwt_push_encap(skb, BPF_LWT_ENCAP_SEG6, header, sizeof(header)) == -EINVAL);
  CHECK(bpf_lwt_push_encap(skb, BPF_LWT_ENCAP_SEG6_INLINE, header, sizeof(header)) == -EINVAL);
  return 0;
}

// A test run is at no endpoint.
SEC("lwt_seg6local")
int segments_are_absent(struct __sk_buff *skb) {
  __u8 address[16] = {};
  __u32 table = 0;
  CHECK(bpf_lwt_seg6_store_bytes(skb, 0, address, sizeof(address)) == -EINVAL);
  CHECK(bpf_lwt_seg6_adjust_srh(skb, 0, 8) == -EINVAL);
  CHECK(bpf_lwt_seg6_action(skb, 2, address, sizeof(address)) == -EBADMSG);
  CHECK(bpf_lwt_seg6_action(skb, 3, &table, sizeof(table)) == -EBADMSG);
  CHECK(bpf_lwt_seg6_action(skb, 7, &table, sizeof(table)) == -EBADMSG);
  CHECK(bpf_lwt_seg6_action(skb, 99, &table, sizeof(table)) == -EINVAL);
  return 0;
}

SEC("syscall")
int kernel_types_are_found_by_name(void *ctx) {
  char name[] = "task_struct", none[] = "no_such_type_anywhere";
  CHECK(bpf_btf_find_by_name_kind(name, sizeof(name), 4, 0) > 0);
  CHECK(bpf_btf_find_by_name_kind(name, sizeof(name), 5, 0) == -ENOENT);
  CHECK(bpf_btf_find_by_name_kind(none, sizeof(none), 4, 0) == -ENOENT);
  CHECK(bpf_btf_find_by_name_kind(name, sizeof(name), 4, 1) == -EINVAL);
  CHECK(bpf_btf_find_by_name_kind(name, sizeof(name) - 1, 4, 0) == -EINVAL);
  return 0;
}

SEC("syscall")
int descriptors_are_absent(void *ctx) {
  __u32 attributes[8] = {};
  CHECK(bpf_sys_close(1 << 20) == -EBADF);
  CHECK(bpf_sys_bpf(99, attributes, sizeof(attributes)) == -EINVAL);
  return 0;
}
