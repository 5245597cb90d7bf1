/* Alice shares a collection with Bob through a proxy that cannot read it, and ends it again. Checks stand for handling errors. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tablinum.h"

static void must(tablinum_code code) {
  if (code == TABLINUM_OK) return;
  fprintf(stderr, "%s: %s\n", tablinum_code_name(code), tablinum_last_error());
  exit(1);
}

static tablinum_card* card_of(tablinum_identity* identity) {
  tablinum_buffer* text = NULL;
  tablinum_card* card = NULL;
  must(tablinum_identity_receiving_card(identity, TABLINUM_KEM_2048, 0, &text));
  must(tablinum_card_read(tablinum_buffer_data(text), tablinum_buffer_size(text), &card));
  tablinum_buffer_free(text);
  return card;
}

int main(void) {
  const char* letter = "Grandmother was born in Trieste.";
  const uint8_t seed[32] = {1, 2, 3}; /* a real proxy's are random, and secret */
  tablinum_identity *alice = NULL, *bob = NULL;
  must(tablinum_identity_create("Alice", &alice));
  must(tablinum_identity_create("Bob", &bob));
  tablinum_card *alice_card = card_of(alice), *bob_card = card_of(bob);

  /* Alice: a collection, a file in it, and a delegation that goes to the proxy. */
  tablinum_collection* letters = NULL;
  tablinum_sealer* sealer = NULL;
  tablinum_buffer* sealed = NULL;
  tablinum_delegation* for_bob = NULL;
  must(tablinum_collection_create(alice, TABLINUM_KEM_2048, &letters));
  must(tablinum_sealer_new(&sealer));
  must(tablinum_sealer_add_identity(sealer, alice));
  must(tablinum_sealer_add_collection(sealer, letters));
  must(tablinum_seal_buffer(sealer, (const uint8_t*)letter, strlen(letter), &sealed));
  must(tablinum_delegate(letters, bob_card, (int64_t)time(NULL) + 86400, 1000, &for_bob));

  /* The proxy: what Bob needs for this file. */
  tablinum_proxy* proxy = NULL;
  tablinum_buffer* transformed = NULL;
  must(tablinum_proxy_open(seed, NULL, &proxy));
  must(tablinum_proxy_transform(proxy, for_bob, alice_card, tablinum_buffer_data(sealed), tablinum_buffer_size(sealed), &transformed));

  /* Bob opens it. */
  tablinum_budget* budget = NULL;
  tablinum_opener* opener = NULL;
  tablinum_buffer* opened = NULL;
  must(tablinum_budget_open(NULL, &budget));
  must(tablinum_opener_new(&opener));
  must(tablinum_opener_add_transformed(opener, bob, budget, alice_card, NULL, tablinum_buffer_data(transformed),
                                       tablinum_buffer_size(transformed)));
  must(tablinum_open_buffer(opener, tablinum_buffer_data(sealed), tablinum_buffer_size(sealed), &opened, NULL));
  printf("%.*s\n", (int)tablinum_buffer_size(opened), (const char*)tablinum_buffer_data(opened));
  if (tablinum_buffer_size(opened) != strlen(letter)) return 1;

  /* Alice ends it. */
  tablinum_buffer *ticket = NULL, *tombstone = NULL, *refused = NULL;
  must(tablinum_delegation_ticket(for_bob, &ticket));
  must(tablinum_revoke(alice, tablinum_buffer_data(ticket), tablinum_buffer_size(ticket), &tombstone));
  must(tablinum_proxy_revoke(proxy, tablinum_buffer_data(tombstone), tablinum_buffer_size(tombstone), alice_card));
  const tablinum_code code =
      tablinum_proxy_transform(proxy, for_bob, alice_card, tablinum_buffer_data(sealed), tablinum_buffer_size(sealed), &refused);
  printf("after that: %s (%s)\n", tablinum_code_name(code), tablinum_last_error());

  tablinum_buffer_free(ticket);
  tablinum_buffer_free(tombstone);
  tablinum_buffer_free(opened);
  tablinum_buffer_free(transformed);
  tablinum_buffer_free(sealed);
  tablinum_opener_free(opener);
  tablinum_budget_free(budget);
  tablinum_proxy_free(proxy);
  tablinum_delegation_free(for_bob);
  tablinum_sealer_free(sealer);
  tablinum_collection_free(letters);
  tablinum_card_free(alice_card);
  tablinum_card_free(bob_card);
  tablinum_identity_free(alice);
  tablinum_identity_free(bob);
  return code == TABLINUM_DENIED ? 0 : 1;
}
