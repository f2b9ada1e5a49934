// SPDX-License-Identifier: Apache-2.0
// Runs a command and writes down its calls of bpf(2), one line each:
//
//   tracer FILE COMMAND...
//
//   COMMAND <tab> RESULT <tab> ATTRIBUTES [<tab> NAME=BYTES]...
//
// COMMAND is the number in enum bpf_cmd, RESULT what the call gave (an error as a negative number),
// ATTRIBUTES the union bpf_attr as passed, in hex, NAME=BYTES what its pointers point to, in hex.
// A seccomp filter stops the command at bpf(2) only, so everything else runs at full speed.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define LARGEST (1 << 24)
#define THREADS 256

static FILE *out;

// Threads that are in a call: what they asked for is printed together with its result.
static struct pending {
	pid_t thread;
	unsigned int command;
	unsigned int size;
	unsigned char attributes[256];
} pending[THREADS];

static void fail(const char *what)
{
	fprintf(stderr, "tracer: %s: %s\n", what, strerror(errno));
	exit(2);
}

static int read_memory(pid_t process, unsigned long long address, void *to, size_t length)
{
	struct iovec local = {to, length};
	struct iovec remote = {(void *)(unsigned long)address, length};

	return process_vm_readv(process, &local, 1, &remote, 1, 0) == (ssize_t)length;
}

static void hex(const unsigned char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		fprintf(out, "%02x", bytes[i]);
}

static void memory(pid_t process, const char *name, unsigned long long address, size_t length)
{
	unsigned char *bytes;

	if (!address || !length || length > LARGEST)
		return;
	bytes = malloc(length);
	if (bytes && read_memory(process, address, bytes, length)) {
		fprintf(out, "\t%s=", name);
		hex(bytes, length);
	}
	free(bytes);
}

static void string(pid_t process, const char *name, unsigned long long address)
{
	unsigned char bytes[128];
	size_t length = 0;

	while (address && length < sizeof(bytes) &&
	       read_memory(process, address + length, bytes + length, 1) && bytes[length])
		length++;
	if (length) {
		fprintf(out, "\t%s=", name);
		hex(bytes, length);
	}
}

static void print(struct pending *call, long long result)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	memcpy(&attr, call->attributes,
	       call->size < sizeof(attr) ? call->size : sizeof(attr));
	fprintf(out, "%u\t%lld\t", call->command, result);
	hex(call->attributes, call->size);
	switch (call->command) {
	case BPF_PROG_LOAD:
		memory(call->thread, "instructions", attr.insns, attr.insn_cnt * 8ULL);
		string(call->thread, "license", attr.license);
		memory(call->thread, "functions", attr.func_info,
		       (size_t)attr.func_info_cnt * attr.func_info_rec_size);
		memory(call->thread, "lines", attr.line_info,
		       (size_t)attr.line_info_cnt * attr.line_info_rec_size);
		break;
	case BPF_BTF_LOAD:
		memory(call->thread, "types", attr.btf, attr.btf_size);
		break;
	}
	fprintf(out, "\n");
}

static struct pending *find(pid_t thread)
{
	for (int i = 0; i < THREADS; i++)
		if (pending[i].thread == thread)
			return &pending[i];
	return NULL;
}

static void enter(pid_t thread, struct __ptrace_syscall_info *info)
{
	struct pending *call = find(0);

	if (!call)
		fail("too many threads in bpf(2)");
	call->thread = thread;
	call->command = info->seccomp.args[0];
	call->size = info->seccomp.args[2];
	if (call->size > sizeof(call->attributes))
		call->size = sizeof(call->attributes);
	if (!read_memory(thread, info->seccomp.args[1], call->attributes, call->size))
		call->size = 0;
}

static void child(char **command)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_bpf, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof(filter) / sizeof(filter[0]), filter};

	if (ptrace(PTRACE_TRACEME, 0, 0, 0))
		fail("ptrace");
	raise(SIGSTOP);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		fail("seccomp");
	execvp(command[0], command);
	fail(command[0]);
}

// Handles one stop; gives the signal to go on with, and sets how.
static int stopped(pid_t thread, int status, int *how)
{
	struct __ptrace_syscall_info info;
	struct pending *call;
	int signal = WSTOPSIG(status);

	*how = find(thread) ? PTRACE_SYSCALL : PTRACE_CONT;
	if (status >> 16 == PTRACE_EVENT_SECCOMP) {
		if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof(info), &info) > 0 &&
		    info.op == PTRACE_SYSCALL_INFO_SECCOMP) {
			enter(thread, &info);
			*how = PTRACE_SYSCALL;
		}
		return 0;
	}
	if (signal == (SIGTRAP | 0x80)) {
		call = find(thread);
		if (call && ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof(info), &info) > 0 &&
		    info.op == PTRACE_SYSCALL_INFO_EXIT) {
			print(call, info.exit.rval);
			call->thread = 0;
			*how = PTRACE_CONT;
		}
		return 0;
	}
	// New threads begin with a stop, and events come as traps: nothing to pass on.
	return status >> 16 || signal == SIGSTOP ? 0 : signal;
}

int main(int count, char **words)
{
	int options = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE |
		      PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC |
		      PTRACE_O_EXITKILL;
	int status, how, result = 2;
	pid_t first, thread;

	if (count < 3) {
		fprintf(stderr, "usage: tracer FILE COMMAND...\n");
		return 2;
	}
	out = fopen(words[1], "w");
	if (!out)
		fail(words[1]);
	first = fork();
	if (first < 0)
		fail("fork");
	if (first == 0)
		child(words + 2);
	if (waitpid(first, &status, 0) != first || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_SETOPTIONS, first, 0, options) || ptrace(PTRACE_CONT, first, 0, 0))
		fail("ptrace");
	while ((thread = waitpid(-1, &status, __WALL)) > 0) {
		if (WIFSTOPPED(status)) {
			int signal = stopped(thread, status, &how);

			ptrace(how, thread, 0, signal);
		} else if (thread == first) {
			result = WIFEXITED(status) ? WEXITSTATUS(status) : 2;
		}
	}
	fclose(out);
	return result;
}
