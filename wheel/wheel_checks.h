#pragma once

#include <optional>
#include <string>

#include "wheel/archive.h"
#include "wheel/filename.h"
#include "wheel/flaw.h"
#include "wheel/metadata.h"
#include "wheel/record.h"
#include "wheel/record_rows.h"

namespace wheel {

/// Flaws: platform tags that are neither Linux's nor `any`.
void check_platform(const Filename& filename, const FlawSink& found);

/// A text of .dist-info that a wheel must have; nothing where it is not there or can't be read,
/// which is a flaw: `KIND-missing`, `KIND-unreadable`.
std::optional<std::string> read_required(const Archive& archive, const std::string& name,
                                         const std::string& kind, const FlawSink& found);
/// The same, read as header fields; `KIND-syntax`.
std::optional<Headers> read_headers(const Archive& archive, const std::string& name,
                                    const std::string& kind, const FlawSink& found);

/// Holds METADATA, the member `member`, against the file name.
void check_metadata(const Headers& metadata, const std::string& member, const Filename& filename,
                    const FlawSink& found);

/// Flaws: a Wheel-Version that installers refuse.
void check_wheel(const Headers& wheel, const std::string& member, const FlawSink& found);

/// Holds RECORD, the member `member`, against the archive; gives those of its rows that match a
/// member, without a hash where theirs is of no kind that is allowed.
RecordRows check_record(Record record, const Archive& archive, const std::string& member,
                        const FlawSink& found);

}  // namespace wheel
