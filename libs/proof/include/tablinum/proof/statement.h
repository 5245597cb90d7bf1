#pragma once
/// Statements: what a program says, how an input makes it true, and the bits and gates that prove it.
/// Formats: docs/proof/statements.md. Everything here is the same for every back end.
///
/// From a program to a proof: parse() → shape_for(input) → make_witness() → build() into a back end's Gates.
/// From a proof to an answer: parse() and read_envelope() → public_bits() → build() → the back end's verifier.
#include <array>
#include <string>
#include <vector>

#include "tablinum/base/bytes.h"
#include "tablinum/base/crypto.h"
#include "tablinum/base/secret.h"
#include "tablinum/proof/circuit.h"
#include "tablinum/proof/fault.h"

namespace tablinum::proof {

enum class StatementType : std::uint8_t {
  message = 0x01,       ///< "I know m with SHA-256(m) = H"
  change = 0x02,        ///< "an authorised key appended the change H and it touched only field X"; bare: legacy JSON transaction
  block = 0x03,         ///< "H is a valid header with this number"; or a chain of headers
  in_log = 0x10,        ///< "the document is in the log under the root H"
  older = 0x11,         ///< "a person under the root H was born before …"
  descent = 0x12,       ///< "this person descends from A within K links"
  field_equals = 0x13,  ///< "a field of a record under the root H has this value"
  header_chain = 0x14,  ///< "H is the last of a chain of headers that begins after P"
};

/// Compressions of SHA-256 in one statement, at most (the circuit's counts are 24 bits).
inline constexpr unsigned kCompressionsMax = 170;

/// A program after parsing: the type, H, the number (0x03) and the parameters of the extension. Plain data.
struct Statement {
  StatementType type{};
  Digest hash;                 ///< H
  std::uint64_t number = 0;    ///< 0x03: the header's number
  bool extended = false;       ///< the program carries an extension
  Bytes parameters;            ///< the extension's parameters, lengths and ranges checked
  Bytes program;               ///< the whole program

  /// @error program: empty, unknown type, too short, malformed extension, a parameter out of range.
  ///        unsupported: more than kCompressionsMax compressions.
  static Outcome<Statement> parse(ByteView program);
};

/// The shape that fits an input: looks at its length and, for 0x03, its first byte. Parameters decide where the length does not.
/// @error input: rule "length".
Outcome<std::uint16_t> shape_for(const Statement& statement, ByteView input);
/// Whether the type has this shape at all, and whether the statement's parameters go with it.
bool shape_exists(StatementType type, std::uint16_t shape);
bool shape_fits(const Statement& statement, std::uint16_t shape);
/// Calls to Gates::compress() of this shape: the measure of size.
unsigned compressions(StatementType type, std::uint16_t shape);
/// For people: "a message of up to 55 bytes".
std::string words(StatementType type, std::uint16_t shape);
/// For people, of one program: what a proof of it says, and what not.
std::string words(const Statement& statement);

/// What the prover adds to the program.
struct Witness {
  Bytes outputs;                       ///< revealed values, they go into the envelope
  SecretVector<std::uint8_t> bits;     ///< 0 or 1, in the order of private_bit()
};
/// Reads the input and checks every rule in the clear.
/// @error input: the rule that fails by name (and an offset for layouts), never a value.
Outcome<Witness> make_witness(const Statement& statement, std::uint16_t shape, ByteView input);

/// The public bits in the order of public_bit(), from the program and the outputs.
/// @error serialization: outputs of another length. The second error is a false proof: outputs that contradict the program give
///        an empty vector.
Outcome<std::vector<std::uint8_t>> public_bits(const Statement& statement, std::uint16_t shape, ByteView outputs);
/// Length of the outputs.
std::size_t outputs_bytes(StatementType type, std::uint16_t shape);

/// Writes the statement's rules. Depends on type and shape only.
/// @pre shape_exists(type, shape).
void build(StatementType type, std::uint16_t shape, Gates& gates);

// ---- Envelope --------------------------------------------------------------------------------------------------------------

inline constexpr std::size_t kEnvelopeBytesMax = std::size_t{64} << 20;

/// A proof with everything that its verifier needs to know besides the program.
struct Envelope {
  std::uint8_t backend = 0;  ///< 1 lf, 2 vole, 16 risc0, 17 sp1
  StatementType type{};
  std::uint8_t profile = 0;
  std::uint16_t shape = 0;
  Bytes outputs;
  std::array<std::byte, 16> nonce{};
  Bytes inner;  ///< the back end's proof

  /// `TPRF` … nonce: what the session is bound to.
  Bytes head() const;
  Bytes encode() const;
};
/// @error serialization: not an envelope, truncated, or bytes after its end.
Outcome<Envelope> read_envelope(ByteView bytes);
/// SHA-256("tablinum-proof-v1" ‖ u64LE length ‖ head ‖ u64LE length ‖ program): what a proof is bound to.
Digest session_of(const Envelope& envelope, ByteView program);

}  // namespace tablinum::proof
