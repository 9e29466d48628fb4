#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "wheel/archive.h"
#include "wheel/filename.h"
#include "wheel/flaw.h"

namespace wheel {

/// Whether `NAME-VERSION`, as .dist-info and .data folders begin, is that of the file name. Old
/// tools wrote the name as it was given: `Foo.Bar-1.0`, `foo-bar-1.0`; so the last dash is the one
/// between.
bool belongs(std::string_view name_version, const Filename& filename);

/// Whether two versions are the same one (PEP 440: 1.0 and 1.0.0 are), `_` in a file name standing
/// for `-`. What is no version equals only what is none either.
bool is_same_version(std::string_view a, std::string_view b);

/// The archive's .dist-info folder, `torch-2.1.2.dist-info`. Flaws: more than one, or one that
/// belongs to another file name. Throws wheel::Error where there is none, or several and none of
/// them belongs.
std::string find_dist_info(const Archive& archive, const Filename& filename, const FlawSink& found);

/// The archive's .data folder; empty where there is none. Flaws: more than one, one that belongs to
/// another file name, or that spells the version otherwise than `dist_info`: pip installs what is
/// in it, uv takes it for a package.
std::string find_data(const Archive& archive, const Filename& filename,
                      const std::string& dist_info, const FlawSink& found);

/// Flaws: what lies in .data, and in none of the folders there that installers know.
void check_schemes(const Archive& archive, const std::string& data, const FlawSink& found);

/// Whether installers know where a member of the .data folder `data` is to go.
bool has_known_scheme(std::string_view member, const std::string& data);

/// Whether `member` lies in the top folder `folder`; in no folder named "" lies anything.
bool lies_in(std::string_view member, const std::string& folder);

/// A member of .data in two: its scheme, and its path below.
std::pair<std::string_view, std::string_view> scheme_and_path(std::string_view member,
                                                              const std::string& data);

}  // namespace wheel
