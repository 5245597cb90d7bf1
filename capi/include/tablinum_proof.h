#pragma once
/* Tablinum's C interface, zero-knowledge proofs: proving that something is so without showing the thing, and checking such proofs.
 *
 * A program says what is proved; it is public. An input is the secret that makes it true. Programs and inputs: docs/proof/.
 * Errors, buffers and the rules of handles are those of tablinum.h. C11 or C++. */
#include "tablinum.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Queue, limits, caches and threads for proofs (shared). */
typedef struct tproof_service tproof_service;

/* `backend`: "auto", "lf" or "vole"; null is auto. `threads` for the parallel parts, `at_once` requests that run at the same time;
 * 0 takes the number of processors.  UNSUPPORTED: no such back end.  INVALID: over a limit. */
tablinum_code tproof_service_new(const char* backend, uint32_t threads, uint32_t at_once, tproof_service** out);
/* No other thread may be inside a call of it. */
void tproof_service_free(tproof_service* service);

/* Proves that `input` makes `program` true. `profile` 0 is the back end's own; `timeout_ms` 0 is a minute. `cached` 0 makes a fresh
 * proof, which nobody can link to an earlier one; else an equal request may get the proof that was made before.
 * INVALID: the program, or the input does not make it true.  LIMIT: too large, too much memory, too many requests.
 * UNSUPPORTED.  TIMEOUT. */
tablinum_code tproof_prove(tproof_service* service, const uint8_t* program, size_t program_size, const uint8_t* input, size_t input_size,
                           uint8_t profile, uint64_t timeout_ms, int cached, tablinum_buffer** proof);

/* *accepted becomes 1 if the proof holds for the program, 0 if not; `timeout_ms` 0 is ten seconds.
 * CORRUPT: the bytes are no proof.  INVALID: the program.  UNSUPPORTED: a back end, profile or shape that is not taken here. */
tablinum_code tproof_verify(tproof_service* service, const uint8_t* program, size_t program_size, const uint8_t* proof, size_t proof_size,
                            uint64_t timeout_ms, int* accepted);

/* How far a request is. `stage`: "circuit" (where one has to be compiled), then "prove" or "verify"; `share` of the stage, 0 … 1, only
 * grows. Called on threads of the service, of one request one call at a time, of different requests side by side, and never after the
 * request has ended. It must not wait; it may call tproof_stop_now. An answer from the cache, or from an equal request that runs
 * already, has none. */
typedef void (*tproof_progress)(void* argument, const char* stage, double share);

/* Ends requests from outside, from any thread. One may serve many requests. */
typedef struct tproof_stop tproof_stop;
tablinum_code tproof_stop_new(tproof_stop** out);
/* Every request that has it ends with CANCELLED within a few milliseconds, and so does one that is given it later. */
void tproof_stop_now(tproof_stop* stop);
/* No request may have it any more. */
void tproof_stop_free(tproof_stop* stop);

/* The two calls above, watched: `progress` and `stop` may each be null.  CANCELLED: tproof_stop_now came first; what the request used is
 * free again. */
tablinum_code tproof_prove_watched(tproof_service* service, const uint8_t* program, size_t program_size, const uint8_t* input,
                                   size_t input_size, uint8_t profile, uint64_t timeout_ms, int cached, tproof_progress progress,
                                   void* argument, tproof_stop* stop, tablinum_buffer** proof);
tablinum_code tproof_verify_watched(tproof_service* service, const uint8_t* program, size_t program_size, const uint8_t* proof,
                                    size_t proof_size, uint64_t timeout_ms, tproof_progress progress, void* argument, tproof_stop* stop,
                                    int* accepted);

/* The values that a proof shows, statement by statement (docs/proof/). Use them only after tproof_verify said 1.
 * CORRUPT: the bytes are no proof. */
tablinum_code tproof_outputs(const uint8_t* proof, size_t proof_size, tablinum_buffer** out);

/* In words (UTF-8), for people: what a proof of this program says.  INVALID: the program. */
tablinum_code tproof_describe(const uint8_t* program, size_t program_size, tablinum_buffer** out);

#ifdef __cplusplus
}
#endif
