// SPDX-License-Identifier: Apache-2.0
//
// A program of an application's own type: it gets an order, asks the application for a limit, and takes (1) or refuses (0) it.

#include <linux/types.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Apache-2.0";

// The Java record Order(long price, int quantity), as C lays it out.
struct order {
	__s64 price;
	__s32 quantity;
};

// A helper of the application, called by its number.
static __s64 (*limit_of)(__s64 quantity) = (void *)70000;

SEC("risk")
int check(struct order *order)
{
	return order->price <= limit_of(order->quantity);
}
