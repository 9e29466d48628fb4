#include "wheel/wheel_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <system_error>

#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/wheel_maker.h"
#include "wheel/error.h"

namespace {

using support::WheelMaker;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;
using wheel::open_wheel;
using wheel::WheelFile;

std::string put(const support::TempDir& folder, const std::string& name, const std::string& bytes) {
  const std::string path = folder / name;
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

WheelFile opened(const WheelMaker& maker) {
  const support::TempDir folder;  // may go while the wheel is open
  return open_wheel(put(folder, maker.file_name, maker.make().bytes));
}

/// What the Error says, `[member] what`; "taken" where the wheel opens.
std::string refusal(const WheelMaker& maker) {
  try {
    opened(maker);
  } catch (const wheel::Error& error) {
    return "[" + error.member() + "] " + error.what();
  }
  return "taken";
}

TEST(OpenWheel, GivesWhatDistInfoSays) {
  const WheelFile wheel = opened({});
  EXPECT_EQ(wheel.filename.distribution, "tiny");
  EXPECT_EQ(wheel.dist_info, "tiny-1.0.dist-info");
  EXPECT_EQ(wheel.data, "");
  EXPECT_EQ(wheel.metadata.get("Version"), "1.0");
  EXPECT_EQ(wheel.wheel.get("Root-Is-Purelib"), "true");
  EXPECT_EQ(wheel.rows.size(), 4u);
  EXPECT_EQ(wheel.rows.at("tiny/__init__.py").size, 6u);
}

// The maker's own judge: pip installs what it makes.
TEST(OpenWheel, TakesWhatPipInstalls) {
  const support::TempDir folder;
  const std::string path = put(folder, WheelMaker{}.file_name, WheelMaker{}.make().bytes);
  const auto pip = support::run_program({"python3", "-m", "pip", "install", "--no-index",
                                         "--no-deps", "--disable-pip-version-check", "--target",
                                         (folder / "site").string(), path});
  EXPECT_EQ(pip.status, 0) << pip.out << pip.err;
}

TEST(OpenWheel, TakesWhatIsOddButValid) {
  EXPECT_EQ(refusal({.file_name = "Tiny-1.0-7-py3-none-any.whl"}), "taken");
  EXPECT_EQ(refusal({.file_name = "Foo.Bar-1.0-py3-none-any.whl",
                     .dist_info = "Foo.Bar-1.0.dist-info",
                     .metadata = "Metadata-Version: 1.1\nName: foo-bar\nVersion: 1.0.0\n"}),
            "taken");
  EXPECT_EQ(refusal({.file_name = "Foo.Bar-1.0-py3-none-any.whl",
                     .dist_info = "foo_bar-1.0.dist-info",
                     .metadata = "Metadata-Version: 1.1\nName: Foo-Bar\nVersion: 1.0\n"}),
            "taken");
  EXPECT_EQ(refusal({.file_name = "tiny-1.0+CU118-py3-none-any.whl",
                     .dist_info = "tiny-1.0+cu118.dist-info"}),
            "taken")
      << "a local version in the file name only";
  EXPECT_EQ(
      refusal({.metadata = "Metadata-Version: 2.1\r\nName: tiny\r\nVersion: 1.0\r\n\r\ntext"}),
      "taken");
  EXPECT_EQ(refusal({.wheel = "Wheel-Version: 1.9\nTag: cp311-cp311-linux_x86_64\n"}), "taken");
  EXPECT_EQ(
      refusal(
          {.members = {{.name = "tiny/", .method = 0, .mode = 040755},
                       {.name = "tiny/a, \"b\".py", .content = "1"}},
           .record =
               "\"tiny/a, \"\"b\"\".py\",sha256=a4ayc_80_OGda4BO_1o_V0etpOqiLx1JwB5S3beHW0s,1\r\n"
               "tiny-1.0.dist-info/METADATA,"
               "sha512=" +
               std::string(86, 'x') +
               ",\r\n"
               "tiny-1.0.dist-info/WHEEL,sha384=" +
               std::string(64, 'x') +
               ",\r\n"
               "tiny-1.0.dist-info/RECORD,,\r\n"}),
      "taken");
  EXPECT_EQ(refusal({.unlisted = {{.name = "tiny-1.0.dist-info/RECORD.jws", .content = "{}"},
                                  {.name = "tiny-1.0.dist-info/RECORD.p7s", .content = ""}}}),
            "taken");
}

TEST(OpenWheel, RefusesAFileNameThatDoesNotParse) {
  EXPECT_THAT(refusal({.file_name = "tiny.whl"}), HasSubstr("1 parts"));
}

TEST(OpenWheel, NamesThePlatformThatIsNotLinux) {
  EXPECT_THAT(refusal({.file_name = "tiny-1.0-cp311-cp311-win_amd64.whl"}), HasSubstr("win_amd64"));
  EXPECT_THAT(refusal({.file_name = "tiny-1.0-cp311-cp311-macosx_11_0_arm64.whl"}),
              HasSubstr("macosx_11_0_arm64"));
  EXPECT_THAT(refusal({.file_name = "tiny-1.0-cp311-cp311-linux_x86_64.win32.whl"}),
              HasSubstr("win32"));
}

TEST(OpenWheel, OfNoFileIsAnErrorOfTheSystem) {
  EXPECT_THROW(open_wheel("/no/such/tiny-1.0-py3-none-any.whl"), std::system_error);
}

TEST(OpenWheel, RefusesWhatIsNoArchive) {
  const support::TempDir folder;
  EXPECT_THROW(open_wheel(put(folder, "tiny-1.0-py3-none-any.whl", "not a zip")), wheel::Error);
}

TEST(OpenWheel, CutAnywhereIsRefused) {
  const support::TempDir folder;
  const std::string whole = WheelMaker{}.make().bytes;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string path = put(folder, "tiny-1.0-py3-none-any.whl", whole.substr(0, size));
    EXPECT_THROW(open_wheel(path), wheel::Error) << size;
  }
}

TEST(OpenWheel, WantsExactlyOneDistInfo) {
  EXPECT_THAT(refusal({.dist_info = "tiny"}), HasSubstr("no .dist-info folder"));
  EXPECT_THAT(refusal({.members = {{.name = "other-2.dist-info/METADATA", .content = "x"}}}),
              AllOf(HasSubstr("more than one"), HasSubstr("other-2.dist-info"),
                    HasSubstr("tiny-1.0.dist-info")));
  EXPECT_EQ(refusal({.members = {{.name = "tiny/vendored-2.dist-info/METADATA", .content = "x"}}}),
            "taken")
      << "only at the top";
}

TEST(OpenWheel, WantsTheDistInfoOfTheFileName) {
  EXPECT_THAT(refusal({.dist_info = "other-1.0.dist-info"}), HasSubstr("does not belong"));
  EXPECT_THAT(refusal({.dist_info = "tiny-1.1.dist-info"}), HasSubstr("does not belong"));
  EXPECT_THAT(refusal({.dist_info = "tiny.dist-info"}), HasSubstr("does not belong"));
  EXPECT_THAT(refusal({.dist_info = ".dist-info"}), HasSubstr("does not belong"));
}

TEST(OpenWheel, WantsTheThreeFiles) {
  for (const std::string name : {"METADATA", "WHEEL", "RECORD"}) {
    EXPECT_EQ(refusal({.without = {name}}),
              "[tiny-1.0.dist-info/" + name + "] it is not there; a wheel must have it");
  }
}

TEST(OpenWheel, WantsTheMetadataOfTheFileName) {
  const auto with = [](const std::string& metadata) { return refusal({.metadata = metadata}); };
  EXPECT_THAT(with("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n"),
              HasSubstr("it is of other"));
  EXPECT_THAT(with("Metadata-Version: 2.1\nName: tiny\nVersion: 1.1\n"), HasSubstr("version 1.1"));
  EXPECT_THAT(with("Metadata-Version: 2.1\nName: tiny\nVersion: one\n"), HasSubstr("version one"));
  EXPECT_THAT(with("Metadata-Version: 2.1\nName: tiny\n"), HasSubstr("no field Version"));
  EXPECT_THAT(with("Metadata-Version: 2.1\nVersion: 1.0\n"), HasSubstr("no field Name"));
  EXPECT_THAT(with("Name: tiny\nVersion: 1.0\n"), HasSubstr("no field Metadata-Version"));
  EXPECT_THAT(with("Metadata-Version: 3.0\nName: tiny\nVersion: 1.0\n"), HasSubstr("is 3.0"));
  EXPECT_THAT(with("Metadata-Version: 2.1\nName: tiny\nName: tiny\nVersion: 1.0\n"),
              HasSubstr("more than one field Name"));
  EXPECT_THAT(with("Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\nVersion: 2.0\n"),
              HasSubstr("more than one field Version"));
  EXPECT_THAT(with("\nMetadata-Version: 2.1\nName: tiny\nVersion: 1.0\n"), HasSubstr("no field"));
  EXPECT_THAT(with("Metadata-Version: 2.1\nwhat\n"), HasSubstr("line 2 is not `Name: value`"));
  EXPECT_THAT(with(""), HasSubstr("no field"));
}

TEST(OpenWheel, WantsAWheelVersionThatInstallersTake) {
  EXPECT_THAT(refusal({.wheel = "Wheel-Version: 2.0\n"}), HasSubstr("Wheel-Version is 2.0"));
  EXPECT_THAT(refusal({.wheel = "Generator: x\n"}), HasSubstr("no field Wheel-Version"));
  EXPECT_THAT(refusal({.wheel = "Wheel-Version: 1.0\nWheel-Version: 2.0\n"}),
              HasSubstr("more than one"));
  EXPECT_THAT(refusal({.wheel = "Wheel-Version: 10\n"}), HasSubstr("Wheel-Version is 10"));
}

const std::string kHash = "sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";

// What passes through keeps its row to the letter: also a hash of another kind, or one whose last
// digit has bits that mean nothing.
TEST(OpenWheel, KeepsHashesAsTheyAreSpelt) {
  for (const std::string& hash :
       {kHash, kHash.substr(0, kHash.size() - 1) + "V", "sha384=" + std::string(64, 'A'),
        "sha512=" + std::string(86, 'B')}) {
    WheelMaker maker{.members = {{.name = "tiny.py"}}};
    maker.record = "tiny.py," + hash + ",0\n" +
                   maker.row({.name = "tiny-1.0.dist-info/METADATA", .content = maker.metadata}) +
                   maker.row({.name = "tiny-1.0.dist-info/WHEEL", .content = maker.wheel}) +
                   "tiny-1.0.dist-info/RECORD,,\n";
    const WheelFile wheel = opened(maker);
    EXPECT_EQ(wheel.rows.at("tiny.py").hash, hash);
    EXPECT_EQ(wheel.rows.at("tiny.py").size, 0u);
    EXPECT_EQ(wheel.rows.at("tiny-1.0.dist-info/RECORD").hash, "");
    EXPECT_FALSE(wheel.rows.contains("tiny"));
  }
}

/// The refusal of a wheel with one empty module, whose RECORD has `row` for it.
std::string refusal_of_row(const std::string& row) {
  const WheelMaker maker{.members = {{.name = "tiny.py"}}};
  std::string record = row;
  record += maker.row({.name = "tiny-1.0.dist-info/METADATA", .content = maker.metadata});
  record += maker.row({.name = "tiny-1.0.dist-info/WHEEL", .content = maker.wheel});
  record += "tiny-1.0.dist-info/RECORD,,\n";
  WheelMaker with = maker;
  with.record = record;
  return refusal(with);
}

TEST(OpenWheel, WantsARecordOfWhatIsThere) {
  EXPECT_EQ(refusal_of_row("tiny.py," + kHash + ",0\n"), "taken");
  EXPECT_EQ(refusal_of_row("tiny.py," + kHash + ",\n"), "taken");
  EXPECT_THAT(refusal_of_row(""), AllOf(StartsWith("[tiny-1.0.dist-info/RECORD]"),
                                        HasSubstr("does not list \"tiny.py\"")));
  const std::string good = "tiny.py," + kHash + ",0\n";
  EXPECT_THAT(refusal_of_row(good + "gone.py," + kHash + ",0\n"),
              HasSubstr("lists \"gone.py\", which is not in the archive"));
  EXPECT_THAT(refusal_of_row(good + "../tiny.py," + kHash + ",0\n"),
              HasSubstr("not in the archive"));
  EXPECT_THAT(refusal_of_row(good + "/etc/passwd," + kHash + ",0\n"),
              HasSubstr("not in the archive"));
  EXPECT_THAT(refusal_of_row(good + "./tiny.py," + kHash + ",0\n"),
              HasSubstr("not in the archive"));
  EXPECT_THAT(refusal_of_row(good + "TINY.py," + kHash + ",0\n"), HasSubstr("not in the archive"));
  EXPECT_THAT(refusal_of_row(good + "tiny/," + kHash + ",0\n"), HasSubstr("a folder"));
  EXPECT_THAT(refusal_of_row(good + good), HasSubstr("a second time"));
  EXPECT_THAT(refusal_of_row("tiny.py," + kHash + ",1\n"), HasSubstr("with 1 bytes; it has 0"));
  EXPECT_THAT(refusal_of_row("tiny.py," + kHash + "\n"), HasSubstr("line 1 has 2 fields"));
}

TEST(OpenWheel, WantsHashesThatAreAllowed) {
  for (const std::string hash :
       {"md5=1B2M2Y8AsgTpgAmY7PhCfg", "sha1=2jmj7l5rSw0yVb_vlWAYkK_YBwk",
        "sha224=0UoCjCo6K8lHYQK7KII0xBWisB-CjqYqxbPkLw", "sha256=", "sha256",
        "sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=",
        "sha256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
        "sha256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "SHA256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU", "sha256=0"}) {
    EXPECT_THAT(refusal_of_row("tiny.py," + hash + ",0\n"), HasSubstr("are allowed")) << hash;
  }
  EXPECT_THAT(refusal_of_row("tiny.py,,0\n"), HasSubstr("without a hash"));
}

TEST(OpenWheel, WantsARecordThatListsItselfWithoutAHash) {
  EXPECT_THAT(refusal({.record = "x"}), HasSubstr("1 fields"));
  WheelMaker maker{.members = {}};
  const std::string rows =
      maker.row({.name = "tiny-1.0.dist-info/METADATA", .content = maker.metadata}) +
      maker.row({.name = "tiny-1.0.dist-info/WHEEL", .content = maker.wheel});
  maker.record = rows;
  EXPECT_THAT(refusal(maker), HasSubstr("does not list \"tiny-1.0.dist-info/RECORD\""));
  maker.record = rows + "tiny-1.0.dist-info/RECORD," + kHash + ",\n";
  EXPECT_THAT(refusal(maker), HasSubstr("itself, with a hash"));
}

TEST(OpenWheel, FindsTheDataFolder) {
  const WheelFile wheel =
      opened({.members = {{.name = "tiny-1.0.data/scripts/run", .content = "x"}}});
  EXPECT_EQ(wheel.data, "tiny-1.0.data");
  EXPECT_EQ(refusal({.members = {{.name = "tiny/.data/x", .content = "x"}}}), "taken");
}

TEST(OpenWheel, WantsADataFolderThatInstallersTake) {
  EXPECT_THAT(refusal({.members = {{.name = "other-1.0.data/scripts/x", .content = "x"}}}),
              HasSubstr("does not belong"));
  EXPECT_THAT(refusal({.members = {{.name = "tiny-1.0.data/include/x", .content = "x"}}}),
              HasSubstr("installers know only"));
  EXPECT_THAT(refusal({.members = {{.name = "tiny-1.0.data/scripts", .content = "x"}}}),
              HasSubstr("installers know only"));
  EXPECT_THAT(refusal({.members = {{.name = "tiny-1.0.data/x", .content = "x"}}}),
              HasSubstr("installers know only"));
}

TEST(InstalledPath, IsWherePipPutsIt) {
  const WheelFile wheel =
      opened({.members = {{.name = "tiny-1.0.data/scripts/run", .content = "x"}}});
  EXPECT_EQ(installed_path(wheel, "tiny/lib/a.so"), "tiny/lib/a.so");
  EXPECT_EQ(installed_path(wheel, "tiny-1.0.data/purelib/tiny/a.py"), "tiny/a.py");
  EXPECT_EQ(installed_path(wheel, "tiny-1.0.data/platlib/tiny/a.so"), "tiny/a.so");
  EXPECT_EQ(installed_path(wheel, "tiny-1.0.data/scripts/run"), "../../../bin/run");
  EXPECT_EQ(installed_path(wheel, "tiny-1.0.data/data/lib/a.so"), "../../../lib/a.so");
  EXPECT_EQ(installed_path(wheel, "tiny-1.0.dist-info/RECORD"), "tiny-1.0.dist-info/RECORD");
}

}  // namespace
