#pragma once

#include "elf/bytes.h"
#include "elf/image.h"

namespace elf {

/// Reads the ELF header and the program headers (gABI ch. 4 and 5), sets the reader's format, and
/// counts the section headers. elf::Error where that is no ELF file, or its tables do not fit in
/// it.
Image read_header(Reader& reader);

/// Whether this is a file of debug information split off by `objcopy --only-keep-debug` or
/// `eu-strip -f`: what was to be loaded stands in its section headers, but not in the file.
bool is_debug_file(Reader& reader, const Image& image);

}  // namespace elf
