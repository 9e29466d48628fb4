#pragma once

#include <string>
#include <vector>

#include "src/inventory.h"
#include "src/need_graph.h"
#include "src/style.h"

// Who needs whom, as text.
namespace spokeshave {

/// One library of one of the wheels that are looked at together.
struct GraphLibrary {
  const Library* library = nullptr;
  std::string wheel;  ///< its file name
};

/// From the libraries that nobody needs down to those that need nobody; each in full once, later by
/// reference. What the system brings is left out.
std::string graph_tree(const std::vector<GraphLibrary>& libraries, const NeedGraph& graph,
                       const Style& style);
/// For Graphviz: boxes by wheel, dlopen edges dashed, missing libraries red.
std::string graph_dot(const std::vector<GraphLibrary>& libraries, const NeedGraph& graph);
/// `"schema": 1`.
std::string graph_json(const std::vector<GraphLibrary>& libraries, const NeedGraph& graph);
/// One line a library, the largest first: size, packed size, kind, path.
std::string library_table(const std::vector<GraphLibrary>& libraries, const Style& style);

/// `RPATH`, `RUNPATH of libx.so`, ...: the rule that met a need, in words.
std::string rule_words(const Need& need, const std::vector<GraphLibrary>& libraries);

}  // namespace spokeshave
