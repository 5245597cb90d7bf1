#pragma once
/// The dashboard: three files without anything from elsewhere.
#include <string_view>

namespace tablinum::models_service {

std::string_view page_html() noexcept;
std::string_view page_css() noexcept;
std::string_view page_js() noexcept;

}  // namespace tablinum::models_service
