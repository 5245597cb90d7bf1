/// What the client makes of compressed answers, over real sockets: decoded, or refused while memory stays small.
#include <gtest/gtest.h>

#include "client_harness.h"
#include "http/codec.h"
#include "tablinum/net/middleware.h"

namespace tablinum::net {
namespace {

using test::fetch_text;
using test::TestServer;
using test::with_client;

std::string encoded(Coding coding, std::string_view text) {
  auto encoder = make_encoder(coding).value();
  std::string out;
  if (!encoder->write(bytes_of(text), false, out) || !encoder->finish(out)) std::abort();
  return out;
}

struct DecodingCase {
  const char* name;
  std::string coding;        ///< Content-Encoding
  std::string body;
  std::string outcome;  ///< the fetch's text begins so
};
class ClientDecoding : public testing::TestWithParam<DecodingCase> {};
TEST_P(ClientDecoding, GivesTextOrAnError) {
  TestServer server{[](io::Io&, Request& request) -> io::Task<Result<Response>> {
    EXPECT_EQ(request.headers.get_or(Field::accept_encoding, ""), "zstd, gzip");
    Response response = respond(Status::ok, "text/plain", GetParam().body);
    response.headers.set(Field::content_encoding, GetParam().coding);
    co_return response;
  }};
  ClientOptions options;
  options.decompress = true;
  with_client(options, [&](io::Io& io, Client& client, io::Scope&) -> io::Task<void> {
    const std::string url = "http://127.0.0.1:" + std::to_string(server.port()) + "/";
    const std::string got = co_await fetch_text(io, client, url);
    EXPECT_TRUE(got.starts_with(GetParam().outcome)) << got.substr(0, 200);
    // Whatever it was, the client goes on.
    EXPECT_TRUE((co_await fetch_text(io, client, url)).starts_with(GetParam().outcome));
  });
}

const std::string kText = "a text that is told twice, a text that is told twice";
const std::string kZeros(std::size_t{50} << 20, '\0');
INSTANTIATE_TEST_SUITE_P(
    Bodies, ClientDecoding,
    testing::Values(DecodingCase{"gzip", "gzip", encoded(Coding::gzip, kText), "200 " + kText},
                    DecodingCase{"zstd", "zstd", encoded(Coding::zstd, kText), "200 " + kText},
                    DecodingCase{"upper_case", "GZIP", encoded(Coding::gzip, kText), "200 " + kText},
                    DecodingCase{"identity", "identity", kText, "200 " + kText}, DecodingCase{"nothing_in_it", "gzip", "", "200 "},
                    DecodingCase{"not_asked_for", "br", kText, "error unsupported"},
                    DecodingCase{"twice", "gzip, gzip", encoded(Coding::gzip, encoded(Coding::gzip, kText)), "error unsupported"},
                    DecodingCase{"no_gzip", "gzip", kText, "error corrupt"}, DecodingCase{"no_zstd", "zstd", kText, "error corrupt"},
                    DecodingCase{"gzip_cut_short", "gzip", encoded(Coding::gzip, kText).substr(0, 30), "error corrupt"},
                    DecodingCase{"zstd_cut_short", "zstd", encoded(Coding::zstd, kText).substr(0, 12), "error corrupt"},
                    DecodingCase{"more_behind_gzip", "gzip", encoded(Coding::gzip, kText) + "x", "error corrupt"},
                    DecodingCase{"more_behind_zstd", "zstd", encoded(Coding::zstd, kText) + "x", "error corrupt"},
                    DecodingCase{"gzip_bomb", "gzip", encoded(Coding::gzip, kZeros), "error too_large"},
                    DecodingCase{"zstd_bomb", "zstd", encoded(Coding::zstd, kZeros), "error too_large"}),
    [](const auto& row) { return std::string{row.param.name}; });

/// The bound holds while it is read: a bomb is given up long before it has burst.
TEST(ClientDecodingBound, ABombGivesNoMoreThanItsRatio) {
  const std::string bomb = encoded(Coding::gzip, kZeros);
  TestServer server{[&](io::Io&, Request&) -> io::Task<Result<Response>> {
    Response response = respond(Status::ok, "text/plain", bomb);
    response.headers.set(Field::content_encoding, "gzip");
    co_return response;
  }};
  ClientOptions options;
  options.decompress = true;
  with_client(options, [&](io::Io& io, Client& client, io::Scope&) -> io::Task<void> {
    ClientRequest request;
    request.url = "http://127.0.0.1:" + std::to_string(server.port()) + "/";
    auto response = co_await client.fetch(io, std::move(request));
    EXPECT_TRUE(response.has_value());
    if (!response) co_return;
    std::uint64_t got = 0;
    while (true) {
      auto piece = co_await response->body.read(io);
      if (!piece) {
        EXPECT_EQ(piece.error().code, Code::too_large);
        break;
      }
      EXPECT_FALSE(piece->empty());
      if (piece->empty()) break;
      got += piece->size();
    }
    EXPECT_LE(got, kChunkBytesMax + bomb.size() * kDecodeRatioMax);
    EXPECT_LT(got, kZeros.size());
  });
}

}  // namespace
}  // namespace tablinum::net
