/* Proves something that takes a moment: shows how far it is, and changes its mind half-way.
 * Build: cc watch_a_proof.c $(pkg-config --cflags --libs tablinum) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tablinum_proof.h"

static void must(tablinum_code code) {
  if (code == TABLINUM_OK) return;
  fprintf(stderr, "%s: %s\n", tablinum_code_name(code), tablinum_last_error());
  exit(1);
}

static void expect(int holds, const char* what) {
  if (holds) return;
  fprintf(stderr, "not so: %s\n", what);
  exit(1);
}

struct seen {
  char stage[16];
  double share;
  int calls;
  double stop_at; /* of the stage "prove" */
  tproof_stop* stop;
};

/* Called on a thread of the service while tproof_prove_watched waits; when that has returned, nobody calls it any more. */
static void show(void* argument, const char* stage, double share) {
  struct seen* const seen = argument;
  if (strcmp(stage, seen->stage) != 0) printf("%s\n", stage);
  snprintf(seen->stage, sizeof seen->stage, "%s", stage);
  seen->share = share;
  ++seen->calls;
  if (seen->stop != NULL && strcmp(stage, "prove") == 0 && share >= seen->stop_at) tproof_stop_now(seen->stop);
}

int main(void) {
  /* SHA-256 of 503 times 'a': a message of eight blocks. */
  static const uint8_t program[33] = {0x01,
                                      0x11, 0x97, 0xf2, 0xaf, 0xd9, 0x06, 0x43, 0xc1,
                                      0xed, 0x3c, 0x88, 0x2f, 0x06, 0xd9, 0xe7, 0xea,
                                      0x2a, 0xef, 0x24, 0xad, 0x23, 0x74, 0x0e, 0x02,
                                      0x25, 0xb9, 0xde, 0x0c, 0x3b, 0x96, 0x31, 0x9d};
  uint8_t message[503];
  memset(message, 'a', sizeof message);
  tproof_service* service;
  tablinum_buffer* proof = NULL;
  int accepted = 0;
  must(tproof_service_new("lf", 0, 0, &service));

  struct seen seen = {"", 0, 0, 0.3, NULL};
  must(tproof_stop_new(&seen.stop));
  expect(tproof_prove_watched(service, program, sizeof program, message, sizeof message, 0, 0, 0, show, &seen, seen.stop, &proof) ==
                 TABLINUM_CANCELLED && proof == NULL,
         "it is cancelled");
  expect(seen.calls > 0 && seen.share < 1, "it did not come to its end");
  /* A stop stays. */
  expect(tproof_prove_watched(service, program, sizeof program, message, sizeof message, 0, 0, 0, NULL, NULL, seen.stop, &proof) ==
             TABLINUM_CANCELLED,
         "the next one is cancelled too");
  tproof_stop_free(seen.stop);

  seen = (struct seen){"", 0, 0, 0, NULL};
  must(tproof_prove_watched(service, program, sizeof program, message, sizeof message, 0, 0, 0, show, &seen, NULL, &proof));
  expect(strcmp(seen.stage, "prove") == 0 && seen.share == 1 && seen.calls > 8, "it came to its end");
  must(tproof_verify_watched(service, program, sizeof program, tablinum_buffer_data(proof), tablinum_buffer_size(proof), 0, show, &seen, NULL,
                             &accepted));
  expect(accepted == 1 && strcmp(seen.stage, "verify") == 0 && seen.share == 1, "the proof holds");
  tablinum_buffer_free(proof);
  tproof_service_free(service);
  return 0;
}
