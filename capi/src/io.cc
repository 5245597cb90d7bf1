#include "tablinum_io.h"

#include <memory>
#include <optional>
#include <string_view>

#include "support.h"
#include "tablinum/io/cancel.h"
#include "tablinum/io/channel.h"
#include "tablinum/io/net.h"
#include "tablinum/io/runtime.h"
#include "tablinum/io/scope.h"

namespace io = tablinum::io;
using tablinum::ByteView;
using tablinum::Code;
using tablinum::Duration;
using tablinum::fail;
using tablinum::Instant;
using tablinum::Result;
using tablinum::capi::guarded;
using tablinum::capi::present;

struct tio_runtime {
  std::unique_ptr<io::Io> io;
};
struct tio_context {
  io::Io& io;
  io::Context& node;
  io::Scope& scope;
};
struct tio_task {
  io::Future<Result<tablinum_code>> future;
};
struct tio_channel {
  io::Channel<void*> channel;
};
struct tio_listener {
  io::TcpListener listener;
};
struct tio_socket {
  io::TcpSocket socket;
};

namespace {

/// What the caller's function returned; an error only if it could not be run.
using Returned = Result<tablinum_code>;

io::Task<Returned> run_function(io::Io& io, tio_function function, void* argument) {
  auto body = [&](io::Scope& scope) -> io::Task<Returned> {
    tio_context context{io, co_await io::this_context(), scope};
    co_return function(&context, argument);
  };
  co_return co_await io::with_scope(io, body, io::ScopePolicy::supervise);
}

/// A failing code counts as a failure where one cancels on failure.
io::Task<Result<tablinum_code>> failing_as_error(io::Task<Returned> task, tablinum_code& code) {
  auto returned = co_await std::move(task);
  if (returned) code = *returned;
  if (returned && code != TABLINUM_OK) co_return fail(Code::cancelled);
  co_return returned;
}

Instant end_of(const io::Io& io, std::int64_t timeout_ns) {
  if (timeout_ns == TIO_FOREVER) return Instant::never();
  return io.now() + Duration::nanoseconds(std::max<std::int64_t>(timeout_ns, 0));
}

/// Waits inside the task's function.
template <class T>
T wait(tio_context& context, io::Task<T> task) {
  return io::run_here(context.node, std::move(task));
}

template <class T>
Result<void> without_value(Result<T> result) {
  if (!result) return std::unexpected(std::move(result).error());
  return {};
}

Result<void> spawn(tio_context* context, tio_function function, void* argument, tio_task** out, bool concurrent) {
  CHECK_OK(present(context));
  if (function == nullptr) return fail(Code::invalid, "an argument is null");
  auto task = run_function(context->io, function, argument);
  auto future = concurrent ? context->scope.spawn_concurrent(std::move(task))
                           : Result<io::Future<Returned>>{context->scope.spawn(std::move(task))};
  if (!future) return without_value(std::move(future));
  if (out == nullptr)
    std::move(*future).keep();
  else
    *out = new tio_task{std::move(*future)};
  return {};
}

Result<io::Endpoint> endpoint_from(const char* address) {
  CHECK_OK(present(address));
  return io::Endpoint::parse(address);
}

}  // namespace

TABLINUM_API tablinum_code tio_runtime_new(const char* model, tio_runtime** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(model, out));
    const std::string_view name = model;
    Result<std::unique_ptr<io::Io>> made = fail(Code::unsupported, "the models are green, threads and blocking");
    if (name == "green") made = io::make_green_threads_io();
    if (name == "threads") made = io::make_thread_pool_io();
    if (name == "blocking") made = io::make_blocking_io();
    if (!made) return without_value(std::move(made));
    *out = new tio_runtime{std::move(*made)};
    return {};
  });
}

TABLINUM_API void tio_runtime_free(tio_runtime* runtime) { delete runtime; }

TABLINUM_API tablinum_code tio_run(tio_runtime* runtime, tio_function main, void* argument, tablinum_code* result) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(runtime, result));
    if (main == nullptr) return fail(Code::invalid, "an argument is null");
    TRY(returned, io::run(*runtime->io, run_function(*runtime->io, main, argument)));
    *result = returned;
    return {};
  });
}

TABLINUM_API tablinum_code tio_stop(tio_runtime* runtime, int64_t grace_ns) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(runtime));
    runtime->io->stop(Duration::nanoseconds(std::max<std::int64_t>(grace_ns, 0)));
    return {};
  });
}

TABLINUM_API int tio_stopping(const tio_context* context) { return context != nullptr && context->io.stopping() ? 1 : 0; }

TABLINUM_API tablinum_code tio_spawn(tio_context* context, tio_function function, void* argument, tio_task** out) {
  return guarded([&] { return spawn(context, function, argument, out, false); });
}
TABLINUM_API tablinum_code tio_spawn_concurrent(tio_context* context, tio_function function, void* argument, tio_task** out) {
  return guarded([&] { return spawn(context, function, argument, out, true); });
}

TABLINUM_API tablinum_code tio_join(tio_context* context, tio_task* task, tablinum_code* result) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(context, task, result));
    const std::unique_ptr<tio_task> owned{task};
    auto join = [&]() -> io::Task<Returned> { co_return co_await owned->future; };
    TRY(returned, wait(*context, join()));
    *result = returned;
    return {};
  });
}

TABLINUM_API void tio_cancel(tio_task* task) {
  if (task != nullptr) task->future.cancel();
}
TABLINUM_API void tio_task_free(tio_task* task) { delete task; }
TABLINUM_API int tio_cancelled(const tio_context* context) { return context != nullptr && context->node.cancelled() ? 1 : 0; }

TABLINUM_API tablinum_code tio_with_timeout(tio_context* context, int64_t timeout_ns, tio_function function, void* argument,
                                            tablinum_code* result) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(context, result));
    if (function == nullptr) return fail(Code::invalid, "an argument is null");
    tablinum_code code = TABLINUM_OK;
    auto task = failing_as_error(run_function(context->io, function, argument), code);
    const auto returned = wait(*context, io::with_deadline(context->io, end_of(context->io, timeout_ns), std::move(task)));
    // With the time over, a failure is the time's.
    if (!returned && (code == TABLINUM_OK || returned.error().code == Code::timeout)) return without_value(returned);
    *result = code;
    return {};
  });
}

TABLINUM_API tablinum_code tio_sleep(tio_context* context, int64_t ns) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(context));
    auto sleep = [&]() -> io::Task<Result<void>> { co_return co_await io::sleep(context->io, Duration::nanoseconds(ns)); };
    return wait(*context, sleep());
  });
}

TABLINUM_API tablinum_code tio_yield(tio_context* context) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(context));
    auto yield = [&]() -> io::Task<Result<void>> { co_return co_await io::yield(context->io); };
    return wait(*context, yield());
  });
}

TABLINUM_API int64_t tio_now(const tio_context* context) { return context == nullptr ? 0 : context->io.now().ns; }

TABLINUM_API tablinum_code tio_channel_new(size_t capacity, tio_channel** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(out));
    if (capacity > io::kChannelItemsMax) return fail(Code::invalid, "a channel holds at most 2^20 values");
    *out = new tio_channel{io::Channel<void*>{capacity}};
    return {};
  });
}
TABLINUM_API void tio_channel_free(tio_channel* channel) { delete channel; }
TABLINUM_API void tio_channel_close(tio_channel* channel) {
  if (channel != nullptr) channel->channel.close();
}

TABLINUM_API tablinum_code tio_send(tio_context* context, tio_channel* channel, void* value, int64_t timeout_ns) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(context, channel));
    auto send = [&]() -> io::Task<Result<void>> {
      co_return co_await channel->channel.send(context->io, value).until(end_of(context->io, timeout_ns));
    };
    return wait(*context, send());
  });
}

TABLINUM_API tablinum_code tio_receive(tio_context* context, tio_channel* channel, void** out, int64_t timeout_ns) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(context, channel, out));
    auto receive = [&]() -> io::Task<Result<void*>> {
      co_return co_await channel->channel.receive(context->io).until(end_of(context->io, timeout_ns));
    };
    TRY(value, wait(*context, receive()));
    *out = value;
    return {};
  });
}

TABLINUM_API tablinum_code tio_try_send(tio_channel* channel, void* value) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(channel));
    return channel->channel.try_send(value);
  });
}

TABLINUM_API tablinum_code tio_try_receive(tio_channel* channel, void** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(channel, out));
    TRY(value, channel->channel.try_receive());
    *out = value;
    return {};
  });
}

TABLINUM_API tablinum_code tio_listen(tio_context* context, const char* address, tio_listener** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(context, out));
    TRY(endpoint, endpoint_from(address));
    TRY(listener, io::listen(context->io, endpoint));
    *out = new tio_listener{std::move(listener)};
    return {};
  });
}
TABLINUM_API uint16_t tio_listener_port(const tio_listener* listener) {
  return listener == nullptr ? 0 : listener->listener.local().port();
}
TABLINUM_API void tio_listener_free(tio_listener* listener) { delete listener; }

TABLINUM_API tablinum_code tio_accept(tio_context* context, tio_listener* listener, tio_socket** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(context, listener, out));
    TRY(socket, wait(*context, listener->listener.accept()));
    *out = new tio_socket{std::move(socket)};
    return {};
  });
}

TABLINUM_API tablinum_code tio_connect(tio_context* context, const char* address, tio_socket** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(context, out));
    TRY(endpoint, endpoint_from(address));
    TRY(socket, wait(*context, io::connect(context->io, endpoint)));
    *out = new tio_socket{std::move(socket)};
    return {};
  });
}

TABLINUM_API tablinum_code tio_read(tio_context* context, tio_socket* socket, void* buffer, size_t size, int64_t timeout_ns, size_t* got) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(context, socket, buffer, got));
    auto read = [&]() -> io::Task<Result<io::Size>> {
      co_return co_await socket->socket.read({static_cast<std::byte*>(buffer), size}).until(end_of(context->io, timeout_ns));
    };
    TRY(bytes, wait(*context, read()));
    *got = bytes;
    return {};
  });
}

TABLINUM_API tablinum_code tio_write(tio_context* context, tio_socket* socket, const void* data, size_t size, int64_t timeout_ns) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(context, socket));
    TRY(bytes, tablinum::capi::bytes_from(data, size));
    auto write = [&]() -> io::Task<Result<io::Size>> {
      co_return co_await socket->socket.write_all(bytes).until(end_of(context->io, timeout_ns));
    };
    return without_value(wait(*context, write()));
  });
}

TABLINUM_API tablinum_code tio_shutdown_write(tio_socket* socket) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(socket));
    return socket->socket.shutdown_write();
  });
}
TABLINUM_API void tio_socket_free(tio_socket* socket) { delete socket; }
