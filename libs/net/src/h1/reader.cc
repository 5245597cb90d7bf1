#include "h1/reader.h"

#include <algorithm>

namespace tablinum::net::h1 {

std::optional<MessageReader::HeadText> MessageReader::find_head(Event& outcome) {
  const auto found = scanner_.scan(buffer_.view());
  if (!found) {
    outcome = refuse_with(found.error());
    return std::nullopt;
  }
  if (!*found) {
    outcome = Event::need_input;
    return std::nullopt;
  }
  const HeadSpan span = **found;
  HeadText head{std::string{buffer_.view().substr(span.begin, span.fields_end - span.begin)}, span.fields - span.begin};
  buffer_.consume(span.end);
  scanner_.reset();
  return head;
}

std::size_t MessageReader::take_buffered(MutableBytes out) noexcept {
  const ByteView held = bytes_of(buffer_.view());
  const std::size_t bytes = std::min(held.size(), out.size());
  std::ranges::copy(held.first(bytes), out.begin());
  buffer_.consume(bytes);
  return bytes;
}

void MessageReader::begin_body(MessageFraming framing) {
  in_body_ = framing.kind != Framing::none;
  if (in_body_) decoder_ = BodyDecoder{framing, limits_};
}

Event MessageReader::next_of_body() {
  const auto step = decoder_.step(buffer_.view());
  if (!step) return refuse_with(step.error());
  buffer_.consume(step->consumed);
  data_ = step->data;
  if (!data_.empty()) return Event::data;
  if (!step->ended) return Event::need_input;
  in_body_ = false;
  return Event::body_end;
}

Event MessageReader::refuse_with(const Refusal& refusal) noexcept {
  refusal_ = refusal;
  refused_ = true;
  return Event::refused;
}

Event RequestReader::next() {
  if (refused()) return Event::refused;
  if (in_body()) return next_of_body();
  Event outcome{};
  auto text = find_head(outcome);
  if (!text) return outcome;
  auto head = parse_request_head(std::move(text->text), text->fields);
  if (!head) return refuse_with(head.error());
  head_ = std::move(*head);
  begin_body({head_.framing, head_.content_length});
  return Event::head;
}

Event ResponseReader::next(Method method) {
  if (refused()) return Event::refused;
  if (in_body()) return next_of_body();
  Event outcome{};
  auto text = find_head(outcome);
  if (!text) return outcome;
  auto head = parse_response_head(std::move(text->text), text->fields, method);
  if (!head) return refuse_with(head.error());
  head_ = std::move(*head);
  begin_body(head_.framing);
  return Event::head;
}

}  // namespace tablinum::net::h1
