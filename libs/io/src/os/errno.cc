#include "os/errno.h"

#include <cerrno>
#include <cstring>

namespace tablinum::io {

Code code_of_errno(int error) noexcept {
  switch (error) {
    case EINVAL:
    case ENAMETOOLONG:
    case EDESTADDRREQ:
    case EAFNOSUPPORT:
    case EBADF:
    case ENOTSOCK:
    case EISDIR:
    case ENOTDIR:
    case ELOOP:
    case EFAULT:
      return Code::invalid;
    case ENOENT:
    case ESRCH:
    case ENXIO:
    case ENODEV:
      return Code::not_found;
    case EEXIST:
    case EISCONN:
    case EALREADY:
      return Code::exists;
    case ENOTEMPTY:
      return Code::conflict;
    case E2BIG:
    case EFBIG:
    case EMSGSIZE:
    case EOVERFLOW:
      return Code::too_large;
    case EACCES:
    case EPERM:
    case EROFS:
      return Code::denied;
    case ENOSYS:
    case EOPNOTSUPP:
    case EPROTONOSUPPORT:
    case ESOCKTNOSUPPORT:
      return Code::unsupported;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EMLINK:
      return Code::limit;
    case ENOSPC:
    case EDQUOT:
      return Code::no_space;
    case ETIMEDOUT:
      return Code::timeout;
    case ECANCELED:
      return Code::cancelled;
    case ESHUTDOWN:
    case ENOTCONN:
      return Code::closed;
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
    case ENETRESET:
      return Code::reset;
    case ECONNREFUSED:
      return Code::refused;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
    case ENONET:
    case EADDRNOTAVAIL:
      return Code::unreachable;
    case EADDRINUSE:
      return Code::address_in_use;
    case EPROTO:
    case EPROTOTYPE:
    case ENOPROTOOPT:
      return Code::protocol;
    case EBUSY:
    case ETXTBSY:
      return Code::busy;
    case EDEADLK:
      return Code::would_deadlock;
    case EINTR:
    case EAGAIN:
    case ENOBUFS:
      return Code::internal;
    default:
      return Code::io;
  }
}

std::string name_of_errno(int error) {
  const char* name = ::strerrorname_np(error);
  return name != nullptr ? std::string{name} : "errno " + std::to_string(error);
}

std::unexpected<Error> fail_errno(int error, std::string_view operation) {
  return fail(code_of_errno(error), name_of_errno(error) + ", " + std::string{operation});
}

}  // namespace tablinum::io
