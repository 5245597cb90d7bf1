#include "gedcom/line_source.h"

#include <algorithm>

namespace tablinum::tree::gedcom {

Result<LineSource> LineSource::make(const CharsetDetection& charset) {
  LineSource source;
  source.bom_left_ = charset.bom_bytes;
  const auto kind = charset.charset.kind;
  if (kind == Charset::utf16le || kind == Charset::utf16be) {
    source.utf16_.emplace(kind == Charset::utf16be);
    TRY(utf8, LineDecoder::make({Charset::utf8, {}}));
    source.decoder_.emplace(std::move(utf8));
  } else {
    TRY(decoder, LineDecoder::make(charset.charset));
    source.decoder_.emplace(std::move(decoder));
  }
  source.is_utf8_ = source.utf16_ || kind == Charset::utf8 || kind == Charset::ascii;
  return source;
}

void LineSource::feed(ByteView chunk) {
  const auto skipped = std::min<std::size_t>(bom_left_, chunk.size());
  bom_left_ -= static_cast<unsigned>(skipped);
  chunk = chunk.subspan(skipped);
  if (!utf16_) return lines_.feed(text_of(chunk));
  wide_offset_ += wide_.size();
  wide_.clear();
  damage_now_.clear();
  utf16_->decode(chunk, wide_, damage_now_);
  feed_utf16();
}

void LineSource::feed_utf16() {
  damage_.erase(damage_.begin(), damage_.begin() + static_cast<std::ptrdiff_t>(damage_at_));
  damage_at_ = 0;
  for (const auto at : damage_now_) damage_.push_back(wide_offset_ + at);
  lines_.feed(wide_);
}

void LineSource::finish() {
  if (utf16_) {
    wide_offset_ += wide_.size();
    wide_.clear();
    damage_now_.clear();
    utf16_->finish(wide_, damage_now_);
    feed_utf16();
  }
  lines_.finish();
}

/// Takes out the damage of the line that ends at `end`.
bool LineSource::has_damage_before(std::uint64_t end) {
  const auto before = damage_at_;
  while (damage_at_ < damage_.size() && damage_[damage_at_] < end) ++damage_at_;
  return damage_at_ > before;
}

bool LineSource::next(TextLine& line) {
  if (!lines_.next(line)) return false;
  line.damaged = line.mark_alone = line.nul_removed = false;
  if (utf16_ && !damage_.empty()) line.damaged = has_damage_before(line.offset + line.text.size());
  if (line.plain) return true;
  if (line.text.find('\0') != std::string_view::npos) {
    without_nul_ = line.text;
    std::erase(without_nul_, '\0');
    line.text = without_nul_;
    line.nul_removed = true;
  }
  const auto decoded = decoder_->decode(line.text);
  line.text = decoded.text;
  line.damaged |= decoded.damaged;
  line.mark_alone = decoded.mark_alone;
  return true;
}

}  // namespace tablinum::tree::gedcom
