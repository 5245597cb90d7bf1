"""Seals a letter for Bob, signed by Alice, and opens it as Bob."""
from tablinum import seal

alice, bob = seal.Identity.create("Alice"), seal.Identity.create("Bob")
sealed = seal.seal(b"Grandmother was born in Trieste.", to=[bob.card()], sign_as=alice)
opened = seal.open_sealed(sealed, keys=[bob], trust=[alice.card()], signature_required=True)
assert opened == b"Grandmother was born in Trieste." and opened.signed
print(opened.decode(), "(signed by Alice)")
