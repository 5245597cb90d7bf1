import io
import os

import pytest

from tablinum import seal


@pytest.fixture(scope="module")
def alice():
    return seal.Identity.create("Alice")


@pytest.fixture(scope="module")
def bob():
    return seal.Identity.create("Böb")


def code_of(call, *arguments, **more):
    with pytest.raises(seal.Error) as refused:
        call(*arguments, **more)
    return refused.value.code


def test_identity_and_card(bob):
    assert len(bob.phrase().split()) == 24
    assert bob.card().name == "Böb"
    again = seal.Identity.loads(bob.dumps(None))
    assert again.card().fingerprint == bob.card().fingerprint
    assert code_of(seal.Card, "not a card") == "corrupt"
    assert code_of(seal.Identity.loads, b"not an identity") == "corrupt"
    assert code_of(seal.Identity.create, "") == "invalid"
    with pytest.raises(ValueError):
        seal.Identity.create("zero\0byte")


def test_identity_with_a_passphrase(alice):
    data = alice.dumps("secret words")
    assert seal.Identity.loads(data, "secret words").phrase() == alice.phrase()
    assert code_of(seal.Identity.loads, data, "wrong") == "unauthenticated"


@pytest.mark.parametrize("size", [0, 1, 65536, 200001])
def test_bytes(alice, bob, size):
    data = os.urandom(size)
    sealed = seal.seal(data, to=[bob.card()], sign_as=alice)
    opened = seal.open_sealed(sealed, keys=[bob], trust=[alice.card()], signature_required=True)
    assert opened == data and opened.signed
    assert not seal.open_sealed(sealed, keys=[bob]).signed
    assert code_of(seal.open_sealed, sealed, keys=[alice]) == "corrupt"
    assert code_of(seal.open_sealed, sealed[:-1], keys=[bob]) == "corrupt"


def test_several_recipients_and_kinds_of_keys(alice, bob):
    key = seal.Key(bytes(32))
    sealed = seal.seal(b"for all", to=[alice, bob.card(), key], threads=2)
    for one in (alice, bob, key):
        assert seal.open_sealed(sealed, keys=[one]) == b"for all"
    assert sorted(seal.inspect(sealed)["recipients"]) == ["W", "X", "X"]
    assert code_of(seal.seal, b"", to=[]) == "invalid"
    assert code_of(seal.seal, b"", to=[key, seal.Passphrase("x")]) == "invalid"
    with pytest.raises(ValueError):
        seal.Key(b"short")


def test_files(tmp_path, bob):
    plain, sealed, back = tmp_path / "plain", tmp_path / "sealed", tmp_path / "back"
    plain.write_bytes(os.urandom(300_000))
    seal.seal_file(plain, sealed, to=[bob])
    assert code_of(seal.seal_file, plain, sealed, to=[bob]) == "exists"
    assert seal.open_file(sealed, back, keys=[bob]) is False
    assert back.read_bytes() == plain.read_bytes()
    assert seal.inspect_file(sealed)["chunkBytes"] == 65536
    assert code_of(seal.open_file, tmp_path / "none", back, keys=[bob], replace=True) == "not_found"


def test_reading_at_any_place(tmp_path, bob):
    data = os.urandom(300_000)
    path = tmp_path / "sealed"
    path.write_bytes(seal.seal(data, to=[bob]))
    with seal.SealedReader(path, keys=[bob]) as reader:
        assert reader.size == len(data)
        for at, count in ((0, 10), (65530, 20), (299_995, 100), (300_000, 1), (400_000, 1)):
            reader.seek(at)
            assert reader.read(count) == data[at:at + count]
        assert reader.seek(-5, io.SEEK_END) == 299_995 and reader.read() == data[-5:]
        with pytest.raises(ValueError):
            reader.seek(-1)
    assert b"".join(seal.open_chunks(path, [bob], 70_000)) == data


def test_file_objects(bob):
    data = os.urandom(200_000)
    sealed, back = io.BytesIO(), io.BytesIO()
    seal.seal_stream(io.BytesIO(data), sealed, to=[bob])
    sealed.seek(0)
    seal.open_stream(sealed, back, keys=[bob])
    assert back.getvalue() == data


def test_exceptions_of_file_objects_come_through(bob):
    class Broken(io.RawIOBase):
        def read(self, count=-1):
            raise ZeroDivisionError("my own")

        def write(self, data):
            raise KeyError("mine too")

    with pytest.raises(ZeroDivisionError):
        seal.seal_stream(Broken(), io.BytesIO(), to=[bob])
    with pytest.raises(KeyError):
        seal.seal_stream(io.BytesIO(b"x"), Broken(), to=[bob])
