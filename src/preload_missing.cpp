#include "src/preload_missing.h"

#include <algorithm>
#include <array>
#include <functional>
#include <string_view>
#include <utility>

#include "wheel/filename.h"

namespace spokeshave {

namespace {

/// Libraries whose names say too little, or too much, by what their names begin with. PyPI's
/// wheels of CUDA 11 to 13.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kStems = {{
    {"cudart", "cuda-runtime"},
    {"nvrtc", "cuda-nvrtc"},
    {"cupti", "cuda-cupti"},
    {"nvperf", "cuda-cupti"},
    {"nvtoolsext", "nvtx"},
    {"cublaslt", "cublas"},
    {"nvblas", "cublas"},
    {"cufftw", "cufft"},
    {"cusolvermg", "cusolver"},
    {"cudnn", "cudnn"},
    {"cufile", "cufile"},
    {"nvshmem", "nvshmem"},
}};

bool is_hash(std::string_view text) {
  return text.size() >= 8 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// Whether the stem is a whole part of the name, or several: `cublas` of `nvidia-cublas-cu12`.
bool has_part(const std::string& name, const std::string& stem) {
  return ("-" + name + "-").find("-" + stem + "-") != std::string::npos;
}

/// Whether a part begins with it: `mkl` of `mkl2024`. `two` is not meant by `networkx`.
bool has_beginning(const std::string& name, const std::string& stem) {
  constexpr std::size_t kShortest = 3;
  return stem.size() >= kShortest && ("-" + name).find("-" + stem) != std::string::npos;
}

std::set<std::string> given(const Inspection& inspection) {
  std::set<std::string> names;
  for (const auto& wheel : inspection.wheels) {
    names.insert(wheel::normalise_name(wheel.name));
  }
  return names;
}

using Filter = std::function<bool(const std::string&)>;

/// The first of these that has any: the wheels of `libraries`, the main wheel, all wheels.
std::vector<std::string> not_given(const Inspection& inspection,
                                   const std::set<std::size_t>& libraries, const Filter& wanted) {
  const std::set<std::string> here = given(inspection);
  std::array<std::set<std::size_t>, 3> askers;
  for (const std::size_t library : libraries) {
    askers[0].insert(inspection.libraries[library].wheel);
  }
  for (std::size_t wheel = 0; wheel < inspection.wheels.size(); ++wheel) {
    askers[wheel == 0 ? 1 : 2].insert(wheel);
  }
  for (const auto& wheels : askers) {
    std::set<std::string> found;
    for (const std::size_t wheel : wheels) {
      for (const auto& name : inspection.wheels[wheel].requirements) {
        if (!here.contains(name) && wanted(name)) {
          found.insert(name);
        }
      }
    }
    if (!found.empty()) {
      return {found.begin(), found.end()};
    }
  }
  return {};
}

}  // namespace

std::string distribution_stem(const std::string& needed) {
  std::string_view stem = needed;
  stem = stem.substr(stem.rfind('/') + 1);
  stem = stem.substr(0, stem.find(".so"));
  if (stem.starts_with("lib")) {
    stem.remove_prefix(3);
  }
  if (const auto dash = stem.rfind('-'); dash != stem.npos && is_hash(stem.substr(dash + 1))) {
    stem = stem.substr(0, dash);
  }
  const std::string name = wheel::normalise_name(std::string(stem));
  for (const auto& [begin, known] : kStems) {
    if (name.starts_with(begin)) {
      return std::string(known);
    }
  }
  return name;
}

std::vector<std::string> requirements_named_like(const Inspection& inspection,
                                                 const std::string& needed,
                                                 const std::set<std::size_t>& libraries) {
  const std::string stem = distribution_stem(needed);
  auto found = not_given(inspection, libraries,
                         [&](const std::string& name) { return has_part(name, stem); });
  return found.empty()
             ? not_given(inspection, libraries,
                         [&](const std::string& name) { return has_beginning(name, stem); })
             : found;
}

std::vector<std::string> requirements_not_given(const Inspection& inspection,
                                                const std::set<std::size_t>& libraries) {
  return not_given(inspection, libraries, [](const std::string&) { return true; });
}

std::size_t wheel_named_like(const Inspection& inspection, const std::string& needed) {
  const std::string stem = distribution_stem(needed);
  const auto& wheels = inspection.wheels;
  return static_cast<std::size_t>(std::find_if(wheels.begin(), wheels.end(),
                                               [&](const InspectedWheel& wheel) {
                                                 return has_part(wheel::normalise_name(wheel.name),
                                                                 stem);
                                               }) -
                                  wheels.begin());
}

}  // namespace spokeshave
