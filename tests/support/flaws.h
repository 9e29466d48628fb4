#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "tests/support/temp_dir.h"
#include "tests/support/wheel_maker.h"
#include "wheel/flaw.h"
#include "wheel/wheel_file.h"

namespace support {

/// A flaw in one line: `rule [member]`.
inline std::string in_short(const wheel::Flaw& flaw) {
  return flaw.rule + " [" + flaw.member + "]";
}

/// All that open_flawed_wheel() finds in the wheel, in short.
inline std::vector<std::string> flaws_of(const WheelMaker& maker) {
  const TempDir folder;
  const std::string path = folder / maker.file_name;
  std::ofstream(path, std::ios::binary) << maker.make().bytes;
  std::vector<std::string> flaws;
  wheel::open_flawed_wheel(path, [&](const wheel::Flaw& f) { flaws.push_back(in_short(f)); });
  return flaws;
}

}  // namespace support
