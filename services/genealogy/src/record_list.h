#pragma once
/// Lists of records by title: sources and media.
#include "routes.h"

namespace tablinum::genealogy_service {

struct TitledRecord {
  Rid rid;
  std::string key;  ///< folded title
  std::uint64_t weight = 0;
};
/// Records of one kind listed by title at most; beyond, search finds them.
inline constexpr std::size_t kTitledMax = 10'000;

/// All records of a kind whose folded title holds the folded `filter`, by title; without a title last.
Result<std::vector<TitledRecord>> titled_records(Browser& browser, const store::TreeInfo& tree, store::RecordKind kind,
                                                 std::optional<std::string_view> filter,
                                                 std::string (*title_of)(const OtherData&));
/// One page of such a list, each record written by `write`.
Result<api::Reply> titled_page(Context& context, Browser& browser, const api::Call& call, const store::TreeInfo& tree,
                               const std::vector<TitledRecord>& list, Result<void> (*write)(Writer&, Browser&, Rid));

}  // namespace tablinum::genealogy_service
