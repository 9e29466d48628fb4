#pragma once
#include <string>

#include "src/patch_request.h"
namespace spokeshave {
std::string recipe_text(const std::string&, const PatchRequest&);
}
