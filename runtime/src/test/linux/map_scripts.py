"""Writes scripts for map_oracle.c: `attributes` (which maps can be made) or `operations` (what they do)."""
import itertools
import random
import sys

HASH, ARRAY, PROG_ARRAY, PERF, PERCPU_HASH, PERCPU_ARRAY, STACK_TRACE = 1, 2, 3, 4, 5, 6, 7
LRU_HASH, LRU_PERCPU_HASH, LPM, ARRAY_OF_MAPS, HASH_OF_MAPS, DEVMAP = 9, 10, 11, 12, 13, 14
CPUMAP, XSKMAP, QUEUE, STACK, DEVMAP_HASH, RINGBUF, BLOOM, USER_RINGBUF = 16, 17, 22, 23, 25, 27, 30, 31
NO_PREALLOC = 1

# A map of each type that can be made: key size, value size, entries, flags.
BASE = {
    HASH: (4, 8, 4, 0), ARRAY: (4, 8, 4, 0), PROG_ARRAY: (4, 4, 4, 0), PERF: (4, 4, 4, 0),
    PERCPU_HASH: (4, 8, 4, 0), PERCPU_ARRAY: (4, 8, 4, 0), STACK_TRACE: (4, 64, 4, 0),
    LRU_HASH: (4, 8, 4, 0), LRU_PERCPU_HASH: (4, 8, 4, 0), LPM: (8, 8, 4, NO_PREALLOC),
    ARRAY_OF_MAPS: (4, 4, 4, 0), HASH_OF_MAPS: (4, 4, 4, 0), DEVMAP: (4, 4, 4, 0),
    CPUMAP: (4, 4, 2, 0), XSKMAP: (4, 4, 4, 0), QUEUE: (0, 8, 4, 0), STACK: (0, 8, 4, 0),
    DEVMAP_HASH: (4, 4, 4, 0), RINGBUF: (0, 0, 4096, 0), BLOOM: (0, 8, 4, 0),
    USER_RINGBUF: (0, 0, 4096, 0),
}
KEYS = [0, 1, 4, 5, 8, 16, 260, 261, 512, 513]
VALUES = [0, 1, 4, 8, 12, 32, 1016, 1024, 32768, 32769, 4194000, 4194304, 4194305, 2147483648]
ENTRIES = [0, 1, 3, 8192, 12288]
# Not BPF_F_NUMA_NODE alone: node 0 is what attr says then, and every machine has it.
FLAGS = [1 << bit for bit in range(20) if bit not in (9, 13, 14, 15, 16)] + [3 << 3, 3 << 7, 5, 6, 1 | 1 << 3]


def attributes():
    for kind, (key, value, entries, flags) in BASE.items():
        rows = [(k, value, entries, flags, 0) for k in KEYS]
        rows += [(key, v, entries, flags, 0) for v in VALUES]
        rows += [(key, value, n, flags, 0) for n in ENTRIES]
        rows += [(key, value, entries, f, 0) for f in FLAGS]
        rows += [(key, value, entries, flags, x) for x in (1, 15, 16)]
        # Which complaint comes first.
        rows += [(0, 0, 0, 1 << 19, 0), (3, 4194305, 1, 1 << 19, 0), (0, 4194305, 0, flags, 0),
                 (key, 0, 0, 1 << 19, 0), (key, 40000, 0, flags, 0)]
        if kind == CPUMAP:
            # How many are too many depends on how the kernel was built.
            rows = [row for row in rows if row[2] < 8192]
        for row in dict.fromkeys(rows):
            print("map", kind, *row)


def operations():
    dice = random.Random(6)
    for kind in (HASH, LRU_HASH, ARRAY, PERCPU_HASH, PERCPU_ARRAY, LRU_PERCPU_HASH):
        for size in (4, 8):
            key, value, entries, flags = BASE[kind]
            # An LRU map forgets by rules of its own: leave it room.
            room = 400 if kind in (LRU_HASH, LRU_PERCPU_HASH) else 4
            print("map", kind, key, size, room, flags)
            keyed(dice, room, 60, kind in (ARRAY, PERCPU_ARRAY))
    print("map", HASH, 4, 8, 3, NO_PREALLOC)
    keyed(dice, 3, 60, False)
    print("map", HASH, 40, 3, 3, 0)
    keyed(dice, 3, 40, False)
    for kind in (QUEUE, STACK):
        print("map", kind, 0, 8, 3, 0)
        for step in range(60):
            print(dice.choice([f"update 0 {step} 0", f"update 0 {step} 2", "lookup 0 0", "take 0",
                               f"update 0 {step} 1", "delete 0", f"update 0 {step} 4", "next -"]))
    print("map", BLOOM, 0, 8, 100, 0)
    for step in range(5):
        print(f"update 0 {step} 0")
        print(f"lookup {step} 0")
    for line in ("update 0 1 1", "update 0 1 2", "delete 0", "next -", "take 0", "lookup 99999 0"):
        print(line)
    trie(dice)
    for kind in (DEVMAP, DEVMAP_HASH):
        print("map", kind, 4, 4, 2, 0)
        for line in ("update 0 1 0", "update 0 1 1", "update 1 1 2", "update 1 0 0", "update 2 1 0",
                     "update 3 1 0", "update 1 1 3", "lookup 0 0", "lookup 1 0", "lookup 9 0", "delete 0",
                     "delete 0", "delete 9", "take 1", "lookup 0 0"):
            print(line)
    print("map", CPUMAP, 4, 4, 4, 0)
    for line in ("update 0 192 0", "update 0 192 1", "update 0 20000 0", "lookup 0 0", "update 0 0 0",
                 "lookup 0 0", "delete 0", "delete 9", "update 9 1 0", "next -", "next 3", "take 0"):
        print(line)
    for kind in (ARRAY_OF_MAPS, HASH_OF_MAPS):
        print("map", kind, 4, 4, 2, 0)
        for line in (f"putmap 0 {ARRAY} 4 8 1 0", f"putmap 1 {ARRAY} 4 8 2 0", f"putmap 1 {HASH} 4 8 1 0",
                     f"putmap 1 {ARRAY} 4 4 1 0", f"putmap 1 {ARRAY} 4 8 1 128", "lookup 0 0", "lookup 1 0",
                     "lookup 5 0", "delete 1", "delete 5", "delete 0", "delete 0", "lookup 0 0",
                     f"putmap 7 {ARRAY} 4 8 1 0", f"putmap 1 {ARRAY} 4 8 1 0", f"putmap 2 {ARRAY} 4 8 1 0",
                     "take 1"):
            print(line)
    for kind in (PROG_ARRAY, PERF):
        print("map", kind, 4, 4, 2, 0)
        for line in ("lookup 0 0", "lookup 9 0", "delete 0", "delete 9", "next -", "next 0", "next 1", "take 0"):
            print(line)
    print("map", STACK_TRACE, 4, 64, 4, 0)
    for line in ("lookup 0 0", "lookup 9 0", "delete 0", "delete 9", "next -", "update 0 0 0"):
        print(line)
    for kind in (RINGBUF, USER_RINGBUF):
        print("map", kind, 0, 0, 4096, 0)
        for line in ("lookup 0 0", "update 0 0 0", "delete 0", "next -", "take 0"):
            print(line)
    for flags in (1 << 3, 1 << 4, 1 << 7, 1 << 8):
        print("map", HASH, 4, 8, 2, flags)
        for line in ("update 1 1 0", "lookup 1 0", "delete 1", "next -", "take 1", "freeze"):
            print(line)
    for kind in (HASH, ARRAY):
        print("map", kind, 4, 8, 2, 0)
        for line in ("update 1 1 0", "freeze", "update 1 2 0", "lookup 1 0", "delete 1", "take 1", "next 0",
                     "freeze"):
            print(line)


def keyed(dice, entries, steps, ordered):
    for step in range(steps):
        key = dice.randrange(min(entries, 4) + 2)
        value = dice.randrange(1000)
        flags = dice.choice([0, 0, 0, 1, 2, 3, 4, 5, 8])
        what = dice.choice(["update", "update", "update", "lookup", "delete", "take", "end"])
        if what == "update":
            print("update", key, value, flags)
        elif what == "lookup":
            print("lookup", key, dice.choice([0, 0, 0, 1, 4]))
        elif what == "end" and ordered:
            print("next", dice.choice(["-", str(key)]))
        elif what != "end":
            print(what, key)


def trie(dice):
    for size in (1, 4, 9):
        print("map", LPM, 4 + size, 4, 6, NO_PREALLOC)
        known = [prefix(dice, size) for _ in range(12)]
        for step in range(200):
            key = dice.choice(known) if dice.random() < 0.8 else prefix(dice, size)
            print(dice.choice([
                f"update {key} {step} 0", f"update {key} {step} 0", f"update {key} {step} {dice.choice([1, 2, 3, 4])}",
                f"lookup {key} 0", f"lookup {key} 0", f"delete {key}", f"next {key}", "next -"]))


def prefix(dice, size):
    # Few different bits, so that prefixes meet.
    data = bytes(dice.choice([0x00, 0x80, 0xc0, 0xff]) for _ in range(size))
    bits = dice.randrange(size * 8 + 2)
    return "x" + bits.to_bytes(4, "little").hex() + data.hex()


{"attributes": attributes, "operations": operations}[sys.argv[1]]()
