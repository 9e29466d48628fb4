#pragma once

#include <cstddef>
#include <span>

#include "wheel/index_headers.h"
#include "wheel/index_report.h"

namespace wheel {

/// Puts what the zip64 field among a header's extra fields holds into `header`, and tells what is
/// refused of them all: by warehouse (zipfiles.py, local ones only) and Python's zipfile, which is
/// under it (central ones), and by the zip reader of uv (async_zip, extra_field.rs).
void read_index_local_extra(IndexHeader& header, std::span<const std::byte> extra,
                            IndexReport& report);
void read_index_central_extra(IndexHeader& header, std::span<const std::byte> extra,
                              IndexReport& report);

}  // namespace wheel
