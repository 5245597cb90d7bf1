"""Alice shares a collection with Bob through a proxy that cannot read it, and ends it again."""
import os
import time

from tablinum import seal

alice, bob = seal.Identity.create("Alice"), seal.Identity.create("Bob")
letters = seal.Collection.create(alice)
sealed = seal.seal(b"Grandmother was born in Trieste.", to=[alice, letters], sign_as=alice)
for_bob = letters.delegate(bob.receiving_card(), until=int(time.time()) + 86_400)

proxy = seal.Proxy(os.urandom(32))
transformed = proxy.transform(for_bob, alice.card(), sealed)

key = seal.Transformed(transformed, bob, owner=alice.card(), budget=seal.FailureBudget(), proxy_key=proxy.key)
print(seal.open_sealed(sealed, keys=[key], trust=[alice.card()], signature_required=True).decode())

proxy.revoke(seal.revoke(alice, for_bob), alice.card())
try:
    proxy.transform(for_bob, alice.card(), sealed)
except seal.Error as error:
    print("after that:", error)
else:
    raise SystemExit("the proxy went on")
