#pragma once
/// Extension tags by which the structures of one version travel in a file of the other, and the marks of the conversion itself.
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "convert/item.h"

namespace tablinum::tree::convert {

/// Marks; the key of any other carrier is the tag that it stands for.
inline constexpr std::string_view kWas = "#WAS";        ///< below: the node as the other version had it
inline constexpr std::string_view kMade = "#MADE";      ///< the node above is there only because this version wants one; payload as above
inline constexpr std::string_view kInline = "#INLINE";  ///< the record was made of a part of another one; below: that part
inline constexpr std::string_view kIdent = "#IDENT";    ///< the record's identifier in the other version
inline constexpr std::string_view kValue = "#VALUE";    ///< the record's payload, where this version has none
inline constexpr std::string_view kNone = "#NONE";      ///< of a header: required lines of the other version that it did not have
inline constexpr std::string_view kSum = "#UIDSUM";     ///< the checksum of a _UID

/// The carriers of files of one dialect.
class Carriers {
 public:
  explicit Carriers(Dialect dialect) : dialect_{dialect} {}

  /// A TAG line of the header ("_SDATE urn:…"). True if it is one of ours.
  bool declare(std::string_view line);
  /// Tags that the file uses for itself; no carrier takes such a name. Before the first tag_of().
  void avoid(std::string_view tag) { foreign_.insert(std::string{tag}); }
  /// The tag for a key, from now on the same.
  const std::string& tag_of(std::string_view key);
  /// The key of a tag; nothing if it is no carrier.
  const std::string* key_of(std::string_view tag) const;
  /// TAG lines of those keys.
  std::vector<std::string> lines(const std::set<std::string, std::less<>>& keys) const;
  /// The lines that declare() took.
  const std::vector<std::string>& declared() const noexcept { return declared_; }
  bool empty() const noexcept { return keys_.empty(); }

 private:
  std::string uri_of(std::string_view key) const;

  Dialect dialect_;
  std::vector<std::string> declared_;
  std::set<std::string, std::less<>> foreign_;
  std::map<std::string, std::string, std::less<>> tags_;  // by key
  std::map<std::string, std::string, std::less<>> keys_;  // by tag
};

}  // namespace tablinum::tree::convert
