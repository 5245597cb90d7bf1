"""The vector scheme against big integers: an independent model, written from docs/format/fhe-objects.md, of N = 8192 and the real
moduli. It reads serialised objects, takes them out of the transform's domain and computes modulo Q with Python's integers."""
import hashlib
import random
import struct

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tablinum import pre

N, T = 8192, 65537
Q = [1152921504606830593, 1152921504606748673]
ROOTS = [25959043411404, 100406242475323]
BIG = Q[0] * Q[1]
CRT = [BIG // q * pow(BIG // q, -1, q) for q in Q]


def bit_reversed(i, bits):
    return int(f"{i:0{bits}b}"[::-1], 2)


def from_transform(values, q, root):
    """Coefficients of a polynomial from its values at the odd powers of the root, in bit-reversed order."""
    a, inverse = list(values), pow(root, -1, q)
    table = [pow(inverse, bit_reversed(i, 13), q) for i in range(N)]
    m, t = N // 2, 1
    while m >= 1:
        for i in range(m):
            w = table[m + i]
            for j in range(2 * i * t, 2 * i * t + t):
                u, v = a[j], a[j + t]
                a[j], a[j + t] = (u + v) % q, (u - v) * w % q
        m, t = m // 2, t * 2
    scale = pow(N, -1, q)
    return [x * scale % q for x in a]


def times(a, b):
    """Product modulo X^N + 1 of polynomials with non-negative coefficients below BIG: as one large integer each."""
    width = (2 * BIG.bit_length() + 14 + 7) // 8
    pack = lambda p: int.from_bytes(b"".join(x.to_bytes(width, "little") for x in p), "little")  # noqa: E731
    product = (pack(a) * pack(b)).to_bytes(2 * N * width, "little")
    c = [int.from_bytes(product[i * width:(i + 1) * width], "little") for i in range(2 * N)]
    return [(c[i] - c[i + N]) % BIG for i in range(N)]


def combine(limbs):
    return [(x * CRT[0] + y * CRT[1]) % BIG for x, y in zip(*limbs)]


def polynomials(data):
    """Of a serialised object: residues in coefficient form, [polynomial][limb]."""
    assert data[:8] == b"tblm-fhe" and hashlib.sha256(data[:-16]).digest()[:16] == data[-16:]
    words = struct.unpack(f"<{(len(data) - 48) // 8}Q", data[32:-16])
    rows = [words[i:i + N] for i in range(0, len(words), N)]
    limbs = [from_transform(row, Q[i % 2], ROOTS[i % 2]) for i, row in enumerate(rows)]
    return [limbs[i:i + 2] for i in range(0, len(limbs), 2)]


def secret_of(key):
    """The ternary secret that the stored seed gives: AES-256 over little-endian counters from 2·2^56, 64-bit words times 3."""
    seed = pre.serialize_to_bytes(key)[32:64]
    blocks = b"".join(((2 << 56) + i).to_bytes(16, "little") for i in range(N // 2))
    encryptor = Cipher(algorithms.AES(seed), modes.ECB()).encryptor()
    return [(word * 3 >> 64) - 1 for word in struct.unpack(f"<{N}Q", encryptor.update(blocks))]


def centred(x, modulus):
    return x - modulus if x > modulus // 2 else x


def slots_of(m):
    """Values of the plaintext polynomial at ψ^(±5^i), ψ the smallest primitive root of order 2N modulo T."""
    root = min(x for x in range(2, T) if pow(x, N, T) == T - 1)
    exponents, e = [], 1
    for _ in range(N // 2):
        exponents.append(e)
        e = e * 5 % (2 * N)
    exponents += [2 * N - e for e in exponents]
    powers = [1] * (2 * N)
    for i in range(1, 2 * N):
        powers[i] = powers[i - 1] * root % T
    chosen = random.Random(5).sample(range(N), 40)
    return {i: centred(sum(c * powers[exponents[i] * k % (2 * N)] for k, c in enumerate(m)) % T, T) for i in chosen}


class World:
    def __init__(self):
        self.cc = pre.create_crypto_context()
        self.alice, self.bob = pre.generate_keys(self.cc), pre.generate_keys(self.cc)
        self.values = [random.Random(1).randrange(-32768, 32769) for _ in range(N)]
        self.ciphertext = pre.encrypt(self.cc, self.alice.publicKey, self.values)[0]
        self.rekey = pre.generate_re_encryption_key(self.cc, self.alice.secretKey, self.bob.publicKey)
        self.moved = pre.re_encrypt(self.cc, self.rekey, [self.ciphertext])[0]
        self.s_alice, self.s_bob = ([x % BIG for x in secret_of(k.secretKey)] for k in (self.alice, self.bob))
        self.c0, self.c1 = (combine(p) for p in polynomials(pre.serialize_to_bytes(self.ciphertext)))


@pytest.fixture(scope="module")
def world():
    return World()


def test_public_key_is_a_small_error(world):
    a, b = (combine(p) for p in polynomials(pre.serialize_to_bytes(world.alice.publicKey)))
    errors = [centred((x + y) % BIG, BIG) for x, y in zip(b, times(a, world.s_alice))]
    assert all(abs(e) <= 21 for e in errors)
    assert 9.5 < sum(e * e for e in errors) / N < 11.5


def decrypt_big(c0, c1, s):
    """m and the noise of each coefficient, by rounding t·v/Q exactly."""
    v = [(x + y) % BIG for x, y in zip(c0, times(c1, s))]
    m = [(2 * T * x + BIG) // (2 * BIG) % T for x in v]
    noise = [centred((x - (-(-BIG * y // T))) % BIG, BIG) for x, y in zip(v, m)]
    return m, max(abs(e) for e in noise)


def test_decryption_and_noise_of_a_fresh_ciphertext(world):
    m, noise = decrypt_big(world.c0, world.c1, world.s_alice)
    assert noise < 2**12
    for slot, value in slots_of(m).items():
        assert world.values[slot] == value


def test_re_encryption_is_exactly_the_model(world):
    rows = polynomials(pre.serialize_to_bytes(world.rekey))  # theta_0, beta_0, theta_1, beta_1
    residues = polynomials(pre.serialize_to_bytes(world.ciphertext))[1]
    new0, new1 = list(world.c0), [0] * N
    for i in range(2):
        digit = [centred(x, Q[i]) % BIG for x in residues[i]]
        new1 = [(x + y) % BIG for x, y in zip(new1, times(digit, combine(rows[2 * i])))]
        new0 = [(x + y) % BIG for x, y in zip(new0, times(digit, combine(rows[2 * i + 1])))]
    got0, got1 = (combine(p) for p in polynomials(pre.serialize_to_bytes(world.moved)))
    assert got0 == new0 and got1 == new1
    m, noise = decrypt_big(got0, got1, world.s_bob)
    assert 2**72 < noise < 2**79
    for slot, value in slots_of(m).items():
        assert world.values[slot] == value


def test_rekey_rows_encrypt_the_secret(world):
    rows = polynomials(pre.serialize_to_bytes(world.rekey))
    for i in range(2):
        theta, beta = combine(rows[2 * i]), combine(rows[2 * i + 1])
        gadget = CRT[i]
        rest = [(x + y - gadget * s) % BIG for x, y, s in zip(beta, times(theta, world.s_bob), world.s_alice)]
        assert max(abs(centred(x, BIG)) for x in rest) < 2**12
