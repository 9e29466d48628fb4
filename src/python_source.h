#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// As much of Python's grammar as it takes to find one's way through a module without running it:
// comments, string literals of every prefix and quoting, line joining, encoding declarations, byte
// order marks, all three line endings. Follows the Python language reference, ch. 2 "Lexical
// analysis" and 7.11.1 "Future statements".
namespace spokeshave {

/// Where a statement may be put so that it runs before anything else of the module: behind the byte
/// order mark, the comments and blank lines on top, the docstring and all `from __future__`
/// statements. An offset in bytes, always at the start of a line, or the source's size (then the
/// source's last line may lack its line end). Throws Failure where the source does not scan (an
/// unended string).
std::size_t first_statement_offset(std::string_view source);

/// The line ending that most lines of the source have: "\n", "\r\n" or "\r"; "\n" for a source
/// without any.
std::string line_ending(std::string_view source);

/// The values of all string literals of a module whose text stands there as it is (f-strings and
/// bytes included, escape sequences left alone, adjacent literals not joined), in the order in
/// which they end: what stands in the fields of an f-string comes before it. A source that does not
/// scan gives what was found up to there. Never throws; linear in the source's size.
std::vector<std::string_view> string_literals(std::string_view source);

}  // namespace spokeshave
