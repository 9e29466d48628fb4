#include "src/demangle.h"

#include <gmock/gmock.h>

#include <chrono>

#include "tests/support/compile.h"
#include "tests/support/run_program.h"

namespace spokeshave {
namespace {

using testing::ElementsAre;

TEST(Demangled, OtherNamesStayAsTheyAre) {
  EXPECT_THAT(demangled({"puts", "i", "_Znonsense", "", "cudnnCreate"}),
              ElementsAre("puts", "i", "_Znonsense", "", "cudnnCreate"));
}

TEST(Demangled, AgreesWithCxxfilt) {
  NEEDS_PROGRAMS("c++filt");
  const std::vector<std::string> names = {
      "_ZNSt13runtime_errorC1EPKc",
      "_ZN3c1010TensorImplD0Ev",
      "_ZSt4endlIcSt11char_traitsIcEERSt13basic_ostreamIT_T0_ES6_",
      "_ZTVN10__cxxabiv117__class_type_infoE",
      "_ZNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEE9_M_createERmm",
      "_ZGVZ12local_staticvE1x"};
  std::vector<std::string> argv = {"c++filt"};
  argv.insert(argv.end(), names.begin(), names.end());
  std::string text;
  for (const auto& name : demangled(names)) text += name + '\n';
  EXPECT_EQ(text, support::run_program(argv).out);
}

/// f(pair<pair<...>, pair<...>>) to a depth of `depth`: each level is the one before it twice.
std::string doubling(int depth) {
  const std::string digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  std::string parameters = "St4pairIiiE";
  // S0_ is the first pair, S1_ the one of two of them, and so on.
  for (int i = 0; i < depth; ++i) {
    const std::string before = std::string("S") + digits[static_cast<std::size_t>(i)] + "_";
    parameters += "S_I" + before + before + "E";  // S_ is std::pair itself
  }
  return "_Z1f" + parameters;
}

TEST(Demangled, ANameThatStandsForGigabytesStaysAsItIs) {
  const std::string bomb = doubling(34);
  ASSERT_LT(bomb.size(), 700u);
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_THAT(demangled({"_Z1fv", bomb, "_Z1gv"}), ElementsAre("f()", bomb, "g()"));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(60));
}

TEST(Demangled, TheTestsBombIsAProperNameWhereItIsShort) {
  NEEDS_PROGRAMS("c++filt");
  const std::string small = doubling(3);
  EXPECT_EQ(demangled({small})[0] + '\n', support::run_program({"c++filt", small}).out);
  EXPECT_GT(demangled({doubling(8)})[0].size(), 4000u);
}

TEST(Demangled, ALongNameStaysAsItIs) {
  const std::string name = "_Z5000" + std::string(5000, 'f') + "v";
  EXPECT_EQ(demangled({name})[0], name);
}

}  // namespace
}  // namespace spokeshave
