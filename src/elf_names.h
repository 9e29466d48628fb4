#pragma once

#include "elf/rewrite.h"

namespace spokeshave {

/// `in place`, `string table extended`, ...: as JSON has it.
const char* placement_name(elf::Placement placement);

}  // namespace spokeshave
