"""Sealed files from Python.

    alice = Identity.create("Alice")
    sealed = seal(b"letters", to=[bob_card], sign_as=alice)
    opened = open_sealed(sealed, keys=[bob], trust=[alice.card()])
    with SealedReader("album.sealed", keys=[bob]) as f:   # any place of a large file, without reading the rest
        f.seek(70_000); f.read(10)
"""
from __future__ import annotations

import io
import json
import os
from datetime import datetime
from typing import Any, BinaryIO, Callable, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple, Union

from ._library import Error, check, fetch, ffi, lib, make, text

__all__ = ["Error", "Identity", "Card", "Passphrase", "Key", "Opened", "SealedReader", "seal", "seal_file", "seal_stream", "open_sealed",
           "open_file", "open_stream", "open_chunks", "seal_files", "open_files", "inspect", "inspect_file", "Collection", "Group", "Groups",
           "Delegation", "Proxy", "FailureBudget", "Transformed", "revoke"]

Path = Union[str, "os.PathLike[str]"]
Time = Union[int, datetime]  # Unix seconds, or a time that knows its zone
SUITES = {"kem-2048": 1, "kem-4096": 2}


def _seconds(time: Time) -> int:
    if isinstance(time, int):
        return time
    if time.tzinfo is None:
        raise ValueError("a time without a zone")
    return int(time.timestamp())


def _suite(name: str) -> int:
    if name not in SUITES:
        raise ValueError(f"a suite is one of {', '.join(SUITES)}")
    return SUITES[name]


class Card:
    """What others know of an identity: its public keys, signed by itself. Compare `fingerprint` with its owner, outside the program."""

    def __init__(self, card: Union[str, bytes]) -> None:
        data = card.encode("ascii", "replace") if isinstance(card, str) else bytes(card)
        self._handle = make("card", lib.tablinum_card_read, data, len(data))

    @classmethod
    def load(cls, path: Path) -> "Card":
        with open(path, "rb") as f:
            return cls(f.read())

    @property
    def name(self) -> str:
        return ffi.string(lib.tablinum_card_name(self._handle)).decode("utf-8")

    @property
    def fingerprint(self) -> str:
        return ffi.string(lib.tablinum_card_fingerprint(self._handle)).decode("ascii")

    def _add_to(self, sealer: Any) -> None:
        check(lib.tablinum_sealer_add_card(sealer, self._handle))


class Identity:
    """A person's secret keys."""

    def __init__(self, handle: Any) -> None:
        self._handle = handle

    @classmethod
    def create(cls, name: str) -> "Identity":
        return cls(make("identity", lib.tablinum_identity_create, text(name)))

    @classmethod
    def loads(cls, data: Union[str, bytes], passphrase: Optional[str] = None) -> "Identity":
        """From an identity file's text.  Raises Error "unauthenticated" for a wrong passphrase."""
        raw = data.encode("ascii", "replace") if isinstance(data, str) else bytes(data)
        return cls(make("identity", lib.tablinum_identity_read, raw, len(raw), text(passphrase)))

    @classmethod
    def load(cls, path: Path, passphrase: Optional[str] = None) -> "Identity":
        with open(path, "rb") as f:
            return cls.loads(f.read(), passphrase)

    def dumps(self, passphrase: Optional[str]) -> bytes:
        """The identity file; without a passphrase whoever can read it has the keys."""
        return fetch(lib.tablinum_identity_write, self._handle, text(passphrase))

    def phrase(self) -> str:
        """The 24 words from which every key is derived."""
        return fetch(lib.tablinum_identity_phrase, self._handle).decode("ascii")

    def card_text(self) -> str:
        return fetch(lib.tablinum_identity_card, self._handle).decode("ascii")

    def card(self) -> Card:
        return Card(self.card_text())

    def receiving_card_text(self, suite: str = "kem-2048", until: Time = 0) -> str:
        """The card with a key by which collections can be delegated to this identity."""
        return fetch(lib.tablinum_identity_receiving_card, self._handle, _suite(suite), _seconds(until)).decode("ascii")

    def receiving_card(self, suite: str = "kem-2048", until: Time = 0) -> Card:
        return Card(self.receiving_card_text(suite, until))

    def _add_to(self, sealer: Any) -> None:
        check(lib.tablinum_sealer_add_identity(sealer, self._handle))

    def _open_with(self, opener: Any) -> None:
        check(lib.tablinum_opener_add_identity(opener, self._handle))


class Passphrase:
    """The only recipient of a file, or a key to open one."""

    def __init__(self, passphrase: str) -> None:
        self._text = text(passphrase)

    def _add_to(self, sealer: Any) -> None:
        check(lib.tablinum_sealer_add_passphrase(sealer, self._text))

    def _open_with(self, opener: Any) -> None:
        check(lib.tablinum_opener_add_passphrase(opener, self._text))


class Key:
    """32 random bytes that seal and open."""

    def __init__(self, key: bytes) -> None:
        if len(key) != 32:
            raise ValueError("a key has 32 bytes")
        self._key = bytes(key)

    def _add_to(self, sealer: Any) -> None:
        check(lib.tablinum_sealer_add_key(sealer, self._key))

    def _open_with(self, opener: Any) -> None:
        check(lib.tablinum_opener_add_key(opener, self._key))


class Group:
    """A collection's key to which others delegate, signed by its administrator."""

    def __init__(self, data: bytes) -> None:
        self.data = bytes(data)


class Groups:
    """The delegations to groups that this program knows of: they must form no circle."""

    def __init__(self) -> None:
        self._handle = make("groups", lib.tablinum_groups_new)


class Delegation:
    """Lets one reader read one epoch of a collection. For the proxy and nobody else: with the reader's keys it is the collection's key."""

    def __init__(self, handle: Any) -> None:
        self._handle = handle

    @classmethod
    def loads(cls, data: bytes) -> "Delegation":
        return cls(make("delegation", lib.tablinum_delegation_read, bytes(data), len(data)))

    def dumps(self) -> bytes:
        return fetch(lib.tablinum_delegation_write, self._handle)

    @property
    def id(self) -> bytes:
        out = ffi.new("uint8_t[32]")
        check(lib.tablinum_delegation_id(self._handle, out))
        return bytes(out)

    @property
    def ticket(self) -> bytes:
        """The public part: what revoke() needs."""
        return fetch(lib.tablinum_delegation_ticket, self._handle)


class Collection:
    """Files for whomever their owner delegates to. A recipient of seal(); add the owner's identity, too, or the owner cannot read them."""

    def __init__(self, handle: Any) -> None:
        self._handle = handle

    @classmethod
    def create(cls, owner: Identity, suite: str = "kem-2048") -> "Collection":
        return cls(make("collection", lib.tablinum_collection_create, owner._handle, _suite(suite)))

    @classmethod
    def loads(cls, data: bytes, owner: Identity) -> "Collection":
        return cls(make("collection", lib.tablinum_collection_read, owner._handle, bytes(data), len(data)))

    def dumps(self) -> bytes:
        """What must be kept to have it again; no secret, since the keys come from the owner's words."""
        return fetch(lib.tablinum_collection_write, self._handle)

    @property
    def id(self) -> bytes:
        out = ffi.new("uint8_t[16]")
        check(lib.tablinum_collection_id(self._handle, out))
        return bytes(out)

    @property
    def epoch(self) -> int:
        return int(lib.tablinum_collection_epoch(self._handle))

    def roll(self) -> "Collection":
        """The next epoch: delegations of before do not reach what is sealed from now on."""
        return Collection(make("collection", lib.tablinum_collection_roll, self._handle))

    def group(self) -> Group:
        return Group(fetch(lib.tablinum_collection_group, self._handle))

    def delegate(self, to: Card, until: Time, transforms_max: int = 1 << 20) -> Delegation:
        """`to` must be a card with a receiving key (Identity.receiving_card).  Raises Error "not_found" if it has none."""
        return Delegation(make("delegation", lib.tablinum_delegate, self._handle, to._handle, _seconds(until), transforms_max))

    def delegate_to_group(self, group: Group, administrator: Card, groups: Groups, until: Time,
                          transforms_max: int = 1 << 20) -> Delegation:
        """Raises Error "conflict" if groups would form a circle."""
        return Delegation(make("delegation", lib.tablinum_delegate_group, self._handle, group.data, len(group.data), administrator._handle,
                               groups._handle, _seconds(until), transforms_max))

    def _add_to(self, sealer: Any) -> None:
        check(lib.tablinum_sealer_add_collection(sealer, self._handle))


def revoke(owner: Identity, delegation: Union[Delegation, bytes]) -> bytes:
    """The owner's word for the proxy that a delegation (or its ticket) is over. Roll the collection, too."""
    ticket = delegation.ticket if isinstance(delegation, Delegation) else bytes(delegation)
    return fetch(lib.tablinum_revoke, owner._handle, ticket, len(ticket))


class Proxy:
    """Makes files readable for delegates without reading them. `state`: a file for counters and revocations; none: in memory."""

    def __init__(self, seed: bytes, state: Optional[Path] = None) -> None:
        if len(seed) != 32:
            raise ValueError("a seed has 32 bytes")
        self._handle = make("proxy", lib.tablinum_proxy_open, bytes(seed), text(None if state is None else os.fspath(state)))

    def close(self) -> None:
        """Lets another process have the state."""
        ffi.release(self._handle)

    def __enter__(self) -> "Proxy":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def key(self) -> bytes:
        out = ffi.new("uint8_t[32]")
        check(lib.tablinum_proxy_key(self._handle, out))
        return bytes(out)

    def transform(self, delegation: Delegation, owner: Card, sealed: bytes) -> bytes:
        """What the reader needs for this sealed file (its header is enough)."""
        return fetch(lib.tablinum_proxy_transform, self._handle, delegation._handle, owner._handle, ffi.from_buffer(sealed), len(sealed))

    def revoke(self, tombstone: bytes, owner: Card) -> None:
        check(lib.tablinum_proxy_revoke(self._handle, bytes(tombstone), len(tombstone), owner._handle))

    def store(self, delegation: Delegation) -> bytes:
        """A delegation as it may lie on the proxy's disk."""
        return fetch(lib.tablinum_proxy_store, self._handle, delegation._handle)

    def load(self, stored: bytes) -> Delegation:
        return Delegation(make("delegation", lib.tablinum_proxy_load, self._handle, bytes(stored), len(stored)))


class FailureBudget:
    """Counts failures of receiving keys in a folder (none: in memory, for tests); after 32 a key opens nothing any more."""

    def __init__(self, folder: Optional[Path] = None) -> None:
        self._handle = make("budget", lib.tablinum_budget_open, text(None if folder is None else os.fspath(folder)))


class Transformed:
    """A key for one file: what the proxy made of it, with the reader's identity (or, for a group, its collection).

    `owner` is the collection's owner; `proxy_key`, if given, is who must have made it."""

    def __init__(self, transformed: bytes, reader: Union[Identity, Collection], owner: Card, budget: FailureBudget,
                 proxy_key: Optional[bytes] = None) -> None:
        if proxy_key is not None and len(proxy_key) != 32:
            raise ValueError("a proxy's key has 32 bytes")
        self._arguments = (reader, owner, budget, proxy_key, bytes(transformed))

    def _open_with(self, opener: Any) -> None:
        reader, owner, budget, key, data = self._arguments
        add = lib.tablinum_opener_add_transformed if isinstance(reader, Identity) else lib.tablinum_opener_add_group_transformed
        check(add(opener, reader._handle, budget._handle, owner._handle, ffi.NULL if key is None else key, data, len(data)))


Recipient = Union[Card, Identity, Passphrase, Key, Collection]
Opener = Union[Identity, Passphrase, Key, Transformed]


class Opened(bytes):
    """Opened bytes; `signed` says whether somebody trusted signed them."""

    signed: bool = False


def _sealer(to: Iterable[Recipient], sign_as: Optional[Identity], threads: int) -> Any:
    sealer = make("sealer", lib.tablinum_sealer_new)
    for recipient in to:
        recipient._add_to(sealer)
    if sign_as is not None:
        check(lib.tablinum_sealer_sign(sealer, sign_as._handle))
    if threads != 1:
        check(lib.tablinum_sealer_threads(sealer, threads))
    return sealer


def _opener(keys: Iterable[Opener], trust: Iterable[Card], signature_required: bool, threads: int = 1) -> Any:
    opener = make("opener", lib.tablinum_opener_new)
    for key in keys:
        key._open_with(opener)
    for card in trust:
        check(lib.tablinum_opener_trust(opener, card._handle))
    check(lib.tablinum_opener_require_signature(opener, int(signature_required)))
    if threads != 1:
        check(lib.tablinum_opener_threads(opener, threads))
    return opener


class _Callbacks:
    """File objects as the C interface reads and writes them. What they raise is raised again when the call is over."""

    def __init__(self, read: Callable[[int], bytes], write: Callable[[bytes], Any]) -> None:
        self.error: Optional[BaseException] = None

        @ffi.callback("int(void*, uint8_t*, size_t, size_t*)", error=1)
        def on_read(_user: Any, into: Any, capacity: int, got: Any) -> int:
            try:
                data = read(capacity)
                ffi.memmove(into, data, len(data))
                got[0] = len(data)
                return 0
            except BaseException as error:  # noqa: BLE001 – raised again by run()
                self.error = error
                return 1

        @ffi.callback("int(void*, const uint8_t*, size_t)", error=1)
        def on_write(_user: Any, data: Any, size: int) -> int:
            try:
                write(bytes(ffi.buffer(data, size)))
                return 0
            except BaseException as error:  # noqa: BLE001
                self.error = error
                return 1

        self.read, self.write = on_read, on_write

    def run(self, function: Any, handle: Any, *more: Any) -> None:
        code = function(handle, self.read, self.write, ffi.NULL, *more)
        if self.error is not None:
            raise self.error
        check(code)


def seal(data: bytes, to: Iterable[Recipient], sign_as: Optional[Identity] = None, threads: int = 1) -> bytes:
    """Seals bytes. `threads` 0: one for each processor."""
    return fetch(lib.tablinum_seal_buffer, _sealer(to, sign_as, threads), ffi.from_buffer(data), len(data))


def seal_file(source: Path, target: Path, to: Iterable[Recipient], sign_as: Optional[Identity] = None, replace: bool = False,
              threads: int = 0) -> None:
    """The target appears whole or not at all.  Raises Error "exists" unless `replace`."""
    check(lib.tablinum_seal_file(_sealer(to, sign_as, threads), text(os.fspath(source)), text(os.fspath(target)), int(replace)))


def seal_stream(source: BinaryIO, target: BinaryIO, to: Iterable[Recipient], sign_as: Optional[Identity] = None) -> None:
    """From one file object to another, in constant memory."""
    _Callbacks(source.read, target.write).run(lib.tablinum_seal_stream, _sealer(to, sign_as, 1))


def open_sealed(sealed: bytes, keys: Iterable[Opener], trust: Iterable[Card] = (), signature_required: bool = False) -> Opened:
    """Raises Error "corrupt" whatever is wrong with the file or the keys."""
    is_signed = ffi.new("int*")
    out = ffi.new("tablinum_buffer**")
    check(lib.tablinum_open_buffer(_opener(keys, trust, signature_required), ffi.from_buffer(sealed), len(sealed), out, is_signed))
    try:
        opened = Opened(ffi.buffer(lib.tablinum_buffer_data(out[0]), lib.tablinum_buffer_size(out[0])))
    finally:
        lib.tablinum_buffer_free(out[0])
    opened.signed = bool(is_signed[0])
    return opened


def open_file(source: Path, target: Path, keys: Iterable[Opener], trust: Iterable[Card] = (), signature_required: bool = False,
              replace: bool = False, threads: int = 0) -> bool:
    """Whether somebody trusted signed it."""
    is_signed = ffi.new("int*")
    check(lib.tablinum_open_file(_opener(keys, trust, signature_required, threads), text(os.fspath(source)), text(os.fspath(target)),
                                 int(replace), is_signed))
    return bool(is_signed[0])


def open_stream(source: BinaryIO, target: BinaryIO, keys: Iterable[Opener], trust: Iterable[Card] = (),
                signature_required: bool = False) -> bool:
    """What reaches `target` is authentic; only a return without an exception says that it is complete."""
    is_signed = ffi.new("int*")
    _Callbacks(source.read, target.write).run(lib.tablinum_open_stream, _opener(keys, trust, signature_required), is_signed)
    return bool(is_signed[0])


def _many(function: Any, handle: Any, jobs: Sequence[Tuple[Path, Path]], replace: bool) -> List[Optional[Error]]:
    sources = [text(os.fspath(source)) for source, _ in jobs]
    targets = [text(os.fspath(target)) for _, target in jobs]
    codes = ffi.new("tablinum_code[]", len(jobs))
    function(handle, ffi.new("char*[]", sources), ffi.new("char*[]", targets), len(jobs), int(replace), codes)
    names = [ffi.string(lib.tablinum_code_name(code)).decode() if code else None for code in codes]
    return [name and Error(name, f"{os.fspath(job[0])}: {name}") for name, job in zip(names, jobs)]


def seal_files(jobs: Iterable[Tuple[Path, Path]], to: Iterable[Recipient], sign_as: Optional[Identity] = None, replace: bool = False,
               threads: int = 0) -> List[Optional[Error]]:
    """Many files, (source, target) each; for each None, or why it failed."""
    return _many(lib.tablinum_seal_files, _sealer(to, sign_as, threads), list(jobs), replace)


def open_files(jobs: Iterable[Tuple[Path, Path]], keys: Iterable[Opener], trust: Iterable[Card] = (), signature_required: bool = False,
               replace: bool = False, threads: int = 0) -> List[Optional[Error]]:
    return _many(lib.tablinum_open_files, _opener(keys, trust, signature_required, threads), list(jobs), replace)


class SealedReader(io.RawIOBase):
    """A sealed file as a file object that can seek: each read decrypts just what it needs."""

    def __init__(self, path: Path, keys: Iterable[Opener], trust: Iterable[Card] = (), signature_required: bool = False) -> None:
        super().__init__()
        self._reader = make("reader", lib.tablinum_reader_open, _opener(keys, trust, signature_required), text(os.fspath(path)))
        self._at = 0

    @property
    def size(self) -> int:
        return int(lib.tablinum_reader_size(self._reader))

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        if start + offset < 0:
            raise ValueError("a place before the beginning")
        self._at = start + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        got = ffi.new("size_t*")
        view = memoryview(buffer).cast("B")
        check(lib.tablinum_reader_read_at(self._reader, self._at, ffi.from_buffer(view), len(view), got))
        self._at += got[0]
        return int(got[0])


def open_chunks(path: Path, keys: Iterable[Opener], chunk_bytes: int = 1 << 20) -> Iterator[bytes]:
    """The content piece by piece."""
    with SealedReader(path, keys) as reader:
        while chunk := reader.read(chunk_bytes):
            yield chunk


def inspect(sealed: bytes) -> Dict[str, Any]:
    """What a sealed file says of itself; nothing of it is verified."""
    return json.loads(fetch(lib.tablinum_inspect_buffer, ffi.from_buffer(sealed), len(sealed)))


def inspect_file(path: Path) -> Dict[str, Any]:
    return json.loads(fetch(lib.tablinum_inspect_file, text(os.fspath(path))))
