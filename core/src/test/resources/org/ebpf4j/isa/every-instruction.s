# Instructions as clang's assembler takes them. regenerate.sh makes the object and the listing.
	.text
main:
	r1 = 5
	w1 = 5
	r1 = r2
	w1 = w2
	r1 += r2
	w1 -= -7
	r1 s/= r2
	w1 s%= 3
	r1 s>>= 3
	w1 >>= w2
	r1 = -r1
	w1 = -w1
	r1 = (s8)r2
	r1 = (s16)r2
	r1 = (s32)r2
	w1 = (s8)w2
	w1 = (s16)w2
	r1 = be16 r1
	r1 = be32 r1
	r1 = le64 r1
	r1 = bswap16 r1
	r1 = bswap64 r1
	r1 = addr_space_cast(r2, 0, 1)
	r1 = addr_space_cast(r2, 1, 0)
	r1 = *(u32 *)(r1 + 0)
	r1 = *(u8 *)(r10 - 8)
	r1 = *(s8 *)(r10 - 8)
	r1 = *(s16 *)(r2 + 8)
	r1 = *(s32 *)(r2 + 32767)
	w1 = *(u8 *)(r2 + 0)
	w1 = *(u32 *)(r2 + 0)
	r1 = *(u64 *)(r2 - 32768)
	*(u64 *)(r10 - 8) = r1
	*(u32 *)(r10 - 8) = w1
	*(u16 *)(r10 - 8) = w1
	*(u8 *)(r10 - 8) = 7
	*(u64 *)(r10 - 8) = -7
	*(u32 *)(r10 - 8) = 0x7fffffff
	lock *(u64 *)(r1 + 0) += r2
	lock *(u32 *)(r1 + 0) += w2
	lock *(u64 *)(r1 + 8) |= r2
	lock *(u64 *)(r1 - 8) ^= r2
	r2 = atomic_fetch_add((u64 *)(r1 + 0), r2)
	r2 = atomic_fetch_and((u64 *)(r1 - 8), r2)
	r2 = atomic_fetch_xor((u64 *)(r1 - 8), r2)
	r2 = xchg_64(r1 + 0, r2)
	r0 = cmpxchg_64(r1 + 0, r0, r2)
	r0 = 1 ll
	r1 = -1 ll
	r1 = 0x1122334455667788 ll
	r0 = *(u8 *)skb[14]
	r0 = *(u16 *)skb[12]
	r0 = *(u32 *)skb[r1]
	r0 = *(u8 *)skb[r7]
	if r1 s> 5 goto +3
	if r1 == r2 goto -3
	if w1 != -1 goto +3
	if w1 s<= w2 goto +3
	if r1 & 7 goto +1
	if r1 > 7 goto +1
	if r1 >= 7 goto +1
	if r1 < 0x7fffffff goto +1
	goto +2
	goto -2
	gotol +2
	gotol -2
	may_goto +3
	call 1
	call -1
	call main
	exit
second:
	r1 = 0x7fffffff
	r1 = -0x80000000
	w1 = -0x80000000
	r1 = 0x8000000000000000 ll
	r2 = 0xffffffff ll
	r0 = *(u8 *)skb[-0x1000]
	r1 *= r2
	w1 /= w2
	w1 %= 7
	r1 |= 0x10
	r1 &= -0x10
	r1 ^= r2
	w1 ^= w2
	r1 <<= 63
	w1 <<= 31
	r1 >>= r2
	w1 s>>= w2
	r9 s%= r8
	w9 s/= -1
	r1 = le16 r1
	r1 = le32 r1
	r1 = be64 r1
	r1 = bswap32 r1
	*(u16 *)(r1 + 2) = -1
	*(u64 *)(r1 + 0) = 0x7fffffff
	if r1 s>= r2 goto second
	if r1 s< -1 goto second
	if r1 <= r2 goto second
	if r1 != 0 goto second
	if w1 & w2 goto second
	if w1 > 0x7fffffff goto second
	if w1 >= w2 goto second
	if w1 < 1 goto second
	if w1 <= 1 goto second
	if w1 s> 1 goto second
	if w1 s>= 1 goto second
	if w1 s< 1 goto second
	if w1 == 1 goto second
	may_goto second
	goto main
	gotol main
	ld_pseudo r1, 1, 5
	ld_pseudo r1, 3, 7
	ld_pseudo r1, 4, 5
	call 0x7fffffff
	exit
