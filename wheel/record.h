#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "wheel/flaw.h"

namespace wheel {

/// One line of RECORD.
struct RecordRow {
  std::string path;
  std::string hash;                   ///< `sha256=...`, empty for RECORD itself
  std::optional<std::uint64_t> size;  ///< bytes
};

/// RECORD (binary distribution format, "The .dist-info directory"; CSV as Python's csv module reads
/// and writes it).
struct Record {
  std::deque<RecordRow> rows;  // its rows stay where they are
  std::string newline = "\n";  ///< as the text read had it; "\r\n" too
};

/// Throws wheel::Error naming the line for text that is no such CSV, a size that is no number, a
/// path that stands twice.
Record parse_record(std::string_view text);
/// The same for a text that is to be judged: each flaw goes to `found`, and reading goes on with
/// the next line. A row that is no row, or whose path stood before, is left out.
Record parse_record(std::string_view text, const FlawSink& found);
std::string to_string(const Record& record);
/// Appends one line.
void append_row(std::string& text, const RecordRow& row, const std::string& newline);

}  // namespace wheel
