#include "wheel/text_flaws.h"

#include <optional>
#include <string>

#include "wheel/error.h"
#include "wheel/spec_checks.h"
#include "wheel/wheel_checks.h"

namespace wheel {
namespace {

/// Nothing where there is none; one that is broken is told by check_index_texts().
std::optional<Headers> headers_of(const std::optional<std::string>& text) {
  try {
    return text ? std::optional(Headers(*text)) : std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

std::vector<Flaw> text_flaws(const IndexTexts& texts, const std::set<std::string_view>& names,
                             const Filename& filename) {
  std::vector<Flaw> flaws;
  const FlawSink found = [&](const Flaw& flaw) { flaws.push_back(flaw); };
  if (const auto metadata = headers_of(texts.metadata)) {
    check_metadata(*metadata, texts.folder + "/METADATA", filename, found);
  }
  if (const auto wheel = headers_of(texts.wheel)) {
    const std::string member = texts.folder + "/WHEEL";
    check_wheel(*wheel, member, found);
    check_wheel_fields(*wheel, member, filename, found);
  }
  IndexReport report([&](const IndexFlaw& index_flaw) {
    if (index_flaw.kind == IndexRule::kForm) {
      found(index_flaw.flaw);
    }
  });
  check_index_texts(texts, names, filename, report);
  return flaws;
}

}  // namespace wheel
