#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>

#include "elf/symbol_listing.h"
#include "src/inventory.h"
#include "wheel/archive.h"

// LIEF reads symbols in a process of its own, which may fail in any way: hostile input must not
// bring us down with it.
namespace spokeshave {

/// What the reading of one library may take.
struct ReadingLimits {
  std::uint64_t memory_bytes = 0;  ///< of address space, on top of what we have when it begins
  unsigned seconds = 0;            ///< of the processor; on the clock four times as much
};

/// Enough for an honest library of this size.
ReadingLimits reading_limits(std::uint64_t library_bytes);

/// A library's listing, or why there is none: one line, no full stop.
using SymbolReading = std::variant<elf::SymbolListing, std::string>;

/// Calls `list` in a child process and takes over what it returns. An exception, a crash, too much
/// memory or time become the reading's error, and the child prints nothing. It is a fork: call it
/// only while no other thread runs. The address space is not limited in a build with
/// AddressSanitizer, which takes terabytes of it. Throws std::system_error where there can be no
/// child.
SymbolReading read_in_child(const std::function<elf::SymbolListing()>& list,
                            const ReadingLimits& limits);

/// The dynamic symbols of a library of a wheel; only the child decodes it.
SymbolReading read_symbols(const wheel::Archive& archive, const Library& library);

}  // namespace spokeshave
