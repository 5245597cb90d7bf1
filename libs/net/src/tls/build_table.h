#pragma once
/// From a configuration to a table: reads, checks, sets up AWS-LC.
#include "tls/pem.h"
#include "tls/table.h"

namespace tablinum::net::tls {

struct BuiltTable {
  std::shared_ptr<TlsTable> table;
  std::vector<FileStamp> stamps;  // of the files it was read from
};
/// @error as TlsContext::make().
Result<BuiltTable> build_table(const TlsConfig& config, std::shared_ptr<const TicketKeys> tickets, std::uint64_t generation,
                               Timestamp now);

/// RFC 7301's list.  @error invalid: a name that is empty or over 255 bytes.
Result<std::vector<std::uint8_t>> alpn_list(const std::vector<std::string>& names);

}  // namespace tablinum::net::tls
