#pragma once

#include <chrono>
#include <string>

namespace spokeshave {

constexpr std::chrono::seconds kLayoutLimit{60};

/// Lets Graphviz's `dot`, found on PATH, lay out the graph and draw it as an SVG document. `dot`
/// ends with this process, whatever ends that. Throws Failure where there is no such program, where
/// it fails, and where it takes longer than `limit` (it is killed then).
std::string graphviz_svg(const std::string& dot_text,
                         std::chrono::milliseconds limit = kLayoutLimit);

}  // namespace spokeshave
