#include "elf/dynamic_plan.h"

#include <algorithm>
#include <map>
#include <set>

#include "elf/dynamic.h"
#include "elf/error.h"

namespace elf {
namespace {

std::string quoted(const std::string& text) {
  return "`" + text + "`";
}

bool is_search_path(std::uint64_t tag) {
  return tag == DT_RPATH || tag == DT_RUNPATH;
}

std::string kind_name(std::uint64_t tag) {
  return tag == DT_RPATH ? "RPATH" : "RUNPATH";
}

class Planner {
 public:
  Planner(const Image& image, const Edits& edits) : image_(image), edits_(edits) {
    plan_.entries.reserve(image.dynamic.size());
    for (std::size_t i = 0; i < image.dynamic.size(); ++i) {
      plan_.entries.push_back({image.dynamic[i].tag, image.dynamic[i].value, i, {}});
      if (image.dynamic[i].tag == DT_NEEDED) needed_.push_back(i);
    }
  }

  DynamicPlan plan(std::uint64_t capacity) {
    edit_search_path();
    edit_soname();
    replace_needed();
    remove_needed();
    add_needed();
    make_room(capacity);
    return std::move(plan_);
  }

 private:
  void edit_search_path() {
    if (edits_.remove_search_path) return remove_search_path();
    if (!edits_.search_path && edits_.path_kind == PathKind::kKeep) return;
    const auto& present = image_.runpath ? image_.runpath : image_.rpath;
    if (!present && !edits_.search_path) return;
    const std::uint64_t present_tag = image_.runpath ? DT_RUNPATH : DT_RPATH;
    const std::uint64_t tag = wanted_path_tag();
    const std::string& path = edits_.search_path ? *edits_.search_path : *present;
    if (!present) {
      append(tag, path);
      return note(kind_name(tag) + " added: " + quoted(path));
    }
    PlannedEntry kept = in_force(present_tag);
    kept.tag = tag;
    if (path != *present) kept.text = text(path);
    if (path != *present || tag != present_tag) {
      const std::string after = tag == present_tag ? "" : kind_name(tag) + " ";
      note(kind_name(present_tag) + " " + quoted(*present) + " -> " + after + quoted(path));
    }
    keep_one_search_path(kept);
  }

  std::uint64_t wanted_path_tag() const {
    if (edits_.path_kind == PathKind::kRpath) return DT_RPATH;
    if (edits_.path_kind == PathKind::kRunpath) return DT_RUNPATH;
    return image_.rpath && !image_.runpath ? DT_RPATH : DT_RUNPATH;
  }

  // The loader takes the last RUNPATH, or else the last RPATH; what else there is only misleads.
  void keep_one_search_path(const PlannedEntry& kept) {
    const auto dropped = std::erase_if(plan_.entries, [&](const PlannedEntry& entry) {
      return is_search_path(entry.tag) && entry.from != kept.from;
    });
    *std::ranges::find(plan_.entries, kept.from, &PlannedEntry::from) = kept;
    if (dropped == 0) return;
    note(image_.rpath && image_.runpath
             ? "RPATH " + quoted(*image_.rpath) + " removed: the RUNPATH was in force"
             : "search path entries that were not in force removed");
  }

  void remove_search_path() {
    if (image_.rpath) note("RPATH " + quoted(*image_.rpath) + " removed");
    if (image_.runpath) note("RUNPATH " + quoted(*image_.runpath) + " removed");
    std::erase_if(plan_.entries,
                  [](const PlannedEntry& entry) { return is_search_path(entry.tag); });
  }

  void edit_soname() {
    if (!edits_.soname || image_.soname == edits_.soname) return;
    const std::string& name = *edits_.soname;
    if (!image_.soname) {
      append(DT_SONAME, name);
      return note("SONAME added: " + quoted(name));
    }
    in_force(DT_SONAME).text = text(name);
    note("SONAME " + quoted(*image_.soname) + " -> " + quoted(name));
  }

  // At once for all, so that a -> b and b -> c do not become a -> c.
  void replace_needed() {
    std::map<std::string, std::string> names(edits_.replace_needed.begin(),
                                             edits_.replace_needed.end());
    std::erase_if(names, [](const auto& pair) { return pair.first == pair.second; });
    if (names.empty()) return;
    std::set<std::string> replaced;
    for (PlannedEntry& entry : plan_.entries) {
      const auto found = names.find(present_needed(entry));
      if (found == names.end()) continue;
      entry.text = text(found->second);
      replaced.insert(found->first);
    }
    // glibc asserts that each vn_file is the name of something needed (elf/dl-version.c).
    for (std::size_t i = 0; i < image_.version_needs.size(); ++i) {
      const std::string& file = image_.version_needs[i].file;
      if (replaced.contains(file)) plan_.version_files.push_back({i, text(names[file])});
    }
    for (const std::string& name : replaced) {
      note("NEEDED " + quoted(name) + " -> " + quoted(names[name]));
    }
  }

  void remove_needed() {
    const std::set<std::string> names(edits_.remove_needed.begin(), edits_.remove_needed.end());
    std::set<std::string> removed;
    std::erase_if(plan_.entries, [&](const PlannedEntry& entry) {
      const bool gone = names.contains(present_needed(entry));
      if (gone) removed.insert(present_needed(entry));
      return gone;
    });
    for (const VersionNeed& need : image_.version_needs) {
      if (!removed.contains(need.file)) continue;
      throw Error(table_offset(), "NEEDED " + quoted(need.file) +
                                      " cannot be removed: the library wants version " +
                                      quoted(need.names.front()) + " of it");
    }
    for (const std::string& name : removed) note("NEEDED " + quoted(name) + " removed");
  }

  void add_needed() {
    if (edits_.add_needed.empty()) return;
    std::set<std::string> present;
    for (const PlannedEntry& entry : plan_.entries) {
      if (entry.tag != DT_NEEDED) continue;
      present.insert(entry.text ? plan_.texts[*entry.text] : present_needed(entry));
    }
    for (const std::string& name : edits_.add_needed) {
      if (!present.insert(name).second) continue;
      append(DT_NEEDED, name);
      note("NEEDED " + quoted(name) + " added");
    }
  }

  void make_room(std::uint64_t capacity) {
    if (plan_.entries.size() <= capacity) return;
    // Where both are there, the loader does not look at the RPATH (elf/get-dynamic-info.h): its
    // place is free.
    if (has(DT_RUNPATH)) {
      const auto dropped = std::erase_if(
          plan_.entries, [](const PlannedEntry& entry) { return entry.tag == DT_RPATH; });
      if (dropped != 0) note("RPATH removed, to make room: the RUNPATH is in force");
    }
    if (plan_.entries.size() <= capacity) return;
    throw Error(table_offset(), "the dynamic table has no room for another entry: it holds " +
                                    std::to_string(image_.dynamic.size()) + ", and " +
                                    std::to_string(plan_.entries.size() - capacity) +
                                    " more would be needed");
  }

  std::size_t text(const std::string& string) {
    const auto found = std::ranges::find(plan_.texts, string);
    if (found == plan_.texts.end()) plan_.texts.push_back(string);
    return static_cast<std::size_t>(std::ranges::find(plan_.texts, string) - plan_.texts.begin());
  }

  void append(std::uint64_t tag, const std::string& string) {
    plan_.entries.push_back({tag, 0, {}, text(string)});
  }

  // What a NEEDED entry named before all edits; empty for every other entry.
  const std::string& present_needed(const PlannedEntry& entry) const {
    static const std::string kNone;
    if (entry.tag != DT_NEEDED || !entry.from) return kNone;
    const auto found = std::ranges::lower_bound(needed_, *entry.from);
    return image_.needed[static_cast<std::size_t>(found - needed_.begin())];
  }

  // The entry in force: the last of its tag.
  PlannedEntry& in_force(std::uint64_t tag) {
    return *std::ranges::find(plan_.entries.rbegin(), plan_.entries.rend(), tag,
                              &PlannedEntry::tag);
  }

  bool has(std::uint64_t tag) const {
    return std::ranges::find(plan_.entries, tag, &PlannedEntry::tag) != plan_.entries.end();
  }

  void note(std::string line) { plan_.changes.push_back(std::move(line)); }

  std::uint64_t table_offset() const { return image_.dynamic.front().file_offset; }

  const Image& image_;
  const Edits& edits_;
  std::vector<std::size_t> needed_;  // the present NEEDED entries, ascending: beside image_.needed
  DynamicPlan plan_;
};

}  // namespace

DynamicPlan plan_dynamic(const Image& image, const Edits& edits, std::uint64_t capacity) {
  return Planner(image, edits).plan(capacity);
}

}  // namespace elf
