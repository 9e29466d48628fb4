#include "src/licences.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace spokeshave {

bool is_licence_file(const std::string& dist_info, std::string_view member) {
  if (!member.starts_with(dist_info + "/")) {
    return false;
  }
  std::string rest(member.substr(dist_info.size() + 1));
  std::transform(rest.begin(), rest.end(), rest.begin(), [](char letter) {
    return static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  });
  constexpr std::array<std::string_view, 7> kBeginnings = {
      "LICENSE", "LICENCE", "NOTICE", "COPYING", "AUTHORS", "LICENSES/", "LICENSE_FILES/"};
  return std::any_of(kBeginnings.begin(), kBeginnings.end(),
                     [&](std::string_view beginning) { return rest.starts_with(beginning); });
}

}  // namespace spokeshave
