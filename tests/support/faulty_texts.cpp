#include "tests/support/faulty_wheels.h"
#include "tests/support/wheel_maker.h"

namespace support {
namespace {

using Flaws = std::vector<std::string>;

const std::string kDistInfo = "tiny-1.0.dist-info";
const std::string kMetadata = kDistInfo + "/METADATA";
const std::string kWheel = kDistInfo + "/WHEEL";
const std::string kRecord = kDistInfo + "/RECORD";
const std::string kEntryPoints = kDistInfo + "/entry_points.txt";

FaultyWheel faulty(const std::string& claim, const WheelMaker& maker, const Flaws& flaws) {
  return {claim, maker.file_name, maker.make().bytes, flaws};
}

std::string metadata_of(const std::string& name, const std::string& version,
                        const std::string& more = {}) {
  return "Metadata-Version: 2.4\nName: " + name + "\nVersion: " + version + "\n" + more;
}

void add_file_names(std::vector<FaultyWheel>& all) {
  all.push_back(
      faulty("a name with a capital",
             {.file_name = "Tiny-1.0-py3-none-any.whl", .dist_info = "Tiny-1.0.dist-info"},
             {"filename-name | PyPI | "}));
  all.push_back(faulty("a file name of four parts", {.file_name = "tiny-1.0-none-any.whl"},
                       {"filename | PyPI and uv | "}));
  all.push_back(faulty("a file name without a version", {.file_name = "tiny-x-py3-none-any.whl"},
                       {"filename | PyPI and uv | "}));
  all.push_back(faulty("a local version",
                       {.file_name = "tiny-1.0+a-py3-none-any.whl",
                        .dist_info = "tiny-1.0+a.dist-info",
                        .metadata = metadata_of("tiny", "1.0+a")},
                       {"local-version | PyPI | "}));
  all.push_back(faulty("a platform that says nothing",
                       {.file_name = "tiny-1.0-py3-none-linux_x86_64.whl"},
                       {"platform-tag | PyPI | "}));
  for (const std::string tag :
       {"manylinux1_x86_64", "manylinux_2_17_x86_64.manylinux2014_x86_64"}) {
    all.push_back(
        faulty("the platform " + tag, {.file_name = "tiny-1.0-py3-none-" + tag + ".whl"}, {}));
  }
}

void add_folders(std::vector<FaultyWheel>& all) {
  all.push_back(faulty("a .dist-info spelt otherwise", {.dist_info = "Tiny-1.0.dist-info"},
                       {"dist-info-name | PyPI | Tiny-1.0.dist-info"}));
  all.push_back(faulty("a .dist-info of an equal version", {.dist_info = "tiny-1.0.0.dist-info"},
                       {"dist-info-name | PyPI | tiny-1.0.0.dist-info"}));
  all.push_back(faulty("a .dist-info of another name", {.dist_info = "other-1.0.dist-info"},
                       {"dist-info-name | PyPI and uv | other-1.0.dist-info"}));
  all.push_back(
      faulty("no .dist-info", {.dist_info = "tiny"}, {"dist-info-missing | PyPI and uv | "}));
  all.push_back(faulty("two .dist-info",
                       {.members = {{.name = "other-1.0.dist-info/METADATA",
                                     .content = metadata_of("other", "1.0")}}},
                       {"dist-info-count | pip and uv | "}));
  for (const std::string name : {"METADATA", "WHEEL", "RECORD"}) {
    all.push_back(faulty("no " + name, {.without = {name}},
                         {"dist-info-file | PyPI and uv | " + kDistInfo + "/" + name}));
  }
  all.push_back(faulty("a folder that .data does not have",
                       {.members = {{.name = "tiny-1.0.data/include/x.h"}}},
                       {"data-scheme | pip and uv | tiny-1.0.data/include/x.h"}));
  all.push_back(faulty("a folder of scripts",
                       {.members = {{.name = "tiny-1.0.data/scripts/more/run", .content = "x"}}},
                       {"data-script-folder | uv | tiny-1.0.data/scripts/more/run"}));
  all.push_back(faulty("a script", {.members = {{.name = "tiny-1.0.data/scripts/run"}}}, {}));
}

void add_metadata(std::vector<FaultyWheel>& all) {
  const auto with = [&](const std::string& claim, const std::string& metadata, const Flaws& flaws) {
    all.push_back(faulty(claim, {.metadata = metadata}, flaws));
  };
  with("a version spelt otherwise", metadata_of("Tiny", "1.0.0"), {});
  with("METADATA of another name", metadata_of("other", "1.0"),
       {"metadata-name | PyPI and uv | " + kMetadata});
  with("METADATA of another version", metadata_of("tiny", "1.1"),
       {"metadata-version | PyPI and uv | " + kMetadata});
  with("METADATA without a name", "Metadata-Version: 2.1\nVersion: 1.0\n",
       {"metadata | PyPI and uv | " + kMetadata});
  with("METADATA without a version", "Metadata-Version: 2.1\nName: tiny\n",
       {"metadata | PyPI and uv | " + kMetadata});
  with("METADATA of a later kind", "Metadata-Version: 2.9\nName: tiny\nVersion: 1.0\n",
       {"metadata-format | PyPI | " + kMetadata});
  with("METADATA with a licence file that is not there",
       metadata_of("tiny", "1.0", "License-File: LICENSE\n"),
       {"metadata-license-file | PyPI | " + kMetadata});
  with("a requirement by URL",
       metadata_of("tiny", "1.0", "Requires-Dist: other @ https://example.org/other.whl\n"),
       {"metadata-direct-reference | PyPI | " + kMetadata});
  all.push_back(faulty("a licence file",
                       {.metadata = metadata_of("tiny", "1.0", "License-File: LICENSE\n"),
                        .members = {{.name = kDistInfo + "/licenses/LICENSE", .content = "x"}}},
                       {}));
  all.push_back(faulty(
      "a local version in the file name only",
      {.file_name = "tiny-1.0+a-py3-none-any.whl", .dist_info = "tiny-1.0+a.dist-info"},
      {"local-version | PyPI | ", "metadata-version | PyPI | tiny-1.0+a.dist-info/METADATA"}));
}

void add_requirements(std::vector<FaultyWheel>& all) {
  const auto with = [&](const std::string& line, const Flaws& flaws) {
    all.push_back(faulty(line, {.metadata = metadata_of("tiny", "1.0", line + "\n")}, flaws));
  };
  for (const std::string right :
       {"x", "x (==1) ; extra == 'a'", "x[]", "x >=1,", "x (>=1,)", "x~=1.0", "x==1.*", "x==1+a",
        "x===1.0", "x; python_version >= '3.x'", "x; os_name == sys_platform",
        "x; os.name == '\xc3\xa9'", "X_y.z[a, b] !=1 , <2rc1; 'a' in sys_platform or extra=='b'"}) {
    with("Requires-Dist: " + right, {});
  }
  for (const std::string wrong : {"x >=>= 2",
                                  "x[",
                                  "x; banana == '1'",
                                  "x>=banana",
                                  "x (>=1",
                                  "x y",
                                  "x;",
                                  "x; python_version",
                                  "x~=1",
                                  "x>=1+a",
                                  "x>1 <2",
                                  "x=>2",
                                  "x^2",
                                  "x @",
                                  "",
                                  "-x",
                                  "x!=1.0.*rc1",
                                  "x; os_name = 'a'",
                                  "x; os_name == 'a",
                                  "x; (os_name == 'a'"}) {
    with("Requires-Dist: " + wrong, {"metadata-requires | PyPI, pip and uv | " + kMetadata});
  }
  for (const std::string mended : {"x>=1.*", "x (>=1.2.*,<3)", "x>=1<2", "x!=1.0*", "x!=~1.0",
                                   "x>dev", "x>=1.0a1.0", "x>='1'; extra == 'a'"}) {
    with("Requires-Dist: " + mended, {"metadata-requires | PyPI and pip | " + kMetadata});
  }
  with("Requires-Dist: x ()", {"metadata-requires | uv | " + kMetadata});
  for (const std::string right : {"", ">=3.6", ">=2.7, !=3.0.*,<4", ">=3,", "~=3.6"}) {
    with("Requires-Python: " + right, {});
  }
  for (const std::string wrong : {"banana", "3.8", "=>3.8", "~=3", ">3.6 <4", "*"}) {
    with("Requires-Python: " + wrong, {"metadata-requires-python | PyPI and uv | " + kMetadata});
  }
  for (const std::string mended : {">=3.6.*", ">2,!=3.0*", ">=3.6'"}) {
    with("Requires-Python: " + mended, {"metadata-requires-python | PyPI | " + kMetadata});
  }
  all.push_back(faulty("a field in Latin-1",
                       {.metadata = metadata_of("tiny", "1.0", "Author: Jos\xe9\n")},
                       {"metadata-encoding | PyPI and pip | " + kMetadata}));
  all.push_back(faulty("a description that is not UTF-8",
                       {.metadata = metadata_of("tiny", "1.0", "\nA description\xff\n")},
                       {"metadata-encoding | PyPI and pip | " + kMetadata}));
  with("Author: Jos\xc3\xa9", {});
}

void add_wheel_and_record(std::vector<FaultyWheel>& all) {
  all.push_back(faulty("WHEEL of version 2", {.wheel = "Wheel-Version: 2.0\nTag: py3-none-any\n"},
                       {"wheel-version | pip and uv | " + kWheel}));
  all.push_back(faulty("WHEEL without a version", {.wheel = "Root-Is-Purelib: true\n"},
                       {"wheel-version | pip and uv | " + kWheel}));
  all.push_back(faulty("a member that RECORD does not list",
                       {.unlisted = {{.name = "tiny/a.py", .content = "x"}}},
                       {"record-unlisted | PyPI | " + kRecord}));
  WheelMaker maker;
  maker.record = maker.rows() + "gone.py,,\n";
  all.push_back(faulty("a row of RECORD for what is not there", maker,
                       {"record-missing-member | PyPI | " + kRecord}));
  maker.record = maker.rows() + "tiny/,,\n";
  all.push_back(
      faulty("a row of RECORD for a folder", maker, {"record-missing-member | PyPI | " + kRecord}));
}

void add_entry_points(std::vector<FaultyWheel>& all) {
  const auto with = [&](const std::string& claim, const std::string& text, const Flaws& flaws) {
    all.push_back(faulty(
        claim, {.members = {{.name = "tiny/__init__.py"}, {.name = kEntryPoints, .content = text}}},
        flaws));
  };
  with("entry points",
       "# a comment\n[console_scripts]\ntiny = tiny:main\ntiny.b-c = tiny:main\n\n[other]\n"
       "a b = tiny\n",
       {});
  with("an entry point before the first section", "tiny = tiny:main\n",
       {"entry-points | PyPI and uv | " + kEntryPoints});
  with("a script whose name is a path", "[console_scripts]\n../tiny = tiny:main\n",
       {"entry-points | PyPI and uv | " + kEntryPoints});
  with("a script whose name has a blank", "[console_scripts]\na b = tiny:main\n",
       {"entry-points | PyPI | " + kEntryPoints});
  with("an entry point without a value", "[console_scripts]\ntiny\n",
       {"entry-points | PyPI and uv | " + kEntryPoints});
  with("a script twice", "[console_scripts]\nt = tiny:a\nt = tiny:b\n",
       {"entry-points | PyPI and uv | " + kEntryPoints});
  with("a section twice", "[console_scripts]\nt = tiny:a\n[console_scripts]\nu = tiny:b\n",
       {"entry-points | PyPI and uv | " + kEntryPoints});
  with("entry points that are not UTF-8", "[console_scripts]\ntiny = tiny:\xff\n",
       {"entry-points | PyPI and uv | " + kEntryPoints});
  with("a script named python", "[console_scripts]\nPython3.11 = tiny:main\n",
       {"entry-points-reserved | uv | " + kEntryPoints});
}

}  // namespace

std::vector<FaultyWheel> wheels_with_faulty_texts() {
  std::vector<FaultyWheel> all;
  add_file_names(all);
  add_folders(all);
  add_metadata(all);
  add_requirements(all);
  add_wheel_and_record(all);
  add_entry_points(all);
  return all;
}

}  // namespace support
