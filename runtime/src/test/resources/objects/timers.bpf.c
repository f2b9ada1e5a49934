// Timers in map values. Built by record.sh.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define CLOCK_MONOTONIC 1
#define CLOCK_TAI 11

struct element {
	struct bpf_timer timer;
	__u64 fired;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, struct element);
} hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct element);
} array SEC(".maps");

__u64 delay SEC(".data"), flags SEC(".data");
__u64 calls SEC(".data"), last_key SEC(".data"), last_now SEC(".data");
__s64 own_cancel SEC(".data");
__u64 period SEC(".data");

static int in_hash(void *map, __u32 *key, struct element *value)
{
	calls++;
	last_key = *key;
	last_now = bpf_ktime_get_ns();
	value->fired++;
	own_cancel = bpf_timer_cancel(&value->timer);
	if (period)
		bpf_timer_start(&value->timer, period, 0);
	return 0;
}

static int in_array(void *map, __u32 *key, struct element *value)
{
	calls++;
	last_key = *key;
	value->fired++;
	return 0;
}

static int faulty(void *map, __u32 *key, struct element *value)
{
	calls++;
	return *(volatile __u32 *)((char *)value + 4096);
}

static struct element *element(__u32 key)
{
	struct element fresh = {};

	bpf_map_update_elem(&hash, &key, &fresh, BPF_NOEXIST);
	return bpf_map_lookup_elem(&hash, &key);
}

SEC("tc")
int start(struct __sk_buff *skb)
{
	struct element *e = element(7);
	int error;

	if (!e)
		return 1;
	error = bpf_timer_init(&e->timer, &hash, CLOCK_MONOTONIC);
	if (error)
		return error;
	error = bpf_timer_set_callback(&e->timer, in_hash);
	if (error)
		return error;
	return bpf_timer_start(&e->timer, delay, flags);
}

SEC("tc")
int start_in_array(struct __sk_buff *skb)
{
	__u32 key = 3;
	struct element *e = bpf_map_lookup_elem(&array, &key);

	if (!e)
		return 1;
	bpf_timer_init(&e->timer, &array, CLOCK_MONOTONIC);
	bpf_timer_set_callback(&e->timer, in_array);
	return bpf_timer_start(&e->timer, delay, 0);
}

SEC("tc")
int start_faulty(struct __sk_buff *skb)
{
	struct element *e = element(8);

	if (!e)
		return 1;
	bpf_timer_init(&e->timer, &hash, CLOCK_MONOTONIC);
	bpf_timer_set_callback(&e->timer, faulty);
	return bpf_timer_start(&e->timer, delay, 0);
}

SEC("tc")
int cancel(struct __sk_buff *skb)
{
	__u32 key = 7;
	struct element *e = bpf_map_lookup_elem(&hash, &key);

	return e ? bpf_timer_cancel(&e->timer) : 1000;
}

SEC("tc")
int start_again(struct __sk_buff *skb)
{
	__u32 key = 7;
	struct element *e = bpf_map_lookup_elem(&hash, &key);

	return e ? bpf_timer_start(&e->timer, delay, flags) : 1000;
}

SEC("tc")
int bad_clock(struct __sk_buff *skb)
{
	struct element *e = element(6);

	return e ? bpf_timer_init(&e->timer, &hash, CLOCK_TAI) : 1000;
}

SEC("tc")
int remove(struct __sk_buff *skb)
{
	__u32 key = 7;

	return bpf_map_delete_elem(&hash, &key);
}

SEC("tc")
int idle(struct __sk_buff *skb)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
