"""IDK messages against another implementation: parsing, hashing and signing by Python's own libraries and python-ecdsa, as the reference
does (contract "exchange", §2)."""
import base64
import hashlib
import json
import random

import ecdsa
import pytest

from tablinum import Error, idk, pre

PLAIN = ("PartSlotsTotal", "PartSlotsUsed", "BytesTotal", "AuthPath")


@pytest.fixture(scope="module")
def world():
    class World:
        cc = pre.create_crypto_context()
        alice, bob = pre.generate_keys(cc), pre.generate_keys(cc)
        rekey = pre.generate_re_encryption_key(cc, alice.secretKey, bob.publicKey)
        signing, verifying = idk.generate_signing_key()
        data = random.Random(3).randbytes(40001)
        message = idk.create(data, alice.publicKey, signing, {"Comment": "hello"})
    return World


def parts_of(message):
    for text in message.split("----- BEGIN IDK MESSAGE PART ")[1:]:
        lines = text.rstrip("\n").split("\n")
        number, total = map(int, lines[0].split(" ")[0].split("/"))
        headers = {}
        at = 1
        while ": " in lines[at]:
            key, value = lines[at].split(": ", 1)
            headers[key] = value[1:-1] if value.startswith('"') else value
            at += 1
        end = lines.index(f"----- END IDK MESSAGE PART {number}/{total} -----")
        yield number, total, headers, base64.b64decode("".join(lines[at:end]), validate=True)


def canonical(headers, without):
    return "".join(f"{k}: {v}\n" if k in PLAIN else f'{k}: "{v}"\n' for k, v in sorted(headers.items()) if k != without).encode()


def blake(data):
    return hashlib.blake2b(data).digest()


def test_every_signature_and_hash(world):
    seen = []
    for number, total, headers, payload in parts_of(world.message):
        assert total == 3 and headers["Part"] == f"{number}/3" and headers["Comment"] == "hello"
        assert int(headers["BytesTotal"]) == 40001 and int(headers["PartSlotsTotal"]) == 8192
        assert int(headers["PartSlotsUsed"]) == (8192, 8192, (40001 - 32768 + 1) // 2)[number - 1]
        key = ecdsa.VerifyingKey.from_string(bytes.fromhex(headers["SignerPublicKey"]), curve=ecdsa.SECP256k1)
        assert key.to_string() == world.verifying
        assert key.verify_digest(bytes.fromhex(headers["Signature"]), hashlib.sha256(canonical(headers, "Signature")).digest())
        assert hashlib.blake2b(payload).hexdigest() == headers["ChunkHash"]
        node, index = blake(payload), number - 1
        for sibling in json.loads(headers["AuthPath"]):
            other = bytes.fromhex(sibling)
            node = blake(node + other) if index % 2 == 0 else blake(other + node)
            index //= 2
        assert node.hex() == headers["MerkleRoot"]
        seen.append(pre.deserialize_ciphertext(payload))
    numbers = pre.decrypt(world.cc, world.alice.secretKey, seen, 20001)
    assert pre.coefficients_to_bytes(numbers, 40001) == world.data


def foreign_message(world, data):
    """A message as the reference makes it."""
    signer = ecdsa.SigningKey.generate(curve=ecdsa.SECP256k1)
    pieces = [pre.serialize_to_bytes(pre.encrypt(world.cc, world.alice.publicKey, pre.bytes_to_coefficients(data[i:i + 16384], 8192))[0])
              for i in range(0, len(data), 16384)]
    levels = [[blake(p) for p in pieces]]
    while len(levels[-1]) > 1:
        below = levels[-1] + [bytes(64)] * (len(levels[-1]) % 2)
        levels.append([blake(below[i] + below[i + 1]) for i in range(0, len(below), 2)])
    out = []
    for i, piece in enumerate(pieces):
        path, at = [], i
        for level in levels[:-1]:
            path.append((level[at ^ 1] if at ^ 1 < len(level) else bytes(64)).hex())
            at //= 2
        headers = {"Version": "0.1", "PartSlotsTotal": "8192", "PartSlotsUsed": str((len(data[i * 16384:(i + 1) * 16384]) + 1) // 2),
                   "BytesTotal": str(len(data)), "MerkleRoot": levels[-1][0].hex(), "Part": f"{i + 1}/{len(pieces)}",
                   "ChunkHash": hashlib.blake2b(piece).hexdigest(), "SignerPublicKey": signer.get_verifying_key().to_string().hex(),
                   "AuthPath": json.dumps(path)}
        headers["Signature"] = signer.sign_digest(hashlib.sha256(canonical(headers, "")).digest()).hex()
        lines = canonical(headers, "").decode()
        out.append(f"----- BEGIN IDK MESSAGE PART {i + 1}/{len(pieces)} -----\n{lines}{base64.b64encode(piece).decode()}\n"
                   f"----- END IDK MESSAGE PART {i + 1}/{len(pieces)} -----")
    return "\n".join(out), signer.get_verifying_key().to_string()


@pytest.mark.parametrize("size", [1, 16384, 50000])
def test_messages_of_another_implementation_open(world, size):
    data = random.Random(size).randbytes(size)
    message, verifying = foreign_message(world, data)
    report = idk.verify(message, verifying)
    assert report["whole"] and report["trust"] == "expected"
    assert idk.decrypt(message, world.alice.secretKey, verifying) == data


def test_recrypted_parts_carry_the_servers_signed_string(world):
    proxy, proxy_public = idk.generate_signing_key()
    moved = idk.recrypt(world.message, world.rekey, proxy, "04bb", "2025-07-10T12:00:00.000000Z", sender="04aa")
    for number, total, headers, payload in parts_of(moved):
        assert headers["Recrypted"] == "true" and headers["OriginalSender"] == "04aa" and headers["RecryptedFor"] == "04bb"
        signed = dict(headers, PartNum=str(number), TotalParts=str(total))
        key = ecdsa.VerifyingKey.from_string(bytes.fromhex(headers["ProxyPublicKey"]), curve=ecdsa.SECP256k1)
        assert key.verify_digest(bytes.fromhex(headers["ProxySignature"]), hashlib.sha256(canonical(signed, "ProxySignature")).digest())
        assert hashlib.blake2b(payload).hexdigest() == headers["ChunkHash"]
    assert idk.decrypt(moved, world.bob.secretKey, proxy_public) == world.data


def test_verify_tells_what_the_reference_hides(world):
    parts = world.message.split("\n----- BEGIN")
    report = idk.verify(parts[0] + "\n----- BEGIN" + parts[2])
    assert not report["whole"] and report["missing"] == [2] and report["trust"] == "self_asserted"
    with pytest.raises(Error) as refused:
        idk.decrypt(parts[0], world.alice.secretKey)
    assert refused.value.code == "corrupt"


def test_another_signer_than_expected(world):
    with pytest.raises(Error) as refused:
        idk.decrypt(world.message, world.alice.secretKey, idk.generate_signing_key()[1])
    assert refused.value.code == "unauthenticated"
    with pytest.raises(ValueError):
        idk.decrypt(world.message, world.alice.secretKey, b"short")
