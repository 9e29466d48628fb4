#pragma once

#include <string>

namespace spokeshave {

/// One self-contained HTML page: the picture, made to answer to mouse, keyboard and search, and the
/// facts behind it as tables. `json` is the document of `inspect --json`, `svg` what graphviz_svg()
/// made of graph_dot() of the same inspection. The page asks for nothing from outside, and its
/// Content-Security-Policy lets nothing be asked for, nor any script but its own run. Throws
/// Failure where the picture holds markup that is none of Graphviz's.
std::string graph_page(const std::string& json, const std::string& svg);

}  // namespace spokeshave
