#include "src/preload_json.h"

#include <nlohmann/json.hpp>

#include "src/preload_package.h"

namespace spokeshave {

namespace {

using Json = nlohmann::ordered_json;

Json wheel_json(const InspectedWheel& wheel) {
  return {{"file", wheel.file_name}, {"name", wheel.name}, {"version", wheel.version}};
}

Json libraries_json(const Inspection& inspection, const PreloadPlan& plan) {
  Json libraries = Json::array();
  for (const auto& step : plan.steps) {
    libraries.push_back({{"soname", step.line.soname},
                         {"path", step.line.path},
                         {"wheel", inspection.libraries[step.library].wheel},
                         {"requirement", step.line.requirement},
                         {"reason", step.reason},
                         {"needed_by", step.needed_by},
                         {"by_dlopen", step.by_dlopen},
                         {"global", step.line.global},
                         {"needs_other_wheels", step.line.needs_other_wheels}});
  }
  return libraries;
}

Json circles_json(const Inspection& inspection, const PreloadPlan& plan) {
  Json circles = Json::array();
  for (const auto& circle : plan.circles) {
    Json paths = Json::array();
    for (const std::size_t library : circle.libraries) {
      paths.push_back(inspection.libraries[library].library->installed_path);
    }
    circles.push_back({{"libraries", paths}, {"loads", circle.loads}, {"how", circle.how}});
  }
  return circles;
}

Json missing_json(const PreloadPlan& plan) {
  Json all = Json::array();
  for (const auto& missing : plan.missing) {
    all.push_back({{"name", missing.name},
                   {"needed_by", missing.needed_by},
                   {"requirements", missing.requirements},
                   {"why", missing.why},
                   {"way_out", missing.way_out}});
  }
  return all;
}

}  // namespace

std::string preload_json(const Inspection& inspection, const PreloadPlan& plan,
                         const std::optional<std::string>& written) {
  Json wheels = Json::array();
  for (const auto& wheel : inspection.wheels) {
    wheels.push_back(wheel_json(wheel));
  }
  const bool has_init = !plan.init_path.empty();
  const Json json = {{"schema", 1},
                     {"command", "preload"},
                     {"main", wheel_json(inspection.wheels.front())},
                     {"package", has_init ? Json(package_of(plan.init_path)) : Json()},
                     {"init", has_init ? Json(plan.init_path) : Json()},
                     {"wheels", wheels},
                     {"libraries", libraries_json(inspection, plan)},
                     {"circles", circles_json(inspection, plan)},
                     {"missing", missing_json(plan)},
                     {"unneeded", plan.unneeded},
                     {"notes", plan.notes},
                     {"written", written ? Json::parse(*written) : Json()}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace spokeshave
