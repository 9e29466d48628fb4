#pragma once
#include <string>

#include "src/patch_request.h"
namespace spokeshave {
struct Recipe {};
Recipe read_recipe(const std::string&);
PatchRequest request_of(const Recipe&, const std::string&, const std::string&);
}  // namespace spokeshave
