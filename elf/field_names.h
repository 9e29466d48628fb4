#pragma once

#include <cstdint>
#include <string>

// What numbers of an ELF file are called in its specifications. One that has no name here is shown
// as a number.
namespace elf {

/// `0x2f`.
std::string hexadecimal(std::uint64_t value);

std::string machine_name(std::uint16_t e_machine);  ///< `EM_X86_64`
std::string type_name(std::uint16_t e_type);        ///< `ET_DYN`
std::string segment_name(std::uint32_t p_type);     ///< `PT_LOAD`
std::string tag_name(std::uint64_t d_tag);          ///< `DT_INIT`
/// `R E`, as readelf shows p_flags.
std::string access_text(std::uint32_t p_flags);
std::string flag_names(std::uint64_t dt_flags);      ///< `DF_BIND_NOW DF_STATIC_TLS`; empty for 0
std::string flag_1_names(std::uint64_t dt_flags_1);  ///< `DF_1_NOW DF_1_PIE`; empty for 0

}  // namespace elf
