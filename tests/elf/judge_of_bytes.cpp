#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>

#include "tests/support/elf_judges.h"

namespace support {
namespace {

constexpr std::uint64_t kDtStrtab = 5;
constexpr std::uint64_t kDtStrsz = 10;
constexpr std::uint64_t kDtVerneed = 0x6ffffffe;

struct Range {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

/// Where .symtab has the symbols of the string table's section.
std::vector<std::uint64_t> section_symbols_of_strings(const Dump& dump) {
  const auto strings = dump.dynamic_strings();
  const auto symbols = dump.section("SYMTAB");
  std::vector<std::uint64_t> result;
  if (!strings || !symbols) return result;
  for (const std::string& paragraph : dump.other) {
    if (!paragraph.starts_with("Symbol table '.symtab'")) continue;
    std::istringstream lines(paragraph);
    for (std::string line; std::getline(lines, line);) {
      std::uint64_t number = 0;
      std::uint64_t index = 0;
      const int fields = std::sscanf(line.c_str(), "%" SCNu64 ": %*x %*d SECTION %*s %*s %" SCNu64,
                                     &number, &index);
      if (fields == 2 && index == strings->index)
        result.push_back(symbols->offset + number * symbols->entry_size);
    }
  }
  return result;
}

std::vector<Range> ranges_that_may_change(const Dump& dump) {
  std::vector<Range> ranges;
  const auto add = [&](std::optional<std::uint64_t> begin, std::uint64_t size) {
    if (begin) ranges.push_back({*begin, *begin + size});
  };
  add(0, 64);
  add(dump.program_headers_offset, dump.program_header_count * dump.program_header_size);
  add(dump.section_headers_offset, dump.section_header_count * dump.section_header_size);
  for (const DumpedSegment& segment : dump.segments_of("DYNAMIC"))
    add(segment.offset, segment.file_size);
  const auto number = [&](std::uint64_t tag) {
    const auto text = dump.dynamic_text(tag);
    return text ? std::strtoull(text->c_str(), nullptr, 0) : 0;
  };
  add(dump.file_offset(number(kDtStrtab)), number(kDtStrsz));
  for (const std::uint64_t symbol : section_symbols_of_strings(dump)) add(symbol, 24);
  if (const auto verneed = number(kDtVerneed); verneed != 0) add(dump.file_offset(verneed), 4096);
  return ranges;
}

}  // namespace

Findings bytes_changed(const std::filesystem::path& before, const std::filesystem::path& after,
                       const Dump& dump_before) {
  std::ifstream old_file(before, std::ios::binary);
  std::ifstream new_file(after, std::ios::binary);
  const std::vector<Range> allowed = ranges_that_may_change(dump_before);
  std::vector<char> old_bytes(1 << 20);
  std::vector<char> new_bytes(1 << 20);
  std::uint64_t offset = 0;
  for (;;) {
    old_file.read(old_bytes.data(), static_cast<std::streamsize>(old_bytes.size()));
    const auto count = static_cast<std::size_t>(old_file.gcount());
    if (count == 0) return {};
    new_file.read(new_bytes.data(), static_cast<std::streamsize>(count));
    if (static_cast<std::size_t>(new_file.gcount()) != count)
      return {"bytes: the file became shorter"};
    for (std::size_t i = 0; i < count; ++i) {
      if (i % 4096 == 0 &&
          std::memcmp(&old_bytes[i], &new_bytes[i], std::min<std::size_t>(4096, count - i)) == 0) {
        i += 4095;
        continue;
      }
      const std::uint64_t at = offset + i;
      const auto holds = [at](const Range& range) { return at >= range.begin && at < range.end; };
      if (old_bytes[i] != new_bytes[i] && std::ranges::none_of(allowed, holds)) {
        return {"bytes: changed at offset " + std::to_string(at)};
      }
    }
    offset += count;
  }
}

}  // namespace support
