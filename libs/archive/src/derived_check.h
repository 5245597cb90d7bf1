#pragma once
/// Rows that follow from the records, written by a program that is newer than this one.
#include "tablinum/base/error.h"
#include "tablinum/store/sql.h"

namespace tablinum::archive {

/// Whether this program knows the rules that wrote the rows of all trees: those of newer ones may be anything to it.
/// @error unsupported: a newer program wrote rows, or began to. The text names it and says what to do.
Result<void> check_derived_known(store::Session& session);

}  // namespace tablinum::archive
