#!/usr/bin/env python3
"""Slow second implementation of proxy re-encryption, from docs/format/proxy-re-encryption.md alone: big integers, polynomials
multiplied as integers, transforms by their definition, ristretto255 and Ed25519 from RFC 9496 and RFC 8032, AES from FIPS 197.
Standard library only. `pre_model.py > ../data/pre_vectors.txt` writes the known answers that pre_vectors_test.cc checks (two minutes)."""
import hashlib
import hmac
import struct
import sys


def sha3(*parts):
    return hashlib.sha3_256(b"".join(parts)).digest()


def xof(strength, domain, seed, index, count):
    shake = {128: hashlib.shake_128, 256: hashlib.shake_256}[strength]
    return shake(bytes([len(domain)]) + domain.encode() + seed + struct.pack("<Q", index)).digest(count)


def le(data):
    return int.from_bytes(data, "little")


# The lattice half.

class Ring:
    def __init__(self, n, q, psi, bits, digits, log_base, flood, mu):
        self.n, self.q, self.psi, self.bits = n, q, psi, bits
        self.digits, self.log_base, self.flood, self.mu = digits, log_base, flood, mu
        width = n.bit_length() - 1
        reverse = [int(format(j, f"0{width}b")[::-1], 2) for j in range(n)]
        self.points = [pow(psi, 2 * reverse[j] + 1, q) for j in range(n)]

    def smaller(self, n, mu):
        return Ring(n, self.q, pow(self.psi, self.n // n, self.q), self.bits, self.digits, self.log_base, self.flood, mu)

    def forward(self, poly):
        """Values at the odd powers of psi, in bit-reversed order."""
        out = []
        for point in self.points:
            value = 0
            for c in reversed(poly):
                value = (value * point + c) % self.q
            out.append(value)
        return out

    def inverse(self, values):
        n, q = self.n, self.q
        scale = pow(n, q - 2, q)
        sums = [0] * n
        for value, point in zip(values, self.points):
            step, term = pow(point, q - 2, q), value * scale % q
            for i in range(n):
                sums[i] += term
                term = term * step % q
        return [s % q for s in sums]

    def multiply(self, a, b):
        """X^n = -1; the product of two integers with wide digits."""
        width = 2 * self.bits + self.n.bit_length() + 1
        pack = lambda p: sum(c << (width * i) for i, c in enumerate(p)) if len(p) < 64 else join(p, width)
        product = pack([c % self.q for c in a]) * pack([c % self.q for c in b])
        mask, raw = (1 << width) - 1, product.to_bytes((width * 2 * self.n + 7) // 8, "little")
        wide = []
        for i in range(2 * self.n):
            at = width * i
            wide.append((le(raw[at // 8:(at + width) // 8 + 1]) >> (at % 8)) & mask)
        return [(wide[i] - wide[i + self.n]) % self.q for i in range(self.n)]

    def add(self, *polys):
        return [sum(cs) % self.q for cs in zip(*polys)]


def join(values, width):
    if len(values) == 1:
        return values[0]
    half = len(values) // 2
    return join(values[:half], width) | join(values[half:], width) << (width * half)


KEM_2048 = Ring(2048, 2**40 - 9 * 2**14 + 1, 62197469660, 40, 2, 20, 36, 256)
KEM_4096 = Ring(4096, 2**60 - 2**14 + 1, 431606828070683274, 60, 2, 30, 56, 256)


def expand_a(ring, rho):
    size = 5 if ring.bits == 40 else 8
    stream = xof(128, "seal/v1/A", rho, 0, 3 * size * ring.n)
    words = (le(stream[i:i + size]) & (2**ring.bits - 1) for i in range(0, len(stream), size))
    return [w for w in words if w < ring.q][:ring.n]


def samp_2(ring, seed, index, count):
    stream = xof(256, "seal/v1/s", seed, index, count // 2)
    nibbles = [x for byte in stream for x in (byte & 15, byte >> 4)]
    return [(x & 1) + (x >> 1 & 1) - (x >> 2 & 1) - (x >> 3 & 1) for x in nibbles]


def samp_21(ring, seed, index, count):
    stream = xof(256, "seal/v1/e", seed, index, 6 * count)
    out = []
    for i in range(count):
        word = le(stream[6 * i:6 * i + 6])
        out.append(bin(word & (2**21 - 1)).count("1") - bin(word >> 21 & (2**21 - 1)).count("1"))
    return out


def samp_flood(ring, seed):
    size = (ring.flood + 7) // 8
    stream = xof(256, "seal/v1/flood", seed, 0, 4 * size * ring.mu)
    words = [le(stream[i:i + size]) & (2**ring.flood - 1) for i in range(0, len(stream), size)]
    return [sum(words[4 * j:4 * j + 4]) - 2 * (2**ring.flood - 1) for j in range(ring.mu)]


def pack(values, bits):
    return join(values, bits).to_bytes(len(values) * bits // 8, "little")


def unpack(data, bits):
    number, count = le(data), len(data) * 8 // bits
    return [number >> (bits * i) & (2**bits - 1) for i in range(count)]


def rounded(x, bits, q):
    return (2 * (x << bits) + q) // (2 * q) % 2**bits


def expanded(x, bits, q):
    return (2 * x * q + 2**bits) // 2**(bits + 1)


class LatticeKey:
    def __init__(self, ring, seed):
        stream = xof(256, "seal/v1/kg", seed, 0, 64)
        self.ring, self.rho, sigma = ring, stream[:32], stream[32:]
        self.s = samp_2(ring, sigma, 0, ring.n)
        e = samp_21(ring, sigma, 1, ring.n)
        self.a_hat = expand_a(ring, self.rho)
        self.a = ring.inverse(self.a_hat)
        self.b = [(x - y) % ring.q for x, y in zip(e, ring.multiply(self.a, self.s))]
        self.public = self.rho + pack(ring.forward(self.b), ring.bits)


def encrypt(key, m, coins):
    ring = key.ring
    u, e1, e0 = samp_2(ring, coins, 0, ring.n), samp_21(ring, coins, 1, ring.n), samp_21(ring, coins, 2, ring.mu)
    c1 = ring.add(ring.multiply(key.a, u), e1)
    bits = [m[j // 8] >> (j % 8) & 1 for j in range(ring.mu)]
    bu = ring.multiply(key.b, u)[:ring.mu]
    c0 = [(x + e + (ring.q + 1) // 2 * bit) % ring.q for x, e, bit in zip(bu, e0, bits)]
    return pack(c1, ring.bits) + pack([rounded(x, 12, ring.q) for x in c0], 12)


def parse_capsule(ring, capsule):
    size = ring.n * ring.bits // 8
    return unpack(capsule[:size], ring.bits), [expanded(x, 12, ring.q) for x in unpack(capsule[size:], 12)]


def rekey(owner, delegate, coins):
    ring, rows = owner.ring, []
    for i in range(ring.digits):
        u = samp_2(ring, coins, 3 * i, ring.n)
        e0, e1 = samp_21(ring, coins, 3 * i + 1, ring.n), samp_21(ring, coins, 3 * i + 2, ring.n)
        scaled = [2**(ring.log_base * i) * x for x in owner.s]
        rows.append((ring.add(ring.multiply(delegate.b, u), e0, scaled), ring.add(ring.multiply(delegate.a, u), e1)))
    return rows


def rekey_bytes(ring, rows):
    return b"".join(pack(ring.forward(poly), ring.bits) for row in rows for poly in row)


def digits(ring, c1):
    rest, out = [c - ring.q if c > ring.q // 2 else c for c in c1], []
    base = 2**ring.log_base
    for _ in range(ring.digits - 1):
        d = [(r + base // 2) % base - base // 2 for r in rest]
        rest = [(r - x) // base for r, x in zip(rest, d)]
        out.append(d)
    return out + [rest]


def transform_words(ring, rows, capsule, flood_seed):
    c1, c0 = parse_capsule(ring, capsule)
    ds = digits(ring, c1)
    out1 = ring.add(*[ring.multiply(d, row[1]) for d, row in zip(ds, rows)])
    sums = ring.add(*[ring.multiply(d, row[0]) for d, row in zip(ds, rows)])
    return out1, ring.add(c0, sums[:ring.mu], samp_flood(ring, flood_seed))


def transform(ring, rows, capsule, flood_seed):
    c1, c0 = transform_words(ring, rows, capsule, flood_seed)
    return pack([rounded(x, 12, ring.q) for x in c1], 12) + pack([rounded(x, 8, ring.q) for x in c0], 8)


def decrypt(key, transformed):
    ring, size = key.ring, key.ring.n * 12 // 8
    c1 = [expanded(x, 12, ring.q) for x in unpack(transformed[:size], 12)]
    c0 = [expanded(x, 8, ring.q) for x in unpack(transformed[size:], 8)]
    v = ring.add(c0, ring.multiply(c1, key.s)[:ring.mu])
    return pack([1 if ring.q < 4 * x < 3 * ring.q else 0 for x in v], 1)


# Edwards25519, ristretto255 (RFC 9496), Ed25519 (RFC 8032).

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)
BASE_Y = 4 * pow(5, P - 2, P) % P


def absolute(x):
    x %= P
    return P - x if x % 2 else x


def sqrt_ratio_abs(u, v):
    """RFC 9496, 4.2: whether u/v is a square, and the even root of it, or else of i*u/v."""
    r = u * v**3 % P * pow(u * v**7 % P, (P - 5) // 8, P) % P
    check = v * r * r % P
    good = check in (u % P, -u % P)
    if check in (-u % P, -u * SQRT_M1 % P):
        r = r * SQRT_M1 % P
    return good, absolute(r)


def recover_x(y):
    _, x = sqrt_ratio_abs(y * y - 1, D * y * y + 1)
    return x


BASE = (recover_x(BASE_Y), BASE_Y, 1, recover_x(BASE_Y) * BASE_Y % P)
NEUTRAL = (0, 1, 1, 0)


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]), (p[1] + p[0]) * (q[1] + q[0])
    c, d = 2 * p[3] * q[3] * D, 2 * p[2] * q[2]
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def negative(p):
    return -p[0] % P, p[1], p[2], -p[3] % P


def times(k, p):
    result = NEUTRAL
    while k:
        if k & 1:
            result = add(result, p)
        p, k = add(p, p), k >> 1
    return result


_, INVSQRT_A_MINUS_D = sqrt_ratio_abs(1, -1 - D)


def encode(p):
    x0, y0, z0, t0 = p
    u1, u2 = (z0 + y0) * (z0 - y0) % P, x0 * y0 % P
    _, inv = sqrt_ratio_abs(1, u1 * u2 * u2)
    den1, den2 = inv * u1 % P, inv * u2 % P
    z_inv = den1 * den2 * t0 % P
    if t0 * z_inv % P % 2:
        x, y, den = y0 * SQRT_M1 % P, x0 * SQRT_M1 % P, den1 * INVSQRT_A_MINUS_D % P
    else:
        x, y, den = x0, y0, den2
    if x * z_inv % P % 2:
        y = -y % P
    return absolute(den * (z0 - y)).to_bytes(32, "little")


def decode(data):
    s = le(data)
    assert s < P and s % 2 == 0
    u1, u2 = (1 - s * s) % P, (1 + s * s) % P
    v = (-D * u1 * u1 - u2 * u2) % P
    good, inv = sqrt_ratio_abs(1, v * u2 * u2)
    x = absolute(2 * s * inv * u2)
    y = u1 * inv * inv * u2 * v % P
    t = x * y % P
    assert good and t % 2 == 0 and y
    return x, y, 1, t


SQRT_AD_MINUS_ONE = absolute(sqrt_ratio_abs(-D - 1, 1)[1])


def elligator(t):
    r = SQRT_M1 * t * t % P
    u, v = (r + 1) * (1 - D * D) % P, (-1 - r * D) * (r + D) % P
    good, s = sqrt_ratio_abs(u, v)
    c = -1
    if not good:
        s, c = -absolute(s * t) % P, r
    n = (c * (r - 1) * (D - 1) * (D - 1) - v) % P
    sqrt_ad = P - SQRT_AD_MINUS_ONE  # the RFC's constant is the odd root
    w0, w1, w2, w3 = 2 * s * v % P, n * sqrt_ad % P, (1 - s * s) % P, (1 + s * s) % P
    return w0 * w3 % P, w2 * w1 % P, w1 * w3 % P, w0 * w2 % P


def from_hash(data):
    field = lambda half: le(half) & (2**255 - 1)
    return add(elligator(field(data[:32])), elligator(field(data[32:])))


U = from_hash(hashlib.sha512(b"seal/v1/U").digest())


def hs(domain, *parts):
    return le(hashlib.sha512(b"seal/v1/" + domain.encode() + b"".join(parts)).digest()) % L


def scalar_bytes(k):
    return (k % L).to_bytes(32, "little")


def ed25519_public(seed):
    return ed_encode(times(ed_clamped(seed), BASE))


def ed_encode(p):
    z = pow(p[2], P - 2, P)
    return (p[1] * z % P | (p[0] * z % P & 1) << 255).to_bytes(32, "little")


def ed_clamped(seed):
    return le(hashlib.sha512(seed).digest()[:32]) & (2**254 - 8) | 2**254


def ed25519_sign(seed, message):
    prefix, public = hashlib.sha512(seed).digest()[32:], ed25519_public(seed)
    r = le(hashlib.sha512(prefix + message).digest()) % L
    big_r = ed_encode(times(r, BASE))
    h = le(hashlib.sha512(big_r + public + message).digest()) % L
    return big_r + scalar_bytes(r + h * ed_clamped(seed))


class ClassicalKey:
    def __init__(self, seed):
        self.secret = hs("cls-kg", seed)
        self.point = times(self.secret, BASE)
        self.public = encode(self.point)


def encapsulate(key, context, wide_r, wide_v):
    r, v = le(wide_r) % L, le(wide_v) % L
    e, big_v = encode(times(r, BASE)), encode(times(v, BASE))
    s = v + r * hs("cap", e, big_v, key.public, context)
    return e + big_v + scalar_bytes(s), encode(times(r + v, key.point))


def classical_rekey(owner, delegate, info, wide):
    x = le(wide) % L
    big_x = encode(times(x, BASE))
    d = hs("rk", big_x, delegate.public, encode(times(x, delegate.point)), owner.public, info)
    rk = owner.secret * pow(d, L - 2, L) % L
    return rk, big_x, encode(times(rk, U))


def reencrypt(rk, big_x, big_r, capsule, context, nonce_key, name):
    e, v = decode(capsule[:32]), decode(capsule[32:64])
    e1, v1 = times(rk, e), times(rk, v)
    t = hs("dleq-t", nonce_key, name, capsule, context)
    c = hs("dleq", capsule[:32], capsule[32:64], encode(e1), encode(v1), big_r, encode(times(t, e)), encode(times(t, v)),
           encode(times(t, U)), big_x, context)
    return encode(e1) + encode(v1) + big_x + big_r + scalar_bytes(c) + scalar_bytes(t + c * rk)


def open_fragment(delegate, fragment, owner_public, info):
    e1, v1, x = (decode(fragment[i:i + 32]) for i in (0, 32, 64))
    d = hs("rk", fragment[64:96], delegate.public, encode(times(delegate.secret, x)), owner_public, info)
    return encode(times(d, add(e1, v1)))


# AES-256-GCM (FIPS 197, SP 800-38D) and HKDF-SHA-512 (RFC 5869).

def gf(a, b):
    result = 0
    while b:
        if b & 1:
            result ^= a
        a = a << 1 ^ (0x11b if a & 0x80 else 0)
        b >>= 1
    return result


def s_box():
    box = []
    for x in range(256):
        inverse = next((y for y in range(256) if gf(x, y) == 1), 0)
        box.append(0x63 ^ inverse ^ rotate(inverse, 1) ^ rotate(inverse, 2) ^ rotate(inverse, 3) ^ rotate(inverse, 4))
    return box


def rotate(x, by):
    return (x << by | x >> (8 - by)) & 255


SBOX = s_box()


def aes256(key, block):
    words = [list(key[4 * i:4 * i + 4]) for i in range(8)]
    rcon = 1
    for i in range(8, 60):
        w = list(words[-1])
        if i % 8 == 0:
            w = [SBOX[x] for x in w[1:] + w[:1]]
            w[0] ^= rcon
            rcon = gf(rcon, 2)
        elif i % 8 == 4:
            w = [SBOX[x] for x in w]
        words.append([x ^ y for x, y in zip(words[-8], w)])
    keys = [sum(words[4 * r:4 * r + 4], []) for r in range(15)]
    state = [x ^ k for x, k in zip(block, keys[0])]
    for r in range(1, 15):
        state = [SBOX[x] for x in state]
        state = [state[(i + 4 * (i % 4)) % 16] for i in range(16)]
        if r < 14:
            mixed = []
            for c in range(4):
                col = state[4 * c:4 * c + 4]
                mixed += [gf(col[i], 2) ^ gf(col[(i + 1) % 4], 3) ^ col[(i + 2) % 4] ^ col[(i + 3) % 4] for i in range(4)]
            state = mixed
        state = [x ^ k for x, k in zip(state, keys[r])]
    return bytes(state)


def gcm_seal(key, nonce, aad, plain):
    h = int.from_bytes(aes256(key, bytes(16)), "big")

    def multiply(x, y):
        z = 0
        for i in range(127, -1, -1):
            if x >> i & 1:
                z ^= y
            y = y >> 1 ^ (0xe1 << 120 if y & 1 else 0)
        return z

    counter = lambda i: aes256(key, nonce + struct.pack(">I", i))
    stream = b"".join(counter(2 + i) for i in range((len(plain) + 15) // 16))
    sealed = bytes(x ^ y for x, y in zip(plain, stream))
    padded = lambda b: b + bytes(-len(b) % 16)
    tag = 0
    data = padded(aad) + padded(sealed) + struct.pack(">QQ", 8 * len(aad), 8 * len(sealed))
    for i in range(0, len(data), 16):
        tag = multiply(tag ^ int.from_bytes(data[i:i + 16], "big"), h)
    return sealed + bytes(x ^ y for x, y in zip(tag.to_bytes(16, "big"), counter(1)))


def hkdf(salt, key, info, count):
    prk = hmac.new(salt, key, "sha512").digest()
    return hmac.new(prk, info + b"\x01", "sha512").digest()[:count]


# The hybrid.

class Keys:
    def __init__(self, kind, suite, ring, collection, epoch, lattice_seed, classical_seed):
        self.kind, self.suite, self.ring, self.collection, self.epoch = kind, suite, ring, collection, epoch
        self.lattice, self.classical = LatticeKey(ring, lattice_seed), ClassicalKey(classical_seed)
        self.lattice_seed = lattice_seed
        place = collection + struct.pack("<I", epoch) if kind == 1 else b""
        self.bytes = b"SLPK\x01" + bytes([kind, suite]) + place + self.lattice.public + self.classical.public
        self.hash = sha3(b"seal/v1/pk", bytes([kind, suite]), place, sha3(self.lattice.public), self.classical.public)

    def context(self, core_hash):
        return sha3(b"seal/v1/pctx", core_hash, self.collection, struct.pack("<I", self.epoch), sha3(self.lattice.public),
                    sha3(self.classical.public), bytes([self.suite]))


def stanza(to, core_hash, file_key, random, message, device):
    context = to.context(core_hash)
    coins = xof(256, "seal/v1/coins", random + message + context + device, 0, 160)
    cap_l = encrypt(to.lattice, message, coins[:32])
    cap_r, k = encapsulate(to.classical, context, coins[32:96], coins[96:])
    kek = combine(message, k, cap_l, cap_r, context, core_hash)
    wrap = gcm_seal(kek, bytes(12), context + sha3(cap_l) + sha3(cap_r), file_key)
    body = bytes([to.suite]) + to.collection + struct.pack("<I", to.epoch) + to.hash[:16] + cap_l + cap_r + wrap
    return body, sha3(b"seal/v1/capsig", context, sha3(cap_l), sha3(cap_r), wrap), cap_l, cap_r, kek


def combine(message, k, cap_l, cap_r, context, core_hash):
    shares = sha3(b"seal/v1/ssL", message, sha3(cap_l), context) + sha3(b"seal/v1/ssR", k, cap_r, context)
    return hkdf(core_hash, shares, b"seal/v1/pre-kek" + context, 32)


def batch(leaves):
    level, levels = leaves, [leaves]
    while len(level) > 1:
        level = [sha3(b"\x01", *level[i:i + 2]) if i + 1 < len(level) else level[i] for i in range(0, len(level), 2)]
        levels.append(level)
    return levels


# The known answers.

def show(name, value):
    print(name, value.hex() if isinstance(value, bytes) else value)


def fill(number, count=32):
    return bytes([number]) * count


SIGNATURE = fill(0x5a, 64 + 3309)


def hybrid_vectors(name, suite, ring):
    owner = Keys(1, suite, ring, fill(9, 16), 5, fill(10), fill(11))
    member = Keys(2, suite, ring, None, None, fill(20), fill(21))
    core_hash, file_key = fill(7), fill(42)
    show(f"{name}.owner.public.sha3", sha3(owner.bytes))
    show(f"{name}.owner.hash", owner.hash)
    show(f"{name}.member.public.sha3", sha3(member.bytes))
    show(f"{name}.member.hash", member.hash)
    show(f"{name}.context", owner.context(core_hash))
    body, to_sign, cap_l, cap_r, kek = stanza(owner, core_hash, file_key, fill(50), fill(51), fill(52))
    show(f"{name}.stanza.sha3", sha3(body))
    show(f"{name}.stanza.classical", cap_r)
    show(f"{name}.stanza.wrap", body[-48:])
    show(f"{name}.stanza.to_sign", to_sign)
    whole = body + b"\x00" + SIGNATURE

    info = sha3(b"seal/v1/info", owner.collection, struct.pack("<I", owner.epoch), fill(1), fill(2), member.hash, struct.pack("<Q", 1900000000))
    coins = xof(256, "seal/v1/rk-coins", fill(60) + owner.lattice_seed + scalar_bytes(owner.classical.secret) + info, 0, 96)
    rk, big_x, big_r = classical_rekey(owner.classical, member.classical, info, coins[:64])
    rows = rekey(owner.lattice, member.lattice, coins[64:])
    secret = scalar_bytes(rk) + rekey_bytes(ring, rows)
    facts = (bytes([suite, 0, 1]) + owner.collection + struct.pack("<I", owner.epoch) + fill(1) + fill(2) + sha3(owner.lattice.public)
             + owner.classical.public + member.hash + struct.pack("<QI", 1900000000, 1 << 20) + big_x + big_r)
    secret_hash = sha3(b"seal/v1/rk-secret", secret)
    name_of = sha3(b"seal/v1/rkid", facts, secret_hash)
    show(f"{name}.delegation.info", info)
    show(f"{name}.delegation.id", name_of)
    show(f"{name}.delegation.to_sign", sha3(b"seal/v1/deleg", facts, secret_hash))
    show(f"{name}.delegation.sha3", sha3(b"SLPD\x01" + facts + secret + SIGNATURE))
    show(f"{name}.ticket.sha3", sha3(b"SLPT\x01" + facts + secret_hash + SIGNATURE))
    grave = name_of + fill(1) + struct.pack("<Q", 1800000000)
    show(f"{name}.tombstone.to_sign", sha3(b"seal/v1/tombstone", grave))

    proxy = xof(256, "seal/v1/proxy", fill(30), 0, 128)
    flood, nonce, storage, signing = (proxy[i:i + 32] for i in range(0, 128, 32))
    show(f"{name}.proxy.public", ed25519_public(signing))
    show(f"{name}.proxy.storage", storage)
    lattice = transform(ring, rows, cap_l, flood + name_of + sha3(cap_l))
    fragment = reencrypt(rk, big_x, big_r, cap_r, owner.context(core_hash), nonce, name_of)
    t = b"\x01" + name_of + sha3(whole) + lattice + fragment
    t += ed25519_sign(signing, sha3(b"seal/v1/transformed", t))
    show(f"{name}.transformed.sha3", sha3(t))
    show(f"{name}.transformed.fragment", fragment)
    message, k = decrypt(member.lattice, lattice), open_fragment(member.classical, fragment, owner.classical.public, info)
    assert message == fill(51) and combine(message, k, cap_l, cap_r, owner.context(core_hash), core_hash) == kek


def batch_vectors():
    for count in (1, 2, 3, 5, 8, 13):
        levels = batch([sha3(b"\x00", fill(i)) for i in range(count)])
        show(f"batch.{count}.to_sign", sha3(b"seal/v1/capbatch", struct.pack("<I", count), levels[-1][0]))


def small_vectors(name, big):
    """Everything of the lattice half at sizes where one can look at it; numbers in full."""
    number = 0
    for n, mu in ((16, 8), (32, 16), (64, 64), (128, 32)):
        ring = big.smaller(n, mu)
        for _ in range(4):
            number += 1
            fresh = lambda what: sha3(f"{name} {number} {what}".encode())
            owner, member = LatticeKey(ring, fresh("owner")), LatticeKey(ring, fresh("member"))
            m = fresh("message")[:mu // 8]
            capsule = encrypt(owner, m, fresh("coins"))
            rows = rekey(owner, member, fresh("rekey"))
            out = transform(ring, rows, capsule, fresh("flood"))
            assert decrypt(member, out) == m
            print(f"small {name} {number} {n} {mu} {ring.psi} {sha3(owner.public).hex()} {m.hex()} {capsule.hex()} "
                  f"{sha3(rekey_bytes(ring, rows)).hex()} {out.hex()}")


def main():
    assert encode(BASE).hex() == "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76"  # RFC 9496, A.1
    assert gcm_seal(bytes(32), bytes(12), b"", b"").hex() == "530f8afbc74536b9a963b4f1c4cb738b"      # the GCM paper's case 13
    assert ed25519_public(bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")).hex() == \
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"                         # RFC 8032, 7.1
    print("# Written by tests/tools/pre_model.py.")
    show("U", encode(U))
    batch_vectors()
    small_vectors("kem-2048", KEM_2048)
    small_vectors("kem-4096", KEM_4096)
    hybrid_vectors("kem-2048", 1, KEM_2048)
    hybrid_vectors("kem-4096", 2, KEM_4096)


if __name__ == "__main__":
    sys.setrecursionlimit(10000)
    main()
