#include "config.h"

#include <yaml-cpp/yaml.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <functional>

#include "console.h"

namespace tablinum::app {
namespace {

constexpr const char* kSystemConfig = "/etc/tablinum/tablinum.yaml";

Result<void> set_text(std::string& target, const std::string& value) { return target = value, Result<void>{}; }

Result<void> set_cores(unsigned& target, const std::string& value) {
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), target);
  if (error != std::errc{} || end != value.data() + value.size() || target > 256)
    return fail(Code::invalid, "must be a number from 0 to 256");
  return {};
}

Result<void> set_flag(bool& target, const std::string& value) {
  if (value != "true" && value != "false") return fail(Code::invalid, "must be true or false");
  target = value == "true";
  return {};
}

/// A whole number between two others, both taken.
auto number(unsigned ProofSettings::*target, unsigned least, unsigned most) {
  return [=](Config& config, const std::string& value) -> Result<void> {
    unsigned read = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), read);
    if (error != std::errc{} || end != value.data() + value.size() || read < least || read > most)
      return fail(Code::invalid, "must be a number from " + std::to_string(least) + " to " + std::to_string(most));
    config.proof.*target = read;
    return {};
  };
}

/// One setting: where it stands in the file, its name in the environment, and how its text is taken.
struct Setting {
  const char* group;
  const char* key;
  const char* variable;
  std::function<Result<void>(Config&, const std::string&)> set;
};

const std::array<Setting, 26>& settings() {
  static const std::array<Setting, 26> kSettings{{
      {"server", "tls_certificate", "TABLINUM_SERVER_TLS_CERTIFICATE",
       [](Config& c, const std::string& v) { return set_text(c.tls_certificate, v); }},
      {"server", "tls_key", "TABLINUM_SERVER_TLS_KEY", [](Config& c, const std::string& v) { return set_text(c.tls_key, v); }},
      {"server", "http3", "TABLINUM_SERVER_HTTP3", [](Config& c, const std::string& v) { return set_flag(c.http3, v); }},
      {"server", "pages", "TABLINUM_SERVER_PAGES", [](Config& c, const std::string& v) { return set_text(c.pages, v); }},
      {"server", "cores", "TABLINUM_SERVER_CORES", [](Config& c, const std::string& v) { return set_cores(c.cores, v); }},
      {"server", "insecure_no_accounts", "TABLINUM_SERVER_INSECURE_NO_ACCOUNTS",
       [](Config& c, const std::string& v) { return set_flag(c.insecure_no_accounts, v); }},
      {"models", "folder", "TABLINUM_MODELS_FOLDER",
       [](Config& c, const std::string& v) { return set_text(c.models, v); }},
      {"proof", "backend", "TABLINUM_PROOF_BACKEND", [](Config& c, const std::string& v) { return set_text(c.proof.backend, v); }},
      {"proof", "threads", "TABLINUM_PROOF_THREADS", number(&ProofSettings::threads, 0, 256)},
      {"proof", "max_concurrent", "TABLINUM_PROOF_MAX_CONCURRENT", number(&ProofSettings::max_concurrent, 0, 64)},
      {"proof", "queue_max", "TABLINUM_PROOF_QUEUE_MAX", number(&ProofSettings::queue_max, 1, 65'536)},
      {"proof", "memory_limit_mb", "TABLINUM_PROOF_MEMORY_LIMIT_MB", number(&ProofSettings::memory_limit_mb, 1, 1'048'576)},
      {"proof", "max_memory_mb", "TABLINUM_PROOF_MAX_MEMORY_MB", number(&ProofSettings::max_memory_mb, 1, 1'048'576)},
      {"proof", "max_program_bytes", "TABLINUM_PROOF_MAX_PROGRAM_BYTES", number(&ProofSettings::max_program_bytes, 1, 65'536)},
      {"proof", "max_input_bytes", "TABLINUM_PROOF_MAX_INPUT_BYTES", number(&ProofSettings::max_input_bytes, 1, 1'048'576)},
      {"proof", "proving_timeout_s", "TABLINUM_PROOF_PROVING_TIMEOUT_S", number(&ProofSettings::proving_timeout_s, 1, 86'400)},
      {"proof", "verification_timeout_s", "TABLINUM_PROOF_VERIFICATION_TIMEOUT_S",
       number(&ProofSettings::verification_timeout_s, 1, 86'400)},
      {"proof", "cache_circuits", "TABLINUM_PROOF_CACHE_CIRCUITS", number(&ProofSettings::cache_circuits, 0, 100'000)},
      {"proof", "cache_circuits_mb", "TABLINUM_PROOF_CACHE_CIRCUITS_MB", number(&ProofSettings::cache_circuits_mb, 0, 1'048'576)},
      {"proof", "cache_proofs", "TABLINUM_PROOF_CACHE_PROOFS", number(&ProofSettings::cache_proofs, 0, 1'000'000)},
      {"proof", "cache_proofs_mb", "TABLINUM_PROOF_CACHE_PROOFS_MB", number(&ProofSettings::cache_proofs_mb, 0, 1'048'576)},
      {"proof", "cache_max_age_s", "TABLINUM_PROOF_CACHE_MAX_AGE_S", number(&ProofSettings::cache_max_age_s, 1, 31'536'000)},
      {"proof", "cache_folder", "TABLINUM_PROOF_CACHE_FOLDER",
       [](Config& c, const std::string& v) { return set_text(c.proof.cache_folder, v); }},
      {"proof", "cache_folder_mb", "TABLINUM_PROOF_CACHE_FOLDER_MB", number(&ProofSettings::cache_folder_mb, 0, 1'048'576)},
      {"log", "level", "TABLINUM_LOG_LEVEL", [](Config& c, const std::string& v) { return set_text(c.log_level, v); }},
      {"log", "format", "TABLINUM_LOG_FORMAT", [](Config& c, const std::string& v) { return set_text(c.log_format, v); }},
  }};
  return kSettings;
}

std::unexpected<Error> at(const std::string& path, const YAML::Mark& mark, const std::string& what) {
  return fail(Code::invalid, path + ':' + std::to_string(mark.line + 1) + ": " + what);
}

Result<void> read_listen(Config& config, const YAML::Node& node, const std::string& path) {
  config.listen.clear();
  if (node.IsScalar()) {
    config.listen.push_back(node.as<std::string>());
    return {};
  }
  if (!node.IsSequence()) return at(path, node.Mark(), "server.listen must be an address or a list of them");
  for (const auto& item : node) {
    if (!item.IsScalar()) return at(path, item.Mark(), "an address must be a text");
    config.listen.push_back(item.as<std::string>());
  }
  return {};
}

Result<void> read_value(Config& config, const std::string& group, const std::string& key, const YAML::Node& node,
                        const std::string& path) {
  if (group == "server" && key == "listen") return read_listen(config, node, path);
  for (const auto& setting : settings()) {
    if (group != setting.group || key != setting.key) continue;
    if (!node.IsScalar()) return at(path, node.Mark(), group + '.' + key + " must be one value");
    auto set = setting.set(config, node.as<std::string>());
    if (!set) return at(path, node.Mark(), group + '.' + key + ' ' + set.error().detail);
    return {};
  }
  return at(path, node.Mark(), "there is no setting " + group + '.' + key);
}

Result<void> read_groups(Config& config, const YAML::Node& root, const std::string& path) {
  if (root.IsNull()) return {};
  if (!root.IsMap()) return at(path, root.Mark(), "the configuration must be a map");
  for (const auto& group : root) {
    const auto name = group.first.as<std::string>();
    if (!group.second.IsMap()) return at(path, group.first.Mark(), name + " must be a map");
    for (const auto& value : group.second)
      CHECK_OK(read_value(config, name, value.first.as<std::string>(), value.second, path));
  }
  return {};
}

}  // namespace

Result<Config> load_config(const std::string& path) {
  if (!is_there(path)) return fail(Code::not_found, "there is no file " + path);
  Config config;
  try {
    CHECK_OK(read_groups(config, YAML::LoadFile(path), path));
  } catch (const YAML::Exception& error) {  // yaml-cpp reports by exceptions
    return at(path, error.mark, error.msg);
  }
  return config;
}

Result<void> apply_environment(Config& config) {
  if (const char* listen = std::getenv("TABLINUM_SERVER_LISTEN")) config.listen = {listen};
  for (const auto& setting : settings()) {
    const char* value = std::getenv(setting.variable);
    if (value == nullptr) continue;
    auto set = setting.set(config, value);
    if (!set) return fail(Code::invalid, std::string{setting.variable} + ' ' + set.error().detail);
  }
  return {};
}

Result<Config> effective_config(const std::string& path) {
  Config config;
  if (!path.empty() || is_there(kSystemConfig)) {
    TRY(loaded, load_config(path.empty() ? kSystemConfig : path));
    config = std::move(loaded);
  }
  CHECK_OK(apply_environment(config));
  return config;
}

}  // namespace tablinum::app
