#pragma once

#include <string>
#include <string_view>

namespace spokeshave {

/// The text as a Python str literal in double quotes. ASCII, so that it means the same in a module
/// of any encoding. A byte that is no UTF-8 becomes the lone surrogate by which Python's file names
/// stand for it (PEP 383).
std::string python_literal(std::string_view text);

}  // namespace spokeshave
