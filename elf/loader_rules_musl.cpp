#include <algorithm>
#include <array>

#include "elf/loader_rules.h"
#include "elf/loader_search_musl.h"

namespace elf {
namespace {

bool is_path(const std::string& name) {
  return name.find('/') != std::string::npos;
}

/// musl 1.2.3, ldso/dynlink.c.
class MuslRules final : public LoaderRules {
 public:
  /// fixup_rpath.
  SearchPath read_path(const std::string& text, const Tokens& tokens) const override {
    if (auto folders = expand_musl_search_path(text, tokens.origin)) {
      return {.folders = std::move(*folders)};
    }
    return {.why_unused = "skipped: musl uses no path with a `$` that is not $ORIGIN"};
  }

  /// Whether RPATH or RUNPATH is one to musl.
  bool is_inherited(const InstalledLibrary& library) const override {
    return library.rpath || library.runpath;
  }

  std::string asked_name(const std::string& needed, const Tokens&) const override { return needed; }

  /// libc. load_library: "Catch and block attempts to reload the implementation itself".
  bool is_always_loaded(std::string_view name) const override {
    static constexpr std::array<std::string_view, 7> kParts{
        "libc.", "libpthread.", "librt.", "libm.", "libdl.", "libutil.", "libxnet."};
    return std::ranges::any_of(kParts,
                               [&](std::string_view part) { return name.starts_with(part); });
  }

  /// path_open takes the first file that opens. map_library then fails, or, where only the machine
  /// is another, the relocation does, after its needs have been looked for: to us both are one.
  Verdict verdict_of_foreign() const override { return Verdict::kRefused; }

  std::string why_not_empty() const override { return "skipped: an empty entry"; }

  /// Its shortname: the file name under which a search has found it. A path gives none, and no
  /// SONAME ever does.
  std::vector<std::string> names_of(const InstalledLibrary&, const std::string& asked,
                                    std::string_view) const override {
    if (is_path(asked)) return {};
    return {asked};
  }

  /// Not the name by which it was found now, but the file name under which it was opened.
  std::string one_more_name(const std::string& asked, std::string_view path) const override {
    return is_path(asked) ? std::string() : std::string(path.substr(path.rfind('/') + 1));
  }

  std::unique_ptr<Search> search(const SearchContext& context) const override {
    return std::make_unique<MuslSearch>(context);
  }
};

}  // namespace

const LoaderRules& musl_rules() {
  static const MuslRules rules;
  return rules;
}

}  // namespace elf
