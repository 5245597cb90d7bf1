/* Collections, delegations, the proxy, many files and batches of vectors, from C. "once": no threads, for valgrind. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <pthread.h>
#include <unistd.h>

#include "tablinum.h"

static int failures = 0;
#define CHECK(what)                                                                             \
  do {                                                                                          \
    if (!(what)) {                                                                              \
      printf("%s:%d: %s (last error: %s)\n", __FILE__, __LINE__, #what, tablinum_last_error()); \
      ++failures;                                                                               \
    }                                                                                           \
  } while (0)
#define OK(call) CHECK((call) == TABLINUM_OK)
#define BYTES(buffer) tablinum_buffer_data(buffer), tablinum_buffer_size(buffer)

static const char kLetter[] = "Grandmother was born in Trieste.";
static const uint8_t kSeed[32] = {7, 1, 4};

struct world {
  tablinum_identity *alice, *bob;
  tablinum_card *alice_card, *bob_card;
  tablinum_collection* letters;
  tablinum_delegation* for_bob;
  tablinum_proxy* proxy;
  tablinum_budget* budget;
  tablinum_buffer* sealed;
  char folder[64];
};

static int64_t tomorrow(void) { return (int64_t)time(NULL) + 86400; }

static tablinum_card* card_of(tablinum_identity* identity) {
  tablinum_buffer* text = NULL;
  tablinum_card* card = NULL;
  OK(tablinum_identity_receiving_card(identity, TABLINUM_KEM_2048, 0, &text));
  OK(tablinum_card_read(BYTES(text), &card));
  tablinum_buffer_free(text);
  return card;
}

static tablinum_buffer* sealed_for(const tablinum_collection* collection) {
  tablinum_sealer* sealer = NULL;
  tablinum_buffer* sealed = NULL;
  OK(tablinum_sealer_new(&sealer));
  OK(tablinum_sealer_add_collection(sealer, collection));
  OK(tablinum_seal_buffer(sealer, (const uint8_t*)kLetter, sizeof kLetter, &sealed));
  tablinum_sealer_free(sealer);
  return sealed;
}

static void world_make(struct world* w) {
  memset(w, 0, sizeof *w);
  strcpy(w->folder, "/tmp/tablinum_capi_XXXXXX");
  CHECK(mkdtemp(w->folder) != NULL);
  OK(tablinum_identity_create("Alice", &w->alice));
  OK(tablinum_identity_create("Bob", &w->bob));
  w->alice_card = card_of(w->alice);
  w->bob_card = card_of(w->bob);
  OK(tablinum_collection_create(w->alice, TABLINUM_KEM_2048, &w->letters));
  OK(tablinum_delegate(w->letters, w->bob_card, tomorrow(), 3, &w->for_bob));
  OK(tablinum_proxy_open(kSeed, NULL, &w->proxy));
  OK(tablinum_budget_open(NULL, &w->budget));
  w->sealed = sealed_for(w->letters);
}

static void world_free(struct world* w) {
  tablinum_buffer_free(w->sealed);
  tablinum_budget_free(w->budget);
  tablinum_proxy_free(w->proxy);
  tablinum_delegation_free(w->for_bob);
  tablinum_collection_free(w->letters);
  tablinum_card_free(w->bob_card);
  tablinum_card_free(w->alice_card);
  tablinum_identity_free(w->bob);
  tablinum_identity_free(w->alice);
  rmdir(w->folder);
}

static tablinum_code open_as_bob(const struct world* w, const tablinum_buffer* sealed, const tablinum_buffer* transformed) {
  tablinum_opener* opener = NULL;
  tablinum_buffer* opened = NULL;
  OK(tablinum_opener_new(&opener));
  OK(tablinum_opener_add_transformed(opener, w->bob, w->budget, w->alice_card, NULL, BYTES(transformed)));
  const tablinum_code code = tablinum_open_buffer(opener, BYTES(sealed), &opened, NULL);
  if (code == TABLINUM_OK) CHECK(strcmp((const char*)tablinum_buffer_data(opened), kLetter) == 0);
  tablinum_buffer_free(opened);
  tablinum_opener_free(opener);
  return code;
}

static tablinum_buffer* transformed_of(const struct world* w, const tablinum_buffer* sealed) {
  tablinum_buffer* out = NULL;
  OK(tablinum_proxy_transform(w->proxy, w->for_bob, w->alice_card, BYTES(sealed), &out));
  return out;
}

static void test_a_file_travels(struct world* w) {
  tablinum_buffer *first = transformed_of(w, w->sealed), *again = transformed_of(w, w->sealed);
  CHECK(tablinum_buffer_size(first) == tablinum_buffer_size(again) &&
        memcmp(tablinum_buffer_data(first), tablinum_buffer_data(again), tablinum_buffer_size(first)) == 0);
  OK(open_as_bob(w, w->sealed, first));
  tablinum_buffer* other = sealed_for(w->letters);
  CHECK(open_as_bob(w, other, first) == TABLINUM_CORRUPT); /* made for another file */
  /* Three files in all. */
  tablinum_buffer *second = transformed_of(w, other), *third_file = sealed_for(w->letters), *fourth_file = sealed_for(w->letters);
  tablinum_buffer *third = transformed_of(w, third_file), *none = NULL;
  CHECK(tablinum_proxy_transform(w->proxy, w->for_bob, w->alice_card, BYTES(fourth_file), &none) == TABLINUM_LIMIT);
  /* Alice's own keys open nothing by stanza P alone. */
  tablinum_opener* opener = NULL;
  OK(tablinum_opener_new(&opener));
  OK(tablinum_opener_add_identity(opener, w->alice));
  CHECK(tablinum_open_buffer(opener, BYTES(w->sealed), &none, NULL) == TABLINUM_CORRUPT);
  CHECK(none == NULL);
  tablinum_opener_free(opener);
  tablinum_buffer_free(fourth_file);
  tablinum_buffer_free(third_file);
  tablinum_buffer_free(third);
  tablinum_buffer_free(second);
  tablinum_buffer_free(other);
  tablinum_buffer_free(first);
  tablinum_buffer_free(again);
}

static void test_who_may_what(struct world* w) {
  tablinum_buffer *transformed = transformed_of(w, w->sealed), *none = NULL;
  uint8_t key[32], other_key[32];
  OK(tablinum_proxy_key(w->proxy, key));
  memcpy(other_key, key, sizeof key);
  other_key[0] ^= 1;
  tablinum_opener* opener = NULL;
  OK(tablinum_opener_new(&opener));
  OK(tablinum_opener_add_transformed(opener, w->bob, w->budget, w->alice_card, key, BYTES(transformed)));
  CHECK(tablinum_opener_add_transformed(opener, w->bob, w->budget, w->alice_card, other_key, BYTES(transformed)) == TABLINUM_DENIED);
  CHECK(tablinum_opener_add_transformed(opener, w->bob, w->budget, w->bob_card, key, BYTES(transformed)) == TABLINUM_DENIED);
  CHECK(tablinum_opener_add_transformed(opener, w->bob, w->budget, w->alice_card, key, kSeed, 32) == TABLINUM_CORRUPT);
  CHECK(tablinum_opener_add_transformed(opener, w->bob, NULL, w->alice_card, key, BYTES(transformed)) == TABLINUM_INVALID);
  tablinum_opener_free(opener);
  CHECK(tablinum_proxy_transform(w->proxy, w->for_bob, w->bob_card, BYTES(w->sealed), &none) == TABLINUM_DENIED);
  CHECK(tablinum_proxy_transform(w->proxy, w->for_bob, w->alice_card, kSeed, 32, &none) == TABLINUM_INVALID);
  CHECK(tablinum_proxy_transform(NULL, w->for_bob, w->alice_card, BYTES(w->sealed), &none) == TABLINUM_INVALID);
  tablinum_collection* bobs = NULL;
  OK(tablinum_collection_create(w->bob, TABLINUM_KEM_2048, &bobs));
  tablinum_buffer* foreign = sealed_for(bobs);
  CHECK(tablinum_proxy_transform(w->proxy, w->for_bob, w->alice_card, BYTES(foreign), &none) == TABLINUM_NOT_FOUND);
  CHECK(none == NULL);
  tablinum_delegation* refused = NULL;
  CHECK(tablinum_delegate(w->letters, w->bob_card, 1, 3, &refused) == TABLINUM_INVALID); /* over long ago */
  CHECK(tablinum_delegate(w->letters, w->bob_card, tomorrow(), 0, &refused) == TABLINUM_INVALID);
  CHECK(tablinum_delegate(w->letters, NULL, tomorrow(), 1, &refused) == TABLINUM_INVALID);
  tablinum_buffer* text = NULL;
  tablinum_card* bare = NULL;
  OK(tablinum_identity_card(w->bob, &text));
  OK(tablinum_card_read(BYTES(text), &bare));
  CHECK(tablinum_delegate(w->letters, bare, tomorrow(), 3, &refused) == TABLINUM_NOT_FOUND);
  CHECK(refused == NULL);
  tablinum_card_free(bare);
  tablinum_buffer_free(text);
  tablinum_buffer_free(foreign);
  tablinum_collection_free(bobs);
  tablinum_buffer_free(transformed);
}

static void test_written_and_read(struct world* w) {
  tablinum_buffer *bytes = NULL, *again = NULL, *stored = NULL, *direct = NULL, *none = NULL;
  tablinum_collection *copy = NULL, *bad = NULL;
  uint8_t id[16], copy_id[16];
  OK(tablinum_collection_write(w->letters, &bytes));
  OK(tablinum_collection_read(w->alice, BYTES(bytes), &copy));
  OK(tablinum_collection_write(copy, &again));
  CHECK(tablinum_buffer_size(bytes) == tablinum_buffer_size(again) &&
        memcmp(tablinum_buffer_data(bytes), tablinum_buffer_data(again), tablinum_buffer_size(bytes)) == 0);
  OK(tablinum_collection_id(w->letters, id));
  OK(tablinum_collection_id(copy, copy_id));
  CHECK(memcmp(id, copy_id, 16) == 0 && tablinum_collection_epoch(copy) == 0);
  CHECK(tablinum_collection_read(w->alice, tablinum_buffer_data(bytes), tablinum_buffer_size(bytes) - 1, &bad) == TABLINUM_CORRUPT);
  CHECK(tablinum_collection_create(w->alice, 3, &bad) == TABLINUM_UNSUPPORTED);
  CHECK(tablinum_collection_create(w->alice, -1, &bad) == TABLINUM_UNSUPPORTED && bad == NULL);
  /* The same keys: what the copy seals is transformed under the first one's delegation. */
  tablinum_buffer* sealed = sealed_for(copy);
  tablinum_proxy* proxy = NULL; /* another one: the first has counted its three files */
  OK(tablinum_proxy_open(kSeed, NULL, &proxy));
  tablinum_delegation *read = NULL, *loaded = NULL;
  tablinum_buffer_free(bytes);
  OK(tablinum_delegation_write(w->for_bob, &bytes));
  OK(tablinum_delegation_read(BYTES(bytes), &read));
  OK(tablinum_proxy_store(proxy, read, &stored));
  OK(tablinum_proxy_load(proxy, BYTES(stored), &loaded));
  uint8_t first_id[32], last_id[32];
  OK(tablinum_delegation_id(w->for_bob, first_id));
  OK(tablinum_delegation_id(loaded, last_id));
  CHECK(memcmp(first_id, last_id, 32) == 0);
  OK(tablinum_proxy_transform(proxy, loaded, w->alice_card, BYTES(sealed), &direct));
  OK(open_as_bob(w, sealed, direct));
  CHECK(tablinum_delegation_read(BYTES(stored), &loaded) == TABLINUM_CORRUPT);
  CHECK(tablinum_proxy_load(proxy, BYTES(bytes), &loaded) == TABLINUM_CORRUPT);
  /* The next epoch is out of its reach. */
  tablinum_collection* next = NULL;
  OK(tablinum_collection_roll(copy, &next));
  CHECK(tablinum_collection_epoch(next) == 1);
  tablinum_buffer* later = sealed_for(next);
  CHECK(tablinum_proxy_transform(proxy, w->for_bob, w->alice_card, BYTES(later), &none) == TABLINUM_NOT_FOUND);
  tablinum_buffer_free(later);
  tablinum_collection_free(next);
  tablinum_proxy_free(proxy);
  tablinum_delegation_free(read);
  tablinum_delegation_free(loaded);
  tablinum_buffer_free(direct);
  tablinum_buffer_free(stored);
  tablinum_buffer_free(sealed);
  tablinum_buffer_free(bytes);
  tablinum_buffer_free(again);
  tablinum_collection_free(copy);
}

static void test_revoked_for_good(struct world* w) {
  char state[96], lock[104];
  snprintf(state, sizeof state, "%s/state", w->folder);
  snprintf(lock, sizeof lock, "%s.lock", state);
  tablinum_proxy *proxy = NULL, *second = NULL;
  tablinum_buffer *ticket = NULL, *tombstone = NULL, *none = NULL, *transformed = NULL;
  OK(tablinum_proxy_open(kSeed, state, &proxy));
  CHECK(tablinum_proxy_open(kSeed, state, &second) == TABLINUM_BUSY);
  OK(tablinum_proxy_transform(proxy, w->for_bob, w->alice_card, BYTES(w->sealed), &transformed));
  OK(tablinum_delegation_ticket(w->for_bob, &ticket));
  CHECK(tablinum_revoke(w->bob, BYTES(ticket), &none) == TABLINUM_DENIED);
  CHECK(tablinum_revoke(w->alice, kSeed, 32, &none) == TABLINUM_CORRUPT);
  OK(tablinum_revoke(w->alice, BYTES(ticket), &tombstone));
  CHECK(tablinum_proxy_revoke(proxy, BYTES(tombstone), w->bob_card) == TABLINUM_DENIED);
  OK(tablinum_proxy_revoke(proxy, BYTES(tombstone), w->alice_card));
  CHECK(tablinum_proxy_transform(proxy, w->for_bob, w->alice_card, BYTES(w->sealed), &none) == TABLINUM_DENIED);
  tablinum_proxy_free(proxy);
  OK(tablinum_proxy_open(kSeed, state, &proxy));
  CHECK(tablinum_proxy_transform(proxy, w->for_bob, w->alice_card, BYTES(w->sealed), &none) == TABLINUM_DENIED);
  tablinum_proxy_free(proxy);
  tablinum_buffer_free(transformed);
  tablinum_buffer_free(tombstone);
  tablinum_buffer_free(ticket);
  CHECK(unlink(state) == 0 && unlink(lock) == 0);
}

/* Alice's letters are delegated to a group of Bob's. */
static void test_groups(struct world* w) {
  tablinum_collection* group = NULL;
  tablinum_groups* groups = NULL;
  tablinum_delegation *to_group = NULL, *none = NULL;
  tablinum_buffer *key = NULL, *own_key = NULL, *transformed = NULL, *opened = NULL;
  OK(tablinum_collection_create(w->bob, TABLINUM_KEM_2048, &group));
  OK(tablinum_collection_group(group, &key));
  OK(tablinum_groups_new(&groups));
  CHECK(tablinum_delegate_group(w->letters, BYTES(key), w->alice_card, groups, tomorrow(), 9, &none) == TABLINUM_DENIED);
  CHECK(tablinum_delegate_group(w->letters, kSeed, 32, w->bob_card, groups, tomorrow(), 9, &none) == TABLINUM_CORRUPT);
  OK(tablinum_delegate_group(w->letters, BYTES(key), w->bob_card, groups, tomorrow(), 9, &to_group));
  OK(tablinum_collection_group(w->letters, &own_key));
  CHECK(tablinum_delegate_group(group, BYTES(own_key), w->alice_card, groups, tomorrow(), 9, &none) == TABLINUM_CONFLICT);
  OK(tablinum_proxy_transform(w->proxy, to_group, w->alice_card, BYTES(w->sealed), &transformed));
  tablinum_opener* opener = NULL;
  OK(tablinum_opener_new(&opener));
  OK(tablinum_opener_add_transformed(opener, w->bob, w->budget, w->alice_card, NULL, BYTES(transformed)));
  CHECK(tablinum_open_buffer(opener, BYTES(w->sealed), &opened, NULL) == TABLINUM_CORRUPT); /* as a member: not his */
  OK(tablinum_opener_add_group_transformed(opener, group, w->budget, w->alice_card, NULL, BYTES(transformed)));
  OK(tablinum_open_buffer(opener, BYTES(w->sealed), &opened, NULL));
  tablinum_opener_free(opener);
  tablinum_buffer_free(opened);
  tablinum_buffer_free(transformed);
  tablinum_buffer_free(own_key);
  tablinum_buffer_free(key);
  tablinum_delegation_free(to_group);
  tablinum_groups_free(groups);
  tablinum_collection_free(group);
}

static void test_failures_are_counted(struct world* w) {
  char folder[96], file[192];
  snprintf(folder, sizeof folder, "%s/budget", w->folder);
  tablinum_budget* budget = NULL;
  tablinum_opener* opener = NULL;
  tablinum_buffer *transformed = transformed_of(w, w->sealed), *opened = NULL;
  OK(tablinum_budget_open(folder, &budget));
  OK(tablinum_opener_new(&opener));
  OK(tablinum_opener_add_transformed(opener, w->bob, budget, w->alice_card, NULL, BYTES(transformed)));
  tablinum_budget_free(budget); /* the opener keeps what it needs */
  OK(tablinum_open_buffer(opener, BYTES(w->sealed), &opened, NULL));
  tablinum_opener_free(opener);
  tablinum_buffer_free(opened);
  tablinum_buffer_free(transformed);
  snprintf(file, sizeof file, "rm -r %s", folder);
  struct stat status;
  CHECK(stat(folder, &status) == 0 && system(file) == 0);
}

static void test_many_files(struct world* w) {
  enum { kFiles = 5 };
  char plain[kFiles][96], sealed[kFiles][96], again[kFiles][96];
  const char *from[kFiles], *to[kFiles], *back[kFiles];
  tablinum_code codes[kFiles];
  for (int i = 0; i < kFiles; ++i) {
    snprintf(plain[i], sizeof plain[i], "%s/p%d", w->folder, i);
    snprintf(sealed[i], sizeof sealed[i], "%s/s%d", w->folder, i);
    snprintf(again[i], sizeof again[i], "%s/a%d", w->folder, i);
    from[i] = plain[i], to[i] = sealed[i], back[i] = again[i];
    FILE* file = i == 3 ? NULL : fopen(plain[i], "w"); /* the fourth is missing */
    if (file != NULL) fprintf(file, "letter %d", i), fclose(file);
  }
  tablinum_sealer* sealer = NULL;
  tablinum_opener* opener = NULL;
  OK(tablinum_sealer_new(&sealer));
  OK(tablinum_sealer_add_identity(sealer, w->alice));
  OK(tablinum_sealer_threads(sealer, 2));
  CHECK(tablinum_seal_files(sealer, from, to, kFiles, 0, codes) == TABLINUM_NOT_FOUND);
  for (int i = 0; i < kFiles; ++i) CHECK(codes[i] == (i == 3 ? TABLINUM_NOT_FOUND : TABLINUM_OK));
  CHECK(tablinum_seal_files(sealer, from, to, 1, 0, NULL) == TABLINUM_EXISTS);
  OK(tablinum_seal_files(sealer, from, to, 3, 1, NULL));
  OK(tablinum_seal_files(sealer, NULL, NULL, 0, 0, NULL));
  CHECK(tablinum_seal_files(sealer, from, NULL, 1, 0, NULL) == TABLINUM_INVALID);
  OK(tablinum_opener_new(&opener));
  OK(tablinum_opener_add_identity(opener, w->alice));
  OK(tablinum_open_files(opener, (const char* const*)to, back, 3, 0, codes));
  struct stat status;
  for (int i = 0; i < 3; ++i) CHECK(stat(again[i], &status) == 0 && status.st_size == 8 && (status.st_mode & 077) == 0);
  CHECK(tablinum_open_files(opener, from, back, 2, 1, codes) == TABLINUM_CORRUPT);
  for (int i = 0; i < kFiles; ++i) unlink(plain[i]), unlink(sealed[i]), unlink(again[i]);
  tablinum_opener_free(opener);
  tablinum_sealer_free(sealer);
}

static void test_batches(void) {
  enum { kCount = 3 };
  tablinum_pre_context *context = NULL, *other = NULL;
  tablinum_pre_public_key *alice = NULL, *bob = NULL;
  tablinum_pre_secret_key *alice_secret = NULL, *bob_secret = NULL;
  tablinum_pre_rekey* rekey = NULL;
  tablinum_pre_ciphertext *first[kCount] = {NULL, NULL, NULL}, *second[kCount] = {NULL, NULL, NULL};
  OK(tablinum_pre_context_create(65537, 60, &context));
  OK(tablinum_pre_context_create(65537, 54, &other));
  OK(tablinum_pre_generate_keys(context, &alice, &alice_secret));
  OK(tablinum_pre_generate_keys(context, &bob, &bob_secret));
  OK(tablinum_pre_generate_rekey(context, alice_secret, bob, &rekey));
  const size_t slots = tablinum_pre_slots(context), count = 2 * slots + 5;
  int64_t *values = calloc(kCount * slots, sizeof *values), *back = malloc(kCount * slots * sizeof *back);
  for (size_t i = 0; i < count; ++i) values[i] = (int64_t)((i * 31) % 32768);
  size_t made = 0;
  CHECK(tablinum_pre_encrypt_all(context, alice, values, count, 2, first, kCount - 1, &made) == TABLINUM_TOO_LARGE);
  CHECK(tablinum_pre_encrypt_all(other, alice, values, count, 2, first, kCount, &made) == TABLINUM_INVALID);
  OK(tablinum_pre_encrypt_all(context, alice, values, 0, 2, first, kCount, &made));
  CHECK(made == 0);
  OK(tablinum_pre_encrypt_all(context, alice, values, count, 2, first, kCount, &made));
  CHECK(made == kCount);
  OK(tablinum_pre_reencrypt_all(context, rekey, (const tablinum_pre_ciphertext* const*)first, kCount, 2, second));
  CHECK(tablinum_pre_decrypt_all(context, bob_secret, (const tablinum_pre_ciphertext* const*)second, kCount, 2, back,
                                 kCount * slots - 1) == TABLINUM_TOO_LARGE);
  OK(tablinum_pre_decrypt_all(context, bob_secret, (const tablinum_pre_ciphertext* const*)second, kCount, 2, back, kCount * slots));
  CHECK(memcmp(values, back, kCount * slots * sizeof *values) == 0);
  tablinum_pre_ciphertext* none[1] = {NULL};
  CHECK(tablinum_pre_reencrypt_all(context, rekey, (const tablinum_pre_ciphertext* const*)none, 1, 1, none) == TABLINUM_INVALID);
  for (int i = 0; i < kCount; ++i) tablinum_pre_ciphertext_free(first[i]), tablinum_pre_ciphertext_free(second[i]);
  free(values);
  free(back);
  tablinum_pre_rekey_free(rekey);
  tablinum_pre_public_key_free(alice);
  tablinum_pre_public_key_free(bob);
  tablinum_pre_secret_key_free(alice_secret);
  tablinum_pre_secret_key_free(bob_secret);
  tablinum_pre_context_free(context);
  tablinum_pre_context_free(other);
}

static void* transform_and_open(void* argument) {
  const struct world* w = argument;
  tablinum_buffer* transformed = NULL;
  const tablinum_code made = tablinum_proxy_transform(w->proxy, w->for_bob, w->alice_card, BYTES(w->sealed), &transformed);
  const tablinum_code code = made == TABLINUM_OK ? open_as_bob(w, w->sealed, transformed) : made;
  tablinum_buffer_free(transformed);
  return code == TABLINUM_OK ? NULL : argument;
}

static void test_threads(struct world* w) {
  pthread_t threads[16];
  for (int i = 0; i < 16; ++i) CHECK(pthread_create(&threads[i], NULL, transform_and_open, w) == 0);
  for (int i = 0; i < 16; ++i) {
    void* failed = NULL;
    pthread_join(threads[i], &failed);
    CHECK(failed == NULL);
  }
}

int main(int argc, char** argv) {
  const int once = argc > 1 && strcmp(argv[1], "once") == 0;
  (void)argv;
  struct world w;
  world_make(&w);
  test_a_file_travels(&w);
  test_who_may_what(&w);
  test_written_and_read(&w);
  test_revoked_for_good(&w);
  test_groups(&w);
  test_failures_are_counted(&w);
  test_many_files(&w);
  if (!once) test_batches();
  if (!once) test_threads(&w);
  world_free(&w);
  if (failures == 0) printf("all good\n");
  return failures == 0 ? 0 : 1;
}
