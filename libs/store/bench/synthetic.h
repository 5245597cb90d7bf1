#pragma once
/// A family archive of a given size, the same every time: shapes and proportions of a generated 100,000-person GEDCOM file
/// (a person has two events and a half, a family two partners and two children and a half, a record some 240 bytes).
#include <algorithm>
#include <string>
#include <vector>

#include "tablinum/store/staging.h"

namespace tablinum::store::bench {

/// A small generator (splitmix64), so that results do not depend on the standard library's.
class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept : state_{seed} {}
  std::uint64_t next() noexcept {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  std::uint32_t below(std::uint32_t bound) noexcept { return static_cast<std::uint32_t>(next() % bound); }

 private:
  std::uint64_t state_;
};

/// Makes one record after the other; what a draft borrows is good until the next call.
class Synthetic {
 public:
  Synthetic(std::int64_t tree_no, std::uint32_t persons, UuidV7Source& ids)
      : tree_no_{tree_no}, persons_{persons}, families_{persons * 2 / 5}, ids_{ids} {}

  std::uint32_t records() const noexcept { return persons_ + families_ + persons_ / 250; }
  std::uint32_t persons() const noexcept { return persons_; }

  const RecordDraft& make(std::uint32_t n, std::span<const Pid> places) {
    draft_ = {};
    draft_.rid = make_rid(tree_no_, n);
    draft_.id = RecordId{ids_.next()};
    xref_ = "X" + std::to_string(n);
    draft_.xref = xref_;
    structure_.resize(120 + random_.below(240));
    for (std::size_t at = 0; at + 8 <= structure_.size(); at += 8) {
      const std::uint64_t word = random_.next();
      std::copy_n(reinterpret_cast<const std::byte*>(&word), 8, structure_.begin() + static_cast<std::ptrdiff_t>(at));
    }
    draft_.structure = structure_;
    // The value of one field is hashed as the caller's would be; the others stay empty.
    draft_.fields[8] = sha256(structure_);
    if (n < persons_)
      make_person(places);
    else if (n < persons_ + families_)
      make_family(n - persons_, places);
    else
      draft_.kind = RecordKind::source;
    return draft_;
  }

 private:
  void make_person(std::span<const Pid> places) {
    draft_.kind = RecordKind::person;
    const auto born = static_cast<std::int32_t>(2'340'000 + random_.below(110'000));
    person_ = {.sex = static_cast<std::uint8_t>(1 + random_.below(2)),
               .living = born > 2'420'000,
               .birth_min = born,
               .birth_max = born};
    if (person_.living) person_.living_until = born + 40'177;
    given_ = "Given" + std::to_string(random_.below(800));
    surname_ = "Surname" + std::to_string(random_.below(6000));
    full_ = given_ + " /" + surname_ + "/";
    sort_key_ = surname_ + " " + given_;
    person_.label = full_;
    names_.assign(1, {.ord = 1, .kind = 1, .full_text = full_, .given = given_, .surname = surname_, .sort_key = sort_key_});
    events_.clear();
    const std::uint32_t count = 2 + random_.below(2);
    for (std::uint32_t i = 0; i < count; ++i)
      add_event(born + static_cast<std::int32_t>(i * 9000), static_cast<NodeNumber>(2 + i), places);
    links_.clear();
    if (random_.below(4) == 0)
      links_.push_back(
          {.ord = 9, .kind = LinkKind::citation, .target = make_rid(tree_no_, persons_ + families_), .quality = 2, .field = 8});
    draft_.person = &person_;
    draft_.names = names_;
    draft_.events = events_;
    draft_.links = links_;
  }

  void make_family(std::uint32_t family, std::span<const Pid> places) {
    draft_.kind = RecordKind::family;
    members_.clear();
    const auto one = [&](std::uint32_t offset) { return make_rid(tree_no_, (family * 5 / 2 + offset) % persons_); };
    members_.push_back({.role = MemberRole::husband, .person = one(0)});
    members_.push_back({.role = MemberRole::wife, .person = one(1)});
    const std::uint32_t children = 1 + random_.below(4);
    for (std::uint32_t i = 0; i < children; ++i) {
      members_.push_back({.role = MemberRole::child,
                          .ord = static_cast<std::uint16_t>(i),
                          .person = one(100 + i),
                          .pedigree = Pedigree::birth});
    }
    events_.clear();
    add_event(static_cast<std::int32_t>(2'340'000 + random_.below(110'000)), 1, places);
    draft_.members = members_;
    draft_.events = events_;
  }

  void add_event(std::int32_t day, NodeNumber ord, std::span<const Pid> places) {
    EventRow event{.ord = ord, .kind = static_cast<std::int16_t>(20 + random_.below(8)), .precision = 1};
    if (random_.below(10) != 0) event.jdn_min = event.jdn_max = day;
    if (!places.empty() && random_.below(10) < 6)
      event.place = places[random_.below(static_cast<std::uint32_t>(places.size()))];
    events_.push_back(event);
  }

  std::int64_t tree_no_;
  std::uint32_t persons_, families_;
  UuidV7Source& ids_;
  Random random_{1};
  RecordDraft draft_;
  Bytes structure_;
  std::string xref_, given_, surname_, full_, sort_key_;
  PersonRow person_;
  std::vector<NameRow> names_;
  std::vector<EventRow> events_;
  std::vector<MemberRow> members_;
  std::vector<LinkRow> links_;
};

}  // namespace tablinum::store::bench
