#include "support.h"

#include <string_view>

namespace tablinum::capi {
namespace {

constexpr std::string_view kNone = "";

std::string& message() {
  thread_local std::string text{kNone};
  return text;
}

}  // namespace

tablinum_code report(Code code, const char* text) noexcept {
  try {
    message() = text;
  } catch (...) {
    message().clear();  // no memory for the reason; the code says it
  }
  return static_cast<tablinum_code>(code);
}

tablinum_code report(const Error& error) noexcept { return report(error.code, error.detail.c_str()); }

Result<ByteView> bytes_from(const void* bytes, std::size_t size) {
  if (bytes == nullptr && size != 0) return fail(Code::invalid, "an argument is null");
  return ByteView{static_cast<const std::byte*>(bytes), size};
}

tablinum_buffer* new_buffer(ByteView bytes) { return new tablinum_buffer{SecretBytes(bytes.begin(), bytes.end())}; }

}  // namespace tablinum::capi

TABLINUM_API uint32_t tablinum_abi_version(void) { return TABLINUM_ABI_VERSION; }
TABLINUM_API const char* tablinum_version(void) { return TABLINUM_VERSION; }
TABLINUM_API const char* tablinum_code_name(tablinum_code code) {
  if (code == TABLINUM_OK) return "ok";
  if (code < 0 || code > 255) return "unknown";
  return tablinum::to_string(static_cast<tablinum::Code>(code)).data();  // literals, so they end with zero
}
TABLINUM_API const char* tablinum_last_error(void) { return tablinum::capi::message().c_str(); }

TABLINUM_API const uint8_t* tablinum_buffer_data(const tablinum_buffer* buffer) {
  return buffer == nullptr ? nullptr : reinterpret_cast<const uint8_t*>(buffer->bytes.data());
}
TABLINUM_API size_t tablinum_buffer_size(const tablinum_buffer* buffer) { return buffer == nullptr ? 0 : buffer->bytes.size(); }
TABLINUM_API void tablinum_buffer_free(tablinum_buffer* buffer) { delete buffer; }
