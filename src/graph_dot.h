#pragma once

#include <string>

#include "src/inspection.h"

namespace spokeshave {

/// The picture as text for Graphviz: a box a library, in a frame a wheel, with a bar of its size as
/// a share of the largest. The same inspection gives the same text.
///
/// What Graphviz draws of it carries, in SVG, an id and classes each:
/// - `n3`: library 3 of the inspection; class `library`, `module` (extension module) or `program`
/// - `m0`: a name that is missing, each name once; class `missing`
/// - `o0`: a name that another wheel would have to bring, each name once; class `outside`
/// - `e5`: need 5 of the graph; class `needed` or `dlopen`, and `unmet` for a dlopen that would
/// fail
/// - `u2`: unmet need 2 of the graph, from a library to an `m`; class `missing`
/// - `x4`: outside need 4 of the graph, from a library to an `o`; class `outside`
/// - `w1`: the frame of wheel 1; class `wheel`
/// What the system or the driver brings is not drawn.
std::string graph_dot(const Inspection& inspection);

}  // namespace spokeshave
