#pragma once

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

}  // namespace wheel
