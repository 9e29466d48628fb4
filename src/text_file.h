#pragma once

#include <string>

namespace spokeshave {

/// Writes `text` to the file `path`: all of it or, where that fails, nothing, and what was there
/// before stays. Devices and pipes are written into. Throws std::system_error.
void write_text_file(const std::string& path, const std::string& text);

}  // namespace spokeshave
