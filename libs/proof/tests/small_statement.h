#pragma once
/// A statement small enough for tests of the machinery around proofs, yet proved for real by `vole`'s protocol: "I know 512 bits
/// whose SHA-256 compression from the first state is H" (rounds and all; FIPS 180-4). And ways to make its stages fail.
#include <atomic>
#include <condition_variable>
#include <mutex>

#include "tablinum/base/parallel.h"
#include "tablinum/proof/zk.h"
#include "vole/protocol.h"

namespace tablinum::proof::test {

inline constexpr std::array<std::uint32_t, 8> kFirstState{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                                          0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

inline StateWords first_state(Gates& gates) {
  StateWords state;
  for (unsigned w = 0; w < 8; ++w) {
    for (unsigned i = 0; i < 32; ++i) state[w][i] = gates.constant(kFirstState[w] >> i & 1);
  }
  return state;
}

/// Public: the 256 bits of the state. Private: the 512 bits of the block.
inline vole::BooleanCircuit compression_circuit() {
  vole::Recorder gates;
  StateWords wanted;
  for (Word& word : wanted) {
    for (Bit& bit : word) bit = gates.public_bit();
  }
  BlockWords block;
  for (Word& word : block) {
    for (Bit& bit : word) bit = gates.private_bit();
  }
  const StateWords state = gates.compress(first_state(gates), block);
  for (unsigned w = 0; w < 8; ++w) {
    for (unsigned i = 0; i < 32; ++i) gates.assert_equal(state[w][i], wanted[w][i]);
  }
  return gates.finish();
}

inline std::array<std::uint32_t, 8> compressed(std::span<const std::uint8_t, 64> block) {
  auto state = kFirstState;
  sha256_compress(state, block);
  return state;
}

/// Words as bits, least significant first; of a block the bytes of a word are big-endian.
inline std::vector<std::uint8_t> bits_of(std::span<const std::uint32_t> words) {
  std::vector<std::uint8_t> bits;
  for (const std::uint32_t word : words) {
    for (unsigned i = 0; i < 32; ++i) bits.push_back(word >> i & 1);
  }
  return bits;
}
inline std::vector<std::uint8_t> bits_of_block(std::span<const std::uint8_t> bytes) {
  std::vector<std::uint32_t> words;
  for (std::size_t i = 0; i < bytes.size(); i += 4) {
    words.push_back(std::uint32_t{bytes[i]} << 24 | std::uint32_t{bytes[i + 1]} << 16 | std::uint32_t{bytes[i + 2]} << 8 | bytes[i + 3]);
  }
  return bits_of(words);
}

inline Work plain_work() { return Work{{}, inline_executor()}; }

/// The statement as a Scheme. Programs: A1 ‖ state, 33 bytes, or A2 ‖ state for a second circuit key. Inputs: 64 bytes. A proof is
/// a session nonce of 16 bytes and the raw proof.
class SmallScheme : public Scheme {
 public:
  static constexpr std::size_t kMemory = std::size_t{8} << 20;

  Capabilities capabilities() const override { return {"small", {{0xA1, 1, "a block of 64 bytes"}}, {1, 2}, true, true}; }

  Outcome<Plan> plan_proof(ByteView program, ByteView input, std::optional<std::uint8_t> profile) const override {
    CHECK_OK(check_program(program));
    if (input.size() != 64) return fault(Fault::input, "length");
    if (profile.value_or(1) > 2) return fault(Fault::unsupported, "no such profile");
    return plan(program, profile.value_or(1));
  }
  Outcome<Plan> plan_verification(ByteView program, ByteView proof) const override {
    CHECK_OK(check_program(program));
    if (proof.size() < 17) return fault(Fault::serialization, "too short");
    return plan(program, static_cast<std::uint8_t>(proof[0]));
  }
  Outcome<CircuitPtr> compile(const Plan&, const Work&) const override {
    return std::make_shared<const vole::BooleanCircuit>(compression_circuit());
  }
  Outcome<MadeProof> prove(const Plan& plan, const CircuitPtr& circuit, ByteView program, ByteView input,
                           const Work& work) const override {
    const std::span<const std::uint8_t, 64> block{u8(input), 64};
    const auto publics = bits_of(state_of(program));
    if (bits_of(compressed(block)) != publics) return fault(Fault::input, "hash");
    Bytes envelope{std::byte{plan.profile}};
    envelope.resize(17);
    fill_random(MutableBytes{envelope}.subspan(1));
    const auto random = lf::system_random();
    auto raw = vole::prove(dynamic_cast<const vole::BooleanCircuit&>(*circuit), *vole::Params::of(plan.profile), publics,
                           bits_of_block(block), session(envelope, program).view(), *random, work);
    if (!raw) return std::unexpected(raw.error());
    append(envelope, *raw);
    return MadeProof{std::move(envelope), vole::soundness_bits(plan.profile)};
  }
  Outcome<bool> verify(const Plan& plan, const CircuitPtr& circuit, ByteView program, ByteView proof, const Work& work) const override {
    auto verdict = vole::verify(dynamic_cast<const vole::BooleanCircuit&>(*circuit), *vole::Params::of(plan.profile),
                                bits_of(state_of(program)), session(proof, program).view(), proof.subspan(17), work);
    if (!verdict) return std::unexpected(verdict.error());
    return *verdict == vole::Verdict::accepted;
  }
  Sample sample() const override { return {program_of(block(0)), block(0)}; }

  static Bytes block(std::uint8_t number) { return Bytes(64, std::byte{number}); }
  static Bytes program_of(ByteView input, std::uint8_t type = 0xA1) {
    Bytes program{std::byte{type}};
    for (const std::uint32_t word : compressed(std::span<const std::uint8_t, 64>{u8(input), 64})) append_u32_le(program, word);
    return program;
  }

 private:
  static Outcome<void> check_program(ByteView program) {
    if (program.empty() || program.size() != 33) return fault(Fault::program, "not 33 bytes");
    if (program[0] != std::byte{0xA1} && program[0] != std::byte{0xA2}) return fault(Fault::program, "unknown type");
    return {};
  }
  static Plan plan(ByteView program, std::uint8_t profile) {
    return {"small", static_cast<std::uint8_t>(program[0]), profile, 1, kMemory, 50'000, {program[0]}};
  }
  static std::vector<std::uint32_t> state_of(ByteView program) {
    std::vector<std::uint32_t> words;
    const auto* bytes = u8(program) + 1;
    for (unsigned i = 0; i < 8; ++i, bytes += 4) {
      words.push_back(std::uint32_t{bytes[0]} | std::uint32_t{bytes[1]} << 8 | std::uint32_t{bytes[2]} << 16 | std::uint32_t{bytes[3]} << 24);
    }
    return words;
  }
  static Digest session(ByteView envelope, ByteView program) {
    return Sha256{}.update(envelope.first(17)).update(program).finish();
  }
};

enum class Stage : std::uint8_t { plan_proof, plan_verification, compile, prove, verify };

/// The small scheme, with a failure, an exception or a stop before any stage.
class InjectedScheme final : public SmallScheme {
 public:
  enum class Kind : std::uint8_t { none, failure, exception, no_memory };

  void inject(Stage stage, Kind kind, unsigned times = 1) {
    const std::lock_guard lock{mutex_};
    stage_ = stage;
    kind_ = kind;
    times_ = times;
  }
  /// Calls of `stage` wait until open() or until they are asked to stop.
  void close(Stage stage) {
    const std::lock_guard lock{mutex_};
    closed_ = stage;
  }
  void open() {
    const std::lock_guard lock{mutex_};
    closed_.reset();
    changed_.notify_all();
  }
  /// Waits until `count` calls stand before the closed stage.
  void until_waiting(unsigned count) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return waiting_ >= count; });
  }
  unsigned calls(Stage stage) const {
    const std::lock_guard lock{mutex_};
    return calls_[static_cast<std::size_t>(stage)];
  }
  unsigned most_at_once() const {
    const std::lock_guard lock{mutex_};
    return most_at_once_;
  }
  /// Programs in the order in which they were proved.
  std::vector<Bytes> order() const {
    const std::lock_guard lock{mutex_};
    return order_;
  }

  Outcome<Plan> plan_proof(ByteView program, ByteView input, std::optional<std::uint8_t> profile) const override {
    CHECK_OK(before(Stage::plan_proof, {}));
    return SmallScheme::plan_proof(program, input, profile);
  }
  Outcome<Plan> plan_verification(ByteView program, ByteView proof) const override {
    CHECK_OK(before(Stage::plan_verification, {}));
    return SmallScheme::plan_verification(program, proof);
  }
  Outcome<CircuitPtr> compile(const Plan& plan, const Work& work) const override {
    CHECK_OK(before(Stage::compile, work.stop));
    return SmallScheme::compile(plan, work);
  }
  Outcome<MadeProof> prove(const Plan& plan, const CircuitPtr& circuit, ByteView program, ByteView input,
                           const Work& work) const override {
    {
      const std::lock_guard lock{mutex_};
      order_.emplace_back(program.begin(), program.end());
    }
    CHECK_OK(before(Stage::prove, work.stop));
    return SmallScheme::prove(plan, circuit, program, input, work);
  }
  Outcome<bool> verify(const Plan& plan, const CircuitPtr& circuit, ByteView program, ByteView proof, const Work& work) const override {
    CHECK_OK(before(Stage::verify, work.stop));
    return SmallScheme::verify(plan, circuit, program, proof, work);
  }

 private:
  Outcome<void> before(Stage stage, const std::stop_token& stop) const {
    std::unique_lock lock{mutex_};
    ++calls_[static_cast<std::size_t>(stage)];
    if (closed_ == stage) {
      ++waiting_;
      most_at_once_ = std::max(most_at_once_, waiting_);
      changed_.notify_all();
      const bool opened = changed_.wait(lock, stop, [&] { return closed_ != stage; });
      --waiting_;
      changed_.notify_all();
      if (!opened) return fault(Fault::cancelled, "asked to stop");
    }
    if (stage_ != stage || times_ == 0) return {};
    --times_;
    if (kind_ == Kind::exception) throw std::runtime_error("injected");
    if (kind_ == Kind::no_memory) throw std::bad_alloc{};
    if (kind_ == Kind::failure) return fault(Fault::backend, "injected");
    return {};
  }

  mutable std::mutex mutex_;
  mutable std::condition_variable_any changed_;
  std::optional<Stage> stage_;
  std::optional<Stage> closed_;
  Kind kind_ = Kind::none;
  mutable unsigned times_ = 0;
  mutable unsigned waiting_ = 0;
  mutable unsigned most_at_once_ = 0;
  mutable std::array<unsigned, 5> calls_{};
  mutable std::vector<Bytes> order_;
};

}  // namespace tablinum::proof::test
