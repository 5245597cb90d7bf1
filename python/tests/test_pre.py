"""The functions of the exchange's first module: names, arguments, results, exceptions (contract "exchange", §3)."""
import base64
import gc
import inspect
import random
import threading

import pytest

from tablinum import pre


@pytest.fixture(scope="module")
def cc():
    return pre.create_crypto_context()


@pytest.fixture(scope="module")
def alice(cc):
    return pre.generate_keys(cc)


@pytest.fixture(scope="module")
def bob(cc):
    return pre.generate_keys(cc)


SIGNATURES = {
    "create_crypto_context": "plaintext_modulus=65537, scaling_mod_size=60, security_level=128",
    "get_slot_count": "cc",
    "generate_keys": "cc",
    "is_openfhe_available": "",
    "bytes_to_coefficients": "data, slot_count",
    "coefficients_to_bytes": "coeffs, total_bytes, strict=True",
    "encrypt": "cc, public_key, data_coeffs",
    "decrypt": "cc, secret_key, ciphertexts, length=None",
    "generate_re_encryption_key": "cc, alice_secret_key, bob_public_key",
    "re_encrypt": "cc, re_encryption_key, ciphertexts",
    "serialize_to_bytes": "obj",
    "serialize": "obj",
    "deserialize_cc": "data",
    "deserialize_public_key": "data",
    "deserialize_secret_key": "data",
    "deserialize_ciphertext": "data",
    "deserialize_re_encryption_key": "data",
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_arguments_are_those_of_the_reference(name):
    parameters = inspect.signature(getattr(pre, name)).parameters.values()
    shown = ", ".join(p.name + ("" if p.default is p.empty else f"={p.default}") for p in parameters)
    assert shown == SIGNATURES[name]


def test_context(cc):
    assert pre.get_slot_count(cc) == 8192 == cc.GetRingDimension()
    assert cc.GetPlaintextModulus() == 65537
    assert pre.is_openfhe_available() is True


def test_equal_parameters_give_the_same_context(cc):
    assert pre.create_crypto_context(65537, 60) is cc
    assert pre.deserialize_cc(pre.serialize_to_bytes(cc)) is cc
    assert pre.create_crypto_context(scaling_mod_size=54) is not cc


@pytest.mark.parametrize("arguments", [{"plaintext_modulus": 65536}, {"plaintext_modulus": -1}, {"scaling_mod_size": 20},
                                       {"scaling_mod_size": 2**40}])
def test_impossible_parameters(arguments):
    with pytest.raises(RuntimeError):
        pre.create_crypto_context(**arguments)


@pytest.mark.parametrize("count", [0, 1, 8191, 8192, 8193, 20000])
def test_numbers_come_back(cc, alice, count):
    numbers = [random.randrange(65536) for _ in range(count)]
    ciphertexts = pre.encrypt(cc, alice.publicKey, numbers)
    assert len(ciphertexts) == (count + 8191) // 8192
    assert pre.decrypt(cc, alice.secretKey, ciphertexts, count) == numbers


def test_encrypt_leaves_its_argument_alone(cc, alice):
    numbers = [1, 2, 3]
    pre.encrypt(cc, alice.publicKey, numbers)
    assert numbers == [1, 2, 3]


def test_without_length_it_ends_at_the_first_zero(cc, alice):
    ciphertexts = pre.encrypt(cc, alice.publicKey, [5, 6, 0, 7])
    assert pre.decrypt(cc, alice.secretKey, ciphertexts) == [5, 6]
    full = [9] * 8192
    assert pre.decrypt(cc, alice.secretKey, pre.encrypt(cc, alice.publicKey, full)) == full
    assert pre.decrypt(cc, alice.secretKey, []) == []


def test_negative_results_have_the_modulus_added(cc, alice):
    assert pre.decrypt(cc, alice.secretKey, pre.encrypt(cc, alice.publicKey, [65536, 65535, 40000, -1]), 4) == [65536, 65535, 40000, 65536]


@pytest.mark.parametrize("number", [65537, -32769, 2**63, -2**70])
def test_numbers_outside_the_modulus(cc, alice, number):
    with pytest.raises(RuntimeError):
        pre.encrypt(cc, alice.publicKey, [number])


def test_re_encryption(cc, alice, bob):
    numbers = list(range(10000))
    key = pre.generate_re_encryption_key(cc, alice.secretKey, bob.publicKey)
    moved = pre.re_encrypt(cc, key, pre.encrypt(cc, alice.publicKey, numbers))
    assert pre.decrypt(cc, bob.secretKey, moved, 10000) == numbers
    assert pre.decrypt(cc, alice.secretKey, moved, 10000) != numbers
    assert pre.re_encrypt(cc, key, []) == []


def test_a_chain_of_twelve(cc, alice):
    ciphertexts, owner = pre.encrypt(cc, alice.publicKey, [4, 5, 6]), alice
    for _ in range(12):
        heir = pre.generate_keys(cc)
        ciphertexts = pre.re_encrypt(cc, pre.generate_re_encryption_key(cc, owner.secretKey, heir.publicKey), ciphertexts)
        owner = heir
    assert pre.decrypt(cc, owner.secretKey, ciphertexts, 3) == [4, 5, 6]


def test_a_wrong_key_gives_garbage_and_no_exception(cc, alice, bob):
    numbers = [1] * 8192
    assert pre.decrypt(cc, bob.secretKey, pre.encrypt(cc, alice.publicKey, numbers), 8192) != numbers


@pytest.mark.parametrize("data", [b"", b"\0", b"odd", b"even", bytes(range(256)) * 3])
def test_bytes_and_back(data):
    numbers = pre.bytes_to_coefficients(data, 8192)
    assert len(numbers) == (len(data) + 1) // 2
    assert pre.coefficients_to_bytes(numbers, len(data)) == data
    assert isinstance(numbers, list)


@pytest.mark.parametrize("number", [-1, 65536, 2**40])
def test_coefficients_out_of_range(number):
    with pytest.raises(pre.CoefficientOutOfRangeError):
        pre.coefficients_to_bytes([number], 2)
    assert issubclass(pre.CoefficientOutOfRangeError, ValueError)
    assert pre.coefficients_to_bytes([number], 2, strict=False) == (number % 65536).to_bytes(2, "little")


def test_serialising_every_object(cc, alice, bob):
    rekey = pre.generate_re_encryption_key(cc, alice.secretKey, bob.publicKey)
    ciphertext = pre.encrypt(cc, alice.publicKey, [77])[0]
    public = pre.deserialize_public_key(pre.serialize_to_bytes(alice.publicKey))
    secret = pre.deserialize_secret_key(pre.serialize_to_bytes(bob.secretKey))
    rekey = pre.deserialize_re_encryption_key(base64.b64decode(pre.serialize(rekey)))
    ciphertext = pre.deserialize_ciphertext(pre.serialize_to_bytes(pre.encrypt(cc, public, [77])[0]))
    assert pre.decrypt(cc, secret, pre.re_encrypt(cc, rekey, [ciphertext]), 1) == [77]
    assert isinstance(pre.serialize(cc), str)


READERS = [pre.deserialize_cc, pre.deserialize_public_key, pre.deserialize_secret_key, pre.deserialize_ciphertext,
           pre.deserialize_re_encryption_key]


@pytest.mark.parametrize("reader", READERS, ids=lambda f: f.__name__)
def test_garbage_raises_runtime_error(reader, cc, alice):
    good = pre.serialize_to_bytes(alice.publicKey)
    for garbage in (b"", b"garbage", random.Random(1).randbytes(300000), good[:-1], good[:100]):
        with pytest.raises(RuntimeError):
            reader(garbage)
    if reader is not pre.deserialize_public_key:
        with pytest.raises(RuntimeError):
            reader(good)


def test_serialising_something_else():
    with pytest.raises(RuntimeError):
        pre.serialize_to_bytes("text")


def test_objects_of_another_context(alice):
    other = pre.create_crypto_context(scaling_mod_size=54)
    with pytest.raises(RuntimeError):
        pre.encrypt(other, alice.publicKey, [1])


def test_objects_outlive_their_context_variable():
    context = pre.create_crypto_context(scaling_mod_size=50)
    keys = pre.generate_keys(context)
    data = pre.serialize_to_bytes(context)
    del context
    gc.collect()
    again = pre.deserialize_cc(data)
    assert pre.decrypt(again, keys.secretKey, pre.encrypt(again, keys.publicKey, [3]), 1) == [3]


def test_threads_share_a_context(cc, alice):
    failures = []

    def work(seed):
        numbers = [random.Random(seed).randrange(65536) for _ in range(9000)]
        for _ in range(3):
            if pre.decrypt(cc, alice.secretKey, pre.encrypt(cc, alice.publicKey, numbers), 9000) != numbers:
                failures.append(seed)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
