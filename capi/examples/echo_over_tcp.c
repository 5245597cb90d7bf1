/* A server that echoes, and clients that ask it, as tasks of one thread: each function waits as if it were alone.
 * Build: cc echo_over_tcp.c $(pkg-config --cflags --libs tablinum) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tablinum_io.h"

#define CLIENTS 100
static const char kText[] = "Dear cousin, the letters arrived.";

struct server {
  tio_listener* listener;
  char address[32];
  int answered;
};

static void must(tablinum_code code) {
  if (code == TABLINUM_OK) return;
  fprintf(stderr, "%s: %s\n", tablinum_code_name(code), tablinum_last_error());
  exit(1);
}

static tablinum_code echo(tio_context* context, void* argument) {
  tio_socket* socket = argument;
  char bytes[256];
  size_t got;
  tablinum_code code;
  while ((code = tio_read(context, socket, bytes, sizeof bytes, TIO_FOREVER, &got)) == TABLINUM_OK && got > 0)
    if ((code = tio_write(context, socket, bytes, got, TIO_FOREVER)) != TABLINUM_OK) break;
  tio_socket_free(socket);
  return code;
}

/* Until it is cancelled. */
static tablinum_code serve(tio_context* context, void* argument) {
  struct server* server = argument;
  for (;;) {
    tio_socket* socket;
    const tablinum_code code = tio_accept(context, server->listener, &socket);
    if (code != TABLINUM_OK) return code;
    must(tio_spawn(context, echo, socket, NULL));
  }
}

static tablinum_code ask(tio_context* context, void* argument) {
  struct server* server = argument;
  tio_socket* socket;
  char answer[sizeof kText] = {0};
  size_t have = 0, got;
  must(tio_connect(context, server->address, &socket));
  must(tio_write(context, socket, kText, strlen(kText), TIO_FOREVER));
  must(tio_shutdown_write(socket));
  do {
    must(tio_read(context, socket, answer + have, sizeof answer - 1 - have, INT64_C(60000000000), &got));
    have += got;
  } while (got > 0 && have < sizeof answer - 1);
  tio_socket_free(socket);
  if (strcmp(answer, kText) != 0) return TABLINUM_CORRUPT;
  ++server->answered;
  return TABLINUM_OK;
}

static tablinum_code all(tio_context* context, void* argument) {
  struct server* server = argument;
  tio_task *serving, *asking[CLIENTS];
  tablinum_code code;
  must(tio_listen(context, "127.0.0.1:0", &server->listener));
  snprintf(server->address, sizeof server->address, "127.0.0.1:%u", (unsigned)tio_listener_port(server->listener));
  must(tio_spawn_concurrent(context, serve, server, &serving));
  for (int i = 0; i < CLIENTS; ++i) must(tio_spawn(context, ask, server, &asking[i]));
  for (int i = 0; i < CLIENTS; ++i) {
    must(tio_join(context, asking[i], &code));
    must(code);
  }
  tio_cancel(serving);
  must(tio_join(context, serving, &code));
  tio_listener_free(server->listener);
  return code == TABLINUM_CANCELLED ? TABLINUM_OK : code;
}

int main(void) {
  struct server server = {0};
  tio_runtime* runtime;
  tablinum_code code;
  must(tio_runtime_new("green", &runtime));
  must(tio_run(runtime, all, &server, &code));
  must(code);
  tio_runtime_free(runtime);
  printf("%d answers\n", server.answered);
  return server.answered == CLIENTS ? 0 : 1;
}
