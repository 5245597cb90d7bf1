#pragma once
/// The back ends by name: "lf", "vole", and "auto", which takes for each proof the one that expects to make it smallest, and for
/// each verification the one that made the proof.
#include <map>
#include <mutex>

#include "tablinum/proof/zk.h"

namespace tablinum::proof {

inline constexpr std::string_view kAuto = "auto";

/// A scheme over the schemes given with their numbers in envelopes. One that is not zero knowledge is never chosen to prove.
/// Profiles are each scheme's own: a request with a profile names its back end.
struct NumberedScheme {
  std::uint8_t number = 0;
  std::shared_ptr<const Scheme> scheme;
};
std::shared_ptr<const Scheme> make_auto_scheme(std::vector<NumberedScheme> schemes);

/// Thread-safe. Each back end is a service of its own with the registry's options.
class Registry {
 public:
  /// With `lf` and `vole`.
  explicit Registry(const Options& options = {}, Clock clock = {});

  /// One more, e.g. an adapter.  @error config: the name or the number is taken, or it is used already.
  Outcome<void> add(std::uint8_t number, std::shared_ptr<const Scheme> scheme);
  /// "auto" first.
  std::vector<std::string> ids() const;
  /// Made at its first use; later calls give the same object.  @error unsupported: no such back end.  config.
  Outcome<std::shared_ptr<ZkBackend>> backend(std::string_view id);
  /// For all of them.  @error config: nothing has changed.
  Outcome<void> reconfigure(const Options& options);

 private:
  mutable std::mutex mutex_;
  Options options_;
  Clock clock_;
  std::vector<NumberedScheme> schemes_;
  std::map<std::string, std::shared_ptr<ZkBackend>, std::less<>> services_;
};

}  // namespace tablinum::proof
