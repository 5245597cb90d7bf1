#pragma once
/// From gates to a layered circuit for `lf`, and from a statement's bits to the circuit's inputs.  Source: docs/proof/lf.md.
#include <optional>
#include <unordered_map>
#include <vector>

#include "circuit/template.h"
#include "tablinum/base/secret.h"
#include "tablinum/proof/circuit.h"
#include "tablinum/proof/lf.h"

namespace tablinum::proof::lf {

/// Goes into cache keys: other versions number wires otherwise.
inline constexpr std::uint8_t kBuilderVersion = 1;

/// Where a private input's two bits come from.
struct InputLayout {
  std::uint32_t publics = 0;                          ///< public bits; the inputs 1 … publics
  std::uint32_t slots = 0;                            ///< compressions
  std::uint32_t pendings = 0;                         ///< secret bits, those of fresh() among them
  std::vector<std::array<std::uint32_t, 2>> glue;     ///< the secret bits of each input after the compressions' (kNoBit: 0)
  static constexpr std::uint32_t kNoBit = ~0U;
};

struct Compiled {
  Circuit circuit;
  InputLayout layout;
};

/// Collects gates; compile() makes the circuit. A Bit is a quadratic form of wires until something needs it as a wire.
class Compiler final : public Gates {
 public:
  Compiler();
  Bit constant(bool value) override;
  Bit public_bit() override;
  Bit private_bit() override;
  Bit exclusive_or(Bit a, Bit b) override;
  Bit both(Bit a, Bit b) override;
  void assert_zero(Bit a) override;
  Bit fresh(Bit a) override;
  StateWords compress(const StateWords& state, const BlockWords& block) override;

  /// @error unsupported: more than kCompressionsMax compressions.  cancelled.
  Outcome<Compiled> compile(const Work& work);

 private:
  // A wire by kind, level and number; kOneWire is the constant at every level.
  using Wire = std::uint64_t;
  enum Kind : std::uint64_t { kGlue = 0, kSlotBit = 1, kPending = 2, kSlotInput = 3, kPublic = 4 };
  static constexpr Wire kOneWire = ~std::uint64_t{0};
  static constexpr Wire wire(Kind kind, std::uint64_t level, std::uint64_t at) { return kind << 56 | level << 40 | at; }
  static constexpr Kind kind_of(Wire w) { return static_cast<Kind>(w >> 56 & 7); }
  static constexpr std::uint32_t level_of(Wire w) { return w == kOneWire ? 0 : static_cast<std::uint32_t>(w >> 40 & 0xffff); }
  static constexpr std::uint64_t at_of(Wire w) { return w & ((std::uint64_t{1} << 40) - 1); }

  struct Product {
    Wire a, b;
    Elt k = kOne;  // coefficients other than 1 are for inputs only
    friend bool operator==(const Product&, const Product&) = default;
  };
  using Form = std::vector<Product>;  // different products in order; a single {one, w} is the wire w

  struct GlueLevel {
    std::vector<Form> wires;                          // of this level, as forms of the level below
    std::vector<std::pair<Wire, Wire>> assertions;    // products of wires of this level that are 0
  };

  const Form& form(Bit b) const { return forms_[b.id]; }
  Bit keep(Form f);
  static bool linear(const Form& f);
  static std::uint32_t level_of(const Form& f);
  static void add_product(Form& to, Wire a, Wire b);
  GlueLevel& glue(std::uint32_t level);
  Wire add_wire(std::uint32_t level, Form f);
  Wire lift(Wire w, std::uint32_t level);
  Form lifted(const Form& f, std::uint32_t level);
  Wire materialize(const Form& f);
  Form single(const Form& f) { return {{kOneWire, materialize(f), kOne}}; }

  void place_word(std::uint32_t slot, std::uint32_t word, const Word& bits);
  /// The secret bit that `b` is, where it has no place among the inputs yet.
  std::optional<std::uint64_t> unplaced(Bit b) const;
  bool equate_inputs(std::uint32_t slot, std::uint32_t word, const Word& bits);

  struct Emission;
  std::vector<Form> forms_;
  std::vector<GlueLevel> levels_;
  std::unordered_map<Wire, Wire> lifts_;
  std::vector<std::uint64_t> placed_;   // of a secret bit: where; kUnplaced
  std::uint32_t slots_ = 0;
  std::uint32_t publics_ = 0;
  static constexpr std::uint64_t kUnplaced = ~std::uint64_t{0};
};

/// Runs a statement on values and remembers what the circuit's inputs need. Constant time but for the statement's shape.
class Recorder final : public Gates {
 public:
  Recorder(std::span<const std::uint8_t> publics, std::span<const std::uint8_t> privates) : publics_{publics}, privates_{privates} {}
  Bit constant(bool value) override { return {value}; }
  Bit public_bit() override { return {publics_[next_public_++]}; }
  Bit private_bit() override { return remember({privates_[next_private_++]}); }
  Bit exclusive_or(Bit a, Bit b) override { return {a.id ^ b.id}; }
  Bit both(Bit a, Bit b) override { return {a.id & b.id}; }
  void assert_zero(Bit a) override { wrong_ |= a.id; }
  Bit fresh(Bit a) override { return remember(a); }
  StateWords compress(const StateWords& state, const BlockWords& block) override;

  bool satisfied() const noexcept { return wrong_ == 0; }
  /// Whether what was recorded is what the layout takes its inputs from.
  bool fits(const InputLayout& layout) const noexcept;
  /// All inputs of the circuit.  @pre the layout is that of the same statement.
  SecretVector<Elt> inputs(const InputLayout& layout) const;

 private:
  Bit remember(Bit b) {
    secrets_.push_back(static_cast<std::uint8_t>(b.id));
    return b;
  }
  std::span<const std::uint8_t> publics_, privates_;
  std::size_t next_public_ = 0, next_private_ = 0;
  SecretVector<std::uint8_t> secrets_;
  SecretVector<std::uint32_t> words_;  // word::kCount a compression
  std::uint64_t wrong_ = 0;
};

}  // namespace tablinum::proof::lf
