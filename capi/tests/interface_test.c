/* Every function of the C interface, from C: results, errors, limits, and 16 threads on one context. "once": no threads, for
 * valgrind. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

#define SLOTS 8192

static void test_version(void) {
  CHECK(tablinum_abi_version() == TABLINUM_ABI_VERSION);
  CHECK(strlen(tablinum_version()) > 0);
  CHECK(strcmp(tablinum_code_name(TABLINUM_OK), "ok") == 0);
  CHECK(strcmp(tablinum_code_name(TABLINUM_CORRUPT), "corrupt") == 0);
  CHECK(strcmp(tablinum_code_name(TABLINUM_LIMIT), "limit") == 0);
  CHECK(strcmp(tablinum_code_name(TABLINUM_IO), "io") == 0);
  CHECK(strcmp(tablinum_code_name(TABLINUM_INTERNAL), "internal") == 0);
  CHECK(strcmp(tablinum_code_name(-5), "unknown") == 0);
}

struct world {
  tablinum_pre_context* context;
  tablinum_pre_public_key *alice_public, *bob_public;
  tablinum_pre_secret_key *alice_secret, *bob_secret;
  tablinum_pre_rekey* rekey;
};

static void world_make(struct world* w) {
  memset(w, 0, sizeof *w);
  OK(tablinum_pre_context_create(65537, 60, &w->context));
  OK(tablinum_pre_generate_keys(w->context, &w->alice_public, &w->alice_secret));
  OK(tablinum_pre_generate_keys(w->context, &w->bob_public, &w->bob_secret));
  OK(tablinum_pre_generate_rekey(w->context, w->alice_secret, w->bob_public, &w->rekey));
}

static void world_free(struct world* w) {
  tablinum_pre_rekey_free(w->rekey);
  tablinum_pre_secret_key_free(w->alice_secret);
  tablinum_pre_secret_key_free(w->bob_secret);
  tablinum_pre_public_key_free(w->alice_public);
  tablinum_pre_public_key_free(w->bob_public);
  tablinum_pre_context_free(w->context);
}

/* Encrypts, re-encrypts and decrypts; returns how many values came back wrong. */
static int round_trip(const struct world* w, int64_t seed) {
  tablinum_pre_ciphertext *first = NULL, *second = NULL;
  int64_t* values = malloc(2 * SLOTS * sizeof *values);
  int wrong = 0;
  if (values == NULL) return 1;
  for (int i = 0; i < SLOTS; ++i) values[i] = (seed * 7919 + i * 31) % 32768;
  if (tablinum_pre_encrypt(w->context, w->alice_public, values, SLOTS, &first) != TABLINUM_OK ||
      tablinum_pre_reencrypt(w->context, w->rekey, first, &second) != TABLINUM_OK ||
      tablinum_pre_decrypt(w->context, w->bob_secret, second, values + SLOTS, SLOTS) != TABLINUM_OK)
    wrong = 1;
  for (int i = 0; i < SLOTS && wrong == 0; ++i) wrong += values[i] != values[SLOTS + i];
  tablinum_pre_ciphertext_free(first);
  tablinum_pre_ciphertext_free(second);
  free(values);
  return wrong;
}

static void test_pre(struct world* w) {
  CHECK(tablinum_pre_slots(w->context) == SLOTS);
  CHECK(tablinum_pre_plaintext_modulus(w->context) == 65537);
  CHECK(tablinum_pre_hops_max(w->context) >= 12);
  CHECK(round_trip(w, 1) == 0);
  tablinum_pre_context *same = NULL, *other = NULL;
  OK(tablinum_pre_context_create(65537, 60, &same));
  OK(tablinum_pre_context_create(65537, 54, &other));
  CHECK(tablinum_pre_same_context(w->context, same) == 1);
  CHECK(tablinum_pre_same_context(w->context, other) == 0);
  int64_t values[2] = {70000, 0};
  tablinum_pre_ciphertext* ciphertext = NULL;
  CHECK(tablinum_pre_encrypt(w->context, w->alice_public, values, 2, &ciphertext) == TABLINUM_INVALID);
  CHECK(ciphertext == NULL && strlen(tablinum_last_error()) > 0);
  values[0] = 1;
  CHECK(tablinum_pre_encrypt(other, w->alice_public, values, 2, &ciphertext) == TABLINUM_INVALID);
  CHECK(tablinum_pre_encrypt(NULL, w->alice_public, values, 2, &ciphertext) == TABLINUM_INVALID);
  CHECK(tablinum_pre_encrypt(w->context, w->alice_public, NULL, 2, &ciphertext) == TABLINUM_INVALID);
  CHECK(tablinum_pre_encrypt(w->context, w->alice_public, values, SLOTS + 1, &ciphertext) == TABLINUM_TOO_LARGE);
  OK(tablinum_pre_encrypt(w->context, w->alice_public, NULL, 0, &ciphertext));
  CHECK(tablinum_pre_decrypt(w->context, w->alice_secret, ciphertext, values, 2) == TABLINUM_TOO_LARGE);
  CHECK(tablinum_pre_context_create(65536, 60, &other) == TABLINUM_INVALID);
  tablinum_pre_ciphertext_free(ciphertext);
  tablinum_pre_context_free(same);
  tablinum_pre_context_free(other);
}

#define WRITE_AND_READ(kind, handle)                                                                           \
  do {                                                                                                         \
    tablinum_buffer *bytes = NULL, *again = NULL;                                                              \
    tablinum_pre_##kind* copy = NULL;                                                                          \
    OK(tablinum_pre_##kind##_write(handle, &bytes));                                                           \
    OK(tablinum_pre_##kind##_read(tablinum_buffer_data(bytes), tablinum_buffer_size(bytes), &copy));           \
    OK(tablinum_pre_##kind##_write(copy, &again));                                                             \
    CHECK(tablinum_buffer_size(bytes) == tablinum_buffer_size(again));                                         \
    CHECK(memcmp(tablinum_buffer_data(bytes), tablinum_buffer_data(again), tablinum_buffer_size(bytes)) == 0); \
    tablinum_pre_##kind##_free(copy);                                                                          \
    copy = NULL;                                                                                               \
    CHECK(tablinum_pre_##kind##_read(tablinum_buffer_data(bytes), tablinum_buffer_size(bytes) - 1, &copy) ==   \
          TABLINUM_CORRUPT);                                                                                   \
    CHECK(tablinum_pre_##kind##_read((const uint8_t*)"garbage", 7, &copy) == TABLINUM_CORRUPT);                \
    CHECK(tablinum_pre_##kind##_read(NULL, 0, &copy) == TABLINUM_CORRUPT);                                     \
    CHECK(copy == NULL);                                                                                       \
    tablinum_buffer_free(bytes);                                                                               \
    tablinum_buffer_free(again);                                                                               \
  } while (0)

static void test_pre_objects(struct world* w) {
  tablinum_pre_ciphertext* ciphertext = NULL;
  const int64_t value = -3;
  OK(tablinum_pre_encrypt(w->context, w->alice_public, &value, 1, &ciphertext));
  WRITE_AND_READ(context, w->context);
  WRITE_AND_READ(public_key, w->alice_public);
  WRITE_AND_READ(secret_key, w->alice_secret);
  WRITE_AND_READ(rekey, w->rekey);
  WRITE_AND_READ(ciphertext, ciphertext);
  tablinum_pre_ciphertext_free(ciphertext);
}

static void test_idk(struct world* w) {
  uint8_t signing[32], verifying[64], proxy[32], proxy_public[64];
  OK(tablinum_idk_generate_signing_key(signing, verifying));
  OK(tablinum_idk_generate_signing_key(proxy, proxy_public));
  const char* headers[] = {"Comment", "from C"};
  tablinum_buffer *message = NULL, *moved = NULL, *plain = NULL, *report = NULL;
  OK(tablinum_idk_create(w->alice_public, signing, (const uint8_t*)"hello", 5, headers, 1, &message));
  OK(tablinum_idk_verify(tablinum_buffer_data(message), tablinum_buffer_size(message), verifying, &report));
  char* json = calloc(1, tablinum_buffer_size(report) + 1);
  memcpy(json, tablinum_buffer_data(report), tablinum_buffer_size(report));
  CHECK(strstr(json, "\"whole\":true") != NULL && strstr(json, "\"trust\":\"expected\"") != NULL);
  free(json);
  OK(tablinum_idk_decrypt(w->alice_secret, tablinum_buffer_data(message), tablinum_buffer_size(message), verifying, &plain));
  CHECK(tablinum_buffer_size(plain) == 5 && memcmp(tablinum_buffer_data(plain), "hello", 5) == 0);
  tablinum_buffer_free(plain);
  plain = NULL;
  CHECK(tablinum_idk_decrypt(w->alice_secret, tablinum_buffer_data(message), tablinum_buffer_size(message), proxy_public,
                             &plain) == TABLINUM_UNAUTHENTICATED);
  OK(tablinum_idk_recrypt(w->rekey, proxy, tablinum_buffer_data(message), tablinum_buffer_size(message), NULL, "04bb",
                          "2025-07-10T12:00:00Z", &moved));
  OK(tablinum_idk_decrypt(w->bob_secret, tablinum_buffer_data(moved), tablinum_buffer_size(moved), proxy_public, &plain));
  CHECK(tablinum_buffer_size(plain) == 5 && memcmp(tablinum_buffer_data(plain), "hello", 5) == 0);
  CHECK(tablinum_idk_decrypt(w->alice_secret, (const uint8_t*)"x", 1, NULL, &message) == TABLINUM_CORRUPT);
  tablinum_buffer_free(plain);
  tablinum_buffer_free(moved);
  tablinum_buffer_free(message);
  tablinum_buffer_free(report);
}

struct cursor {
  const uint8_t* from;
  size_t left;
  uint8_t to[4096];
  size_t written;
  int refuse;
};

static int take(void* user, uint8_t* into, size_t capacity, size_t* got) {
  struct cursor* c = user;
  *got = c->left < capacity ? c->left : capacity;
  if (*got > 0) memcpy(into, c->from, *got);
  c->from += *got;
  c->left -= *got;
  return 0;
}

static int give(void* user, const uint8_t* bytes, size_t size) {
  struct cursor* c = user;
  if (c->refuse || c->written + size > sizeof c->to) return 1;
  memcpy(c->to + c->written, bytes, size);
  c->written += size;
  return 0;
}

static void test_seal(void) {
  tablinum_identity *alice = NULL, *again = NULL;
  tablinum_buffer *text = NULL, *file = NULL, *phrase = NULL, *sealed = NULL, *plain = NULL, *seen = NULL;
  tablinum_card* card = NULL;
  tablinum_sealer* sealer = NULL;
  tablinum_opener* opener = NULL;
  int is_signed = -1;
  OK(tablinum_identity_create("Alice", &alice));
  OK(tablinum_identity_card(alice, &text));
  OK(tablinum_card_read(tablinum_buffer_data(text), tablinum_buffer_size(text), &card));
  CHECK(strcmp(tablinum_card_name(card), "Alice") == 0);
  CHECK(strlen(tablinum_card_fingerprint(card)) == 39);
  OK(tablinum_identity_phrase(alice, &phrase));
  CHECK(tablinum_buffer_size(phrase) > 24 * 3);
  OK(tablinum_identity_write(alice, NULL, &file));
  OK(tablinum_identity_read(tablinum_buffer_data(file), tablinum_buffer_size(file), NULL, &again));
  OK(tablinum_sealer_new(&sealer));
  OK(tablinum_sealer_add_card(sealer, card));
  OK(tablinum_sealer_sign(sealer, alice));
  OK(tablinum_sealer_threads(sealer, 2));
  OK(tablinum_seal_buffer(sealer, (const uint8_t*)"letters", 7, &sealed));
  OK(tablinum_inspect_buffer(tablinum_buffer_data(sealed), tablinum_buffer_size(sealed), &seen));
  CHECK(tablinum_buffer_size(seen) > 0 && tablinum_buffer_data(seen)[0] == '{');
  OK(tablinum_opener_new(&opener));
  CHECK(tablinum_open_buffer(opener, tablinum_buffer_data(sealed), tablinum_buffer_size(sealed), &plain, NULL) ==
        TABLINUM_CORRUPT);
  OK(tablinum_opener_add_identity(opener, again));
  OK(tablinum_open_buffer(opener, tablinum_buffer_data(sealed), tablinum_buffer_size(sealed), &plain, &is_signed));
  CHECK(tablinum_buffer_size(plain) == 7 && memcmp(tablinum_buffer_data(plain), "letters", 7) == 0 && is_signed == 0);
  tablinum_buffer_free(plain);
  OK(tablinum_opener_trust(opener, card));
  OK(tablinum_opener_require_signature(opener, 1));
  OK(tablinum_opener_threads(opener, 2));
  OK(tablinum_open_buffer(opener, tablinum_buffer_data(sealed), tablinum_buffer_size(sealed), &plain, &is_signed));
  CHECK(is_signed == 1);
  tablinum_buffer_free(plain);
  plain = NULL;
  CHECK(tablinum_open_buffer(opener, tablinum_buffer_data(sealed), tablinum_buffer_size(sealed) - 1, &plain, NULL) ==
        TABLINUM_CORRUPT);
  CHECK(tablinum_inspect_buffer((const uint8_t*)"text", 4, &plain) != TABLINUM_OK && plain == NULL);
  CHECK(tablinum_identity_read((const uint8_t*)"text", 4, NULL, &alice) == TABLINUM_CORRUPT);
  tablinum_opener_free(opener);
  tablinum_sealer_free(sealer);
  tablinum_card_free(card);
  tablinum_identity_free(alice);
  tablinum_identity_free(again);
  tablinum_buffer_free(text);
  tablinum_buffer_free(file);
  tablinum_buffer_free(phrase);
  tablinum_buffer_free(sealed);
  tablinum_buffer_free(seen);
}

static void test_seal_streams(void) {
  static const uint8_t key[32] = {1, 2, 3};
  tablinum_sealer* sealer = NULL;
  tablinum_opener* opener = NULL;
  struct cursor in = {.from = (const uint8_t*)"streamed", .left = 8};
  OK(tablinum_sealer_new(&sealer));
  OK(tablinum_sealer_add_key(sealer, key));
  OK(tablinum_seal_stream(sealer, take, give, &in));
  struct cursor back = {.from = in.to, .left = in.written};
  OK(tablinum_opener_new(&opener));
  OK(tablinum_opener_add_key(opener, key));
  OK(tablinum_open_stream(opener, take, give, &back, NULL));
  CHECK(back.written == 8 && memcmp(back.to, "streamed", 8) == 0);
  struct cursor full = {.from = in.to, .left = in.written, .refuse = 1};
  CHECK(tablinum_open_stream(opener, take, give, &full, NULL) == TABLINUM_IO);
  CHECK(tablinum_open_stream(opener, NULL, give, &full, NULL) == TABLINUM_INVALID);
  tablinum_sealer_free(sealer);
  tablinum_opener_free(opener);
}

static void test_seal_files(void) {
  char folder[] = "/tmp/tablinum-capi-XXXXXX";
  char plain[64], sealed[64], again[64];
  CHECK(mkdtemp(folder) != NULL);
  snprintf(plain, sizeof plain, "%s/plain", folder);
  snprintf(sealed, sizeof sealed, "%s/sealed", folder);
  snprintf(again, sizeof again, "%s/again", folder);
  FILE* f = fopen(plain, "wb");
  for (int i = 0; i < 100000; ++i) fputc(i % 251, f);
  fclose(f);
  tablinum_sealer* sealer = NULL;
  tablinum_opener* opener = NULL;
  tablinum_reader* reader = NULL;
  tablinum_buffer* seen = NULL;
  OK(tablinum_sealer_new(&sealer));
  OK(tablinum_sealer_add_passphrase(sealer, "correct horse"));
  OK(tablinum_seal_file(sealer, plain, sealed, 0));
  CHECK(tablinum_seal_file(sealer, plain, sealed, 0) == TABLINUM_EXISTS);
  CHECK(tablinum_seal_file(sealer, again, sealed, 1) == TABLINUM_NOT_FOUND);
  OK(tablinum_inspect_file(sealed, &seen));
  OK(tablinum_opener_new(&opener));
  OK(tablinum_opener_add_passphrase(opener, "wrong"));
  CHECK(tablinum_open_file(opener, sealed, again, 0, NULL) == TABLINUM_CORRUPT);
  CHECK(access(again, F_OK) != 0);
  tablinum_opener_free(opener);
  OK(tablinum_opener_new(&opener));
  OK(tablinum_opener_add_passphrase(opener, "correct horse"));
  OK(tablinum_open_file(opener, sealed, again, 0, NULL));
  OK(tablinum_reader_open(opener, sealed, &reader));
  CHECK(tablinum_reader_size(reader) == 100000);
  uint8_t bytes[10];
  size_t got = 0;
  OK(tablinum_reader_read_at(reader, 70000, bytes, sizeof bytes, &got));
  CHECK(got == 10 && bytes[0] == 70000 % 251 && bytes[9] == 70009 % 251);
  OK(tablinum_reader_read_at(reader, 99995, bytes, sizeof bytes, &got));
  CHECK(got == 5);
  tablinum_reader_free(reader);
  tablinum_opener_free(opener);
  tablinum_sealer_free(sealer);
  tablinum_buffer_free(seen);
  remove(plain);
  remove(sealed);
  remove(again);
  rmdir(folder);
}

struct job {
  const struct world* w;
  int number;
  int wrong;
  int error_mixed_up;
};

static void* work(void* argument) {
  struct job* job = argument;
  tablinum_pre_context* context = NULL;
  for (int i = 0; i < 4; ++i) job->wrong += round_trip(job->w, job->number * 100 + i);
  /* Each thread has its own last error, and asks the registry at the same time as the others. */
  const int bad = job->number % 2;
  job->error_mixed_up += tablinum_pre_context_create(bad ? 65536 : 65537, bad ? 60 : 99, &context) != TABLINUM_INVALID;
  job->error_mixed_up += strstr(tablinum_last_error(), bad ? "prime" : "limb_bits") == NULL;
  job->error_mixed_up += tablinum_pre_context_create(65537, 58, &context) != TABLINUM_OK;
  tablinum_pre_context_free(context);
  return NULL;
}

#define THREADS 16
static void test_threads(const struct world* w) {
  pthread_t threads[THREADS];
  struct job jobs[THREADS];
  for (int i = 0; i < THREADS; ++i) {
    jobs[i] = (struct job){.w = w, .number = i};
    CHECK(pthread_create(&threads[i], NULL, work, &jobs[i]) == 0);
  }
  for (int i = 0; i < THREADS; ++i) {
    pthread_join(threads[i], NULL);
    CHECK(jobs[i].wrong == 0);
    CHECK(jobs[i].error_mixed_up == 0);
  }
}

static void test_free_null(void) {
  tablinum_buffer_free(NULL);
  tablinum_identity_free(NULL);
  tablinum_card_free(NULL);
  tablinum_sealer_free(NULL);
  tablinum_opener_free(NULL);
  tablinum_reader_free(NULL);
  tablinum_pre_context_free(NULL);
  tablinum_pre_public_key_free(NULL);
  tablinum_pre_secret_key_free(NULL);
  tablinum_pre_rekey_free(NULL);
  tablinum_pre_ciphertext_free(NULL);
  CHECK(tablinum_buffer_size(NULL) == 0 && tablinum_buffer_data(NULL) == NULL);
}

int main(int argc, char** argv) {
  (void)argv;
  struct world w;
  test_version();
  world_make(&w);
  test_pre(&w);
  test_pre_objects(&w);
  test_idk(&w);
  test_seal();
  test_seal_streams();
  test_free_null();
  if (argc == 1) {
    test_seal_files();
    test_threads(&w);
  }
  world_free(&w);
  printf("%s\n", failures == 0 ? "all is well" : "FAILED");
  return failures == 0 ? 0 : 1;
}
