#include "tablinum/api/guard.h"

#include <gtest/gtest.h>

#include "tablinum/io/io.h"
#include "tablinum/io/runtime.h"
#include "tablinum/io/scope.h"

namespace tablinum::api {
namespace {

io::Task<Result<net::Response>> answer(io::Io&, net::Request&) { co_return net::text_response("here"); }

struct GuardCase {
  const char* name;
  net::Method method;
  const char* host;
  const char* origin;      // empty: not sent
  const char* fetch_site;  // empty: not sent
  bool passes;
  bool loopback_names_only = true;
};
class GuardTable : public testing::TestWithParam<GuardCase> {};

TEST_P(GuardTable, LetsInWhatIsOurs) {
  const auto& row = GetParam();
  auto io = io::make_blocking_io().value();
  const auto handler = guard({.loopback_names_only = row.loopback_names_only})(answer);
  net::Request request;
  request.method = row.method;
  if (*row.host) request.headers.set(net::Field::host, row.host);
  if (*row.origin) request.headers.set(net::Field::origin, row.origin);
  if (*row.fetch_site) request.headers.set("sec-fetch-site", row.fetch_site);
  const auto response = io::run(*io, handler(*io, request));
  EXPECT_EQ(response.has_value(), row.passes);
  if (!response) {
    EXPECT_EQ(response.error().code, Code::denied);
  }
}

using enum net::Method;
constexpr const char* kHost = "127.0.0.1:8080";
INSTANTIATE_TEST_SUITE_P(
    Cases, GuardTable,
    testing::Values(GuardCase{"a_program_reads", get, kHost, "", "", true}, GuardCase{"a_program_writes", post, kHost, "", "", true},
                    GuardCase{"our_page_writes", post, kHost, "http://127.0.0.1:8080", "same-origin", true},
                    GuardCase{"our_page_without_fetch_metadata", post, kHost, "http://127.0.0.1:8080", "", true},
                    GuardCase{"typed_address", get, kHost, "", "none", true},
                    GuardCase{"strangers_page_reads", get, kHost, "https://example.org", "cross-site", true},
                    GuardCase{"strangers_page_writes", post, kHost, "https://example.org", "cross-site", false},
                    GuardCase{"strangers_page_deletes", del, kHost, "https://example.org", "", false},
                    GuardCase{"another_port_is_another_origin", post, kHost, "http://127.0.0.1:9999", "", false},
                    GuardCase{"same_site_is_not_same_origin", post, kHost, "", "same-site", false},
                    GuardCase{"origin_null", post, kHost, "null", "", false},
                    GuardCase{"origin_that_begins_like_ours", post, kHost, "http://127.0.0.1:8080.example.org", "", false},
                    GuardCase{"rebound_name", get, "example.org", "", "", false},
                    GuardCase{"rebound_name_writes", post, "example.org", "http://example.org", "same-origin", false},
                    GuardCase{"no_host", get, "", "", "", false},
                    GuardCase{"any_name_with_leave", get, "family.example", "", "", true, false},
                    GuardCase{"strangers_page_writes_with_leave", post, "family.example", "https://example.org", "", false, false}),
    [](const auto& row) { return std::string{row.param.name}; });

struct HostCase {
  const char* host;
  bool ours;
};
TEST(Guard, KnowsTheNamesOfThisMachine) {
  for (const auto& [host, ours] : {HostCase{"localhost", true}, HostCase{"localhost:80", true}, HostCase{"127.0.0.1", true},
                                   HostCase{"127.1.2.3:65535", true}, HostCase{"[::1]", true}, HostCase{"[::1]:8080", true},
                                   HostCase{"127.0.0.1.example.org", false}, HostCase{"127.example.org", false},
                                   HostCase{"localhost.example.org", false}, HostCase{"[::2]", false}, HostCase{"::1", false},
                                   HostCase{"", false}, HostCase{"128.0.0.1", false}}) {
    EXPECT_EQ(is_loopback_host(host), ours) << host;
  }
}

}  // namespace
}  // namespace tablinum::api
