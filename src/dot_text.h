#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// Names out of a wheel, made fit for Graphviz's language and for a box.
namespace spokeshave {

/// How many letters of a name stand in a box at most.
constexpr std::size_t kMostLetters = 23;

/// Text for a label, within `"..."` or HTML-like: what it means to either is escaped, control
/// characters and bytes that are no UTF-8 are shown as \xNN.
std::string dot_label(const std::string& text);

/// The same for a tooltip.
std::string dot_tooltip(const std::string& text);

/// A name of at most kMostLetters letters, printable: the middle of a longer one gives way to `…`.
std::string shortened_name(std::string_view name);

/// How many letters (code points) UTF-8 text has.
std::size_t letter_count(std::string_view text);

}  // namespace spokeshave
