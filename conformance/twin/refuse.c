// SPDX-License-Identifier: Apache-2.0
// Runs a command on a kernel that seems older than it is: bpf(2) fails.
//
//   refuse ERRNO COMMAND LARGEST PROGRAM...
//
// Calls of COMMAND (a number of enum bpf_cmd, or -1 for all) whose attributes are longer than
// LARGEST bytes give ERRNO.
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// The low half of an argument, on machines of either byte order.
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ARGUMENT(n) (offsetof(struct seccomp_data, args) + (n) * 8)
#else
#define ARGUMENT(n) (offsetof(struct seccomp_data, args) + (n) * 8 + 4)
#endif

int main(int count, char **words)
{
	if (count < 5) {
		fprintf(stderr, "usage: refuse ERRNO COMMAND LARGEST PROGRAM...\n");
		return 2;
	}
	unsigned int error = atoi(words[1]), largest = atoi(words[3]);
	int command = atoi(words[2]);
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_bpf, 0, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(0)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, command, 0, command < 0 ? 0 : 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(2)),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, largest, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof(filter) / sizeof(filter[0]), filter};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
		fprintf(stderr, "refuse: seccomp: %s\n", strerror(errno));
		return 2;
	}
	execvp(words[4], words + 4);
	fprintf(stderr, "refuse: %s: %s\n", words[4], strerror(errno));
	return 2;
}
