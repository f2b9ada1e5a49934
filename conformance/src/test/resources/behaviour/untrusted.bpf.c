// Global functions that take any address: loads through it give what is there, or 0.
#include "check.h"

#define UNTRUSTED __attribute__((btf_decl_tag("arg:untrusted")))
#define GLOBAL __weak __noinline

// Keeps the compiler from knowing a number.
#define HIDE(number) asm volatile("" : "+r"(number))

GLOBAL long byte_at(const char *address UNTRUSTED)
{
  return *(unsigned char *)address;
}

GLOBAL long signed_byte_at(const char *address UNTRUSTED)
{
  return *(signed char *)address;
}

GLOBAL long half_at(const void *address UNTRUSTED)
{
  return *(__u16 *)address;
}

GLOBAL long word_at(const void *address UNTRUSTED)
{
  return *(__u32 *)address;
}

GLOBAL long signed_word_at(const void *address UNTRUSTED)
{
  return *(__s32 *)address;
}

GLOBAL long double_at(const long *address UNTRUSTED)
{
  return *address;
}

GLOBAL long double_behind(const long *address UNTRUSTED)
{
  return address[1];
}

GLOBAL long passes_on(const void *address UNTRUSTED)
{
  return double_at(address) + double_behind(address);
}

GLOBAL long is_there(const long *address UNTRUSTED)
{
  return address != 0;
}

GLOBAL long through_the_stack(const long *address UNTRUSTED, long spills)
{
  const long *volatile kept = address;
  return *kept + spills;
}

long numbers[4];
unsigned int distance;

#define LOADS_GIVE_0(address) \
  do { \
    long at = (address); \
    HIDE(at); \
    CHECK(byte_at((void *)at) == 0); \
    CHECK(signed_byte_at((void *)at) == 0); \
    CHECK(half_at((void *)at) == 0); \
    CHECK(word_at((void *)at) == 0); \
    CHECK(signed_word_at((void *)at) == 0); \
    CHECK(double_at((void *)at) == 0); \
    CHECK(double_behind((void *)at) == 0); \
    CHECK(passes_on((void *)at) == 0); \
    CHECK(through_the_stack((void *)at, 5) == 5); \
  } while (0)

SEC("tc")
int no_address_gives_0(struct __sk_buff *skb)
{
  LOADS_GIVE_0(0);
  return 0;
}

SEC("tc")
int small_numbers_give_0(struct __sk_buff *skb)
{
  LOADS_GIVE_0(1);
  LOADS_GIVE_0(12345);
  return 0;
}

SEC("tc")
int great_numbers_give_0(struct __sk_buff *skb)
{
  LOADS_GIVE_0(-1);
  LOADS_GIVE_0(-4096);
  LOADS_GIVE_0(1L << 63);
  return 0;
}

SEC("tc")
int only_0_is_not_there(struct __sk_buff *skb)
{
  long at = 0;
  HIDE(at);
  CHECK(!is_there((void *)at));
  at = 1;
  HIDE(at);
  CHECK(is_there((void *)at));
  CHECK(is_there(numbers));
  return 0;
}

SEC("tc")
int values_of_maps_are_read(struct __sk_buff *skb)
{
  numbers[0] = 0x1122334455667788;
  numbers[1] = -2;
  CHECK(byte_at((void *)numbers) == 0x88);
  CHECK(signed_byte_at((void *)numbers) == -0x78);
  CHECK(half_at(numbers) == 0x7788);
  CHECK(word_at(numbers) == 0x55667788);
  CHECK(signed_word_at(numbers + 1) == -2);
  CHECK(double_at(numbers) == 0x1122334455667788);
  CHECK(double_behind(numbers) == -2);
  CHECK(passes_on(numbers) == 0x1122334455667786);
  CHECK(through_the_stack(numbers, 1) == 0x1122334455667789);
  return 0;
}

SEC("tc")
int distance_may_be_any(struct __sk_buff *skb)
{
  numbers[3] = 77;
  distance = 24;
  CHECK(double_at((void *)numbers + distance) == 77);
  distance = 16;
  CHECK(double_behind((void *)numbers + distance) == 77);
  return 0;
}

// What is stored only for others to read must be there.
SEC("tc")
int stack_of_the_caller_is_read(struct __sk_buff *skb)
{
  long here[3];
  here[0] = skb->len;
  here[1] = 42;
  here[2] = -7;
  CHECK(double_behind(here) == 42);
  CHECK(double_behind(here + 1) == -7);
  CHECK(passes_on(here) == skb->len + 42);
  here[0] = 3;
  CHECK(passes_on(here) == 45);
  return 0;
}

SEC("tc")
int packets_are_read(struct __sk_buff *skb)
{
  void *data = (void *)(long)skb->data;
  void *end = (void *)(long)skb->data_end;
  if (data + 2 > end)
    return __LINE__;
  CHECK(half_at(data) == *(__u16 *)data);
  return 0;
}
