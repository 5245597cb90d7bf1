#pragma once
/// Pages of the lists by title.
#include "routes.h"

namespace tablinum::genealogy_service {

/// The page that the call asks for of the records of a kind, with its parameters limit, cursor and filter[title]; each record
/// written by `write`.
/// @error invalid: a parameter.  Those of TitledLists::get() and of `write`.
Result<api::Reply> titled_page(Context& context, Browser& browser, const api::Call& call, const store::TreeInfo& tree,
                               store::RecordKind kind, TitledOrder order, TitledLists::TitleOf title_of,
                               Result<void> (*write)(Writer&, Browser&, Rid));

}  // namespace tablinum::genealogy_service
