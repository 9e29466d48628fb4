#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "src/inspection.h"

// Which wheel should bring a library that is missing. Wheel 0 is the main wheel. Pure.
namespace spokeshave {

/// What a NEEDED of this name stands for in the names of distributions: `libcudart.so.12` ->
/// `cuda-runtime`, `libfoo_bar-1a2b3c4d.so.1` -> `foo-bar`.
std::string distribution_stem(const std::string& needed);

/// The requirements (normalised names) of the wheels of `libraries`, or else of the main wheel, or
/// else of any wheel, whose name tells that they bring a library of this name: ascending. Those
/// that are among the wheels do not count.
std::vector<std::string> requirements_named_like(const Inspection& inspection,
                                                 const std::string& needed,
                                                 const std::set<std::size_t>& libraries);

/// Likewise all requirements, whatever their names.
std::vector<std::string> requirements_not_given(const Inspection& inspection,
                                                const std::set<std::size_t>& libraries);

/// The wheel of the set (its index) whose name tells that it brings a library of this name, though
/// it does not. None: the number of wheels.
std::size_t wheel_named_like(const Inspection& inspection, const std::string& needed);

}  // namespace spokeshave
