#pragma once
/// The configuration: defaults, file, environment, flags, in this order. Modules get plain values, never this.
#include <optional>
#include <string>
#include <vector>

#include "tablinum/base/error.h"

namespace tablinum::app {

/// Of the commands that prove and verify; numbers are checked when they are read.
struct ProofSettings {
  std::string backend = "auto";
  unsigned threads = 0;         ///< 0: as many as the process may use
  unsigned max_concurrent = 0;  ///< 0: as many as the process may use
  unsigned queue_max = 64;
  unsigned memory_limit_mb = 4096;  ///< of all running requests
  unsigned max_memory_mb = 1024;    ///< of one
  unsigned max_program_bytes = 64U << 10, max_input_bytes = 1U << 20;
  unsigned proving_timeout_s = 60, verification_timeout_s = 10;
  unsigned cache_circuits = 100, cache_circuits_mb = 512, cache_proofs = 1000, cache_proofs_mb = 64;
  unsigned cache_max_age_s = 3600;
  std::string cache_folder;  ///< of compiled circuits; empty: none on disk
  unsigned cache_folder_mb = 256;
};

struct Config {
  std::vector<std::string> listen{"127.0.0.1:8080"};
  std::string tls_certificate;        ///< PEM file, the chain; empty: plain HTTP/1.1
  std::string tls_key;                ///< PEM file
  bool http3 = false;                 ///< also over QUIC; needs a certificate
  std::string pages;                  ///< folder of the web pages; empty: only the API
  unsigned cores = 0;                 ///< reactors; 0: as many as the process may use
  bool insecure_no_accounts = false;  ///< allow other addresses than loopback although nobody has to sign in
  std::string models;                 ///< folder with a registry of models; empty: DATA/models where it has one, else none
  ProofSettings proof;
  std::string log_level = "info";
  std::string log_format = "automatic";
};

/// Reads a YAML file over the defaults. A key that is not known is an error with its line; so a misspelt one is noticed.
/// @error not_found: no such file.  invalid: not YAML, an unknown key or a value of the wrong kind (detail: FILE:LINE: …).
Result<Config> load_config(const std::string& path);
/// Values of the environment: TABLINUM_SERVER_LISTEN, TABLINUM_SERVER_PAGES, TABLINUM_SERVER_CORES, TABLINUM_MODELS_FOLDER
/// and so on: docs/operator/configuration.md.
/// @error invalid: a value of the wrong kind.
Result<void> apply_environment(Config& config);
/// --config FILE, else /etc/tablinum/tablinum.yaml where it exists, else the defaults; then the environment.
Result<Config> effective_config(const std::string& path);

}  // namespace tablinum::app
