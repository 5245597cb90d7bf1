/// Laws of the HTTP/1.1 engine on any bytes: however the input is cut, the same requests come out; and a request that was read,
/// written again and read again is the same request.
#include <cstdlib>

#include "../tests/h1_drive.h"
#include "h1/writer.h"

namespace {

using namespace tablinum;
using namespace tablinum::net;

constexpr h1::HeadLimits kLimits{256, 1024, 16};

void check_round_trip(const h1::ReadRequest& request) {
  std::string text;
  h1::append_request_head(text, request.head.method, request.head.target.text(), request.head.headers, request.body.size());
  text += request.body;
  const h1::Outcome again = h1::drive_whole(text, {512, 4096, 32});
  // HTTP/1.0 knows requests without Host, which 1.1 refuses.
  if (!request.head.headers.contains(Field::host)) return;
  if (again.requests.size() != 1 || !again.requests[0].complete || again.requests[0].body != request.body) std::abort();
  if (again.requests[0].head.target.text() != request.head.target.text()) std::abort();
  for (const FieldView field : request.head.headers)
    if (field.field == Field::other && again.requests[0].head.headers.get(field.name) != request.head.headers.get(field.name)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t cuts[] = {std::size_t{1} + data[0] % 16, std::size_t{1} + data[1] % 64};
  const std::string_view input{reinterpret_cast<const char*>(data) + 2, size - 2};
  const h1::Outcome whole = h1::drive_whole(input, kLimits);
  if (!h1::same(whole, h1::drive(input, cuts, kLimits))) std::abort();
  for (const h1::ReadRequest& request : whole.requests)
    if (request.complete) check_round_trip(request);
  return 0;
}
