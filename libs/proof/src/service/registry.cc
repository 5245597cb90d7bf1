#include "tablinum/proof/registry.h"

#include "tablinum/proof/lf.h"
#include "tablinum/proof/vole.h"

namespace tablinum::proof {
namespace {

constexpr std::uint8_t kLfNumber = 1;
constexpr std::uint8_t kVoleNumber = 2;

}  // namespace

Registry::Registry(const Options& options, Clock clock)
    : options_{options}, clock_{std::move(clock)}, schemes_{{kLfNumber, lf::scheme()}, {kVoleNumber, vole::scheme()}} {}

Outcome<void> Registry::add(std::uint8_t number, std::shared_ptr<const Scheme> scheme) {
  const std::string name = scheme->capabilities().backend;
  const std::lock_guard lock{mutex_};
  if (name == kAuto || services_.contains(kAuto)) return fault(Fault::config, "back ends are added before the first use of auto");
  for (const auto& [taken, known] : schemes_) {
    if (taken == number || known->capabilities().backend == name) return fault(Fault::config, "the name or the number is taken");
  }
  schemes_.push_back({number, std::move(scheme)});
  return {};
}

std::vector<std::string> Registry::ids() const {
  const std::lock_guard lock{mutex_};
  std::vector<std::string> ids{std::string{kAuto}};
  for (const auto& [number, scheme] : schemes_) ids.push_back(scheme->capabilities().backend);
  return ids;
}

Outcome<std::shared_ptr<ZkBackend>> Registry::backend(std::string_view id) {
  const std::lock_guard lock{mutex_};
  if (const auto known = services_.find(id); known != services_.end()) return known->second;
  std::shared_ptr<const Scheme> scheme;
  if (id == kAuto) scheme = make_auto_scheme(schemes_);
  for (const auto& [number, one] : schemes_) {
    if (one->capabilities().backend == id) scheme = one;
  }
  if (!scheme) return fault(Fault::unsupported, "no back end with this name");
  TRY(service, make_service(std::move(scheme), options_, clock_));
  services_.emplace(id, service);
  return service;
}

Outcome<void> Registry::reconfigure(const Options& options) {
  CHECK_OK(validate(options));
  const std::lock_guard lock{mutex_};
  options_ = options;
  for (const auto& [id, service] : services_) CHECK_OK(service->reconfigure(options));
  return {};
}

}  // namespace tablinum::proof
