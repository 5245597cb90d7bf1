/* Alice encrypts numbers; a proxy that cannot read them makes them readable for Bob. */
#include <stdio.h>
#include <stdlib.h>

#include "tablinum.h"

static void must(tablinum_code code) {
  if (code == TABLINUM_OK) return;
  fprintf(stderr, "%s: %s\n", tablinum_code_name(code), tablinum_last_error());
  exit(1);
}

int main(void) {
  tablinum_pre_context* context;
  tablinum_pre_public_key *alice_public, *bob_public;
  tablinum_pre_secret_key *alice_secret, *bob_secret;
  must(tablinum_pre_context_create(65537, 60, &context));
  must(tablinum_pre_generate_keys(context, &alice_public, &alice_secret));
  must(tablinum_pre_generate_keys(context, &bob_public, &bob_secret));

  const int64_t years[] = {1887, 1914, 1921};
  tablinum_pre_ciphertext *for_alice, *for_bob;
  tablinum_pre_rekey* rekey;
  must(tablinum_pre_encrypt(context, alice_public, years, 3, &for_alice));
  must(tablinum_pre_generate_rekey(context, alice_secret, bob_public, &rekey));
  must(tablinum_pre_reencrypt(context, rekey, for_alice, &for_bob)); /* the proxy's work */

  const size_t slots = tablinum_pre_slots(context);
  int64_t* values = calloc(slots, sizeof *values);
  must(tablinum_pre_decrypt(context, bob_secret, for_bob, values, slots));
  printf("%d %d %d\n", (int)values[0], (int)values[1], (int)values[2]);
  const int same = values[0] == years[0] && values[1] == years[1] && values[2] == years[2] && values[3] == 0;

  free(values);
  tablinum_pre_ciphertext_free(for_alice);
  tablinum_pre_ciphertext_free(for_bob);
  tablinum_pre_rekey_free(rekey);
  tablinum_pre_public_key_free(alice_public);
  tablinum_pre_public_key_free(bob_public);
  tablinum_pre_secret_key_free(alice_secret);
  tablinum_pre_secret_key_free(bob_secret);
  tablinum_pre_context_free(context);
  return same ? 0 : 1;
}
