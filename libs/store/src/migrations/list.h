#pragma once
/// The texts of the migrations, one file each; migrations.cc lists them in order.
#include <string_view>

namespace tablinum::store {

extern const std::string_view kInitialUp, kInitialDown;
extern const std::string_view kLighterUp, kLighterDown;
extern const std::string_view kFindingRecordsUp, kFindingRecordsDown;

}  // namespace tablinum::store
