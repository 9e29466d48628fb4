#pragma once

#include <cstdint>
#include <string>

#include "wheel/flaw.h"

namespace wheel {

/// How far an index rule reaches.
enum class IndexRule : std::uint8_t {
  kForm,           ///< PyPI or uv refuses such a file wherever it is served from
  kPublication,    ///< PyPI's policy for what is published there, which installers do not share: no
                   ///< local version, platforms, size, the spelling of the file name
  kUnlessAllowed,  ///< PyPI refuses it to a project that has not asked; the file cannot tell
};

/// A flaw that an index or an installer refuses a wheel for.
struct IndexFlaw {
  Flaw flaw;
  IndexRule kind = IndexRule::kForm;
  /// `PyPI`, `uv` or `PyPI and uv`; where PyPI takes what pip does not, `pip` or `pip and uv`; of
  /// what METADATA's fields may hold, `PyPI, pip and uv` and `PyPI and pip` too. By uv is meant uv
  /// as it reads from an index, or where it is given a hash: it checks more then.
  std::string refused_by;
};

using IndexFlawSink = std::function<void(const IndexFlaw&)>;

/// Holds the file at `path` against all that PyPI (warehouse: utils/zipfiles.py, utils/wheel.py,
/// forklift/legacy.py) and uv (uv-extract, async_zip, uv-metadata, uv-install-wheel) refuse in a
/// wheel, from its name on; of PyPI's rules for the fields of METADATA not all (docs/verify.md says
/// which); and that RECORD lists what is there, which PyPI has announced to refuse and still
/// only writes mails about. A reader of its own, that goes on behind a flaw wherever the rest
/// still makes sense, so that each is told; of one rule at most a hundred. Walks the local headers
/// from byte 0, then the central directory and the end records; decodes nothing but METADATA,
/// WHEEL, RECORD and entry_points.txt. Throws std::system_error where the file cannot be read,
/// wheel::Error where it has no end record, so that nothing can be said, or more members than
/// zip_structure.h allows.
void check_index_rules(const std::string& path, const IndexFlawSink& found);

}  // namespace wheel
