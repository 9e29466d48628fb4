#pragma once

#include <cstdint>
#include <optional>

#include "elf/bytes.h"
#include "elf/image.h"

// The dynamic table (gABI ch. 5, "Dynamic Section").
namespace elf {

/// Reads PT_DYNAMIC into image.dynamic and image.spare_dynamic_entries.
void read_dynamic(Reader& reader, Image& image);

/// Throws elf::Error where an entry leads the loader to an address that it does not map: ld.so does
/// not check, and crashes.
void check_addresses(const Image& image);

/// The entry of this tag that is in force, or null: of several glibc takes the last
/// (elf/get-dynamic-info.h).
const DynamicEntry* find_entry(const Image& image, std::uint64_t tag);

/// What a dynamic entry's value means.
enum class ValueKind {
  kNumber,   ///< a size, a count, flags
  kAddress,  ///< the address of something in a segment
  kString,   ///< an offset into the string table
  kUnknown,  ///< a tag that we do not know
};
ValueKind value_kind(std::uint64_t tag);

}  // namespace elf
