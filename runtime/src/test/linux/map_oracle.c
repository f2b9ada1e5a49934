// Runs map operations on Linux and writes down what each gave. Reads a script from standard input,
// writes it to standard output with " -> ERRNO [VALUE]" after each line. Needs root.
//
//   map TYPE KEY_SIZE VALUE_SIZE MAX_ENTRIES FLAGS [MAP_EXTRA]   makes the map of the lines after it
//   update KEY VALUE FLAGS | lookup KEY FLAGS | delete KEY | take KEY | next KEY | freeze
//   putmap KEY TYPE KEY_SIZE VALUE_SIZE MAX_ENTRIES FLAGS
//
// A key or value is a decimal number, little endian, or x and hex bytes; both are padded with zeros.
// "-" as a key of next is none. Rows of per-CPU maps get the same value for each CPU, and the first is
// shown. Maps of maps are made with inner maps that are arrays of one u64.
#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static unsigned type, key_size, value_size;
static int map = -1, cpus;

static int sys(int cmd, union bpf_attr *attr) {
  return syscall(__NR_bpf, cmd, attr, sizeof *attr) < 0 ? -errno : 0;
}

static int create(unsigned t, unsigned k, unsigned v, unsigned n, unsigned f, uint64_t extra) {
  union bpf_attr attr = {.map_type = t, .key_size = k, .value_size = v, .max_entries = n,
                         .map_flags = f, .map_extra = extra};
  if (t == BPF_MAP_TYPE_ARRAY_OF_MAPS || t == BPF_MAP_TYPE_HASH_OF_MAPS) {
    attr.inner_map_fd = create(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0, 0);
  }
  int fd = syscall(__NR_bpf, BPF_MAP_CREATE, &attr, sizeof attr);
  return fd < 0 ? -errno : fd;
}

static int per_cpu(void) {
  return type == BPF_MAP_TYPE_PERCPU_HASH || type == BPF_MAP_TYPE_PERCPU_ARRAY ||
         type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

static void parse(const char *text, unsigned char *to, unsigned size) {
  memset(to, 0, size);
  if (text[0] == 'x') {
    for (unsigned i = 0; i < size && text[1 + 2 * i]; i++) {
      unsigned byte;
      sscanf(text + 1 + 2 * i, "%2x", &byte);
      to[i] = byte;
    }
  } else {
    unsigned long long number = strtoull(text, NULL, 10);
    memcpy(to, &number, size < 8 ? size : 8);
  }
}

static void show(const unsigned char *bytes, unsigned size) {
  printf(" x");
  for (unsigned i = 0; i < size; i++) printf("%02x", bytes[i]);
}

int main(void) {
  char line[4096];
  cpus = sysconf(_SC_NPROCESSORS_CONF);
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = 0;
    if (!line[0] || line[0] == '#') {
      puts(line);
      continue;
    }
    char op[32], a[1024] = "", b[2048] = "", c[64] = "", d[64] = "", e[64] = "", f[64] = "";
    sscanf(line, "%31s %1023s %2047s %63s %63s %63s %63s", op, a, b, c, d, e, f);
    static unsigned char key[65536], next[65536], value[1 << 20];
    unsigned stride = (value_size + 7) & ~7u;
    union bpf_attr attr;
    memset(&attr, 0, sizeof attr);
    attr.map_fd = map;
    // bpf(2) refuses a key where the map has none.
    attr.key = key_size ? (uint64_t)key : 0;
    attr.value = (uint64_t)value;
    int result = 0, shown = 0;
    if (!strcmp(op, "map")) {
      if (map >= 0) close(map);
      type = atoi(a), key_size = strtoul(b, 0, 10), value_size = strtoul(c, 0, 10);
      map = create(type, key_size, value_size, strtoul(d, 0, 10), strtoul(e, 0, 10),
                   strtoull(f, 0, 10));
      result = map < 0 ? map : 0;
    } else if (!strcmp(op, "update")) {
      parse(a, key, key_size);
      parse(b, value, value_size);
      for (int i = 1; per_cpu() && i < cpus; i++) parse(b, value + i * stride, value_size);
      attr.flags = strtoull(c, 0, 10);
      result = sys(BPF_MAP_UPDATE_ELEM, &attr);
    } else if (!strcmp(op, "lookup")) {
      parse(a, key, key_size);
      if (type == BPF_MAP_TYPE_BLOOM_FILTER) parse(a, value, value_size);
      attr.flags = strtoull(b, 0, 10);
      result = sys(BPF_MAP_LOOKUP_ELEM, &attr);
      shown = 1;
    } else if (!strcmp(op, "take")) {
      parse(a, key, key_size);
      result = sys(BPF_MAP_LOOKUP_AND_DELETE_ELEM, &attr);
      shown = 1;
    } else if (!strcmp(op, "delete")) {
      parse(a, key, key_size);
      attr.value = 0;
      result = sys(BPF_MAP_DELETE_ELEM, &attr);
    } else if (!strcmp(op, "next")) {
      parse(a, key, key_size);
      if (a[0] == '-') attr.key = 0;
      attr.next_key = (uint64_t)next;
      result = sys(BPF_MAP_GET_NEXT_KEY, &attr);
    } else if (!strcmp(op, "freeze")) {
      attr.key = attr.value = 0;
      result = sys(BPF_MAP_FREEZE, &attr);
    } else if (!strcmp(op, "putmap")) {
      parse(a, key, key_size);
      int inner = create(atoi(b), atoi(c), atoi(d), atoi(e), atoi(f), 0);
      memcpy(value, &inner, 4);
      result = sys(BPF_MAP_UPDATE_ELEM, &attr);
      close(inner);
    }
    printf("%s -> %d", line, -result);
    if (!result && shown && type != BPF_MAP_TYPE_ARRAY_OF_MAPS && type != BPF_MAP_TYPE_HASH_OF_MAPS)
      show(value, value_size);
    if (!result && !strcmp(op, "next")) show(next, key_size);
    puts("");
  }
  return 0;
}
