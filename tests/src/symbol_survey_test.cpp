#include "src/symbol_survey.h"

#include <gmock/gmock.h>

#include <fstream>
#include <random>
#include <regex>
#include <set>
#include <sstream>

#include "src/glob.h"
#include "src/loading.h"
#include "src/open_wheel.h"
#include "src/symbol_reader.h"
#include "tests/support/compile.h"
#include "tests/support/random_seed.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/wheel_maker.h"

namespace spokeshave {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

#define NEEDS_LIEF() \
  if (!elf::can_list_symbols()) GTEST_SKIP() << "built without LIEF"

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream bytes;
  bytes << stream.rdbuf();
  return bytes.str();
}

/// A wheel of the given libraries, its inventory, and the folder in which it stands unpacked.
class MadeWheel {
 public:
  explicit MadeWheel(const std::map<std::string, std::string>& libraries) {
    support::WheelMaker maker;
    maker.members.clear();
    for (const auto& [name, bytes] : libraries) {
      maker.members.push_back({.name = name, .content = bytes});
      const auto path = folder_ / "site" / name;
      std::filesystem::create_directories(path.parent_path());
      std::ofstream(path, std::ios::binary) << bytes;
    }
    const auto path = folder_ / maker.file_name;
    std::ofstream(path, std::ios::binary) << maker.make().bytes;
    wheel_ = std::make_unique<wheel::WheelFile>(open_wheel(path.string()));
    inventory_ = std::move(take_inventories({&*wheel_}, 1, progress_).front());
  }

  std::filesystem::path site() const { return folder_ / "site"; }
  const Inventory& inventory() const { return inventory_; }

  SymbolSurvey survey() {
    std::vector<SurveyedLibrary> set;
    std::vector<elf::InstalledLibrary> installed;
    std::vector<const std::set<std::string>*> mentions;
    for (const auto& library : inventory_.libraries) {
      set.push_back({&wheel_->archive, &library});
      installed.push_back(elf::installed(location(Layout::kSitePackages, 0, library.installed_path),
                                         library.image));
      mentions.push_back(&library.mentions);
    }
    return survey_symbols(set, find_needs(installed, mentions), progress_);
  }

 private:
  support::TempDir folder_;
  Progress progress_{false};
  std::unique_ptr<wheel::WheelFile> wheel_;
  Inventory inventory_;
};

/// `from to symbol`
using Bindings = std::set<std::string>;

Bindings bindings_of(const SymbolSurvey& survey) {
  Bindings bindings;
  for (const auto& crossing : survey.report.crossings) {
    const auto& listing = *survey.libraries[crossing.from].listing;
    for (const auto symbol : crossing.symbols) {
      bindings.insert(std::string(file_name(survey.libraries[crossing.from].path)) + ' ' +
                      std::string(file_name(survey.libraries[crossing.to].path)) + ' ' +
                      std::string(listing.name(listing.imports()[symbol])));
    }
  }
  return bindings;
}

/// What ld.so binds of each library's symbols to others of the set, when it is opened on its own.
Bindings real_bindings(const std::filesystem::path& site) {
  const auto opener = support::build({.source = R"(
#include <dlfcn.h>
#include <stdio.h>
int main(int count, char** names) {
  (void)count;
  if (dlopen(names[1], RTLD_NOW) != NULL) return 0;
  return puts(dlerror()) < 0 ? 2 : 1;
})",
                                      .flags = {"-ldl"},
                                      .name = "opener",
                                      .executable = true});
  Bindings bindings;
  const std::regex line("binding file (\\S+) \\[0\\] to (\\S+) \\[0\\]: normal symbol `([^']*)'");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(site)) {
    if (!entry.is_regular_file()) continue;
    const auto result =
        support::run_program({opener.string(), entry.path().string()}, {{"LD_DEBUG", "bindings"}});
    EXPECT_EQ(result.status, 0) << entry.path() << result.out;
    for (std::sregex_iterator it(result.err.begin(), result.err.end(), line), end; it != end;
         ++it) {
      const std::filesystem::path from((*it)[1].str());
      const std::filesystem::path to((*it)[2].str());
      if (from.filename() != entry.path().filename() || from.filename() == to.filename()) continue;
      if (to.lexically_normal().string().starts_with(site.string())) {
        bindings.insert(from.filename().string() + ' ' + to.filename().string() + ' ' +
                        (*it)[3].str());
      }
    }
  }
  return bindings;
}

TEST(SurveySymbols, TheLoaderBindsWhatTheSurveySays) {
  NEEDS_LIEF();
  const std::string versions = "V_1 { global: f; };\nV_2 { global: g; local: *; } V_1;\n";
  const auto c = support::build({.source = "int f(void) { return 1; } int g(void) { return 2; }",
                                 .flags = {"-Wl,--version-script=v", "-Wl,-soname,libc_one.so"},
                                 .name = "libc_one.so",
                                 .files = {{"v", versions}}});
  const auto d = support::build({.source = "int f(void) { return 3; } int h(void) { return 4; }\n"
                                           "int e(void) { return 5; }",
                                 .flags = {"-Wl,-soname,libd.so"},
                                 .name = "libd.so"});
  const auto b = support::build({.source = "int g(void); int b(void) { return g(); }",
                                 .flags = {"-Wl,-soname,libb.so", "-Wl,-rpath,$ORIGIN",
                                           "-Wl,--no-as-needed", c.string(), d.string()},
                                 .name = "libb.so"});
  const auto a = support::build(
      {.source =
           "#include <stdio.h>\nint b(void); int f(void); int h(void); int e(void);\n"
           "int maybe(void) __attribute__((weak));\n"
           "int a(void) { return b() + f() + h() + e() + (maybe ? maybe() : 0) + puts(\"\"); }",
       .flags = {"-Wl,-rpath,$ORIGIN", "-Wl,--no-as-needed", b.string(), d.string(),
                 "-Wl,-rpath-link," + c.parent_path().string()},
       .name = "liba.so"});
  MadeWheel wheel({{"p/liba.so", bytes_of(a)},
                   {"p/libb.so", bytes_of(b)},
                   {"p/libc_one.so", bytes_of(c)},
                   {"p/libd.so", bytes_of(d)}});
  const SymbolSurvey survey = wheel.survey();
  EXPECT_THAT(survey.unread, IsEmpty());
  EXPECT_THAT(survey.report.unprovided, IsEmpty());
  EXPECT_EQ(bindings_of(survey), real_bindings(wheel.site()));
  EXPECT_THAT(bindings_of(survey),
              ElementsAre("liba.so libb.so b", "liba.so libd.so e", "liba.so libd.so f",
                          "liba.so libd.so h", "libb.so libc_one.so g"));
}

/// A set of libraries with symbols that several of them define, some with versions, at random. Each
/// needs only libraries of lower numbers, and takes symbols that those have.
std::map<std::string, std::string> random_set(std::mt19937& random) {
  constexpr int kSymbols = 8;
  const auto name = [](std::size_t i) { return "lib" + std::to_string(i) + ".so"; };
  std::map<std::string, std::string> set;
  std::vector<std::filesystem::path> built;
  for (std::size_t i = 0; i < 6; ++i) {
    std::string source = "extern int first(void);\n";
    std::string calls;
    std::string globals;
    for (int s = 0; s < kSymbols; ++s) {
      const std::string symbol = "s" + std::to_string(s);
      if (i == 0 || random() % 4 == 0) {
        source += (random() % 3 == 0 ? "__attribute__((weak)) int " : "int ") + symbol +
                  "(void) { return " + std::to_string(i) + "; }\n";
        globals += symbol + "; ";
      } else if (random() % 2 == 0) {
        source += "int " + symbol + "(void);\n";
        calls += " + " + symbol + "()";
      }
    }
    source += "int run" + std::to_string(i) + "(void) { return 0" + calls + "; }\n";
    support::Recipe recipe{.source = source,
                           .flags = {"-Wl,-soname," + name(i), "-Wl,-rpath,$ORIGIN",
                                     "-Wl,--no-as-needed", "-Wl,--allow-shlib-undefined"},
                           .name = name(i)};
    if (random() % 2 == 0) {
      recipe.flags.push_back("-Wl,--version-script=v");
      recipe.files = {{"v", "V_" + std::to_string(random() % 2) + " { global: run" +
                                std::to_string(i) + "; " + globals + "local: *; };\n"}};
    }
    for (std::size_t k = i; k-- > 1;) {
      if (random() % 2 == 0) recipe.flags.push_back(built[k].string());
    }
    if (i > 0) recipe.flags.push_back(built[0].string());  // which has every symbol
    built.push_back(support::build(recipe));
    set["p/" + name(i)] = bytes_of(built.back());
  }
  return set;
}

TEST(SurveySymbols, TheLoaderAgreesOnRandomSets) {
  NEEDS_LIEF();
  const unsigned seed = support::random_seed();
  SCOPED_TRACE("SPOKESHAVE_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  std::size_t compared = 0;
  for (int round = 0; round < 8; ++round) {
    MadeWheel wheel(random_set(random));
    const SymbolSurvey survey = wheel.survey();
    const Bindings real = real_bindings(wheel.site());
    EXPECT_EQ(bindings_of(survey), real) << "round " << round;
    compared += real.size();
  }
  EXPECT_GT(compared, 50u);
}

TEST(SurveySymbols, ASymbolThatNobodyBringsAndAnEdgeThatNothingDeclaresAreFound) {
  NEEDS_LIEF();
  const auto a = support::build({.source = "int nowhere(void); int there(void);\n"
                                           "int a(void) { return nowhere() + there(); }",
                                 .name = "liba.so"});
  const auto b = support::build({.source = "int there(void) { return 1; }", .name = "libb.so"});
  MadeWheel wheel({{"p/liba.so", bytes_of(a)}, {"p/libb.so", bytes_of(b)}});
  const SymbolSurvey survey = wheel.survey();
  ASSERT_EQ(survey.report.crossings.size(), 1u);
  EXPECT_EQ(survey.report.crossings[0].declared, Declared::kNot);
  ASSERT_EQ(survey.report.unprovided.size(), 1u);
  const auto& listing = *survey.listings[0];
  EXPECT_EQ(listing.name(listing.imports()[survey.report.unprovided[0].symbols.at(0)]), "nowhere");
  EXPECT_THAT(survey.report.unprovided[0].may_come_from, IsEmpty());
}

TEST(ReadInChild, ALibraryOfChangedBytesGivesAListingOrAnErrorAndWeLive) {
  NEEDS_LIEF();
  const unsigned seed = support::random_seed();
  SCOPED_TRACE("SPOKESHAVE_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  const std::string whole = bytes_of(
      support::build({.source = "#include <map>\n#include <string>\n#include <iostream>\n"
                                "void f(std::map<std::string, int>& m) { std::cout << m[\"\"]; }",
                      .compiler = "g++"}));
  int refused = 0;
  for (int round = 0; round < 200; ++round) {
    std::string bytes = whole;
    const std::size_t tables = std::min<std::size_t>(bytes.size(), 8192);
    for (int k = 0; k < 8; ++k) bytes[64 + random() % (tables - 64)] = static_cast<char>(random());
    const auto reading = read_in_child(
        [&] {
          elf::MemorySource source(std::as_bytes(std::span(bytes)));
          return elf::list_symbols(source, elf::parse(source));
        },
        reading_limits(bytes.size()));
    if (const auto* why = std::get_if<std::string>(&reading)) {
      ++refused;
      EXPECT_FALSE(why->empty());
    }
  }
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace spokeshave
