#pragma once
// Between C and C++: errors become codes and this thread's message, exceptions never leave, results become handles.
#include <new>
#include <string>

#include "tablinum.h"
#include "tablinum/base/secret.h"

#define TABLINUM_API extern "C" __attribute__((visibility("default")))

struct tablinum_buffer {
  tablinum::SecretBytes bytes;
};

namespace tablinum::capi {

tablinum_code report(const Error& error) noexcept;
tablinum_code report(Code code, const char* text) noexcept;

/// Runs the body, a function of Result<void>, and turns whatever comes out of it into a code.
template <class Body>
tablinum_code guarded(Body&& body) noexcept {
  try {
    Result<void> done = body();
    return done ? TABLINUM_OK : report(done.error());
  } catch (const std::bad_alloc&) {
    return report(Code::internal, "no memory");
  } catch (...) {
    return report(Code::internal, "an unexpected fault");
  }
}

/// @error invalid: one of them is null.
template <class... Pointers>
Result<void> present(const Pointers*... pointers) {
  const void* const all[] = {pointers...};
  for (const auto* one : all)
    if (one == nullptr) return fail(Code::invalid, "an argument is null");
  return {};
}
/// A range that may be empty, and then null.
Result<ByteView> bytes_from(const void* bytes, std::size_t size);

tablinum_buffer* new_buffer(ByteView bytes);

}  // namespace tablinum::capi
