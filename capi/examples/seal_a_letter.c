/* Seals a letter for Bob, signed by Alice, and opens it as Bob. Build: cc seal_a_letter.c $(pkg-config --cflags --libs tablinum) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tablinum.h"

static void must(tablinum_code code) {
  if (code == TABLINUM_OK) return;
  fprintf(stderr, "%s: %s\n", tablinum_code_name(code), tablinum_last_error());
  exit(1);
}

/* What others know of an identity: its contact card. */
static tablinum_card* card_of(const tablinum_identity* identity) {
  tablinum_buffer* text;
  tablinum_card* card;
  must(tablinum_identity_card(identity, &text));
  must(tablinum_card_read(tablinum_buffer_data(text), tablinum_buffer_size(text), &card));
  tablinum_buffer_free(text);
  return card;
}

int main(void) {
  static const char letter[] = "Grandmother was born in Trieste.";
  tablinum_identity *alice, *bob;
  must(tablinum_identity_create("Alice", &alice));
  must(tablinum_identity_create("Bob", &bob));
  tablinum_card *alice_card = card_of(alice), *bob_card = card_of(bob);

  tablinum_sealer* sealer;
  tablinum_buffer* sealed;
  must(tablinum_sealer_new(&sealer));
  must(tablinum_sealer_add_card(sealer, bob_card));
  must(tablinum_sealer_sign(sealer, alice));
  must(tablinum_seal_buffer(sealer, (const uint8_t*)letter, strlen(letter), &sealed));

  tablinum_opener* opener;
  tablinum_buffer* opened;
  int is_signed = 0;
  must(tablinum_opener_new(&opener));
  must(tablinum_opener_add_identity(opener, bob));
  must(tablinum_opener_trust(opener, alice_card));
  must(tablinum_open_buffer(opener, tablinum_buffer_data(sealed), tablinum_buffer_size(sealed), &opened, &is_signed));
  printf("%.*s (%s)\n", (int)tablinum_buffer_size(opened), (const char*)tablinum_buffer_data(opened),
         is_signed ? "signed by Alice" : "not signed");

  const int same = tablinum_buffer_size(opened) == strlen(letter) && memcmp(tablinum_buffer_data(opened), letter, strlen(letter)) == 0;
  tablinum_buffer_free(opened);
  tablinum_buffer_free(sealed);
  tablinum_opener_free(opener);
  tablinum_sealer_free(sealer);
  tablinum_card_free(alice_card);
  tablinum_card_free(bob_card);
  tablinum_identity_free(alice);
  tablinum_identity_free(bob);
  return same && is_signed ? 0 : 1;
}
