#pragma once
// The handles that more than one file of this folder knows.
#include <memory>
#include <optional>
#include <vector>

#include "support.h"
#include "tablinum/seal/roles.h"

struct tablinum_identity {
  tablinum::seal::Identity of;
};
struct tablinum_card {
  tablinum::seal::ContactCard of;
  std::string fingerprint;
};
struct tablinum_sealer {
  std::vector<std::unique_ptr<tablinum::seal::Recipient>> recipients;
  std::optional<tablinum::seal::FileSigner> signer;
  std::unique_ptr<tablinum::Executor> pool;
};
struct tablinum_opener {
  std::vector<std::unique_ptr<tablinum::seal::Opener>> keys;
  std::vector<tablinum::seal::FileVerifier> trusted;
  bool signature_required = false;
  std::unique_ptr<tablinum::Executor> pool;
};
