"""Collections, delegations, the proxy, groups, many files and batches from Python."""
import contextlib
import time
from datetime import datetime, timedelta, timezone

import pytest

from tablinum import pre, seal

LETTER = b"Grandmother was born in Trieste."


class World:
    def __init__(self):
        self.alice, self.bob = seal.Identity.create("Alice"), seal.Identity.create("Bob")
        self.alice_card, self.bob_card = self.alice.card(), self.bob.receiving_card()
        self.letters = seal.Collection.create(self.alice)
        self.sealed = seal.seal(LETTER, to=[self.letters])
        self.for_bob = self.letters.delegate(self.bob_card, until=datetime.now(timezone.utc) + timedelta(days=1), transforms_max=3)
        self.proxy = seal.Proxy(b"\x07" * 32)
        self.budget = seal.FailureBudget()

    def open(self, transformed, sealed=None, reader=None, **more):
        key = seal.Transformed(transformed, reader or self.bob, self.alice_card, self.budget, **more)
        return seal.open_sealed(sealed or self.sealed, keys=[key])


@pytest.fixture
def world():
    return World()


@contextlib.contextmanager
def refused(code):
    with pytest.raises(seal.Error) as error:
        yield
    assert error.value.code == code


def test_a_file_travels(world):
    transformed = world.proxy.transform(world.for_bob, world.alice_card, world.sealed)
    assert world.open(transformed, proxy_key=world.proxy.key) == LETTER
    assert transformed == world.proxy.transform(world.for_bob, world.alice_card, world.sealed)
    with refused("corrupt"):  # made for another file
        world.open(transformed, sealed=seal.seal(LETTER, to=[world.letters]))
    with refused("denied"):
        world.open(transformed, proxy_key=b"\0" * 32)
    with refused("corrupt"):  # another reader
        world.open(transformed, reader=world.alice)


def test_only_so_many_files(world):
    for _ in range(3):
        world.proxy.transform(world.for_bob, world.alice_card, seal.seal(LETTER, to=[world.letters]))
    with refused("limit"):
        world.proxy.transform(world.for_bob, world.alice_card, world.sealed)


def test_written_and_read(world):
    again = seal.Collection.loads(world.letters.dumps(), world.alice)
    assert (again.id, again.epoch, again.dumps()) == (world.letters.id, 0, world.letters.dumps())
    copy = world.proxy.load(world.proxy.store(seal.Delegation.loads(world.for_bob.dumps())))
    assert copy.id == world.for_bob.id
    sealed = seal.seal(LETTER, to=[again])
    assert world.open(world.proxy.transform(copy, world.alice_card, sealed), sealed=sealed) == LETTER
    later = again.roll()
    assert (later.epoch, later.id) == (1, again.id)
    with refused("not_found"):
        world.proxy.transform(copy, world.alice_card, seal.seal(LETTER, to=[later]))
    with refused("corrupt"):
        seal.Collection.loads(b"something else", world.alice)


def test_revoked_for_good(world, tmp_path):
    state = tmp_path / "state"
    proxy = seal.Proxy(b"\x08" * 32, state)
    with refused("busy"):
        seal.Proxy(b"\x08" * 32, state)
    proxy.transform(world.for_bob, world.alice_card, world.sealed)
    with refused("denied"):
        seal.revoke(world.bob, world.for_bob)
    tombstone = seal.revoke(world.alice, world.for_bob.ticket)
    with refused("denied"):
        proxy.revoke(tombstone, world.bob_card)
    proxy.revoke(tombstone, world.alice_card)
    proxy.close()
    with seal.Proxy(b"\x08" * 32, state) as again, refused("denied"):
        again.transform(world.for_bob, world.alice_card, world.sealed)


def test_groups(world):
    family, groups = seal.Collection.create(world.bob), seal.Groups()
    until = int(time.time()) + 3600
    with refused("denied"):
        world.letters.delegate_to_group(family.group(), world.alice_card, groups, until)
    to_family = world.letters.delegate_to_group(family.group(), world.bob_card, groups, until)
    with refused("conflict"):
        family.delegate_to_group(world.letters.group(), world.alice_card, groups, until)
    transformed = world.proxy.transform(to_family, world.alice_card, world.sealed)
    assert world.open(transformed, reader=family) == LETTER
    with refused("corrupt"):  # Bob as a member is not the group
        world.open(transformed)


def test_what_cannot_be(world):
    with refused("not_found"):
        world.letters.delegate(world.alice_card, until=int(time.time()) + 60)  # a card without a receiving key
    with refused("invalid"):
        world.letters.delegate(world.bob_card, until=1)
    with pytest.raises(ValueError):
        world.letters.delegate(world.bob_card, until=datetime.now())
    with pytest.raises(ValueError):
        seal.Collection.create(world.alice, suite="kem-1024")
    with pytest.raises(ValueError):
        seal.Proxy(b"short")


def test_failures_are_kept(world, tmp_path):
    world.budget = seal.FailureBudget(tmp_path / "budget")
    transformed = world.proxy.transform(world.for_bob, world.alice_card, world.sealed)
    assert world.open(transformed) == LETTER
    (count,) = [path.read_text() for path in (tmp_path / "budget").iterdir() if path.name != "lock"]
    assert count == "0"


def test_many_files(world, tmp_path):
    jobs = [(tmp_path / f"{i}", tmp_path / f"{i}.sealed") for i in range(5)]
    for source, _ in jobs[:4]:
        source.write_bytes(LETTER + source.name.encode())
    results = seal.seal_files(jobs, to=[world.alice])
    assert [result and result.code for result in results] == [None] * 4 + ["not_found"]
    back = [(target, tmp_path / f"{target.name}.back") for _, target in jobs[:4]]
    assert seal.open_files(back, keys=[world.alice]) == [None] * 4
    assert back[2][1].read_bytes() == LETTER + b"2"
    assert [result.code for result in seal.seal_files(jobs[:1], to=[world.alice])] == ["exists"]
    assert seal.seal_files([], to=[world.alice]) == []


def test_batches_of_vectors():
    cc = pre.create_crypto_context()
    alice, bob = pre.generate_keys(cc), pre.generate_keys(cc)
    values = [i * 7 % 30_000 for i in range(2 * pre.get_slot_count(cc) + 3)]
    for_alice = pre.encrypt(cc, alice.publicKey, values)
    for_bob = pre.re_encrypt(cc, pre.generate_re_encryption_key(cc, alice.secretKey, bob.publicKey), for_alice)
    assert len(for_bob) == 3
    assert pre.decrypt(cc, bob.secretKey, for_bob, length=len(values)) == values
