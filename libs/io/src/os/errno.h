#pragma once
/// The one table from errno to Code.
#include <string_view>

#include "tablinum/base/error.h"

namespace tablinum::io {

/// Code::io for what has no better name. EINTR, EAGAIN and ENOBUFS never leave the module, so they are Code::internal here.
Code code_of_errno(int error) noexcept;
/// "ECONNRESET"; "errno 4711" for one without a name.
std::string name_of_errno(int error);
/// Error{code, "ECONNRESET, recv"}.
std::unexpected<Error> fail_errno(int error, std::string_view operation);

}  // namespace tablinum::io
