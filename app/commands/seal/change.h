#pragma once
// Changing a sealed file's readers: of `recipients` and of `collection roll`.
#include "commands/seal/support.h"

namespace tablinum::app::sealing {

struct ReaderChange {
  std::string file;
  std::string out;  // empty: in place
  const seal::Identity& identity;
  std::vector<const seal::Recipient*> add;
  std::vector<std::size_t> remove;
  bool force = false;
};
/// Writes the file with other readers, signed by the identity; whole or not at all.
Result<seal::Header> change_readers(const Globals& globals, const ReaderChange& change);

}  // namespace tablinum::app::sealing
