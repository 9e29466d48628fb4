#include "src/preload_report.h"

#include <gmock/gmock.h>

#include <regex>
#include <sstream>

#include "tests/support/preload_builder.h"

namespace spokeshave {
namespace {

using support::app_that_needs;
using support::Planned;
using support::WheelSpec;
using testing::HasSubstr;

std::string list(const Planned& planned, bool colour = false) {
  return preload_list(planned.inspection, planned.plan, Style(colour));
}

TEST(PreloadList, HasAlignedColumnsAndWhoLoadsThem) {
  EXPECT_EQ(list(Planned({app_that_needs({"liba.so"}),
                          {.name = "one",
                           .libraries = {{.path = "one/lib/liba.so",
                                          .needed = {"liblonger.so"},
                                          .runpath = "$ORIGIN/../../two/lib"}}},
                          {.name = "twelve", .libraries = {{.path = "two/lib/liblonger.so"}}}})),
            R"(library       wheel        needed by
liblonger.so  twelve==1.0  liba.so
liba.so       one==1.0     _C.so

2 libraries of 2 wheels, to be loaded in this order by app/__init__.py
)");
}

TEST(PreloadList, OneFolderIsAWayOutOnlyForACircleOverSeveralWheels) {
  const std::string one_folder = "install their wheels into one folder";
  const WheelSpec app = app_that_needs({"liba.so"});
  EXPECT_THAT(list(Planned({app,
                            {.name = "one",
                             .libraries = {{.path = "one/liba.so", .needed = {"libb.so"}},
                                           {.path = "one/libb.so", .needed = {"liba.so"}}}}})),
              testing::AllOf(HasSubstr("do: take a NEEDED out with `patch`"),
                             testing::Not(HasSubstr(one_folder))));
  EXPECT_THAT(
      list(Planned(
          {app,
           {.name = "one", .libraries = {{.path = "one/liba.so", .needed = {"libb.so"}}}},
           {.name = "two", .libraries = {{.path = "two/libb.so", .needed = {"liba.so"}}}}})),
      HasSubstr("do: " + one_folder + ", or take a NEEDED out"));
}

TEST(PreloadList, AReasonThatDoesNotFitHasALineOfItsOwn) {
  const std::string name(40, 'w');
  EXPECT_EQ(list(Planned({app_that_needs({"libcudnn_opens.so.8"}),
                          {.name = name,
                           .libraries = {{.path = "one/lib/libcudnn_opens.so.8",
                                          .runpath = "$ORIGIN",
                                          .mentions = {"libpart.so"}},
                                         {.path = "one/lib/libpart.so",
                                          .runpath = "$ORIGIN/../../two/lib",
                                          .mentions = {"libfar.so"}}}},
                          {.name = "two", .libraries = {{.path = "two/lib/libfar.so"}}}})),
            R"(library              wheel                                          needed by
libcudnn_opens.so.8  wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww==1.0  _C.so
libpart.so           wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww==1.0
                     libcudnn_opens.so.8, dlopen
libfar.so            two==1.0
                     libpart.so, dlopen

3 libraries of 2 wheels, to be loaded in this order by app/__init__.py
)");
}

TEST(PreloadList, NamesAllWheelsThatBringNothingInOneNote) {
  std::vector<WheelSpec> wheels = {app_that_needs({})};
  for (const char* name : {"filelock", "fsspec", "jinja2", "markupsafe", "mpmath", "networkx",
                           "numpy", "packaging", "pillow", "requests", "setuptools", "sympy"}) {
    wheels.push_back({.name = name});
  }
  EXPECT_THAT(list(Planned(wheels)), HasSubstr(R"(
note: nothing of filelock, fsspec, jinja2, markupsafe, mpmath, networkx, numpy,
      packaging, pillow, requests, setuptools and sympy must be loaded
      beforehand
)"));
  wheels.push_back({.name = "tqdm"});
  wheels.push_back({.name = "typing-extensions"});
  EXPECT_THAT(list(Planned(wheels)), HasSubstr(R"(
      packaging, pillow, requests, setuptools, sympy and 2 more must be loaded
      beforehand
)"));
  wheels.resize(2);
  EXPECT_THAT(list(Planned(wheels)), HasSubstr(R"(
note: nothing of filelock must be loaded beforehand
)"));
}

TEST(PreloadList, AWheelThatDoesNotFitHasALineOfItsOwnToo) {
  const std::string wheel(50, 'w');
  const std::string library = std::string(40, 'l') + ".so";
  EXPECT_THAT(list(Planned({app_that_needs({library}),
                            {.name = wheel, .libraries = {{.path = "one/lib/" + library}}}})),
              HasSubstr("\n" + library + "\n" + std::string(80 - 55, ' ') + wheel + "==1.0\n" +
                        std::string(45, ' ') + "_C.so\n"));
}

TEST(PreloadList, SaysThatNothingMustBeLoaded) {
  EXPECT_EQ(list(Planned({app_that_needs({})})),
            "nothing must be loaded before app 1.0 is imported\n");
}

TEST(PreloadList, TellsWhatIsWrongWhatFollowsAndWhatToDo) {
  WheelSpec app = app_that_needs({"libnccl.so.2"});
  app.requirements = {"nvidia-nccl-cu12"};
  EXPECT_EQ(list(Planned({app})),
            R"(nothing must be loaded before app 1.0 is imported

problem: `libnccl.so.2` will be missing: no wheel here has it;
         `nvidia-nccl-cu12` should bring it
  so: `_C.so` needs it and does not load: the import fails
  do: give the wheel of `nvidia-nccl-cu12` too
)");
}

TEST(PreloadList, StaysWithinEightyColumnsAndReadsTheSameWithoutColour) {
  const std::string thirty(30, 'x');
  WheelSpec app = app_that_needs({"lib" + thirty + ".so", "libgone.so", "libb.so"});
  app.requirements = {"gone-" + thirty, "other"};
  const Planned planned(
      {app,
       {.name = thirty, .libraries = {{.path = "one/lib/lib" + thirty + ".so"}}},
       {.name = "two",
        .libraries = {{.path = "two/lib/libb.so", .needed = {"libc2.so"}},
                      {.path = "two/lib/libc2.so", .needed = {"libb.so"}, .runpath = "$ORIGIN"}}}},
      {{"app/__init__.py"}}, {.global = {"libb.so"}});
  const std::string plain = list(planned);
  std::istringstream stream(plain);
  for (std::string line; std::getline(stream, line);) EXPECT_LE(line.size(), 80u) << line;
  EXPECT_THAT(plain, HasSubstr("RTLD_GLOBAL"));
  EXPECT_EQ(std::regex_replace(list(planned, true), std::regex("\x1b\\[[0-9;]*m"), ""), plain);
}

TEST(PreloadList, CannotDriveTheTerminal) {
  const std::string evil = "lib\x1b[2J.so";
  EXPECT_EQ(list(Planned({app_that_needs({evil, "gone\x1b.so"}),
                          {.name = "on\x1b", .libraries = {{.path = "one/lib/" + evil}}}}))
                .find('\x1b'),
            std::string::npos);
}

}  // namespace
}  // namespace spokeshave
