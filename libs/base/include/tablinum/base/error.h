#pragma once
/// Result and Error: how every function of the project reports what the world can break.
/// Exceptions are for bugs and std::bad_alloc only. HTTP statuses and exit codes of each Code: docs/developing.md.
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace tablinum {

/// The only list of error codes. The numbers are the C API's: append only.
enum class Code : std::uint8_t {
  invalid = 1,           ///< the argument is wrong: mend it
  not_found,             ///< there is no such thing
  corrupt,               ///< stored or received bytes are damaged or not what they claim to be
  too_large,             ///< one thing is over its size limit
  unauthenticated,       ///< who is asking?
  denied,                ///< the caller may not do this
  conflict,              ///< somebody else changed it in the meantime, or a rule forbids the combination
  exists,                ///< there is one already
  unsupported,           ///< known, but not available here
  unavailable,           ///< a part that is needed does not answer
  limit,                 ///< a count, queue or budget is used up
  no_space,              ///< the disk is full
  timeout,               ///< the deadline passed
  cancelled,             ///< somebody asked to stop
  closed,                ///< orderly end of a stream, channel or service
  reset,                 ///< the peer broke the connection
  refused,               ///< the peer does not accept connections
  unreachable,           ///< no way to the peer
  address_in_use,        ///< another program listens there
  protocol,              ///< the peer broke the protocol
  busy,                  ///< in use by another; try later
  would_block,           ///< not now (try_… calls only)
  would_deadlock,        ///< waiting could never end
  interrupted_by_crash,  ///< a simulated host crashed
  io,                    ///< the operating system reported an error
  internal               ///< a bug here
};

/// The code's name as in the list above ("not_found"); "unknown" for a number outside it.
std::string_view to_string(Code code) noexcept;

/// What went wrong. `detail` is for the log and the developer; the user's words are chosen from `code`.
struct Error {
  Code code{};
  std::string detail;
};

template <class T>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> fail(Code code, std::string detail = {}) {
  return std::unexpected(Error{code, std::move(detail)});
}

/// "not_found: no tree named moyo", for logs and the command line.
std::string describe(const Error& error);

}  // namespace tablinum

#define TABLINUM_CONCAT_(a, b) a##b
#define TABLINUM_CONCAT(a, b) TABLINUM_CONCAT_(a, b)

/// TRY(name, expr): evaluates a Result; returns its error from the enclosing function, or binds `name` to its value.
/// Two statements: use only inside braces. CO_TRY is the same inside a coroutine. CHECK_OK is for Result<void>.
#define TRY(name, ...)                                                        \
  auto name##_or = (__VA_ARGS__);                                             \
  if (!name##_or) return std::unexpected(std::move(name##_or).error());       \
  auto& name = *name##_or
#define CO_TRY(name, ...)                                                     \
  auto name##_or = (__VA_ARGS__);                                             \
  if (!name##_or) co_return std::unexpected(std::move(name##_or).error());    \
  auto& name = *name##_or
#define CHECK_OK(...)                                                                          \
  do {                                                                                         \
    if (auto TABLINUM_CONCAT(ok_, __LINE__) = (__VA_ARGS__); !TABLINUM_CONCAT(ok_, __LINE__))  \
      return std::unexpected(std::move(TABLINUM_CONCAT(ok_, __LINE__)).error());               \
  } while (false)
#define CO_CHECK_OK(...)                                                      \
  do {                                                                        \
    auto TABLINUM_CONCAT(ok_, __LINE__) = (__VA_ARGS__);                      \
    if (!TABLINUM_CONCAT(ok_, __LINE__))                                      \
      co_return std::unexpected(std::move(TABLINUM_CONCAT(ok_, __LINE__)).error()); \
  } while (false)
