#pragma once

#include <set>
#include <string_view>
#include <vector>

#include "wheel/filename.h"
#include "wheel/flaw.h"
#include "wheel/index_texts.h"

namespace wheel {

/// What is wrong with METADATA, WHEEL and entry_points.txt, and with RECORD where it is given,
/// before there is an archive that they stand in: what open_wheel() refuses of them, what
/// check_spec() tells, and what check_index_rules() does, except for PyPI's policy for what is
/// published there. `names` are those of the archive's members. Throws nothing. Pure.
std::vector<Flaw> text_flaws(const IndexTexts& texts, const std::set<std::string_view>& names,
                             const Filename& filename);

}  // namespace wheel
