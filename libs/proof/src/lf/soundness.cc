#include "tablinum/proof/soundness.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace tablinum::proof::lf {
namespace {

constexpr double kFieldBits = 128;
constexpr std::uint32_t kBlockEncMax = (1U << 16) - 1;  // points are 16-bit numbers
constexpr double kHashBits = 128;  // collisions among 2^64 calls

double log2_of(double x) { return std::log2(x); }
// log2(2^-a + 2^-b) as bits.
double add_bits(double a, double b) {
  const double least = std::min(a, b);
  return least - log2_of(1 + std::exp2(least - std::max(a, b)));
}
// −log2( C(a, t) / C(n, t) ): all of t different columns out of n lie among a.
double all_among(double a, double n, unsigned t) {
  if (a < t) return INFINITY;
  double bits = 0;
  for (unsigned i = 0; i < t; ++i) bits += log2_of((n - i) / (a - i));
  return bits;
}

// Rows 1 and 2 are not tested for low degree. Johnson's bound lists the codewords that agree with a row in more than a places;
// the best a for the prover bounds the error.
double blinding_rows(double n, double k2, unsigned t) {
  double best = 0;
  for (double a = std::floor(std::sqrt(n * (k2 - 1))) + 1; a < n; ++a) {
    const double list = n * (a - k2 + 1) / (a * a - n * (k2 - 1));
    if (list > 0) best = std::max(best, add_bits(all_among(a, n, t), kFieldBits - log2_of(list)));
  }
  return best;
}

struct Described {
  Params params;
  double floor;
  const char* name;
  std::uint32_t larger;  // block_enc from kLargeFrom compressions on
};
constexpr unsigned kLargeFrom = 11;
constexpr Described kProfiles[] = {
    {{7, 143, 4096}, 115.0, "P115", 8192},
    {{7, 140, 4096}, 115.0, "LF140", 4096},
    {{7, 132, 4096}, 108.0, "LF132", 8192},
};

}  // namespace

Soundness soundness(const Params& params, unsigned log_outputs) {
  const double block = std::floor((params.block_enc + 1.0) / (2.0 + params.rate_inverse));
  const double k2 = 2 * block - 1;
  const double n = params.block_enc - k2;
  const unsigned t = params.queries;
  Soundness out;
  if (t == 0 || params.block_enc > kBlockEncMax || block < 2.0 * t || n < t) return out;
  out.terms = {
      {"column opening: a row far from every codeword",
       add_bits(all_among(std::floor((n + block) / 2), n, t), kFieldBits - log2_of(n + 1))},
      {"column opening: linear and quadratic tests", add_bits(all_among(k2 - 1, n, t), kFieldBits)},
      {"column opening: blinding rows", blinding_rows(n, k2, t)},
      {"a round of sumcheck", kFieldBits - 1},
      {"alpha, beta, gamma", kFieldBits},
      {"first point of the outputs", kFieldBits - log2_of(std::max(1U, log_outputs))},
      {"hash collisions", kHashBits},
  };
  out.bits = std::ranges::min(out.terms, {}, &SoundnessTerm::bits).bits;
  return out;
}

namespace {

Params params_of(std::size_t profile, bool large) {
  Params params = kProfiles[profile].params;
  if (large) params.block_enc = kProfiles[profile].larger;
  return params;
}
// The account takes a millisecond: once for each profile and row length.
double known_bits(std::size_t profile, bool large) {
  static const auto table = [] {
    std::array<std::array<double, 2>, std::size(kProfiles)> out{};
    for (std::size_t i = 0; i < out.size(); ++i)
      for (const bool is_large : {false, true}) out[i][is_large] = soundness(params_of(i, is_large)).bits;
    return out;
  }();
  return table[profile][large];
}

}  // namespace

Outcome<Params> params_for(std::uint8_t profile, unsigned compressions) {
  if (profile == static_cast<std::uint8_t>(Profile::lf128)) return fault(Fault::unsupported, "profile LF128 is below its floor", "profile");
  if (profile == 0 || profile > std::size(kProfiles)) return fault(Fault::unsupported, "no such profile", "profile");
  const bool large = compressions >= kLargeFrom;
  // The tables' second decimal is rounding; a profile that loses a tenth of a bit is refused.
  if (known_bits(profile - 1U, large) < kProfiles[profile - 1].floor - 0.05)
    return fault(Fault::unsupported, "a profile below its floor", "profile");
  return params_of(profile - 1U, large);
}
double profile_bits(std::uint8_t profile, unsigned compressions) {
  return profile >= 1 && profile <= std::size(kProfiles) ? known_bits(profile - 1U, compressions >= kLargeFrom) : 0;
}
double floor_bits(std::uint8_t profile) { return profile >= 1 && profile <= std::size(kProfiles) ? kProfiles[profile - 1].floor : 0; }
std::string profile_name(std::uint8_t profile) {
  return profile >= 1 && profile <= std::size(kProfiles) ? kProfiles[profile - 1].name : "unknown";
}

}  // namespace tablinum::proof::lf
