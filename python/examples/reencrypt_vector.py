"""Alice encrypts numbers; a proxy that cannot read them makes them readable for Bob."""
from tablinum import pre

cc = pre.create_crypto_context()
alice, bob = pre.generate_keys(cc), pre.generate_keys(cc)
years = [1887, 1914, 1921]
for_alice = pre.encrypt(cc, alice.publicKey, years)
rekey = pre.generate_re_encryption_key(cc, alice.secretKey, bob.publicKey)
for_bob = pre.re_encrypt(cc, rekey, for_alice)  # the proxy's work
assert pre.decrypt(cc, bob.secretKey, for_bob, length=3) == years
print(years)
