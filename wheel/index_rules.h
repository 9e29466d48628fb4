#pragma once

#include <cstdint>
#include <string>

#include "wheel/flaw.h"

namespace wheel {

/// How far an index rule reaches.
enum class IndexRule : std::uint8_t {
  kForm,         ///< PyPI or uv refuses such a file wherever it is served from
  kPublication,  ///< PyPI's policy for what is published there, which installers do not share: no
                 ///< local version, platforms, size, the spelling of the file name
  kUnlessAllowed,  ///< PyPI refuses it to a project that has not asked; the file cannot tell
};

/// A flaw that an index or an installer refuses a wheel for.
struct IndexFlaw {
  Flaw flaw;
  IndexRule kind = IndexRule::kForm;
  std::string refused_by;  ///< `PyPI`, `uv`, `PyPI and uv`, `pip`
};

using IndexFlawSink = std::function<void(const IndexFlaw&)>;

/// Holds the file at `path` against all that PyPI (warehouse) and uv refuse in a wheel, from its
/// name on: a reader of its own, that goes on behind a flaw wherever the rest still makes sense, so
/// that each is told. Walks the local headers from byte 0, then the central directory and the end
/// records; decodes nothing but METADATA, WHEEL, RECORD and entry_points.txt. Throws
/// std::system_error where the file cannot be read, wheel::Error where it has no end record, so
/// that nothing can be said.
void check_index_rules(const std::string& path, const IndexFlawSink& found);

}  // namespace wheel
