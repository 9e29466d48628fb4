#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace wheel {

/// A PEP 440 version in its normal form: `1.0-Alpha.1+Ubuntu_1` -> `1.0a1+ubuntu.1`. Throws
/// wheel::Error where it is none.
std::string normalise_version(std::string_view version);

/// The version with a local suffix: `2.1.2`, `split.1` -> `2.1.2+split.1`; `2.1.2+cu118`, `split.1`
/// -> `2.1.2+cu118.split.1`. The suffix is normalised. Throws wheel::Error where either is not PEP
/// 440.
std::string with_local(std::string_view version, std::string_view suffix);

/// A version in the form in which equal ones are the same text (PEP 440: 1.0 and 1.0.0 are equal);
/// nothing where it is none. `_` stands for `-`, as in file names.
std::optional<std::string> comparable_version(std::string_view version);

}  // namespace wheel
