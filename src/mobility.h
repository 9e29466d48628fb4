#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/inventory.h"
#include "src/need_graph.h"
#include "src/partition.h"

namespace spokeshave {

/// Whether one library may leave the main wheel.
struct Mobility {
  Place place = Place::kFree;
  std::string why;     ///< why it must stay or must move, in words for the user; empty for kFree
  bool never = false;  ///< not even --move can move it: an extension module, a program, what is not
                       ///< installed beside the packages
};

/// What may move is a shared library that others load by name. --keep holds a library, --move sends
/// it away, also one that Python code opens by path. Throws Failure for a GLOB that matches no
/// library, or only such as can never move, and for a library that both name.
std::vector<Mobility> decide_mobility(const std::vector<Library>& libraries, const NeedGraph& graph,
                                      const std::vector<std::string>& move,
                                      const std::vector<std::string>& keep);

/// The SONAME that a library must have so that it counts as loaded for those who need it: what they
/// call it. Nothing where they call it by several names, or not at all.
std::optional<std::string> name_asked_for(const NeedGraph& graph, std::size_t library);

}  // namespace spokeshave
