/* Proves that one has a letter with a known SHA-256, without showing the letter, and checks the proof.
 * Build: cc prove_a_letter.c $(pkg-config --cflags --libs tablinum) */
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

int main(void) {
  static const char letter[] = "Grandmother was born in Trieste.";
  /* The statement is public: 01, then the letter's SHA-256. */
  static const uint8_t program[33] = {0x01,
                                      0xac, 0xb3, 0xd9, 0xef, 0x0e, 0x59, 0xa4, 0x40,
                                      0xaa, 0x0d, 0x91, 0xba, 0x5a, 0x98, 0xd2, 0x4b,
                                      0xd7, 0x2b, 0xec, 0xb4, 0xa6, 0x2f, 0x75, 0x6b,
                                      0x60, 0x97, 0x88, 0xcc, 0x80, 0x8b, 0x87, 0x9c};
  tproof_service* service;
  tablinum_buffer *proof, *words;
  int accepted = 0;
  must(tproof_service_new("auto", 0, 0, &service));
  must(tproof_prove(service, program, sizeof program, (const uint8_t*)letter, strlen(letter), 0, 0, 0, &proof));
  must(tproof_verify(service, program, sizeof program, tablinum_buffer_data(proof), tablinum_buffer_size(proof), 0, &accepted));
  expect(accepted == 1, "the proof holds");

  must(tproof_describe(program, sizeof program, &words));
  printf("%zu bytes prove: %.*s\n", tablinum_buffer_size(proof), (int)tablinum_buffer_size(words), (const char*)tablinum_buffer_data(words));
  tablinum_buffer_free(words);

  /* The same proof says nothing about another letter. */
  uint8_t other[33];
  memcpy(other, program, sizeof other);
  other[32] ^= 1;
  must(tproof_verify(service, other, sizeof other, tablinum_buffer_data(proof), tablinum_buffer_size(proof), 0, &accepted));
  expect(accepted == 0, "it is refused for another letter");

  /* Nobody proves what is not so, and what is no proof is told apart from a false one. */
  tablinum_buffer* none = NULL;
  expect(tproof_prove(service, other, sizeof other, (const uint8_t*)letter, strlen(letter), 0, 0, 0, &none) == TABLINUM_INVALID && none == NULL,
         "a false statement is not proved");
  expect(tproof_verify(service, program, sizeof program, (const uint8_t*)"TPRF", 4, 0, &accepted) == TABLINUM_CORRUPT, "four bytes are no proof");
  expect(tproof_verify(service, program, 5, tablinum_buffer_data(proof), tablinum_buffer_size(proof), 0, &accepted) == TABLINUM_INVALID,
         "five bytes are no program");
  expect(tproof_service_new("best", 0, 0, &service) == TABLINUM_UNSUPPORTED, "there is no back end of that name");
  tablinum_buffer_free(proof);
  tproof_service_free(service);
  return 0;
}
