#pragma once
/// What others may see of a living person's record: a structure again, so that export, charts, pages and search need one rule only.
/// Design: archive.md §8.
#include <string_view>

#include "tablinum/tree/structure.h"

namespace tablinum::tree::privacy {

struct RedactionOptions {
  bool show_surname = false;  ///< "Living Mutasa" instead of "Living"
};
inline constexpr std::string_view kLivingName = "Living";

/// A person who must be taken for living: NAME, SEX and the links to families; all else is absent, also what nobody knows yet.
/// @pre record is an INDI
Structure redact_person(const Structure& record, const RedactionOptions& options = {});

}  // namespace tablinum::tree::privacy
