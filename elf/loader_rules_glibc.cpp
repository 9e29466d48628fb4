#include "elf/loader_rules.h"
#include "elf/loader_search_glibc.h"

namespace elf {
namespace {

/// glibc 2.36, elf/dl-load.c.
class GlibcRules final : public LoaderRules {
 public:
  SearchPath read_path(const std::string& text, const Tokens& tokens) const override {
    // decompose_rpath: a path of no letters is no path, not the current folder.
    if (text.empty()) return {};
    return {.folders = expand_search_path(text, tokens)};
  }

  /// elf/get-dynamic-info.h: where both are given, DT_RPATH is dropped.
  bool is_inherited(const InstalledLibrary& library) const override {
    return library.rpath && !library.runpath;
  }

  std::string asked_name(const std::string& needed, const Tokens& tokens) const override {
    return expand_tokens(needed, tokens);
  }

  /// The program itself has no name, so the empty one is its.
  bool is_always_loaded(std::string_view name) const override { return name.empty(); }

  /// open_verify.
  Verdict verdict_of_foreign() const override { return Verdict::kPassedOver; }

  /// fillin_rpath: it means the current folder, as any relative one does.
  std::string why_not_empty() const override {
    return "skipped: an empty entry means the current folder";
  }

  /// l_libname: the name it was asked for by, and its SONAME.
  std::vector<std::string> names_of(const InstalledLibrary& library, const std::string& asked,
                                    std::string_view) const override {
    if (!library.soname) return {asked};
    return {asked, *library.soname};
  }

  std::string one_more_name(const std::string& asked, std::string_view) const override {
    return asked;
  }

  std::unique_ptr<Search> search(const SearchContext& context) const override {
    return std::make_unique<GlibcSearch>(context);
  }
};

}  // namespace

const LoaderRules& glibc_rules() {
  static const GlibcRules rules;
  return rules;
}

}  // namespace elf
