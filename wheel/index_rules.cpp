#include "wheel/index_rules.h"

#include "wheel/descriptor.h"
#include "wheel/file_window.h"
#include "wheel/index_archive.h"
#include "wheel/index_dist_info.h"
#include "wheel/index_filename.h"
#include "wheel/index_members.h"
#include "wheel/index_report.h"

namespace wheel {

void check_index_rules(const std::string& path, const IndexFlawSink& found) {
  IndexReport report(found);
  const Descriptor file(path);
  const std::uint64_t size = size_of_file(file.number());
  const auto filename = check_index_filename(path.substr(path.rfind('/') + 1), report);
  if (filename) {
    check_publication(*filename, size, report);
  }
  constexpr std::size_t kReadAhead = std::size_t{64} << 10;
  FileWindow window(file.number(), size, kReadAhead);
  const std::vector<IndexMember> members = read_index_archive(window, report);
  check_index_members(members, size, report);
  if (filename) {
    check_index_dist_info(file.number(), members, *filename, report);
  }
  report.tell_rest();
}

}  // namespace wheel
