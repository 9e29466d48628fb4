#pragma once

#include <string>
#include <vector>

#include "src/preload_plan.h"
#include "tests/support/inspection_builder.h"

namespace support {

/// Wheels of which the first is the main one, and what is decided of them.
struct Planned {
  spokeshave::Inspection inspection;
  spokeshave::PreloadPlan plan;

  explicit Planned(const std::vector<WheelSpec>& wheels,
                   const std::vector<TextSpec>& texts = {{"app/__init__.py"}},
                   spokeshave::PreloadRequest request = {})
      : inspection(inspection_of(wheels)) {
    if (request.version.empty()) request.version = "1.0";
    const auto& main = wheels.front();
    plan = spokeshave::plan_preload(inspection,
                                    make_wheel(main.name, main.libraries, texts).outline, request);
  }

  std::vector<std::string> paths() const {
    std::vector<std::string> paths;
    for (const auto& step : plan.steps) paths.push_back(step.line.path);
    return paths;
  }
};

/// A main wheel `app` whose one extension module needs these libraries, and finds them in one
/// folder.
inline WheelSpec app_that_needs(
    const std::vector<std::string>& needed,
    const std::string& runpath = "$ORIGIN/../one/lib:$ORIGIN/../two/lib") {
  return {
      .name = "app",
      .libraries = {
          {.path = "app/_C.so", .needed = needed, .runpath = runpath, .extension_module = true}}};
}

}  // namespace support
