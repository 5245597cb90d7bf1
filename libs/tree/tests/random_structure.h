#pragma once
/// Random records for the property tests: every payload kind, known and literal tags, awkward text, any shape.
#include <rapidcheck.h>

#include <memory>
#include <string>

#include "tablinum/tree/structure.h"

namespace tablinum::tree {

/// Text that the line syntax makes hard: line breaks, leading and trailing blanks, @, combining marks, long runs.
inline rc::Gen<std::string> awkward_text() {
  static const std::vector<std::string> pieces = {
      "a", "Moyo", " ", "  ", "\n", "\n\n", "@", "@@", "@I1@", "\t", "é", "e\xCC\x81", "\xCD\xA1", "漢", "\xF0\x9F\x91\xA9",
      "\xE2\x80\x8D", "/", "@#DJULIAN@", "1 NOTE", "0 @I1@ INDI", std::string(100, 'x'), std::string(300, 'y'), "@VOID@", "\x01"};
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces)), [](const auto& chosen) {
    std::string out;
    for (const auto& piece : chosen) out += piece;
    return out;
  });
}

/// @return by shared_ptr, since rapidcheck copies values and a Structure does not copy.
inline rc::Gen<std::shared_ptr<Structure>> random_structure() {
  return rc::gen::exec([] {
    static const std::vector<std::string> tags = {"NAME", "NOTE", "BIRT", "DATE", "SOUR", "_VENDOR", "lower", "OBJE", "X"};
    auto s = std::make_shared<Structure>(*rc::gen::element(Dialect::gedcom551, Dialect::gedcom70));
    std::vector<std::uint32_t> path{s->append(kNoNode, *rc::gen::element("INDI", "NOTE", "_OTHER"))};
    const auto count = *rc::gen::inRange(0, 30);
    for (int i = 0; i < count; ++i) {
      path.resize(static_cast<std::size_t>(*rc::gen::inRange<int>(1, static_cast<int>(path.size()) + 1)));
      const auto kind = *rc::gen::element(PayloadKind::none, PayloadKind::text, PayloadKind::record, PayloadKind::dangling);
      Uuid id;
      for (auto& byte : id.bytes) byte = *rc::gen::arbitrary<std::uint8_t>();
      path.push_back(s->append(path.back(), *rc::gen::elementOf(tags), kind,
                               kind == PayloadKind::dangling ? "X" + std::to_string(i) : *awkward_text(), RecordId{id}));
    }
    if (*rc::gen::arbitrary<bool>()) s->number_nodes();
    return s;
  });
}

}  // namespace tablinum::tree
