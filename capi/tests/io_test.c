/* The runtime's C interface, from C11, on each model. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tablinum_io.h"

#define MILLISECOND INT64_C(1000000)
#define VALUES 1000

static const char* current = "";
static void check(int holds, const char* what, int line) {
  if (holds) return;
  fprintf(stderr, "line %d (%s): not so: %s (%s)\n", line, current, what, tablinum_last_error());
  exit(1);
}
#define CHECK(expression) check((expression) != 0, #expression, __LINE__)

static tablinum_code return_argument(tio_context* context, void* argument) {
  CHECK(tio_yield(context) == TABLINUM_OK);
  return *(const tablinum_code*)argument;
}

static tablinum_code sleep_long(tio_context* context, void* argument) {
  (void)argument;
  const tablinum_code code = tio_sleep(context, 3600 * 1000 * MILLISECOND);
  CHECK(tio_cancelled(context) == (code == TABLINUM_CANCELLED));
  CHECK(code != TABLINUM_CANCELLED || tio_sleep(context, 0) == TABLINUM_CANCELLED); /* and stays so */
  return code;
}

static tablinum_code tasks(tio_context* context, void* argument) {
  (void)argument;
  tablinum_code seven = 7, code = -1;
  tio_task* task;
  CHECK(tio_spawn(context, return_argument, &seven, &task) == TABLINUM_OK);
  CHECK(tio_join(context, task, &code) == TABLINUM_OK && code == 7);
  CHECK(tio_spawn(context, return_argument, &seven, NULL) == TABLINUM_OK); /* joined at the end of this function */
  const int64_t before = tio_now(context);
  CHECK(tio_sleep(context, MILLISECOND) == TABLINUM_OK);
  CHECK(tio_now(context) - before >= MILLISECOND);
  CHECK(tio_stopping(context) == 0);
  CHECK(tio_with_timeout(context, 5 * MILLISECOND, sleep_long, NULL, &code) == TABLINUM_TIMEOUT);
  CHECK(tio_cancelled(context) == 0);
  CHECK(tio_with_timeout(context, TIO_FOREVER, return_argument, &seven, &code) == TABLINUM_OK && code == 7);
  return TABLINUM_OK;
}

static tablinum_code cancelling(tio_context* context, void* argument) {
  (void)argument;
  tablinum_code code = -1;
  tio_task* task;
  CHECK(tio_spawn_concurrent(context, sleep_long, NULL, &task) == TABLINUM_OK);
  CHECK(tio_sleep(context, MILLISECOND) == TABLINUM_OK);
  tio_cancel(task);
  tio_cancel(task);
  CHECK(tio_join(context, task, &code) == TABLINUM_OK && code == TABLINUM_CANCELLED);
  CHECK(tio_spawn_concurrent(context, sleep_long, NULL, &task) == TABLINUM_OK);
  tio_task_free(task); /* cancels, and this function's end waits for it */
  return TABLINUM_OK;
}

static int values[VALUES];

static tablinum_code send_all(tio_context* context, void* argument) {
  for (int i = 0; i < VALUES; ++i) CHECK(tio_send(context, argument, &values[i], TIO_FOREVER) == TABLINUM_OK);
  tio_channel_close(argument);
  CHECK(tio_send(context, argument, &values[0], TIO_FOREVER) == TABLINUM_CLOSED);
  return TABLINUM_OK;
}

static tablinum_code channels(tio_context* context, void* argument) {
  (void)argument;
  tio_channel *channel, *empty;
  tio_task* task;
  void* value = NULL;
  tablinum_code code;
  CHECK(tio_channel_new(8, &channel) == TABLINUM_OK);
  CHECK(tio_spawn_concurrent(context, send_all, channel, &task) == TABLINUM_OK);
  for (int i = 0; i < VALUES; ++i) CHECK(tio_receive(context, channel, &value, TIO_FOREVER) == TABLINUM_OK && value == &values[i]);
  CHECK(tio_receive(context, channel, &value, TIO_FOREVER) == TABLINUM_CLOSED);
  CHECK(tio_join(context, task, &code) == TABLINUM_OK && code == TABLINUM_OK);
  tio_channel_free(channel);
  CHECK(tio_channel_new(1, &empty) == TABLINUM_OK);
  CHECK(tio_receive(context, empty, &value, MILLISECOND) == TABLINUM_TIMEOUT);
  CHECK(tio_try_receive(empty, &value) == TABLINUM_WOULD_BLOCK);
  CHECK(tio_try_send(empty, &values[3]) == TABLINUM_OK && tio_try_send(empty, &values[4]) == TABLINUM_WOULD_BLOCK);
  CHECK(tio_try_receive(empty, &value) == TABLINUM_OK && value == &values[3]);
  tio_channel_free(empty);
  return TABLINUM_OK;
}

static tablinum_code refusals(tio_context* context, void* argument) {
  (void)argument;
  tio_listener *listener, *second;
  tio_socket* socket;
  char address[32], byte;
  size_t got;
  CHECK(tio_listen(context, "nowhere", &listener) == TABLINUM_INVALID && strlen(tablinum_last_error()) > 0);
  CHECK(tio_listen(context, "127.0.0.1:0", &listener) == TABLINUM_OK);
  snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)tio_listener_port(listener));
  CHECK(tio_listen(context, address, &second) == TABLINUM_ADDRESS_IN_USE);
  CHECK(tio_connect(context, address, &socket) == TABLINUM_OK);
  CHECK(tio_read(context, socket, &byte, 1, MILLISECOND, &got) == TABLINUM_TIMEOUT);
  tio_socket_free(socket);
  tio_listener_free(listener);
  CHECK(tio_connect(context, address, &socket) == TABLINUM_REFUSED);
  CHECK(tio_connect(context, NULL, &socket) == TABLINUM_INVALID);
  CHECK(tio_spawn(context, NULL, NULL, NULL) == TABLINUM_INVALID);
  CHECK(tio_sleep(NULL, 1) == TABLINUM_INVALID && tio_send(context, NULL, NULL, 0) == TABLINUM_INVALID);
  return TABLINUM_OK;
}

static tablinum_code alone(tio_context* context, void* argument) {
  (void)argument;
  tio_task* task;
  CHECK(tio_spawn_concurrent(context, sleep_long, NULL, &task) == TABLINUM_UNAVAILABLE);
  return TABLINUM_OK;
}

static tablinum_code stop_and_sleep(tio_context* context, void* argument) {
  CHECK(tio_stop(argument, 0) == TABLINUM_OK);
  return sleep_long(context, NULL);
}

static void run(const char* model, tio_function function, tablinum_code expected, int with_runtime) {
  tio_runtime* runtime;
  tablinum_code code = -1;
  current = model;
  CHECK(tio_runtime_new(model, &runtime) == TABLINUM_OK);
  CHECK(tio_run(runtime, function, with_runtime ? runtime : NULL, &code) == TABLINUM_OK);
  CHECK(code == expected);
  tio_runtime_free(runtime);
}

int main(void) {
  static const char* const models[] = {"green", "threads", "blocking"};
  tio_runtime* none = NULL;
  CHECK(tio_runtime_new("fibres", &none) == TABLINUM_UNSUPPORTED && none == NULL);
  CHECK(tio_runtime_new(NULL, &none) == TABLINUM_INVALID);
  tio_runtime_free(NULL);
  tio_channel_free(NULL);
  tio_socket_free(NULL);
  tio_task_free(NULL);
  for (int i = 0; i < 3; ++i) {
    run(models[i], tasks, TABLINUM_OK, 0);
    run(models[i], refusals, TABLINUM_OK, 0);
    run(models[i], stop_and_sleep, TABLINUM_CANCELLED, 1);
  }
  for (int i = 0; i < 2; ++i) {
    run(models[i], cancelling, TABLINUM_OK, 0);
    run(models[i], channels, TABLINUM_OK, 0);
  }
  run("blocking", alone, TABLINUM_OK, 0);
  return 0;
}
