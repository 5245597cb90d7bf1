// The example of docs/proof: a service, a proof, a check. Kept as a test so that it stays true.
#include <gtest/gtest.h>

#include "tablinum/io/runtime.h"
#include "tablinum/io/scope.h"
#include "tablinum/proof/registry.h"

namespace {

using namespace tablinum;

/// Proves that one has a letter, and checks the proof as somebody who never sees the letter.
io::Task<proof::Outcome<bool>> show_that_i_have_it(proof::ZkBackend& backend, std::string letter) {
  // The program says what is proved: a message with this SHA-256.
  Bytes program{std::byte{0x01}};
  append(program, sha256(bytes_of(letter)).view());

  proof::ZkConfig config;
  config.proving_timeout = Duration::seconds(30);
  auto proof = co_await backend.prove(program, bytes_of(letter), config);
  if (!proof) co_return std::unexpected(proof.error());

  // Elsewhere: the program from somewhere trusted, the proof from anybody.
  co_return co_await backend.verify(program, proof->bytes);
}

TEST(Example, ALetter) {
  const auto io = io::make_stackless_io().value();
  proof::Registry registry;
  const auto backend = registry.backend("auto").value();
  ASSERT_TRUE(io::run(*io, backend->initialize({})).has_value());
  const auto accepted = io::run(*io, show_that_i_have_it(*backend, "Grandmother was born in Trieste."));
  ASSERT_TRUE(accepted.has_value());
  EXPECT_TRUE(*accepted);
  io::run(*io, backend->shutdown(Duration::seconds(5)));
}

}  // namespace
