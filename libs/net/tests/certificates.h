#pragma once
/// Certificates made on the spot, so that no test's certificate ever expires.
#include <string>
#include <vector>

#include "tablinum/base/time.h"
#include "tablinum/net/tls.h"

namespace tablinum::net::test {

struct Issued {
  std::string certificate;  ///< PEM: itself first, then (of a leaf) nothing
  std::string key;          ///< PEM
};

/// A P-256 authority that signs what a test needs.
class Authority {
 public:
  explicit Authority(const std::string& name = "Test Root");
  const std::string& root() const noexcept { return own_.certificate; }
  struct Wish {
    std::vector<std::string> names;  ///< DNS names, or addresses
    Duration begins = Duration::seconds(-3600);
    Duration ends = Duration::seconds(24 * 3600);
  };
  Issued issue(const Wish& wish) const;
  Issued issue(std::vector<std::string> names) const { return issue(Wish{std::move(names)}); }

 private:
  std::string name_;
  Issued own_;
};

inline TlsHost host_of(const Issued& issued) {
  TlsHost host;
  host.certificate = PemSource::of_text(issued.certificate);
  host.key = PemSource::of_text(issued.key);
  return host;
}
inline TlsConfig config_of(const Issued& issued) {
  TlsConfig config;
  config.hosts.push_back(host_of(issued));
  return config;
}
inline TlsClientConfig client_of(const Authority& authority) {
  TlsClientConfig config;
  config.roots = PemSource::of_text(authority.root());
  return config;
}

}  // namespace tablinum::net::test
