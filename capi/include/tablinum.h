#pragma once
/* Tablinum's C interface: sealed files, and proxy re-encryption of vectors as the exchange's first clients use it.
 *
 * Handles are opaque; whoever made one frees it with its ..._free (null is allowed). Functions give TABLINUM_OK or one of the codes
 * below; then tablinum_last_error() has the reason, for this thread, until its next failing call. On failure outputs are not touched.
 * Results of unknown length come as a tablinum_buffer: ask for its size and its bytes, then free it (its memory is wiped).
 * Nothing that is passed in is kept unless a function says so; nothing that is given out must be freed but handles.
 *
 * Threads: handles marked (shared) never change and may be used by any number of threads at the same time. A tablinum_sealer or
 * tablinum_opener may be shared once nothing is added to it any more. Do not free what another thread still uses.
 *
 * ABI: functions are added, never changed, within one TABLINUM_ABI_VERSION. C11 or C++. docs/developing/capi.md. */
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TABLINUM_ABI_VERSION 1
/* The ABI that the loaded library has, and its version ("0.1.0"). */
uint32_t tablinum_abi_version(void);
const char* tablinum_version(void);

typedef int32_t tablinum_code;
enum {
  TABLINUM_OK = 0,
  TABLINUM_INVALID = 1,     /* mend the argument */
  TABLINUM_NOT_FOUND = 2,
  TABLINUM_CORRUPT = 3,     /* damaged, altered, or not what it claims to be; of a sealed file also: no key fits */
  TABLINUM_TOO_LARGE = 4,
  TABLINUM_UNAUTHENTICATED = 5, /* a wrong passphrase, or another signer than expected */
  TABLINUM_DENIED = 6,
  TABLINUM_CONFLICT = 7,
  TABLINUM_EXISTS = 8,
  TABLINUM_UNSUPPORTED = 9,
  TABLINUM_UNAVAILABLE = 10,
  TABLINUM_LIMIT = 11,      /* a count or budget is used up: one re-encryption too many */
  TABLINUM_NO_SPACE = 12,
  TABLINUM_TIMEOUT = 13,
  TABLINUM_CANCELLED = 14,
  TABLINUM_CLOSED = 15,
  TABLINUM_BUSY = 21,      /* another process has it */
  TABLINUM_IO = 25,
  TABLINUM_INTERNAL = 26    /* a fault here, or no memory */
};
/* "corrupt" for 3; "ok" for 0; "unknown" for what is none. */
const char* tablinum_code_name(tablinum_code code);
/* Never null. */
const char* tablinum_last_error(void);

typedef struct tablinum_buffer tablinum_buffer;
const uint8_t* tablinum_buffer_data(const tablinum_buffer* buffer);
size_t tablinum_buffer_size(const tablinum_buffer* buffer);
void tablinum_buffer_free(tablinum_buffer* buffer);

/* ---- identities and cards (shared) ---- */

typedef struct tablinum_identity tablinum_identity;
typedef struct tablinum_card tablinum_card;

/* New keys, from 24 new words. `name`: UTF-8. */
tablinum_code tablinum_identity_create(const char* name, tablinum_identity** out);
/* An identity file's text; `passphrase` null where it has none.  UNAUTHENTICATED: wrong passphrase or altered. */
tablinum_code tablinum_identity_read(const uint8_t* text, size_t size, const char* passphrase, tablinum_identity** out);
/* The identity file; `passphrase` null writes it unencrypted. */
tablinum_code tablinum_identity_write(const tablinum_identity* identity, const char* passphrase, tablinum_buffer** out);
/* The 24 words. */
tablinum_code tablinum_identity_phrase(const tablinum_identity* identity, tablinum_buffer** out);
/* The contact card as text: what others need to seal to this identity and to check its signatures. */
tablinum_code tablinum_identity_card(const tablinum_identity* identity, tablinum_buffer** out);
void tablinum_identity_free(tablinum_identity* identity);

tablinum_code tablinum_card_read(const uint8_t* text, size_t size, tablinum_card** out);
/* Good as long as the card is. */
const char* tablinum_card_name(const tablinum_card* card);
const char* tablinum_card_fingerprint(const tablinum_card* card);
void tablinum_card_free(tablinum_card* card);

/* ---- sealing and opening ---- */

typedef struct tablinum_sealer tablinum_sealer;
typedef struct tablinum_opener tablinum_opener;
typedef struct tablinum_reader tablinum_reader;

/* Reads up to `capacity` bytes into `into`, sets *got, 0 at the end only. Anything but 0 stops with TABLINUM_IO. */
typedef int (*tablinum_read_fn)(void* user, uint8_t* into, size_t capacity, size_t* got);
/* Takes all of it. Anything but 0 stops with TABLINUM_IO. */
typedef int (*tablinum_write_fn)(void* user, const uint8_t* bytes, size_t size);

tablinum_code tablinum_sealer_new(tablinum_sealer** out);
tablinum_code tablinum_sealer_add_card(tablinum_sealer* sealer, const tablinum_card* card);
tablinum_code tablinum_sealer_add_identity(tablinum_sealer* sealer, const tablinum_identity* identity);
/* Must be the only recipient. */
tablinum_code tablinum_sealer_add_passphrase(tablinum_sealer* sealer, const char* passphrase);
tablinum_code tablinum_sealer_add_key(tablinum_sealer* sealer, const uint8_t key[32]);
/* Signs what is sealed: header and content. */
tablinum_code tablinum_sealer_sign(tablinum_sealer* sealer, const tablinum_identity* identity);
/* 0: one for each processor. Default 1. */
tablinum_code tablinum_sealer_threads(tablinum_sealer* sealer, unsigned threads);
tablinum_code tablinum_seal_buffer(const tablinum_sealer* sealer, const uint8_t* plain, size_t size, tablinum_buffer** out);
/* `replace` 0: EXISTS if the file is there. The file appears whole or not at all. */
tablinum_code tablinum_seal_file(const tablinum_sealer* sealer, const char* from, const char* to, int replace);
tablinum_code tablinum_seal_stream(const tablinum_sealer* sealer, tablinum_read_fn read, tablinum_write_fn write, void* user);
void tablinum_sealer_free(tablinum_sealer* sealer);

tablinum_code tablinum_opener_new(tablinum_opener** out);
tablinum_code tablinum_opener_add_identity(tablinum_opener* opener, const tablinum_identity* identity);
tablinum_code tablinum_opener_add_passphrase(tablinum_opener* opener, const char* passphrase);
tablinum_code tablinum_opener_add_key(tablinum_opener* opener, const uint8_t key[32]);
/* Counts this card's signatures from now on; may be called for several cards. */
tablinum_code tablinum_opener_trust(tablinum_opener* opener, const tablinum_card* card);
/* `required` not 0: what does not carry a good signature of a trusted card does not open. Default 0: opened, and told by `is_signed`. */
tablinum_code tablinum_opener_require_signature(tablinum_opener* opener, int required);
/* As tablinum_sealer_threads. */
tablinum_code tablinum_opener_threads(tablinum_opener* opener, unsigned threads);
/* CORRUPT for whatever is wrong with file or keys. `is_signed` (may be null): 1 if a trusted card's signature is good. */
tablinum_code tablinum_open_buffer(const tablinum_opener* opener, const uint8_t* sealed, size_t size, tablinum_buffer** out,
                                   int* is_signed);
tablinum_code tablinum_open_file(const tablinum_opener* opener, const char* from, const char* to, int replace, int* is_signed);
/* What was written before a failure is authentic but not complete. */
tablinum_code tablinum_open_stream(const tablinum_opener* opener, tablinum_read_fn read, tablinum_write_fn write, void* user,
                                   int* is_signed);
void tablinum_opener_free(tablinum_opener* opener);

/* A sealed file for reading at any place (shared). Keeps what it needs of the opener. */
tablinum_code tablinum_reader_open(const tablinum_opener* opener, const char* path, tablinum_reader** out);
uint64_t tablinum_reader_size(const tablinum_reader* reader);
tablinum_code tablinum_reader_read_at(const tablinum_reader* reader, uint64_t offset, uint8_t* into, size_t capacity, size_t* got);
void tablinum_reader_free(tablinum_reader* reader);

/* Many files at once, over the sealer's or opener's threads: `from[i]` to `to[i]`. Each succeeds or fails by itself: `codes` (may be
   null) gets one code a file, and what is given is that of the first file that failed. */
tablinum_code tablinum_seal_files(const tablinum_sealer* sealer, const char* const* from, const char* const* to, size_t count,
                                  int replace, tablinum_code* codes);
tablinum_code tablinum_open_files(const tablinum_opener* opener, const char* const* from, const char* const* to, size_t count,
                                  int replace, tablinum_code* codes);

/* One JSON object: what a file says of itself; nothing of it is verified. */
tablinum_code tablinum_inspect_buffer(const uint8_t* sealed, size_t size, tablinum_buffer** out);
tablinum_code tablinum_inspect_file(const char* path, tablinum_buffer** out);

/* ---- collections: files for whomever their owner delegates to, through a proxy that cannot read them ----

   owner     tablinum_collection_create; seals with tablinum_sealer_add_collection (the sealer needs no other recipient, but the owner
             opens nothing by it: add the identity, too); tablinum_delegate for each reader's card; tablinum_revoke ends one
   proxy     keeps the delegations; tablinum_proxy_transform gives what one reader needs for one file
   reader    tablinum_opener_add_transformed, then the opener opens that file

   All handles (shared). Format: docs/format/proxy-re-encryption.md. */

typedef struct tablinum_collection tablinum_collection;
typedef struct tablinum_groups tablinum_groups;
typedef struct tablinum_delegation tablinum_delegation;
typedef struct tablinum_proxy tablinum_proxy;
typedef struct tablinum_budget tablinum_budget;

enum { TABLINUM_KEM_2048 = 1, TABLINUM_KEM_4096 = 2 }; /* 2048: the usual one */

/* The contact card with a receiving key of a suite: only whoever has one of those can delegate to this identity.
   `not_after`: Unix seconds, 0 for no end. */
tablinum_code tablinum_identity_receiving_card(const tablinum_identity* identity, int suite, int64_t not_after, tablinum_buffer** out);

/* A new collection of this identity, in epoch 0. Its keys come from the identity's words. */
tablinum_code tablinum_collection_create(const tablinum_identity* owner, int suite, tablinum_collection** out);
/* What must be kept to have it again: id, suite, epoch; no secret. */
tablinum_code tablinum_collection_write(const tablinum_collection* collection, tablinum_buffer** out);
/* NOT_FOUND: not of this identity's words. */
tablinum_code tablinum_collection_read(const tablinum_identity* owner, const uint8_t* bytes, size_t size, tablinum_collection** out);
/* The next epoch: delegations of before do not reach what is sealed from now on. */
tablinum_code tablinum_collection_roll(const tablinum_collection* collection, tablinum_collection** out);
tablinum_code tablinum_collection_id(const tablinum_collection* collection, uint8_t id[16]);
uint32_t tablinum_collection_epoch(const tablinum_collection* collection);
/* The collection as a group to which others delegate: its public key, signed by its owner, who administers the group. */
tablinum_code tablinum_collection_group(const tablinum_collection* collection, tablinum_buffer** out);
void tablinum_collection_free(tablinum_collection* collection);
tablinum_code tablinum_sealer_add_collection(tablinum_sealer* sealer, const tablinum_collection* collection);

/* Lets the card's owner read one epoch until `not_after` (Unix seconds), at most `transforms_max` files (1 ... 2^20).
   NOT_FOUND: the card has no receiving key of the collection's suite.  INVALID: terms out of range. */
tablinum_code tablinum_delegate(const tablinum_collection* collection, const tablinum_card* card, int64_t not_after,
                                uint32_t transforms_max, tablinum_delegation** out);
/* The delegations to groups that one program knows of, which must form no circle. Not to be used by two threads at once. */
tablinum_code tablinum_groups_new(tablinum_groups** out);
void tablinum_groups_free(tablinum_groups* groups);
/* The same for a group; `card` is its administrator's.  CONFLICT: a circle.  DENIED: the group is not signed by that card's owner. */
tablinum_code tablinum_delegate_group(const tablinum_collection* collection, const uint8_t* group, size_t size, const tablinum_card* card,
                                      tablinum_groups* groups, int64_t not_after, uint32_t transforms_max, tablinum_delegation** out);
/* For the proxy and nobody else: with the reader's keys it is the collection's key. */
tablinum_code tablinum_delegation_write(const tablinum_delegation* delegation, tablinum_buffer** out);
tablinum_code tablinum_delegation_read(const uint8_t* bytes, size_t size, tablinum_delegation** out);
tablinum_code tablinum_delegation_id(const tablinum_delegation* delegation, uint8_t id[32]);
/* Its public part: enough for tablinum_revoke. */
tablinum_code tablinum_delegation_ticket(const tablinum_delegation* delegation, tablinum_buffer** out);
void tablinum_delegation_free(tablinum_delegation* delegation);
/* The owner's word for the proxy that a delegation is over. Roll the collection, too.  DENIED: somebody else's. */
tablinum_code tablinum_revoke(const tablinum_identity* owner, const uint8_t* ticket, size_t size, tablinum_buffer** out);

/* `seed`: 32 secret random bytes, the same at each start. `state`: file for counters and revocations, on the disk before anything
   is given out; null keeps them in memory only.  BUSY: another process has the file. */
tablinum_code tablinum_proxy_open(const uint8_t seed[32], const char* state, tablinum_proxy** out);
tablinum_code tablinum_proxy_key(const tablinum_proxy* proxy, uint8_t key[32]);
/* What the reader needs to open this sealed file (its header is enough); the same bytes every time.
   DENIED: file or delegation not by `owner`, expired, revoked.  NOT_FOUND: not of the delegation's collection and epoch.
   LIMIT: more files than the delegation allows. */
tablinum_code tablinum_proxy_transform(tablinum_proxy* proxy, const tablinum_delegation* delegation, const tablinum_card* owner,
                                       const uint8_t* sealed, size_t size, tablinum_buffer** out);
tablinum_code tablinum_proxy_revoke(tablinum_proxy* proxy, const uint8_t* tombstone, size_t size, const tablinum_card* owner);
/* A delegation as it may lie on the proxy's disk, encrypted, and back. */
tablinum_code tablinum_proxy_store(const tablinum_proxy* proxy, const tablinum_delegation* delegation, tablinum_buffer** out);
tablinum_code tablinum_proxy_load(const tablinum_proxy* proxy, const uint8_t* bytes, size_t size, tablinum_delegation** out);
void tablinum_proxy_free(tablinum_proxy* proxy);

/* Counts failures of receiving keys, since a malicious proxy could learn from each; after 32 a key opens nothing any more. `folder`:
   where the counts are kept; null keeps them in memory, for tests. */
tablinum_code tablinum_budget_open(const char* folder, tablinum_budget** out);
void tablinum_budget_free(tablinum_budget* budget);
/* `proxy_key` (may be null): who must have made it; keep the key of the first answer and insist on it. `owner`: the collection's.
   DENIED: another proxy, or another owner's collection. */
tablinum_code tablinum_opener_add_transformed(tablinum_opener* opener, const tablinum_identity* identity, const tablinum_budget* budget,
                                              const tablinum_card* owner, const uint8_t proxy_key[32], const uint8_t* transformed,
                                              size_t size);
/* The same for what was delegated to a group. */
tablinum_code tablinum_opener_add_group_transformed(tablinum_opener* opener, const tablinum_collection* group,
                                                    const tablinum_budget* budget, const tablinum_card* owner, const uint8_t proxy_key[32],
                                                    const uint8_t* transformed, size_t size);

/* ---- vectors: proxy re-encryption by BFV. For reading and writing what the exchange's first clients made; NOT for new files:
   whoever has a re-encryption key and the receiver's secret key has the sender's. All handles (shared). ---- */

typedef struct tablinum_pre_context tablinum_pre_context;
typedef struct tablinum_pre_public_key tablinum_pre_public_key;
typedef struct tablinum_pre_secret_key tablinum_pre_secret_key;
typedef struct tablinum_pre_rekey tablinum_pre_rekey;
typedef struct tablinum_pre_ciphertext tablinum_pre_ciphertext;

/* Equal parameters give the same context. The reference's: 65537, 60. */
tablinum_code tablinum_pre_context_create(uint64_t plaintext_modulus, unsigned limb_bits, tablinum_pre_context** out);
uint32_t tablinum_pre_slots(const tablinum_pre_context* context);
uint64_t tablinum_pre_plaintext_modulus(const tablinum_pre_context* context);
uint32_t tablinum_pre_hops_max(const tablinum_pre_context* context);
/* 1 if both handles are of the same context. */
int tablinum_pre_same_context(const tablinum_pre_context* a, const tablinum_pre_context* b);
void tablinum_pre_context_free(tablinum_pre_context* context);

tablinum_code tablinum_pre_generate_keys(const tablinum_pre_context* context, tablinum_pre_public_key** public_key,
                                         tablinum_pre_secret_key** secret_key);
/* Packs up to `tablinum_pre_slots` values, 0 ... t-1 or centred; the rest are zeros. */
tablinum_code tablinum_pre_encrypt(const tablinum_pre_context* context, const tablinum_pre_public_key* key, const int64_t* values,
                                   size_t count, tablinum_pre_ciphertext** out);
/* Writes exactly `tablinum_pre_slots` centred values. A wrong key gives garbage, not an error.
   TOO_LARGE: `capacity` is below that. */
tablinum_code tablinum_pre_decrypt(const tablinum_pre_context* context, const tablinum_pre_secret_key* key,
                                   const tablinum_pre_ciphertext* ciphertext, int64_t* values, size_t capacity);
tablinum_code tablinum_pre_generate_rekey(const tablinum_pre_context* context, const tablinum_pre_secret_key* from,
                                          const tablinum_pre_public_key* to, tablinum_pre_rekey** out);
tablinum_code tablinum_pre_reencrypt(const tablinum_pre_context* context, const tablinum_pre_rekey* rekey,
                                     const tablinum_pre_ciphertext* ciphertext, tablinum_pre_ciphertext** out);

/* Many at once over `threads` threads (0: one for each processor); all or none.

   As many ciphertexts as the values need, ceil(count / tablinum_pre_slots); *made is how many, each to be freed.
   TOO_LARGE: `capacity` is below that. */
tablinum_code tablinum_pre_encrypt_all(const tablinum_pre_context* context, const tablinum_pre_public_key* key, const int64_t* values,
                                       size_t count, unsigned threads, tablinum_pre_ciphertext** out, size_t capacity, size_t* made);
/* `out` has room for `count`. */
tablinum_code tablinum_pre_reencrypt_all(const tablinum_pre_context* context, const tablinum_pre_rekey* rekey,
                                         const tablinum_pre_ciphertext* const* ciphertexts, size_t count, unsigned threads,
                                         tablinum_pre_ciphertext** out);
/* Writes `count` times `tablinum_pre_slots` values. */
tablinum_code tablinum_pre_decrypt_all(const tablinum_pre_context* context, const tablinum_pre_secret_key* key,
                                       const tablinum_pre_ciphertext* const* ciphertexts, size_t count, unsigned threads, int64_t* values,
                                       size_t capacity);

tablinum_code tablinum_pre_context_write(const tablinum_pre_context* context, tablinum_buffer** out);
tablinum_code tablinum_pre_public_key_write(const tablinum_pre_public_key* key, tablinum_buffer** out);
tablinum_code tablinum_pre_secret_key_write(const tablinum_pre_secret_key* key, tablinum_buffer** out);
tablinum_code tablinum_pre_rekey_write(const tablinum_pre_rekey* key, tablinum_buffer** out);
tablinum_code tablinum_pre_ciphertext_write(const tablinum_pre_ciphertext* ciphertext, tablinum_buffer** out);
tablinum_code tablinum_pre_context_read(const uint8_t* bytes, size_t size, tablinum_pre_context** out);
tablinum_code tablinum_pre_public_key_read(const uint8_t* bytes, size_t size, tablinum_pre_public_key** out);
tablinum_code tablinum_pre_secret_key_read(const uint8_t* bytes, size_t size, tablinum_pre_secret_key** out);
tablinum_code tablinum_pre_rekey_read(const uint8_t* bytes, size_t size, tablinum_pre_rekey** out);
tablinum_code tablinum_pre_ciphertext_read(const uint8_t* bytes, size_t size, tablinum_pre_ciphertext** out);
void tablinum_pre_public_key_free(tablinum_pre_public_key* key);
void tablinum_pre_secret_key_free(tablinum_pre_secret_key* key);
void tablinum_pre_rekey_free(tablinum_pre_rekey* key);
void tablinum_pre_ciphertext_free(tablinum_pre_ciphertext* ciphertext);

/* ---- IDK messages: text around such ciphertexts, signed with secp256k1. Signing keys are 32 bytes, public keys 64. ---- */

tablinum_code tablinum_idk_generate_signing_key(uint8_t secret[32], uint8_t public_key[64]);
/* `headers`: optional ones, key and value in turn, `header_count` pairs; may be null with 0. */
tablinum_code tablinum_idk_create(const tablinum_pre_public_key* key, const uint8_t signing_key[32], const uint8_t* plain, size_t size,
                                  const char* const* headers, size_t header_count, tablinum_buffer** out);
/* One JSON object: parts, missing, problems, signer, trust ("self_asserted", "expected", "other", "none"). `expected` may be null. */
tablinum_code tablinum_idk_verify(const uint8_t* message, size_t size, const uint8_t* expected, tablinum_buffer** out);
tablinum_code tablinum_idk_decrypt(const tablinum_pre_secret_key* key, const uint8_t* message, size_t size, const uint8_t* expected,
                                   tablinum_buffer** out);
/* `timestamp`: RFC 3339. `sender` may be null: the message's signer. */
tablinum_code tablinum_idk_recrypt(const tablinum_pre_rekey* rekey, const uint8_t proxy_key[32], const uint8_t* message, size_t size,
                                   const char* sender, const char* recipient, const char* timestamp, tablinum_buffer** out);

#ifdef __cplusplus
}
#endif
