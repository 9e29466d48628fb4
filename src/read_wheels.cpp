#include "src/read_wheels.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "src/open_wheel.h"

namespace spokeshave {

namespace {

InspectedWheel describe(const std::string& path, const wheel::WheelFile& wheel,
                        const WheelOutline& about, Inventory&& inventory) {
  return {std::filesystem::path(path).filename().string(),
          about.name,
          about.version,
          about.filename.platform_tag,
          wheel.archive.file_size(),
          about.requirements,
          std::move(inventory)};
}

std::vector<WheelOutline> outlines_of(const std::vector<std::string>& paths,
                                      const std::vector<wheel::WheelFile>& files) {
  std::vector<WheelOutline> outlines;
  for (std::size_t i = 0; i < files.size(); ++i) {
    try {
      outlines.push_back(outline(files[i]));
    } catch (const wheel::Error& error) {
      throw unreadable(paths[i], error);
    }
  }
  return outlines;
}

/// Neither would be told before everything was read.
void check(const std::vector<std::string>& paths, const std::string& output, const char* way_out,
           const std::vector<WheelOutline>& outlines) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < outlines.size(); ++i) {
    std::error_code ignored;
    if (!output.empty() && std::filesystem::equivalent(paths[i], output, ignored)) {
      throw Failure(ExitCode::kUsage, fmt::format("--output is the wheel `{}` itself", paths[i]),
                    "what is written there would take its place", "choose another file");
    }
    names.push_back(outlines[i].name);
  }
  refuse_same_distribution(paths, names, way_out);
}

}  // namespace

ReadWheels read_wheels(const std::vector<std::string>& paths, const std::string& output,
                       const char* way_out, unsigned jobs, Progress& progress) {
  ReadWheels read;
  std::vector<const wheel::WheelFile*> pointers;
  read.files.reserve(paths.size());
  for (const auto& path : paths) {
    read.files.push_back(open_wheel(path));
    pointers.push_back(&read.files.back());
  }
  read.outlines = outlines_of(paths, read.files);
  check(paths, output, way_out, read.outlines);
  try {
    auto inventories = take_inventories(pointers, jobs, progress);
    refuse_damaged_members(inventories);
    for (std::size_t i = 0; i < read.files.size(); ++i) {
      read.wheels.push_back(
          describe(paths[i], read.files[i], read.outlines[i], std::move(inventories[i])));
    }
  } catch (const UnreadableMember& error) {
    throw unreadable(paths[error.wheel()], error);
  }
  return read;
}

}  // namespace spokeshave
