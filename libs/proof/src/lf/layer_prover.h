#pragma once
/// One layer of the prover's sumcheck.  Source: docs/proof/lf.md. Where the layer consists of copies of a template, whose numbers
/// are the lowest variables of all wires, the form is not written out until those are bound: a term's values for all copies are
/// its constant times the output weights of its output, folded. Results do not depend on the executor or the pattern.
#include "lf/form.h"

namespace tablinum::proof::lf {

/// p(x) = c0 + c1 x + c2 x^2.
struct Polynomial {
  Elt c0, c1, c2;
  Elt at(Elt x) const noexcept { return c0 + mul(x, c1 + mul(x, c2)); }
};

class LayerProver {
 public:
  LayerProver(const Circuit& circuit, Executor& executor) : circuit_{circuit}, executor_{executor} {}

  /// Begins a layer; memory of the layer before is used again.  @param wires the layer's input wires.
  void begin(std::size_t layer, const Challenges& challenges, SecretArray<Elt> wires);
  /// The polynomial of one round: p(0) + p(1) = claim.
  Polynomial round(unsigned hand, Elt claim);
  void bind(unsigned hand, Elt challenge);

  /// Once all variables are bound: the hands' values and the form's.
  Elt wire(unsigned hand) const noexcept { return hands_[hand].values[0]; }
  Elt form() const noexcept;

 private:
  // One hand's wires while its variables are bound, with room for a zero that makes their number even.
  struct Hand {
    SecretArray<Elt> values;
    std::size_t size = 0;
    void even() noexcept {
      if (size % 2 != 0) values[size] = kZero;
    }
  };
  // A part of the form, with its own sums where another thread has others.
  struct Segment {
    Form form;
    Array<Elt> scaled;
    SecretArray<Elt> sums;
  };
  // Both hands of the template's terms with h0 = 0 share wire 0, so their weights fold in another way.
  struct Copies {
    const Pattern* pattern = nullptr;  // none: the form is written out
    std::size_t stride = 0, count = 0;
    Array<Elt> both, linear;           // weights of positions · stride
    Array<Elt> linear_scaled;          // linear, times what the left hand is
    SecretArray<Elt> spread;           // the left hand for each copy of the right hand's round, with its challenge's factors
    Elt left_challenge;
  };

  Array<Elt> output_weights(const Claims& claims, Elt alpha);
  void begin_copies(const Pattern& pattern, const Array<Elt>& weights, const Constants& constants);
  void write_out(std::span<const Quad> terms, const Array<Elt>& weights, Form& form) const;
  void end_copies();
  void share_out(std::span<const Quad> terms, const Array<Elt>& weights);
  void sum_copies(unsigned hand);
  void bind_copies(unsigned hand, Elt challenge);
  void sum_segments(unsigned hand);
  void gather_segments();
  void bind_hand(Hand& hand, Elt challenge);
  template <class Body>
  void halve(Array<Elt>& values, std::size_t n, Body&& body);
  std::size_t form_size() const noexcept;

  const Circuit& circuit_;
  Executor& executor_;
  Constants constants_{circuit_, kOne};
  std::array<Hand, 2> hands_;
  SecretArray<Elt> spare_;
  Array<Elt> spare_weights_;
  SecretArray<Elt> sums_;  // of the first segment and the copies
  std::vector<Segment> segments_;
  Copies copies_;
};

}  // namespace tablinum::proof::lf
