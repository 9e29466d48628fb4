#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/support/inventory_builder.h"

namespace support {

/// torch 2.1.2+cu118 in small: every CUDA library in torch/lib, RPATH as PyTorch's build sets it.
inline WheelValues small_torch() {
  constexpr std::uint64_t kMegabyte = 1'000'000;
  const std::optional<std::string> beside = "$ORIGIN";
  return make_wheel(
      "torch",
      {{.path = "torch/_C.cpython-311-x86_64-linux-gnu.so",
        .needed = {"libtorch_python.so", "libc.so.6"},
        .rpath = "$ORIGIN/lib",
        .size = 20'000,
        .extension_module = true},
       {.path = "torch/lib/libc10.so", .needed = {"libc.so.6"}, .rpath = beside, .size = kMegabyte},
       {.path = "torch/lib/libcublas.so.11",
        .needed = {"libcublasLt.so.11", "libc.so.6"},
        .rpath = beside,
        .size = 95 * kMegabyte},
       {.path = "torch/lib/libcublasLt.so.11", .size = 575 * kMegabyte},
       {.path = "torch/lib/libcudnn.so.8",
        .rpath = beside,
        .size = kMegabyte,
        .mentions = {"libcudnn_cnn_infer.so.8"}},
       {.path = "torch/lib/libcudnn_cnn_infer.so.8", .rpath = beside, .size = 640 * kMegabyte},
       {.path = "torch/lib/libtorch_cpu.so",
        .needed = {"libc10.so", "libgomp-a34b3233.so.1"},
        .rpath = beside,
        .size = 466 * kMegabyte},
       {.path = "torch/lib/libgomp-a34b3233.so.1", .soname = "libgomp.so.1", .size = kMegabyte},
       {.path = "torch/lib/libtorch_cuda.so",
        .needed = {"libc10.so", "libtorch_cpu.so", "libcublas.so.11", "libcudnn.so.8",
                   "libcuda.so.1"},
        .rpath = beside,
        .size = 1'900 * kMegabyte},
       {.path = "torch/lib/libtorch_global_deps.so",
        .needed = {"libcublas.so.11", "libgomp-a34b3233.so.1"},
        .rpath = beside,
        .size = 20'000,
        .opened_by = {"torch/__init__.py"}},
       {.path = "torch/lib/libtorch_python.so",
        .needed = {"libtorch_cuda.so", "libtorch_cpu.so", "libc10.so"},
        .rpath = beside,
        .size = 24 * kMegabyte}},
      {{"torch/__init__.py"}, {"torchgen/__init__.py"}, {"torch/version.py"}});
}

}  // namespace support
