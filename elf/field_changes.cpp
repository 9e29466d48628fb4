#include "elf/field_changes.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "elf/field_names.h"
#include "elf/format.h"

namespace elf {
namespace {

// A hostile library has a million needed names.
constexpr std::size_t kMostOfAKind = 100;

// Those of `list` that have no equal in `other`; each equal counts once.
template <typename Thing>
std::vector<Thing> missing_in(const std::vector<Thing>& other, const std::vector<Thing>& list) {
  std::map<Thing, std::size_t> there;
  for (const Thing& thing : other) ++there[thing];
  std::vector<Thing> missing;
  for (const Thing& thing : list) {
    const auto found = there.find(thing);
    if (found == there.end() || found->second == 0) {
      missing.push_back(thing);
    } else {
      --found->second;
    }
  }
  return missing;
}

// A version that is wanted, and of whom. Views: what a hostile file repeats is not held twice.
using WantedVersion = std::pair<std::string_view, std::string_view>;

std::string text_of(std::string_view thing) {
  return std::string(thing);
}

std::string text_of(const WantedVersion& version) {
  return std::string(version.first) + " of " + std::string(version.second);
}

template <typename Thing>
std::string joined(const std::vector<Thing>& list) {
  std::string text;
  for (const Thing& each : list) text += (text.empty() ? "" : ", ") + text_of(each);
  return text;
}

class Comparison {
 public:
  Comparison(const Image& before, const Image& after) : before_(before), after_(after) {}

  std::vector<FieldChange> run() {
    compare("e_machine", machine_name(before_.machine), machine_name(after_.machine));
    compare("class and byte order", format_text(before_), format_text(after_));
    compare("e_type", type_name(before_.type), type_name(after_.type));
    compare_names();
    compare("interpreter", shown(before_.interpreter), shown(after_.interpreter));
    compare_versions();
    compare("FLAGS", flag_names(before_.flags), flag_names(after_.flags));
    compare("FLAGS_1", flag_1_names(before_.flags_1), flag_1_names(after_.flags_1));
    compare("executable stack", yes_or_no(before_.executable_stack),
            yes_or_no(after_.executable_stack));
    compare("Python module", yes_or_no(before_.exports_python_init),
            yes_or_no(after_.exports_python_init));
    compare_segments();
    compare_lists("dynamic entry", other_entries(before_), other_entries(after_));
    compare("dynamic string table", string_table_text(before_), string_table_text(after_));
    compare("e_phoff", hexadecimal(before_.program_headers_offset),
            hexadecimal(after_.program_headers_offset));
    compare("section headers", section_headers_text(before_), section_headers_text(after_));
    compare("file size", size_text(before_.size), size_text(after_.size));
    return std::move(changes_);
  }

 private:
  // ------------------------------------------------------------- the fields

  void compare_names() {
    compare("SONAME", shown(before_.soname), shown(after_.soname));
    compare("RPATH", shown(before_.rpath), shown(after_.rpath));
    compare("RUNPATH", shown(before_.runpath), shown(after_.runpath));
    compare_lists("NEEDED", before_.needed, after_.needed);
  }

  // A file that follows its NEEDED is one change, however many versions are wanted of it.
  void compare_versions() {
    const auto& needs_before = before_.version_needs;
    const auto& needs_after = after_.version_needs;
    std::vector<std::string> files_before, files_after;
    std::set<std::size_t> told;
    for (std::size_t i = 0; i < needs_before.size() && needs_before.size() == needs_after.size();
         ++i) {
      if (needs_before[i].file == needs_after[i].file) continue;
      if (needs_before[i].names != needs_after[i].names) continue;
      files_before.push_back(needs_before[i].file);
      files_after.push_back(needs_after[i].file);
      told.insert(i);
    }
    compare_lists("version need's file", files_before, files_after);
    compare_lists("version need", wanted_versions(before_, told), wanted_versions(after_, told));
    compare_lists("version definition", before_.version_definitions, after_.version_definitions);
  }

  static std::vector<WantedVersion> wanted_versions(const Image& image,
                                                    const std::set<std::size_t>& without) {
    std::vector<WantedVersion> versions;
    for (std::size_t i = 0; i < image.version_needs.size(); ++i) {
      if (without.contains(i)) continue;
      const VersionNeed& need = image.version_needs[i];
      for (const std::string& name : need.names) versions.emplace_back(name, need.file);
    }
    return versions;
  }

  // A PT_LOAD that has grown is the same one; so the lists are compared type by type.
  void compare_segments() {
    std::set<std::uint32_t> types;
    std::vector<std::uint32_t> ordered;
    for (const Image* image : {&before_, &after_}) {
      for (const Segment& segment : image->segments) {
        if (types.insert(segment.type).second) ordered.push_back(segment.type);
      }
    }
    const std::size_t begin = changes_.size();
    for (const std::uint32_t type : ordered) {
      compare_lists(segment_name(type), segments_of(before_, type), segments_of(after_, type));
    }
    if (changes_.size() == begin) {
      compare_lists("program headers", segment_names(before_), segment_names(after_));
    }
  }

  static std::vector<std::string> segments_of(const Image& image, std::uint32_t type) {
    std::vector<std::string> texts;
    for (const Segment& segment : image.segments) {
      if (segment.type == type) texts.push_back(segment_text(segment));
    }
    return texts;
  }

  static std::vector<std::string> segment_names(const Image& image) {
    std::vector<std::string> names;
    for (const Segment& segment : image.segments) names.push_back(segment_name(segment.type));
    return names;
  }

  static std::string segment_text(const Segment& segment) {
    std::string text = access_text(segment.flags) + " " + hexadecimal(segment.file_size) +
                       " bytes from " + hexadecimal(segment.offset) + " at " +
                       hexadecimal(segment.vaddr);
    if (segment.memory_size != segment.file_size) {
      text += ", " + hexadecimal(segment.memory_size) + " in memory";
    }
    if (segment.paddr != segment.vaddr) text += ", p_paddr " + hexadecimal(segment.paddr);
    return text + ", p_align " + hexadecimal(segment.align);
  }

  // Those that no other line tells of.
  static std::vector<std::string> other_entries(const Image& image) {
    static const std::set<std::uint64_t> kTold{DT_NEEDED, DT_SONAME, DT_RPATH, DT_RUNPATH,
                                               DT_STRTAB, DT_STRSZ,  DT_FLAGS, DT_FLAGS_1};
    std::vector<std::string> texts;
    for (const DynamicEntry& entry : image.dynamic) {
      if (kTold.contains(entry.tag)) continue;
      texts.push_back(tag_name(entry.tag) + " " + hexadecimal(entry.value));
    }
    return texts;
  }

  // -------------------------------------------------------------- the lines

  void compare(std::string field, std::string before, std::string after) {
    if (before == after) return;
    changes_.push_back({std::move(field), std::move(before), std::move(after)});
  }

  // What is new in the place of what is gone is one change; then what went, what came, and where
  // neither did, the order.
  template <typename Thing>
  void compare_lists(const std::string& field, const std::vector<Thing>& before,
                     const std::vector<Thing>& after) {
    if (before == after) return;
    const std::vector<Thing> gone = missing_in(after, before);
    const std::vector<Thing> come = missing_in(before, after);
    if (gone.empty() && come.empty()) return tell_order(field, before, after);
    const bool pairs = gone.size() == come.size();
    const std::size_t count = pairs ? gone.size() : gone.size() + come.size();
    for (std::size_t i = 0; i < std::min(count, kMostOfAKind); ++i) {
      FieldChange& change = changes_.emplace_back(FieldChange{field, "", ""});
      if (i < gone.size()) change.before = text_of(gone[i]);
      if (pairs) change.after = text_of(come[i]);
      if (i >= gone.size()) change.after = text_of(come[i - gone.size()]);
    }
    if (count > kMostOfAKind) {
      const std::string left = std::to_string(count - kMostOfAKind);
      changes_.push_back({field + ", and " + left + " more", "", ""});
    }
  }

  template <typename Thing>
  void tell_order(const std::string& field, const std::vector<Thing>& before,
                  const std::vector<Thing>& after) {
    if (before.size() <= kMostOfAKind) {
      changes_.push_back({field + " order", joined(before), joined(after)});
    } else {
      changes_.push_back({field + " order, of " + std::to_string(before.size()), "", ""});
    }
  }

  static std::string shown(const std::optional<std::string>& text) {
    if (!text) return "";
    return text->empty() ? "\"\"" : *text;
  }

  static std::string yes_or_no(bool value) { return value ? "yes" : "no"; }

  static std::string format_text(const Image& image) {
    const bool little = image.format.byte_order == ByteOrder::kLittle;
    return std::string(image.format.is_64() ? "64 bit" : "32 bit") +
           (little ? ", little-endian" : ", big-endian");
  }

  static std::string string_table_text(const Image& image) {
    if (image.dynamic.empty()) return "";
    return hexadecimal(image.string_table_size) + " bytes from " +
           hexadecimal(image.string_table_offset);
  }

  static std::string section_headers_text(const Image& image) {
    if (!image.has_section_headers()) return "";
    return std::to_string(image.section_header_count) + " from " +
           hexadecimal(image.section_headers_offset);
  }

  static std::string size_text(std::uint64_t size) { return std::to_string(size) + " bytes"; }

  const Image& before_;
  const Image& after_;
  std::vector<FieldChange> changes_;
};

}  // namespace

std::vector<FieldChange> field_changes(const Image& before, const Image& after) {
  return Comparison(before, after).run();
}

}  // namespace elf
