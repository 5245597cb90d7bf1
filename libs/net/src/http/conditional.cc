#include "tablinum/net/conditional.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "http/syntax.h"
#include "tablinum/base/bytes.h"
#include "tablinum/base/crypto.h"

namespace tablinum::net {
namespace {

constexpr std::string_view kWeakMark = "W/";

std::string_view opaque_of(std::string_view etag) noexcept {
  if (etag.starts_with(kWeakMark)) etag.remove_prefix(kWeakMark.size());
  return etag;
}

bool is_etag_byte(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0x21 || (byte >= 0x23 && byte != 0x7F);
}

/// Takes one tag from the front of `list`; nothing if there is none.
std::optional<std::string_view> take_etag(std::string_view& list) noexcept {
  std::size_t at = list.starts_with(kWeakMark) ? kWeakMark.size() : 0;
  if (at >= list.size() || list[at] != '"') return std::nullopt;
  for (++at; at < list.size() && is_etag_byte(list[at]); ++at) {
  }
  if (at >= list.size() || list[at] != '"') return std::nullopt;
  const std::string_view tag = list.substr(0, at + 1);
  list.remove_prefix(at + 1);
  return tag;
}

/// Every tag of a well-formed list (RFC 9110 §5.6.1: empty elements are allowed).
std::optional<std::vector<std::string_view>> etags_of(std::string_view list) {
  std::vector<std::string_view> tags;
  for (list = syntax::trim(list); !list.empty(); list = syntax::trim(list)) {
    if (list.front() == ',') {
      list.remove_prefix(1);
      continue;
    }
    const auto tag = take_etag(list);
    if (!tag) return std::nullopt;
    tags.push_back(*tag);
    list = syntax::trim(list);
    if (!list.empty() && list.front() != ',') return std::nullopt;
  }
  return tags;
}

bool holds(const Headers& headers, Field field, const Validators& validators, bool weak) {
  const std::string_view list = headers.get_or(field, "");
  if (syntax::trim(list) == "*") return validators.exists;
  return !validators.etag.empty() && etag_listed(list, validators.etag, weak);
}

std::optional<Timestamp> date_in(const Headers& headers, Field field) {
  const auto text = headers.get(field);
  if (!text) return std::nullopt;
  const auto date = from_http_date(*text);
  return date ? std::optional{*date} : std::nullopt;
}

/// Steps 1 and 2 of RFC 9110 §13.2.2.
bool may_touch(const Headers& headers, const Validators& validators) {
  if (headers.contains(Field::if_match)) return holds(headers, Field::if_match, validators, false);
  const auto since = date_in(headers, Field::if_unmodified_since);
  return !since || !validators.last_modified || validators.last_modified->seconds() <= since->seconds();
}

/// Steps 3 and 4: whether the client has what it asks for (or, for writing, whether it must not exist and does).
bool has_it(bool reading, const Headers& headers, const Validators& validators) {
  if (headers.contains(Field::if_none_match)) return holds(headers, Field::if_none_match, validators, true);
  const auto since = date_in(headers, Field::if_modified_since);
  return reading && since && validators.last_modified && validators.last_modified->seconds() <= since->seconds();
}

/// If-Range: true if the parts the client has are still of the same whole.
bool range_applies(const Headers& headers, const Validators& validators) {
  const auto condition = headers.get(Field::if_range);
  if (!condition) return true;
  if (condition->contains('"'))
    return !validators.etag.empty() && !condition->contains(',') && etag_listed(*condition, validators.etag, false);
  const auto date = date_in(headers, Field::if_range);
  return date && validators.last_modified && date->seconds() == validators.last_modified->seconds();
}

enum class Satisfiable : std::uint8_t { yes, no, malformed };

/// "0-99", "100-", "-50" for a whole of `size` bytes.
Satisfiable read_range(std::string_view text, std::uint64_t size, ByteRange& out) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return Satisfiable::malformed;
  const std::string_view first_text = text.substr(0, dash), last_text = text.substr(dash + 1);
  const auto first = syntax::parse_decimal(first_text), last = syntax::parse_decimal(last_text);
  if (first_text.empty()) {
    if (!last) return Satisfiable::malformed;
    out = {size - std::min(*last, size), size};
  } else {
    if (!first || (!last && !last_text.empty()) || (last && *last < *first)) return Satisfiable::malformed;
    out = {*first, last ? std::min(*last, size - std::min<std::uint64_t>(size, 1)) + 1 : size};
  }
  return out.begin < std::min(out.end, size) ? Satisfiable::yes : Satisfiable::no;
}

/// RFC 9110 §14.2 lets a server ignore "many small or overlapping ranges": one byte may be asked for twice, not more often.
bool overlaps_too_often(const std::vector<ByteRange>& ranges) {
  return std::ranges::any_of(ranges, [&](const ByteRange& one) {
    const auto covering = std::ranges::count_if(ranges, [&](const ByteRange& r) { return r.begin <= one.begin && one.begin < r.end; });
    return covering > 2;
  });
}

/// multipart/byteranges: a head before each range, a delimiter after the last. Everything but the ranges is made beforehand.
class RangesSource final : public BodySource {
 public:
  struct Part {
    std::string head;
    ByteRange range;
  };
  RangesSource(std::vector<Part> parts, std::string tail, SliceBody slice)
      : parts_{std::move(parts)}, tail_{std::move(tail)}, slice_{std::move(slice)}, size_{tail_.size()} {
    for (const Part& part : parts_) size_ += part.head.size() + part.range.size();
  }

  std::optional<std::uint64_t> size() const override { return size_; }

  io::Task<Result<Chunk>> read(io::Io& io) override {
    if (inside_) {
      CO_TRY(chunk, co_await current_.read(io));
      if (!chunk.empty()) co_return std::move(chunk);
      inside_ = false;
      ++at_;
    }
    if (at_ < parts_.size()) {
      inside_ = true;
      current_ = slice_(parts_[at_].range);
      co_return Chunk::of(std::move(parts_[at_].head));
    }
    co_return Chunk::of(std::exchange(tail_, {}));
  }

 private:
  std::vector<Part> parts_;
  std::string tail_;
  SliceBody slice_;
  std::uint64_t size_;
  Body current_;
  std::size_t at_ = 0;
  bool inside_ = false;
};

Response one_range(Response response, ByteRange range, std::uint64_t size, const SliceBody& slice) {
  response.status = Status::partial_content;
  response.headers.set(Field::content_range, content_range(range, size));
  response.body = slice(range);
  return response;
}

Response many_ranges(Response response, const std::vector<ByteRange>& ranges, std::uint64_t size, const SliceBody& slice) {
  // Random, so that whoever wrote the data cannot have put the delimiter into it.
  std::array<std::byte, 12> random;
  fill_random(random);
  const std::string boundary = to_hex(random);
  const std::string type{response.headers.get_or(Field::content_type, "application/octet-stream")};
  std::vector<RangesSource::Part> parts;
  for (const ByteRange range : ranges)
    parts.push_back({"\r\n--" + boundary + "\r\ncontent-type: " + type + "\r\ncontent-range: " + content_range(range, size) +
                         "\r\n\r\n",
                     range});
  response.status = Status::partial_content;
  response.headers.set(Field::content_type, "multipart/byteranges; boundary=" + boundary);
  response.body = Body::from(std::make_unique<RangesSource>(std::move(parts), "\r\n--" + boundary + "--\r\n", slice));
  return response;
}

}  // namespace

std::string make_etag(std::string_view opaque, bool weak) {
  assert(std::ranges::all_of(opaque, is_etag_byte));
  std::string tag{weak ? kWeakMark : ""};
  tag += '"';
  tag += opaque;
  tag += '"';
  return tag;
}

bool etag_listed(std::string_view list, std::string_view etag, bool weak_comparison) {
  if (syntax::trim(list) == "*") return true;
  const auto tags = etags_of(list);
  if (!tags || (!weak_comparison && etag.starts_with(kWeakMark))) return false;
  return std::ranges::any_of(*tags, [&](std::string_view tag) {
    return weak_comparison ? opaque_of(tag) == opaque_of(etag) : tag == etag;
  });
}

Precondition evaluate_preconditions(Method method, const Headers& headers, const Validators& validators) {
  if (!may_touch(headers, validators)) return Precondition::failed;
  const bool reading = method == Method::get || method == Method::head;
  if (!has_it(reading, headers, validators)) return Precondition::go_on;
  return reading ? Precondition::not_modified : Precondition::failed;
}

std::optional<std::vector<ByteRange>> requested_ranges(const Headers& headers, std::uint64_t size, const Validators& validators) {
  auto text = headers.get(Field::range);
  constexpr std::string_view kUnit = "bytes=";
  if (!text || headers.count(Field::range) != 1 || !syntax::equal_ignoring_case(text->substr(0, kUnit.size()), kUnit)) return std::nullopt;
  if (!range_applies(headers, validators)) return std::nullopt;
  text->remove_prefix(kUnit.size());
  std::vector<ByteRange> ranges;
  std::size_t asked = 0;
  while (!text->empty()) {
    const std::string_view item = text->substr(0, text->find(','));
    text->remove_prefix(std::min(item.size() + 1, text->size()));
    ByteRange range;
    const Satisfiable verdict = read_range(syntax::trim(item), size, range);
    if (verdict == Satisfiable::malformed || ++asked > kRangesMax) return std::nullopt;
    if (verdict == Satisfiable::yes) ranges.push_back(range);
  }
  if (asked == 0 || overlaps_too_often(ranges)) return std::nullopt;
  return ranges;
}

std::string content_range(ByteRange range, std::uint64_t size) {
  return "bytes " + std::to_string(range.begin) + "-" + std::to_string(range.end - 1) + "/" + std::to_string(size);
}

std::string unsatisfied_range(std::uint64_t size) { return "bytes */" + std::to_string(size); }

Response apply_ranges(const Request& request, Response whole, std::uint64_t size, const SliceBody& slice) {
  whole.headers.set(Field::accept_ranges, "bytes");
  const Validators validators{whole.headers.get_or(Field::etag, ""), date_in(whole.headers, Field::last_modified), true};
  std::optional<std::vector<ByteRange>> ranges;
  if (request.method == Method::get) ranges = requested_ranges(request.headers, size, validators);
  if (!ranges) {
    whole.body = slice({0, size});
    return whole;
  }
  if (ranges->empty()) {
    whole.status = Status::range_not_satisfiable;
    whole.headers.set(Field::content_range, unsatisfied_range(size));
    whole.body = Body{};
    return whole;
  }
  return ranges->size() == 1 ? one_range(std::move(whole), ranges->front(), size, slice)
                             : many_ranges(std::move(whole), *ranges, size, slice);
}

}  // namespace tablinum::net
