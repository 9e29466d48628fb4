#include "elf/versions.h"

#include <algorithm>
#include <utility>

#include "elf/dynamic.h"
#include "elf/error.h"

namespace elf {
namespace {

// Real libraries have some hundred names. Chains that share records would otherwise be walked again
// and again.
constexpr std::size_t kMaxRecords = 1 << 16;

// Walks chains of records as the loader does: by the `next` fields, which are unsigned and so lead
// forward, until one is 0.
class VersionTable {
 public:
  VersionTable(Reader& reader, const Image& image, std::uint64_t address, const char* what)
      : reader_(reader), bytes_(require_mapped(image, address, 0, what)), what_(what) {
    bytes_.size = mapped_bytes(image, address)->size;
  }

  // Calls take(position, record) for each record of the chain that begins at `position` in the
  // table.
  template <typename Take>
  void walk(std::uint64_t position, RecordSize size, Field next, Take take) {
    for (;;) {
      if (++records_ > kMaxRecords)
        throw Error(bytes_.offset, std::string(what_) + " does not end");
      const Record record = at(position, size);
      const std::uint64_t step = record[next];
      take(position, record);
      if (step == 0) return;
      position += step;  // at() has bounded it by the file's size, and a step has 32 bit
    }
  }

  std::uint64_t file_offset(std::uint64_t position) const { return bytes_.offset + position; }
  // From the first record to the end of the last that was walked to.
  FileRange walked() const { return {bytes_.offset, end_}; }

 private:
  Record at(std::uint64_t position, RecordSize size) {
    if (!fits(position, size.bytes(reader_.format()), bytes_.size)) {
      throw Error(bytes_.offset, std::string(what_) + " reaches past the end of its segment");
    }
    end_ = std::max<std::uint64_t>(end_, position + size.bytes(reader_.format()));
    return reader_.record(bytes_.offset + position, size, what_);
  }

  Reader& reader_;
  FileRange bytes_;
  const char* what_;
  std::size_t records_ = 0;
  std::uint64_t end_ = 0;
};

void require_version_1(std::uint64_t version, std::uint64_t offset) {
  if (version != 1)
    throw Error(offset, "a symbol version record of unknown form");  // as dl-version.c
}

std::vector<NeedRecord> walk_needs(VersionTable& table) {
  std::vector<NeedRecord> needs;
  table.walk(0, verneed::kSize, verneed::vn_next, [&](std::uint64_t position, Record record) {
    require_version_1(record[verneed::vn_version], table.file_offset(position));
    const std::uint64_t names = position + record[verneed::vn_aux];
    NeedRecord need{table.file_offset(position), record[verneed::vn_file], {}};
    table.walk(names, vernaux::kSize, vernaux::vna_next,
               [&](std::uint64_t, Record name) { need.names.push_back(name[vernaux::vna_name]); });
    needs.push_back(std::move(need));
  });
  return needs;
}

std::vector<DefinitionRecord> walk_definitions(VersionTable& table) {
  std::vector<DefinitionRecord> definitions;
  table.walk(0, verdef::kSize, verdef::vd_next, [&](std::uint64_t position, Record record) {
    require_version_1(record[verdef::vd_version], table.file_offset(position));
    const std::uint64_t names = position + record[verdef::vd_aux];
    DefinitionRecord definition{(record[verdef::vd_flags] & VER_FLG_BASE) != 0, {}};
    table.walk(names, verdaux::kSize, verdaux::vda_next, [&](std::uint64_t, Record name) {
      definition.names.push_back(name[verdaux::vda_name]);
    });
    definitions.push_back(std::move(definition));
  });
  return definitions;
}

// Where the library has no such table: what walking an empty one gives.
template <typename Walk>
auto walk_table(Reader& reader, const Image& image, std::uint64_t tag, const char* what, Walk walk)
    -> std::pair<decltype(walk(std::declval<VersionTable&>())), FileRange> {
  const DynamicEntry* entry = find_entry(image, tag);
  if (entry == nullptr) return {};
  VersionTable table(reader, image, entry->value, what);
  auto records = walk(table);
  return {std::move(records), table.walked()};
}

auto needs_and_range(Reader& reader, const Image& image) {
  return walk_table(reader, image, DT_VERNEED, "the table of needed versions", walk_needs);
}

auto definitions_and_range(Reader& reader, const Image& image) {
  return walk_table(reader, image, DT_VERDEF, "the table of defined versions", walk_definitions);
}

}  // namespace

std::vector<NeedRecord> read_version_needs(Reader& reader, const Image& image) {
  return needs_and_range(reader, image).first;
}

std::vector<DefinitionRecord> read_version_definitions(Reader& reader, const Image& image) {
  return definitions_and_range(reader, image).first;
}

VersionRecords find_version_needs(Reader& reader, const Image& image) {
  const auto [needs, range] = needs_and_range(reader, image);
  return {range, needs.size()};
}

VersionRecords find_version_definitions(Reader& reader, const Image& image) {
  const auto [definitions, range] = definitions_and_range(reader, image);
  return {range, definitions.size()};
}

}  // namespace elf
