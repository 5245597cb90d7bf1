// Cards of people and of groups. Law: what is taken as one gives the same bytes and the same text back.
#include <cstdlib>

#include "tablinum/seal/contact_card.h"
#include "tablinum/seal/roles.h"

using namespace tablinum;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes = std::as_bytes(std::span{data, size});
  if (const auto card = seal::ContactCard::parse(bytes); card && !std::ranges::equal(card->bytes(), bytes)) std::abort();
  if (const auto group = seal::GroupCard::parse(bytes); group && !std::ranges::equal(group->bytes(), bytes)) std::abort();
  if (const auto card = seal::ContactCard::parse_text(text_of(bytes)); card) {
    const auto again = seal::ContactCard::parse_text(card->text());
    if (!again || again->bytes() != card->bytes()) std::abort();
  }
  return 0;
}
