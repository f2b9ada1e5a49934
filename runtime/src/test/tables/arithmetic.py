#!/usr/bin/env python3
"""Writes arithmetic.txt: what every arithmetic instruction and every conditional jump gives at the
edges, computed with Python's unbounded integers straight from the wording of RFC 9669, sections
4.1 to 4.3. Run it from this folder after a change:

    ./arithmetic.py > ../resources/org/ebpf4j/runtime/arithmetic.txt
"""

MASK = {32: (1 << 32) - 1, 64: (1 << 64) - 1}
MIN32, MAX32 = 0x80000000, 0x7FFFFFFF
MIN64, MAX64 = 0x8000000000000000, 0x7FFFFFFFFFFFFFFF
ALL = MASK[64]

# Register contents: 64-bit edges, and for 32-bit operations edges with a used upper half.
OPERANDS = {
    64: [0, 1, ALL, MIN64, MAX64, MIN32, 0xFEDCBA9876543210],
    32: [0, 1, MASK[32], MIN32, MAX32, 0xDEADBEEF00000000, 0xFEDCBA9876543210],
}
IMMEDIATES = [0, 1, -1, MAX32, -MIN32, 10]
SHIFTS = {64: [0, 1, 31, 32, 63, 64, 65, ALL], 32: [0, 1, 31, 32, 33, 63, 64, MASK[32]]}
SHIFT_IMMEDIATES = {64: [0, 1, 31, 32, 63], 32: [0, 1, 16, 31]}


def signed(bits, value):
    value &= MASK[bits]
    return value - (1 << bits) if value >> (bits - 1) else value


def toward_zero(a, b):
    quotient = abs(a) // abs(b)
    return quotient if (a < 0) == (b < 0) else -quotient


def divide(bits, a, b):
    return 0 if b == 0 else a // b


def divide_signed(bits, a, b):
    return 0 if b == 0 else toward_zero(signed(bits, a), signed(bits, b))


def remainder(bits, a, b):
    return a if b == 0 else a % b


def remainder_signed(bits, a, b):
    if b == 0:
        return a
    x, y = signed(bits, a), signed(bits, b)
    return x - y * toward_zero(x, y)


# Operands come in as unsigned numbers of the operation's width; the result is cut to it.
OPERATIONS = {
    "+=": lambda bits, a, b: a + b,
    "-=": lambda bits, a, b: a - b,
    "*=": lambda bits, a, b: a * b,
    "/=": divide,
    "s/=": divide_signed,
    "|=": lambda bits, a, b: a | b,
    "&=": lambda bits, a, b: a & b,
    "<<=": lambda bits, a, b: a << (b % bits),
    ">>=": lambda bits, a, b: a >> (b % bits),
    "%=": remainder,
    "s%=": remainder_signed,
    "^=": lambda bits, a, b: a ^ b,
    "=": lambda bits, a, b: b,
    "s>>=": lambda bits, a, b: signed(bits, a) >> (b % bits),
}

CONDITIONS = {
    "==": lambda bits, a, b: a == b,
    ">": lambda bits, a, b: a > b,
    ">=": lambda bits, a, b: a >= b,
    "&": lambda bits, a, b: a & b != 0,
    "!=": lambda bits, a, b: a != b,
    "s>": lambda bits, a, b: signed(bits, a) > signed(bits, b),
    "s>=": lambda bits, a, b: signed(bits, a) >= signed(bits, b),
    "<": lambda bits, a, b: a < b,
    "<=": lambda bits, a, b: a <= b,
    "s<": lambda bits, a, b: signed(bits, a) < signed(bits, b),
    "s<=": lambda bits, a, b: signed(bits, a) <= signed(bits, b),
}


def name(bits, number):
    return ("r" if bits == 64 else "w") + str(number)


def case(inputs, outputs):
    show = lambda values: " ".join(f"r{n}=0x{v:x}" for n, v in values.items())
    print(f"    {show(inputs)} -> {show(outputs)}")


def arithmetic(bits):
    mask = MASK[bits]
    for symbol, operation in OPERATIONS.items():
        shift = symbol in ("<<=", ">>=", "s>>=")
        print(f"{name(bits, 1)} {symbol} {name(bits, 2)}")
        for a in OPERANDS[bits]:
            for b in SHIFTS[bits] if shift else OPERANDS[bits]:
                case({1: a, 2: b}, {1: operation(bits, a & mask, b & mask) & mask})
        for immediate in SHIFT_IMMEDIATES[bits] if shift else IMMEDIATES:
            print(f"{name(bits, 1)} {symbol} {immediate}")
            for a in OPERANDS[bits]:
                case({1: a}, {1: operation(bits, a & mask, immediate & mask) & mask})
    print(f"{name(bits, 1)} = -{name(bits, 1)}")
    for a in OPERANDS[bits]:
        case({1: a}, {1: -a & mask})


def sign_extending_moves(bits):
    for narrow in (8, 16, 32):
        if narrow < bits:
            print(f"{name(bits, 1)} = (s{narrow}){name(bits, 2)}")
            top = 1 << (narrow - 1)
            for value in (0, 1, top - 1, top, 2 * top - 1, 0xFEDCBA9876543210, ALL - top):
                low = value & (2 * top - 1)
                extended = low - 2 * top if low & top else low
                case({1: 7, 2: value}, {1: extended & MASK[bits]})


def byte_swaps():
    for bits in (16, 32, 64):
        for order in ("le", "be", "bswap"):
            print(f"r1 = {order}{bits} r1")
            for value in (0, 1, ALL, MIN64, 0x0123456789ABCDEF, 0xFEDCBA9876543210):
                low = (value & ((1 << bits) - 1)).to_bytes(bits // 8, "little")
                case({1: value}, {1: int.from_bytes(low, "little" if order == "le" else "big")})


def jumps(bits):
    """A jump that is taken leaves 1 in R0, one that is not leaves 0."""
    mask = MASK[bits]
    for symbol, holds in CONDITIONS.items():
        print(f"r0 = 1; if {name(bits, 1)} {symbol} {name(bits, 2)} goto +1; r0 = 0")
        for a in OPERANDS[bits]:
            for b in OPERANDS[bits]:
                case({1: a, 2: b}, {0: int(holds(bits, a & mask, b & mask))})
        for immediate in IMMEDIATES:
            print(f"r0 = 1; if {name(bits, 1)} {symbol} {immediate} goto +1; r0 = 0")
            for a in OPERANDS[bits] + [immediate & mask]:
                case({1: a}, {0: int(holds(bits, a & mask, immediate & mask))})


print("# Written by arithmetic.py, which says how the values are computed.")
print("# A line without indentation is a program; below it are its cases: registers before it runs")
print("# -> registers after it; all others stay as they were. Byte orders are of little-endian hosts.")
for width in (64, 32):
    arithmetic(width)
    sign_extending_moves(width)
byte_swaps()
for width in (64, 32):
    jumps(width)
