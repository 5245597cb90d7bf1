#include "os/errno.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <set>

namespace tablinum::io {
namespace {

const std::map<int, Code> kNamed{
    {EINVAL, Code::invalid},          {ENAMETOOLONG, Code::invalid},     {EDESTADDRREQ, Code::invalid},
    {EAFNOSUPPORT, Code::invalid},    {EBADF, Code::invalid},            {ENOTSOCK, Code::invalid},
    {EISDIR, Code::invalid},          {ENOTDIR, Code::invalid},          {ELOOP, Code::invalid},
    {EFAULT, Code::invalid},          {ENOENT, Code::not_found},         {ESRCH, Code::not_found},
    {ENXIO, Code::not_found},         {ENODEV, Code::not_found},         {EEXIST, Code::exists},
    {EISCONN, Code::exists},          {EALREADY, Code::exists},          {ENOTEMPTY, Code::conflict},
    {E2BIG, Code::too_large},         {EFBIG, Code::too_large},          {EMSGSIZE, Code::too_large},
    {EOVERFLOW, Code::too_large},     {EACCES, Code::denied},            {EPERM, Code::denied},
    {EROFS, Code::denied},            {ENOSYS, Code::unsupported},       {EOPNOTSUPP, Code::unsupported},
    {EPROTONOSUPPORT, Code::unsupported}, {ESOCKTNOSUPPORT, Code::unsupported}, {EMFILE, Code::limit},
    {ENFILE, Code::limit},            {ENOMEM, Code::limit},             {EMLINK, Code::limit},
    {ENOSPC, Code::no_space},         {EDQUOT, Code::no_space},          {ETIMEDOUT, Code::timeout},
    {ECANCELED, Code::cancelled},     {ESHUTDOWN, Code::closed},         {ENOTCONN, Code::closed},
    {ECONNRESET, Code::reset},        {ECONNABORTED, Code::reset},       {EPIPE, Code::reset},
    {ENETRESET, Code::reset},         {ECONNREFUSED, Code::refused},     {ENETUNREACH, Code::unreachable},
    {EHOSTUNREACH, Code::unreachable}, {ENETDOWN, Code::unreachable},    {EHOSTDOWN, Code::unreachable},
    {ENONET, Code::unreachable},      {EADDRNOTAVAIL, Code::unreachable}, {EADDRINUSE, Code::address_in_use},
    {EPROTO, Code::protocol},         {EPROTOTYPE, Code::protocol},      {ENOPROTOOPT, Code::protocol},
    {EBUSY, Code::busy},              {ETXTBSY, Code::busy},             {EDEADLK, Code::would_deadlock},
    {EINTR, Code::internal},          {EAGAIN, Code::internal},          {ENOBUFS, Code::internal},
};

TEST(Errno, EveryNumberHasItsCode) {
  for (int error = 1; error < 200; ++error) {
    const auto named = kNamed.find(error);
    EXPECT_EQ(code_of_errno(error), named == kNamed.end() ? Code::io : named->second) << name_of_errno(error);
  }
}

TEST(Errno, TheTextNamesErrorAndOperation) {
  const auto failed = fail_errno(ECONNRESET, "recv");
  EXPECT_EQ(failed.error().code, Code::reset);
  EXPECT_EQ(failed.error().detail, "ECONNRESET, recv");
  EXPECT_EQ(name_of_errno(4711), "errno 4711");
}

}  // namespace
}  // namespace tablinum::io
