#pragma once
/// A client on a task of its own, with a scope that drives what it shares.
#include <functional>
#include <string>
#include <vector>

#include "harness.h"
#include "tablinum/net/client.h"

namespace tablinum::net::test {

using UseClient = std::function<io::Task<void>(io::Io&, Client&, io::Scope&)>;
/// Sets options.scope, runs `use`, and returns when all has ended.
inline void with_client(ClientOptions options, const UseClient& use) {
  auto body = [&](io::Io& io) -> io::Task<void> {
    auto inside = [&](io::Scope& scope) -> io::Task<void> {
      options.scope = &scope;
      {
        Client client{options};
        co_await use(io, client, scope);
      }
      scope.cancel();
    };
    co_await io::with_scope(io, inside, io::ScopePolicy::supervise);
  };
  run_task(body);
}

/// "200 body", or "error CODE: detail".
inline io::Task<std::string> fetch_text(io::Io& io, Client& client, std::string url, Method method = Method::get, std::string body = {}) {
  ClientRequest request;
  request.method = method;
  request.url = std::move(url);
  if (!body.empty()) request.body = Body::of(Chunk::of(std::move(body)));
  auto response = co_await client.fetch(io, std::move(request));
  if (!response) co_return "error " + describe(response.error());
  auto text = co_await response->body.read_all(io, std::size_t{64} << 20);
  if (!text) co_return "error " + describe(text.error());
  co_return std::to_string(number(response->status)) + " " + *text;
}

/// `count` at a time; their texts, in order.
inline io::Task<std::vector<std::string>> fetch_many(io::Io& io, Client& client, std::string url, int count, Method method = Method::get,
                                                     std::string text = {}) {
  std::vector<std::string> answers(static_cast<std::size_t>(count));
  auto one = [&](std::size_t i) -> io::Task<void> { answers[i] = co_await fetch_text(io, client, url, method, text); };
  auto all = [&](io::Scope& scope) -> io::Task<void> {
    for (std::size_t i = 0; i < answers.size(); ++i) scope.spawn(one(i)).keep();
    co_return;
  };
  co_await io::with_scope(io, all, io::ScopePolicy::supervise);
  co_return answers;
}

}  // namespace tablinum::net::test
