// SPDX-License-Identifier: Apache-2.0
// What ebpf4j's Linux host does, done by libbpf, to compare the two. Usage:
//
//   twin load OBJECT...   loads each program of each object alone and prints what came of it:
//                         object, program and errno (0: loaded), one line each, tabs between
//   twin replace TARGET PROGRAM OBJECT
//                         the same, each program for a function of PROGRAM in the object TARGET
//   twin all OBJECT       loads the object as a whole, so that its calls can be traced
//   twin time             does what the lines on standard input say, and prints nanoseconds:
//                         "lookup N", "batch N", "load OBJECT N"; "end" or the end of input ends
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ELEMENTS 10000
#define BATCH 1000

static int silent(enum libbpf_print_level level, const char *format, va_list arguments)
{
	return 0;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void report(const char *object, const char *program, int error)
{
	printf("%s\t%s\t%d\n", base_name(object), program, error < 0 ? -error : error);
}

// target: descriptor of the program whose function the program is for, 0 for none
static int load_one(const char *path, const char *name, int target)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	struct bpf_program *program;
	int error;

	if (!object)
		return -errno;
	bpf_object__for_each_program(program, object) {
		bpf_program__set_autoload(program, !strcmp(bpf_program__name(program), name));
		if (target)
			bpf_program__set_attach_target(program, target, NULL);
	}
	error = bpf_object__load(object);
	bpf_object__close(object);
	return error;
}

static void load_each(const char *path, int target)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	struct bpf_program *program;

	if (!object) {
		report(path, "", errno);
		return;
	}
	bpf_object__for_each_program(program, object)
		report(path, bpf_program__name(program),
		       load_one(path, bpf_program__name(program), target));
	bpf_object__close(object);
}

static int replace(const char *target, const char *name, const char *path)
{
	struct bpf_object *object = bpf_object__open_file(target, NULL);
	struct bpf_program *program;

	if (!object || bpf_object__load(object)) {
		report(target, "", errno);
		return 1;
	}
	program = bpf_object__find_program_by_name(object, name);
	if (program)
		load_each(path, bpf_program__fd(program));
	bpf_object__close(object);
	return program ? 0 : 1;
}

static int load_all(const char *path)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	int error = object ? bpf_object__load(object) : -errno;

	report(path, "*", error);
	bpf_object__close(object);
	return error ? 1 : 0;
}

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void fail(const char *what)
{
	fprintf(stderr, "twin: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int map(void)
{
	static int descriptor = -1;

	if (descriptor >= 0)
		return descriptor;
	descriptor = bpf_map_create(BPF_MAP_TYPE_HASH, "twin", 4, 8, ELEMENTS, NULL);
	if (descriptor < 0)
		fail("map");
	for (unsigned int key = 0; key < ELEMENTS; key++) {
		unsigned long long value = key;

		if (bpf_map_update_elem(descriptor, &key, &value, BPF_ANY))
			fail("update");
	}
	return descriptor;
}

static long long time_lookups(int count)
{
	int descriptor = map();
	unsigned long long sum = 0;
	long long start = now();

	for (int i = 0; i < count; i++) {
		unsigned int key = i % ELEMENTS;
		unsigned long long value;

		if (bpf_map_lookup_elem(descriptor, &key, &value))
			fail("lookup");
		sum += value;
	}
	return sum ? now() - start : -1;
}

// Walks through the whole map, count times; keys and values are looked at, as a reader would.
static long long time_batches(int count)
{
	static unsigned int keys[BATCH];
	static unsigned long long values[BATCH];
	int descriptor = map();
	unsigned long long sum = 0;
	long long start = now();

	for (int i = 0; i < count; i++) {
		unsigned int cursor, found;
		void *from = NULL;
		int error;

		do {
			found = BATCH;
			error = bpf_map_lookup_batch(descriptor, from, &cursor, keys, values,
						     &found, NULL);
			if (error && errno != ENOENT)
				fail("batch");
			for (unsigned int j = 0; j < found; j++)
				sum += keys[j] + values[j];
			from = &cursor;
		} while (!error);
	}
	return sum ? now() - start : -1;
}

static long long time_loads(const char *path, int count)
{
	long long start = now();

	for (int i = 0; i < count; i++) {
		struct bpf_object *object = bpf_object__open_file(path, NULL);

		if (!object || bpf_object__load(object))
			fail(path);
		bpf_object__close(object);
	}
	return now() - start;
}

static int time_commands(void)
{
	char line[4096], path[4096];
	int count;

	while (fgets(line, sizeof(line), stdin) && strcmp(line, "end\n")) {
		if (sscanf(line, "lookup %d", &count) == 1)
			printf("%lld\n", time_lookups(count));
		else if (sscanf(line, "batch %d", &count) == 1)
			printf("%lld\n", time_batches(count));
		else if (sscanf(line, "load %4000s %d", path, &count) == 2)
			printf("%lld\n", time_loads(path, count));
		else
			fail(line);
		fflush(stdout);
	}
	return 0;
}

int main(int count, char **words)
{
	libbpf_set_print(silent);
	if (count >= 3 && !strcmp(words[1], "load")) {
		for (int i = 2; i < count; i++)
			load_each(words[i], 0);
		return 0;
	}
	if (count == 5 && !strcmp(words[1], "replace"))
		return replace(words[2], words[3], words[4]);
	if (count == 3 && !strcmp(words[1], "all"))
		return load_all(words[2]);
	if (count == 2 && !strcmp(words[1], "time"))
		return time_commands();
	fprintf(stderr, "usage: twin load OBJECT... | replace TARGET PROGRAM OBJECT | all OBJECT | time\n");
	return 2;
}
