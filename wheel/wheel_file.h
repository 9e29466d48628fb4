#pragma once

#include <string>
#include <vector>

#include "wheel/archive.h"
#include "wheel/filename.h"
#include "wheel/flaw.h"
#include "wheel/metadata.h"
#include "wheel/record_rows.h"

namespace wheel {

/// A wheel opened for reading: the archive, and what its .dist-info says, checked for what pip, uv
/// and installer would refuse.
struct WheelFile {
  Archive archive;
  Filename filename;
  std::string dist_info;  ///< the folder, `torch-2.1.2.dist-info`, no slash
  std::string data;       ///< the `.data` folder, or empty
  Headers metadata;
  Headers wheel;
  RecordRows rows;             ///< of RECORD
  std::string record_newline;  ///< "\n", "\r\n": how its lines end
};

/// Opens the wheel at `path`. Throws wheel::Error: a name that does not parse; a platform that is
/// not Linux (nor `any`); none or two .dist-info; a .dist-info, METADATA or WHEEL that belongs to
/// another name or version than the file name; Wheel-Version other than 1; a RECORD that lists what
/// is not there, or does not list what is, or has a hash of a kind that is not allowed. Sizes in
/// RECORD are compared with the archive's; hashes only when the members are decoded.
WheelFile open_wheel(const std::string& path);
/// The same for an open file, which may have no name yet; the descriptor is duplicated.
WheelFile open_wheel(int descriptor, const std::string& file_name);

/// The same for a wheel that is to be judged: every flaw goes to `found`, and reading goes on. Told
/// besides is what only the specifications refuse (spec_checks.h). Only rows of RECORD that match a
/// member are in `rows`, without a hash where theirs is of no kind that is allowed. A METADATA,
/// WHEEL or RECORD that is not there or can't be read is a flaw, and empty here. Of one rule at
/// most a hundred flaws are told, then one that says how many more. Still throws wheel::Error where
/// there is nothing to go on with: a file name that does not parse, no proper zip archive, no
/// .dist-info that could be the wheel's.
WheelFile open_flawed_wheel(const std::string& path, const FlawSink& found);

/// Where pip would put a member, relative to site-packages. `.data/purelib/x` and `.data/platlib/x`
/// -> `x`; `.data/scripts/x` ->
/// `../../../bin/x`, `.data/data/x` -> `../../../x`, as site-packages is
/// PREFIX/lib/pythonX.Y/site-packages.
std::string installed_path(const WheelFile& wheel, const std::string& member);

}  // namespace wheel
