#pragma once

#include <cstddef>
#include <cstdint>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "src/partition.h"

namespace spokeshave {

/// A library of torch 2.1.2 with every CUDA library in torch/lib, as `unzip -v` and `readelf -d`
/// tell of the wheels of torch and nvidia-*-cu12 (names without `lib` and `.so`). What is opened by
/// dlopen is known of cuDNN, NVRTC, CUPTI and torch themselves.
struct TorchLibrary {
  std::string_view name;
  std::uint64_t installed_kb;
  std::uint64_t packed_kb;
  Place place;
  std::string_view needs;
  std::string_view opens;
};

// clang-format off
inline const std::vector<TorchLibrary>& torch_libraries() {
  static const std::vector<TorchLibrary> kLibraries = {
      {"torch_cuda", 738843, 459270, Place::kFree, "c10_cuda cudart cusparse curand cufft nvToolsExt cudnn nccl c10 torch_cpu cublas cublasLt", "torch_cuda_linalg caffe2_nvrtc"},
      {"cudnn_cnn_infer", 647553, 360166, Place::kFree, "cudnn_ops_infer", ""},
      {"cublasLt", 515090, 339760, Place::kFree, "", ""},
      {"torch_cpu", 466879, 127286, Place::kFree, "c10 gomp cupti cudart", ""},
      {"nccl", 279452, 209787, Place::kFree, "", ""},
      {"cusparse", 264877, 195923, Place::kFree, "nvJitLink", ""},
      {"cufft", 192713, 121095, Place::kFree, "", ""},
      {"cudnn_cnn_train", 132457, 88759, Place::kFree, "cudnn_ops_infer cudnn_ops_train cudnn_cnn_infer", ""},
      {"cudnn_adv_infer", 125141, 85404, Place::kFree, "cudnn_ops_infer", ""},
      {"cudnn_adv_train", 116248, 83139, Place::kFree, "cudnn_ops_infer cudnn_ops_train cudnn_adv_infer", ""},
      {"cusolver", 114482, 74769, Place::kFree, "nvJitLink cusparse cublas cublasLt", ""},
      {"cublas", 107474, 70564, Place::kFree, "cublasLt", ""},
      {"curand", 96681, 55957, Place::kFree, "", ""},
      {"nvJitLink", 95935, 39728, Place::kFree, "", ""},
      {"cudnn_ops_infer", 90621, 60885, Place::kFree, "", "cublas cublasLt nvrtc"},
      {"torch_cuda_linalg", 85431, 52202, Place::kFree, "torch_cpu torch_cuda cusolver c10_cuda cudart nvToolsExt c10 cublas cusparse", ""},
      {"cusolverMg", 79763, 49352, Place::kFree, "nvJitLink cublas cublasLt", ""},
      {"cudnn_ops_train", 70923, 53230, Place::kFree, "cudnn_ops_infer", ""},
      {"nvrtc", 56875, 22448, Place::kFree, "", "nvrtc_builtins"},
      {"nvperf_host", 28637, 9121, Place::kFree, "", ""},
      {"torch_python", 24316, 6768, Place::kFree, "shm torch nvToolsExt torch_cpu torch_cuda c10_cuda c10 cudart cudnn", ""},
      {"nvfuser_codegen", 8187, 2415, Place::kFree, "torch torch_cuda nvrtc nvToolsExt torch_cpu c10_cuda cudart c10", ""},
      {"cupti", 7420, 2357, Place::kFree, "", "nvperf_host nvperf_target"},
      {"nvrtc_builtins", 6842, 1199, Place::kFree, "", ""},
      {"nvperf_target", 5895, 1584, Place::kFree, "", ""},
      {"cufftw", 1614, 512, Place::kFree, "cufft", ""},
      {"nvfuser_C", 1597, 325, Place::kMain, "nvfuser_codegen torch_python torch_cuda torch nvToolsExt torch_cpu c10", ""},
      {"checkpoint", 1534, 547, Place::kFree, "", ""},
      {"c10", 1098, 333, Place::kFree, "", ""},
      {"pcsamplingutil", 913, 321, Place::kFree, "", ""},
      {"nvblas", 737, 209, Place::kFree, "cublas", ""},
      {"cudart", 679, 197, Place::kFree, "", ""},
      {"c10_cuda", 626, 219, Place::kFree, "c10 cudart", ""},
      {"functorch_C", 322, 130, Place::kMain, "torch_python torch torch_cpu torch_cuda c10", ""},
      {"torch", 196, 41, Place::kFree, "torch_cpu torch_cuda", ""},
      {"gomp", 169, 66, Place::kFree, "", ""},
      {"cudnn", 150, 50, Place::kFree, "", "cudnn_ops_infer cudnn_ops_train cudnn_cnn_infer cudnn_cnn_train cudnn_adv_infer cudnn_adv_train"},
      {"shm", 49, 13, Place::kFree, "torch torch_cpu torch_cuda c10", ""},
      {"nvToolsExt", 40, 11, Place::kFree, "", ""},
      {"torch_C", 38, 12, Place::kMain, "torch_python", ""},
      {"caffe2_nvrtc", 23, 3, Place::kFree, "nvrtc", ""},
      {"torch_global_deps", 21, 2, Place::kMain, "cufft curand cublas cublasLt cudart nvToolsExt gomp", ""},
  };
  return kLibraries;
}
// clang-format on

inline std::size_t torch_library(std::string_view name) {
  for (std::size_t i = 0; i < torch_libraries().size(); ++i)
    if (torch_libraries()[i].name == name) return i;
  throw std::invalid_argument(std::string(name));
}

/// The problem of splitting that wheel. A rewritten library costs what it weighs; 81.5 MB of other
/// files, 20.4 MB packed, stay where they are.
inline PartitionProblem torch_problem(bool rewritten_when_moved) {
  constexpr std::uint64_t kB = 1000;
  PartitionProblem problem;
  const auto add_edges = [&](std::string_view names, bool by_dlopen) {
    std::istringstream words{std::string(names)};
    for (std::string name; words >> name;)
      problem.edges.push_back({problem.items.size(), torch_library(name), by_dlopen});
  };
  for (const TorchLibrary& library : torch_libraries()) {
    add_edges(library.needs, false);
    add_edges(library.opens, true);
    problem.items.push_back({.weight = {library.installed_kb * kB, library.packed_kb * kB},
                             .place = library.place,
                             .rewrite_bytes = library.installed_kb * kB,
                             .rewritten_when_moved = rewritten_when_moved});
  }
  problem.main_base = {81'546 * kB, 20'417 * kB};
  problem.companion_base = {100 * kB, 30 * kB};
  return problem;
}

}  // namespace spokeshave
