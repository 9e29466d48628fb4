#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>

#include "elf/symbol_listing.h"
#include "src/child_process.h"
#include "src/inventory.h"
#include "wheel/archive.h"

namespace spokeshave {

/// Enough for the symbols of an honest library of this size.
ChildLimits reading_limits(std::uint64_t library_bytes);

/// A library's listing, or why there is none: one line, no full stop.
using SymbolReading = std::variant<elf::SymbolListing, std::string>;

/// Calls `list`, which reads hostile input, in a child process, as run_in_child() says.
SymbolReading read_in_child(const std::function<elf::SymbolListing()>& list,
                            const ChildLimits& limits);

/// The dynamic symbols of a library of a wheel; only the child decodes it.
SymbolReading read_symbols(const wheel::Archive& archive, const Library& library);

}  // namespace spokeshave
