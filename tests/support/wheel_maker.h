#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/zip_bytes.h"
#include "wheel/sha256.h"

namespace support {

/// A small proper wheel, `tiny-1.0-py3-none-any.whl` unless told otherwise, in parts that a test
/// can change before it is made. RECORD is written for the members as they are then, unless the
/// test gives one.
struct WheelMaker {
  std::string file_name = "tiny-1.0-py3-none-any.whl";
  std::string dist_info = "tiny-1.0.dist-info";
  std::string metadata = "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n";
  std::string wheel =
      "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n";
  std::vector<ZipMember> members = {{.name = "tiny/__init__.py", .content = "x = 1\n"}};
  std::vector<ZipMember> unlisted = {};   ///< members that RECORD does not list
  std::string record = {};                ///< empty: made from the members
  std::vector<std::string> without = {};  ///< of METADATA, WHEEL and RECORD

  std::string row(const ZipMember& member) const {
    return member.name + ',' + wheel::record_hash(wheel::sha256(member.content)) + ',' +
           std::to_string(member.content.size()) + '\n';
  }

  /// RECORD for the members as they are.
  std::string rows() const {
    std::string rows;
    for (const ZipMember& member : listed_members()) {
      rows += member.name.ends_with('/') ? "" : row(member);
    }
    return rows + dist_info + "/RECORD,,\n";
  }

  std::vector<ZipMember> all_members() const {
    std::vector<ZipMember> all = listed_members();
    all.insert(all.end(), unlisted.begin(), unlisted.end());
    add_text(all, "RECORD", record.empty() ? rows() : record);
    return all;
  }

  ZipImage make() const { return make_zip(all_members()); }

 private:
  void add_text(std::vector<ZipMember>& all, const std::string& name,
                const std::string& content) const {
    if (std::find(without.begin(), without.end(), name) == without.end()) {
      all.push_back({.name = dist_info + '/' + name, .content = content});
    }
  }

  std::vector<ZipMember> listed_members() const {
    std::vector<ZipMember> all = members;
    add_text(all, "METADATA", metadata);
    add_text(all, "WHEEL", wheel);
    return all;
  }
};

}  // namespace support
