#include "src/licences.h"

#include <gtest/gtest.h>

namespace spokeshave {
namespace {

TEST(LicenceFile, IsWhatSetuptoolsGathersIntoDistInfo) {
  for (const char* name :
       {"LICENSE", "LICENSE.txt", "LICENCE.md", "NOTICE", "COPYING.LESSER", "AUTHORS.rst",
        "license", "licenses/a/LICENSE", "licenses/COPYRIGHT", "license_files/x"}) {
    EXPECT_TRUE(is_licence_file("x-1.0.dist-info", std::string("x-1.0.dist-info/") + name)) << name;
  }
}

TEST(LicenceFile, IsNothingElse) {
  for (const char* member :
       {"x-1.0.dist-info/METADATA", "x-1.0.dist-info/RECORD", "x/LICENSE", "LICENSE",
        "x-1.0.dist-info/sbom/LICENSE.json", "y-1.0.dist-info/LICENSE", "x-1.0.dist-info"}) {
    EXPECT_FALSE(is_licence_file("x-1.0.dist-info", member)) << member;
  }
}

}  // namespace
}  // namespace spokeshave
