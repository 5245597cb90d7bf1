#pragma once
/// One object a statement type; statement.h's functions choose by type. Private to src/statement.
#include <string>

#include "statement/gadgets.h"
#include "tablinum/proof/statement.h"

namespace tablinum::proof {

class Kind {
 public:
  virtual ~Kind() = default;
  /// Checks Statement::parameters.  @error program.
  virtual Outcome<void> check_parameters(const Statement& statement) const = 0;
  virtual Outcome<std::uint16_t> shape_for(const Statement& statement, ByteView input) const = 0;
  virtual bool exists(std::uint16_t shape) const = 0;
  virtual bool fits(const Statement& statement, std::uint16_t shape) const = 0;
  virtual unsigned compressions(std::uint16_t shape) const = 0;
  virtual std::string words(std::uint16_t shape) const = 0;
  virtual std::string words(const Statement& statement) const = 0;
  virtual std::size_t outputs_bytes(std::uint16_t shape) const = 0;
  virtual Outcome<Witness> witness(const Statement& statement, std::uint16_t shape, ByteView input) const = 0;
  /// @param outputs of the right length. Empty: they contradict the program.
  virtual std::vector<std::uint8_t> publics(const Statement& statement, std::uint16_t shape, ByteView outputs) const = 0;
  virtual void build(std::uint16_t shape, Gates& gates) const = 0;
};

const Kind& message_kind();
const Kind& change_kind();
const Kind& block_kind();
const Kind& in_log_kind();
const Kind& older_kind();
const Kind& descent_kind();
const Kind& field_equals_kind();
const Kind& header_chain_kind();

/// A rule that the input breaks, by name; never with a value.
inline std::unexpected<Failure> broken(std::string rule) { return fault(Fault::input, "rule \"" + std::move(rule) + "\"", "prove"); }
/// The rule "length"; `wanted` says what it should be, for people.
inline std::unexpected<Failure> broken_length(const std::string& wanted) {
  return fault(Fault::input, "rule \"length\": " + wanted, "prove");
}
inline std::unexpected<Failure> bad_parameters(std::string what) { return fault(Fault::program, std::move(what), "program"); }

inline std::uint64_t number_le(ByteView b) noexcept {
  std::uint64_t v = 0;
  for (std::size_t i = b.size(); i-- > 0;) v = v << 8 | std::to_integer<std::uint64_t>(b[i]);
  return v;
}
inline std::uint64_t number_be(ByteView b) noexcept {
  std::uint64_t v = 0;
  for (const std::byte x : b) v = v << 8 | std::to_integer<std::uint64_t>(x);
  return v;
}
inline bool same(ByteView a, ByteView b) noexcept { return equal_constant_time(a, b); }

}  // namespace tablinum::proof
