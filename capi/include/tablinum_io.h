#pragma once
/* Tablinum's C interface, the runtime: plain C functions as tasks that wait without holding up the others, with channels, time limits,
 * cancellation and TCP, over interchangeable models.
 *
 *   "green"     a stack of 64 KiB for each task, all on one thread; 100,000 tasks at a time
 *   "threads"   a thread for each task that runs or waits
 *   "blocking"  everything on the caller's thread; a spawned task has ended when tio_spawn returns
 *
 * A task is a function that is given a tio_context and returns a code. Whatever it spawns has ended when it has: its caller sees no task
 * outlive it. A tio_context is good inside the function that was given it, and on its thread. Waiting functions return CANCELLED once
 * the task was cancelled, and again at every later call.
 * Errors and the rules of handles are those of tablinum.h; tablinum_last_error() tells of this thread's last failure, whichever task
 * it was in. Channels and tio_stop are for any thread, everything else for tasks of one runtime. C11 or C++. */
#include "tablinum.h"

#ifdef __cplusplus
extern "C" {
#endif

/* More codes than tablinum.h names. */
enum {
  TABLINUM_RESET = 16,
  TABLINUM_REFUSED = 17,
  TABLINUM_UNREACHABLE = 18,
  TABLINUM_ADDRESS_IN_USE = 19,
  TABLINUM_WOULD_BLOCK = 22
};

typedef struct tio_runtime tio_runtime;
typedef struct tio_context tio_context;
typedef struct tio_task tio_task;
typedef struct tio_channel tio_channel;
typedef struct tio_listener tio_listener;
typedef struct tio_socket tio_socket;

typedef tablinum_code (*tio_function)(tio_context* context, void* argument);
/* For `timeout_ns`: no limit. */
#define TIO_FOREVER INT64_MAX

/* UNSUPPORTED: no such model.  LIMIT, IO: the system gave no poll or event descriptor. */
tablinum_code tio_runtime_new(const char* model, tio_runtime** out);
void tio_runtime_free(tio_runtime* runtime);
/* Runs `main` and all that it spawns to their end; *result is what it returned. One call at a time, on the thread that made it. */
tablinum_code tio_run(tio_runtime* runtime, tio_function main, void* argument, tablinum_code* result);
/* Any thread: cancels every task, `grace_ns` after they were told. They are told at once: tio_stopping(). */
tablinum_code tio_stop(tio_runtime* runtime, int64_t grace_ns);
int tio_stopping(const tio_context* context);

/* Starts `function`; it *may* run at the same time as the caller. `out` null: only its end is awaited, by the caller's end.
 * LIMIT: a million tasks. */
tablinum_code tio_spawn(tio_context* context, tio_function function, void* argument, tio_task** out);
/* The same, and it *must* run at the same time: for the two sides of a channel.  UNAVAILABLE: "blocking" cannot. */
tablinum_code tio_spawn_concurrent(tio_context* context, tio_function function, void* argument, tio_task** out);
/* Waits for its end and frees the handle; *result is what it returned. If the caller is cancelled, so is the task, and its end is
 * awaited all the same. From the task that spawned it. */
tablinum_code tio_join(tio_context* context, tio_task* task, tablinum_code* result);
/* Interrupts what the task waits for. Idempotent. */
void tio_cancel(tio_task* task);
/* Cancels it too if it still runs. */
void tio_task_free(tio_task* task);
int tio_cancelled(const tio_context* context);
/* Runs `function` in this task with a limit.  TIMEOUT: it was cancelled, has ended, and had not succeeded. */
tablinum_code tio_with_timeout(tio_context* context, int64_t timeout_ns, tio_function function, void* argument, tablinum_code* result);

/* CANCELLED. */
tablinum_code tio_sleep(tio_context* context, int64_t ns);
tablinum_code tio_yield(tio_context* context);
/* A clock that never steps, in nanoseconds. */
int64_t tio_now(const tio_context* context);

/* Carries pointers; what they point to is the callers' business. `capacity` 0 … 2^20; 0 hands over without a queue. */
tablinum_code tio_channel_new(size_t capacity, tio_channel** out);
/* Nobody may wait in it. What is still queued is not touched. */
void tio_channel_free(tio_channel* channel);
/* Sending then fails with CLOSED; receiving too, when the queue is empty. */
void tio_channel_close(tio_channel* channel);
/* Waits while the queue is full.  CLOSED, CANCELLED, TIMEOUT: the value was not taken. ("blocking": only another
 * thread could take or give it.) */
tablinum_code tio_send(tio_context* context, tio_channel* channel, void* value, int64_t timeout_ns);
tablinum_code tio_receive(tio_context* context, tio_channel* channel, void** out, int64_t timeout_ns);
/* Any thread, without waiting.  WOULD_BLOCK, CLOSED. */
tablinum_code tio_try_send(tio_channel* channel, void* value);
tablinum_code tio_try_receive(tio_channel* channel, void** out);

/* `address`: "127.0.0.1:8080", "[::1]:0", "unix:/run/a.sock"; names are not resolved.
 * INVALID, ADDRESS_IN_USE, DENIED, REFUSED, UNREACHABLE, CANCELLED, IO. */
tablinum_code tio_listen(tio_context* context, const char* address, tio_listener** out);
uint16_t tio_listener_port(const tio_listener* listener);
tablinum_code tio_accept(tio_context* context, tio_listener* listener, tio_socket** out);
void tio_listener_free(tio_listener* listener);
tablinum_code tio_connect(tio_context* context, const char* address, tio_socket** out);
/* 1 … size bytes; *got 0: the peer has said all.  RESET, CANCELLED, TIMEOUT, IO. */
tablinum_code tio_read(tio_context* context, tio_socket* socket, void* buffer, size_t size, int64_t timeout_ns, size_t* got);
/* All of it.  RESET, CANCELLED, TIMEOUT, IO: a part may have gone out. */
tablinum_code tio_write(tio_context* context, tio_socket* socket, const void* data, size_t size, int64_t timeout_ns);
/* Tells the peer that this side has said all. */
tablinum_code tio_shutdown_write(tio_socket* socket);
/* Closes. */
void tio_socket_free(tio_socket* socket);

#ifdef __cplusplus
}
#endif
