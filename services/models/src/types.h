#pragma once
/// The types of the routes' answers.
#include <vector>

#include "tablinum/api/openapi.h"

namespace tablinum::models_service {

void declare_types(std::vector<api::Type>& types);

}  // namespace tablinum::models_service
