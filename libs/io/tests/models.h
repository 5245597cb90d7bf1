#pragma once
/// The corpus: typed tests that every execution model must pass. A case that needs what a model lacks asserts the documented
/// refusal instead of being left out.
#include <gtest/gtest.h>

#include "tablinum/io/cancel.h"
#include "tablinum/io/runtime.h"
#include "tablinum/io/scope.h"
#include "tablinum/io/simulate.h"

namespace tablinum::io::test {

struct Blocking {
  static std::unique_ptr<Io> make() { return make_blocking_io().value(); }
};
struct ThreadPool {
  static std::unique_ptr<Io> make() { return make_thread_pool_io().value(); }
};
struct Stackless {
  static std::unique_ptr<Io> make() { return make_stackless_io().value(); }
};
/// Files on the pool: what a kernel without io_uring makes of it.
struct StacklessOnPool {
  static std::unique_ptr<Io> make() {
    StacklessOptions options;
    options.ring = false;
    return make_stackless_io(options).value();
  }
};
struct Green {
  static std::unique_ptr<Io> make() {
    GreenOptions options;
    options.stack_bytes = kGreenStackBytesMax;  // for the tests that nest thousands of calls
    return make_green_threads_io(options).value();
  }
};

/// A world of one host, as if it were an Io.
class OneHost {
 public:
  OneHost() : world_{std::make_unique<SimWorld>(1, options())} {}
  Io& operator*() const { return host().io(); }
  SimHost& host() const { return world_->host("host"); }
  SimWorld& world() const { return *world_; }

 private:
  static SimOptions options() {
    SimOptions options;
    options.threads_outside = true;  // some cases have a plain thread on the other side
    return options;
  }
  std::unique_ptr<SimWorld> world_;
};
struct Simulated {
  static OneHost make() { return {}; }
};

struct ModelNames {
  template <class Model>
  static std::string GetName(int) {
    if constexpr (std::is_same_v<Model, Blocking>) return "BlockingIo";
    if constexpr (std::is_same_v<Model, ThreadPool>) return "ThreadPoolIo";
    if constexpr (std::is_same_v<Model, Green>) return "GreenThreadsIo";
    if constexpr (std::is_same_v<Model, Simulated>) return "SimulatedIo";
    if constexpr (std::is_same_v<Model, StacklessOnPool>) return "StacklessIoOnPool";
    return "StacklessIo";
  }
};
using Models = testing::Types<Blocking, ThreadPool, Stackless, Green, Simulated>;

template <class Model>
class Corpus : public testing::Test {
 protected:
  decltype(Model::make()) owner_ = Model::make();
  Io& io = *owner_;
  bool concurrent() const { return io.capabilities().concurrency; }
};

inline constexpr Duration kShort = Duration::milliseconds(5);
inline constexpr Duration kLong = Duration::seconds(60);  // never reached: a test that waits so long has failed

/// The code of an outcome, Code{} for success.
template <class T>
Code code_of(const Result<T>& result) {
  return result ? Code{} : result.error().code;
}

}  // namespace tablinum::io::test
