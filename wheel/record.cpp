#include "wheel/record.h"

#include <algorithm>
#include <charconv>
#include <unordered_set>

#include "wheel/error.h"

namespace wheel {
namespace {

std::string of_line(std::size_t line, const std::string& what) {
  return "line " + std::to_string(line) + " " + what;
}

[[noreturn]] void refuse(std::size_t line, const std::string& why) {
  throw Error("RECORD", of_line(line, why));
}

/// Reads rows of fields as Python's csv module does in its "excel" dialect, which is how installers
/// read RECORD: a field that begins with a quote goes up to the closing one, `""` within is one
/// quote, line ends within are text.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : text_(text) {}

  bool at_end() const { return at_ == text_.size(); }
  std::size_t line() const { return line_; }
  std::size_t offset() const { return at_; }

  /// Goes on behind the line that begins at `offset`: what lies there made no row.
  void skip_line(std::size_t offset, std::size_t line) {
    const std::size_t newline = text_.find('\n', offset);
    at_ = newline == std::string_view::npos ? text_.size() : newline + 1;
    line_ = line + 1;
  }

  /// The fields of the next row; none of an empty line.
  std::vector<std::string> next_row() {
    std::vector<std::string> fields;
    if (take_line_end()) {
      return fields;
    }
    for (;;) {
      fields.push_back(next_field());
      if (at_end() || take_line_end()) {
        return fields;
      }
      ++at_;  // next_field() stops only at an end or a comma
    }
  }

 private:
  bool take_line_end() {
    const std::size_t before = at_;
    at_ += text_.substr(at_).starts_with("\r\n") ? 2 : text_[at_] == '\n' ? 1 : 0;
    line_ += at_ != before ? 1 : 0;
    return at_ != before;
  }

  std::string next_field() {
    std::string field;
    if (!at_end() && text_[at_] == '"') {
      field = quoted();
    }
    const std::size_t end = std::min(text_.find_first_of(",\r\n", at_), text_.size());
    field += text_.substr(at_, end - at_);
    at_ = end;
    if (!at_end() && text_[at_] == '\r' && !text_.substr(at_).starts_with("\r\n")) {
      refuse(line_, "has a carriage return that ends no line");
    }
    return field;
  }

  std::string quoted() {
    const std::size_t begin_line = line_;
    std::string field;
    for (++at_; !at_end(); ++at_) {
      if (text_[at_] == '"' && !text_.substr(at_ + 1).starts_with('"')) {
        ++at_;
        return field;
      }
      at_ += text_[at_] == '"' ? 1 : 0;
      line_ += text_[at_] == '\n' ? 1 : 0;
      field += text_[at_];
    }
    refuse(begin_line, "opens a quote that is never closed");
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

std::optional<std::uint64_t> parse_size(const std::string& text) {
  std::uint64_t size = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, size);
  return error == std::errc() && stop == end ? std::optional(size) : std::nullopt;
}

/// The row of these fields, as far as they make one.
std::optional<RecordRow> to_row(std::vector<std::string> fields, std::size_t line,
                                const FlawSink& found) {
  const auto flaw = [&](const char* rule, const std::string& what) {
    found({.rule = rule, .member = "RECORD", .what = of_line(line, what)});
  };
  if (fields.size() != 3) {
    flaw("record-fields",
         "has " + std::to_string(fields.size()) + " fields, not the three of path, hash and size");
    return std::nullopt;
  }
  if (fields[0].empty()) {
    flaw("record-fields", "has no path");
    return std::nullopt;
  }
  RecordRow row{.path = std::move(fields[0]), .hash = std::move(fields[1]), .size = {}};
  if (!fields[2].empty()) {
    row.size = parse_size(fields[2]);
    if (!row.size) {
      flaw("record-number", "has \"" + fields[2] + "\" where a size should be");
    }
  }
  return row;
}

/// The fields of the reader's next row; none of an empty line, or of one that is no CSV.
std::vector<std::string> next_fields(CsvReader& reader, const FlawSink& found) {
  const std::size_t offset = reader.offset();
  const std::size_t line = reader.line();
  try {
    return reader.next_row();
  } catch (const Error& error) {
    found({.rule = "record-csv", .member = error.member(), .what = error.what()});
    reader.skip_line(offset, line);
    return {};
  }
}

std::string quoted_where_needed(const std::string& field) {
  if (field.find_first_of(",\"\r\n") == std::string::npos) {
    return field;
  }
  std::string quoted = "\"";
  for (const char c : field) {
    quoted.append(c == '"' ? 2 : 1, c);
  }
  return quoted + '"';
}

}  // namespace

Record parse_record(std::string_view text) {
  return parse_record(text, [](const Flaw& flaw) { throw Error(flaw.member, flaw.what); });
}

Record parse_record(std::string_view text, const FlawSink& found) {
  Record record;
  const std::size_t first_end = text.find('\n');
  if (first_end != std::string_view::npos && first_end > 0 && text[first_end - 1] == '\r') {
    record.newline = "\r\n";
  }
  std::unordered_set<std::string_view> paths;  // those of record.rows
  for (CsvReader reader(text); !reader.at_end();) {
    const std::size_t line = reader.line();
    std::vector<std::string> fields = next_fields(reader, found);
    if (fields.empty()) {
      continue;
    }
    std::optional<RecordRow> row = to_row(std::move(fields), line, found);
    if (!row) {
      continue;
    }
    record.rows.push_back(std::move(*row));
    if (const std::string& path = record.rows.back().path; !paths.insert(path).second) {
      found({.rule = "record-duplicate",
             .member = "RECORD",
             .what = of_line(line, "lists \"" + path + "\" a second time")});
      record.rows.pop_back();
    }
  }
  return record;
}

void append_row(std::string& text, const RecordRow& row, const std::string& newline) {
  text += quoted_where_needed(row.path);
  text += ',';
  text += quoted_where_needed(row.hash);
  text += ',';
  text += row.size ? std::to_string(*row.size) : std::string();
  text += newline;
}

std::string to_string(const Record& record) {
  std::string text;
  for (const RecordRow& row : record.rows) {
    append_row(text, row, record.newline);
  }
  return text;
}

}  // namespace wheel
