#include <functional>

#include "tests/support/faulty_wheels.h"
#include "tests/support/wheel_maker.h"

namespace support {
namespace {

using Flaws = std::vector<std::string>;

const std::string kModule = "tiny/__init__.py";  // the first member; of `x = 1\n`

FaultyWheel faulty(const std::string& claim, const WheelMaker& maker, const Flaws& flaws,
                   const std::function<void(ZipImage&)>& edit = {}) {
  ZipImage image = maker.make();
  if (edit) edit(image);
  return {claim, maker.file_name, image.bytes, flaws};
}

/// The same, of a wheel whose archive is written in another way.
FaultyWheel rewritten(const std::string& claim, const ZipOptions& options, const Flaws& flaws,
                      const std::function<void(ZipImage&)>& edit = {}) {
  const WheelMaker maker;
  ZipImage image = make_zip(maker.all_members(), options);
  if (edit) edit(image);
  return {claim, maker.file_name, image.bytes, flaws};
}

std::string extra_field(unsigned id, const std::string& content) {
  return le(id, 2) + le(content.size(), 2) + content;
}

WheelMaker with_module(const ZipMember& member) {
  return {.members = {member}};
}

/// Takes the central header of member `i` out, and its number and bytes from the end record.
void remove_central(ZipImage& image, std::size_t i) {
  const std::size_t next = i + 1 < image.central.size() ? image.central[i + 1] : image.end;
  const std::size_t bytes = next - image.central[i];
  image.bytes.erase(image.central[i], bytes);
  image.end -= bytes;
  image.put16(image.end + 8, image.central.size() - 1);
  image.put16(image.end + 10, image.central.size() - 1);
  image.put32(image.end + 12, image.end - image.central[0]);
}

/// Puts `bytes` in front of the central directory's end, as one more header of it.
void add_central(ZipImage& image, const std::string& bytes) {
  image.bytes.insert(image.end, bytes);
  image.end += bytes.size();
  image.put16(image.end + 8, image.central.size() + 1);
  image.put16(image.end + 10, image.central.size() + 1);
  image.put32(image.end + 12, image.end - image.central[0]);
}

void add_proper(std::vector<FaultyWheel>& all) {
  all.push_back(faulty("nothing is wrong", {}, {}));
  all.push_back(faulty("a stored member", with_module({.name = kModule, .method = 0}), {}));
  all.push_back(faulty("a folder",
                       {.members = {{.name = "tiny/", .method = 0, .mode = 040755},
                                    {.name = kModule, .content = "x"}}},
                       {}));
  all.push_back(
      faulty("a name in UTF-8", with_module({.name = "tiny/\xc3\xa9.py", .flags = 0x800}), {}));
  all.push_back(rewritten("a zip64 end record", {.zip64_end = true}, {}));
  all.push_back(rewritten("an archive comment", {.comment = "made by hand\n"}, {}));
}

void add_headers(std::vector<FaultyWheel>& all) {
  all.push_back(faulty(
      "a data descriptor",
      with_module({.name = kModule, .content = "x = 1\n", .descriptor = Descriptor::kSigned}),
      {"zip-data-descriptor | PyPI | " + kModule}));
  all.push_back(faulty(
      "a data descriptor without a signature",
      with_module({.name = kModule, .content = "x = 1\n", .descriptor = Descriptor::kUnsigned}),
      {"zip-data-descriptor | PyPI | " + kModule}));
  all.push_back(faulty("a comment of a member", with_module({.name = kModule, .comment = "hello"}),
                       {"zip-member-comment | PyPI | " + kModule}));
  all.push_back(faulty("another name in the local header", {},
                       {"zip-name-differs | PyPI and uv | " + kModule},
                       [](ZipImage& image) { image.bytes[image.local[0] + 30] = 'T'; }));
  all.push_back(faulty("another size in the local header", {},
                       {"zip-size-differs | PyPI and uv | " + kModule},
                       [](ZipImage& image) { image.put32(image.local[0] + 22, 7); }));
  all.push_back(faulty("another packed size in the local header", {},
                       {"zip-size-differs | PyPI and uv | " + kModule}, [](ZipImage& image) {
                         image.put32(image.local[0] + 18, image.get(image.local[0] + 18, 4) + 1);
                       }));
  all.push_back(faulty("another CRC in the local header", {}, {"zip-crc-differs | uv | " + kModule},
                       [](ZipImage& image) { image.put32(image.local[0] + 14, 1); }));
  all.push_back(faulty("another method in the local header", {},
                       {"zip-method-differs | uv | " + kModule},
                       [](ZipImage& image) { image.put16(image.local[0] + 8, 0); }));
  all.push_back(faulty("the method bzip2", with_module({.name = kModule, .method = 12}),
                       {"zip-method | PyPI and uv | " + kModule}));
  // The bytes of an empty zstd frame.
  all.push_back(
      faulty("the method zstd",
             with_module({.name = kModule,
                          .content = std::string("\x28\xb5\x2f\xfd\x20\x00\x01\x00\x00", 9),
                          .method = 93,
                          .packed_by_caller = true}),
             {"zip-method | PyPI | " + kModule}));
  all.push_back(faulty("an encrypted member", with_module({.name = kModule, .flags = 1}),
                       {"zip-encrypted | uv | " + kModule}));
  all.push_back(faulty("patch data", with_module({.name = kModule, .flags = 1 << 5}),
                       {"zip-patch-data | uv | " + kModule}));
  all.push_back(faulty("a zip version to come", {}, {"zip-version | PyPI and uv | " + kModule},
                       [](ZipImage& image) { image.put16(image.central[0] + 6, 64); }));
  all.push_back(faulty("METADATA with another CRC in both headers", {},
                       {"dist-info-unreadable | PyPI and uv | tiny-1.0.dist-info/METADATA"},
                       [](ZipImage& image) {
                         image.put32(image.local[1] + 14, 1).put32(image.central[1] + 16, 1);
                       }));
  all.push_back(
      faulty("a folder with contents",
             {.members = {{.name = "tiny/", .content = "x", .method = 0, .mode = 040755}}},
             {"zip-folder-contents | uv | tiny/"}));
}

void add_extra_fields(std::vector<FaultyWheel>& all) {
  const auto with_extra = [&](const std::string& claim, const std::string& extra,
                              const std::string& rule) {
    all.push_back(faulty(claim,
                         with_module({.name = kModule, .content = "x", .local_extra = extra}),
                         {rule + " | " + kModule}));
  };
  const std::string path = extra_field(0x7075, std::string(5, '\0') + kModule);
  with_extra("two zip64 fields", extra_field(1, "") + extra_field(1, ""),
             "zip-extra-duplicate | PyPI and uv");
  with_extra("two second names", path + path, "zip-extra-duplicate | PyPI and uv");
  with_extra("a zip64 field of 12 bytes", extra_field(1, std::string(12, '\0')),
             "zip64-extra | PyPI and uv");
  with_extra("an extra field that is cut off", le(0x5455, 2) + le(9, 2), "zip-extra | PyPI and uv");
  with_extra("a second name with a line end",
             extra_field(0x7075, std::string(5, '\0') + "tiny/\n.py"), "zip-unicode-path | PyPI");
  with_extra("two fields of one id", extra_field(0x5455, "") + extra_field(0x5455, ""),
             "zip-extra-duplicate | uv");
  with_extra("a zip64 field of what nobody left to it",
             extra_field(1, le(1, 8) + le(3, 8) + le(0, 8)), "zip64-extra | uv");
  with_extra("an extra field that is two bytes", "xx", "zip-extra | PyPI");
  with_extra("a second name that is cut off", extra_field(0x7075, "\1"), "zip-unicode-path | uv");
  all.push_back(faulty(
      "a zip64 field that says the same again",
      with_module(
          {.name = kModule, .content = "x", .local_extra = extra_field(1, le(1, 8) + le(3, 8))}),
      {}));
  all.push_back(faulty(
      "a central zip64 field of what nobody left to it",
      with_module({.name = kModule, .content = "x", .central_extra = extra_field(1, le(1, 8))}),
      {"zip64-extra | uv | " + kModule}));
  all.push_back(faulty(
      "a central zip64 field for both sizes",
      with_module(
          {.name = kModule, .content = "x", .central_extra = extra_field(1, le(1, 8) + le(3, 8))}),
      {}, [](ZipImage& image) {
        image.put32(image.central[0] + 20, 0xffffffff).put32(image.central[0] + 24, 0xffffffff);
      }));
  all.push_back(faulty(
      "a local zip64 field for both sizes",
      with_module(
          {.name = kModule, .content = "x", .local_extra = extra_field(1, le(1, 8) + le(3, 8))}),
      {}, [](ZipImage& image) {
        image.put32(image.local[0] + 18, 0xffffffff).put32(image.local[0] + 22, 0xffffffff);
      }));
  all.push_back(faulty(
      "a central zip64 field that is too short",
      with_module({.name = kModule, .content = "x", .central_extra = extra_field(1, "")}),
      {"zip64-extra | PyPI and uv | " + kModule, "zip-size-differs | PyPI and uv | " + kModule},
      [](ZipImage& image) { image.put32(image.central[0] + 24, 0xffffffff); }));
  const std::string one_size = extra_field(1, le(3, 8));  // deflate packs `x` in 3 bytes
  with_extra("a zip64 field of one size for packed data", one_size, "zip64-extra | PyPI and uv");
}

void add_names(std::vector<FaultyWheel>& all) {
  const auto named = [&](const std::string& claim, const ZipMember& member, const Flaws& flaws) {
    all.push_back(faulty(claim, with_module(member), flaws));
  };
  named("a line end in a name", {.name = "tiny/a\n/", .method = 0, .mode = 040755},
        {"zip-name-control | PyPI and uv | tiny/a\\x0a/"});
  named("a DEL in a name", {.name = "tiny/a\x7f.py"},
        {"zip-name-control | PyPI and uv | tiny/a\\x7f.py"});
  named("a zero-width space in a name", {.name = "tiny/\xe2\x80\x8b.py", .flags = 0x800},
        {"zip-name-control | uv | tiny/\\xe2\\x80\\x8b.py"});
  named("a name that is not UTF-8", {.name = "tiny/\xff/", .method = 0, .mode = 040755},
        {"zip-name-utf8 | PyPI and uv | tiny/\\xff/"});
  named("a name in UTF-8 that is not marked so", {.name = "tiny/\xc3\xa9.py"},
        {"zip-name-unmarked | PyPI and uv | tiny/\xc3\xa9.py"});
  named("an empty name", {.name = "", .method = 0}, {"zip-name-empty | uv | "});
  named("a name that leads out", {.name = "../tiny.py"}, {"zip-name-escapes | pip | ../tiny.py"});
  named("an absolute name", {.name = "/tiny.py"}, {"zip-name-escapes | pip | /tiny.py"});
  named("a name that leads out and back", {.name = "tiny/../tiny.py"}, {});
  all.push_back(
      faulty("a name twice, with the same contents",
             {.members = {{.name = kModule, .content = "x"}, {.name = kModule, .content = "x"}}},
             {"zip-duplicate-name | PyPI | " + kModule}));
  all.push_back(
      faulty("a name twice, with other contents",
             {.members = {{.name = kModule, .content = "x"}, {.name = kModule, .content = "y"}}},
             {"zip-duplicate-name | PyPI and uv | " + kModule}));
}

void add_structure(std::vector<FaultyWheel>& all) {
  all.push_back(faulty("a member that only the local headers tell",
                       {.unlisted = {{.name = "tiny/hidden.py", .content = "x"}}},
                       {"zip-hidden-member | PyPI and uv | tiny/hidden.py"},
                       [](ZipImage& image) { remove_central(image, 3); }));
  WheelMaker more;
  more.members.push_back({.name = "tiny/b.py"});
  all.push_back(
      faulty("a central header that leads elsewhere", more,
             {"zip-no-local-header | uv | tiny/b.py", "zip-hidden-member | uv | tiny/b.py"},
             [](ZipImage& image) { image.put32(image.central[1] + 42, 5); }));
  WheelMaker listed;
  listed.record = listed.rows() + "tiny/__init__.pz,,\n";
  all.push_back(
      faulty("a member that only the central directory tells", listed,
             {"zip-no-local-header | PyPI and uv | tiny/__init__.pz"}, [](ZipImage& image) {
               ZipImage copy = image;
               copy.put32(image.central[0] + 42, 5).bytes[image.central[0] + 46 + 15] = 'z';
               add_central(
                   image, copy.bytes.substr(image.central[0], image.central[1] - image.central[0]));
             }));
  all.push_back(faulty("a second local header of a name",
                       {.unlisted = {{.name = kModule, .content = "y"}}},
                       {"zip-hidden-member | PyPI and uv | " + kModule},
                       [](ZipImage& image) { remove_central(image, 3); }));
  all.push_back(faulty("a central header more than members", {},
                       {"zip-duplicate-name | PyPI and uv | " + kModule}, [](ZipImage& image) {
                         add_central(image,
                                     image.bytes.substr(image.central[0],
                                                        image.central[1] - image.central[0]));
                       }));
  all.push_back(rewritten("bytes before the central directory", {.gap_before_directory = "junk"},
                          {"zip-gap | PyPI and uv | "}));
  all.push_back(faulty("bytes behind the central directory", {}, {"zip-gap | PyPI and uv | "},
                       [](ZipImage& image) { image.bytes.insert(image.end, "junk"); }));
  all.push_back(faulty("bytes before the archive", {}, {"zip-prefix | PyPI and uv | "},
                       [](ZipImage& image) { image.bytes.insert(0, "#!/bin/sh\n"); }));
  all.push_back(faulty("packed data that reaches into the central directory", {},
                       {"zip-gap | PyPI and uv | tiny-1.0.dist-info/RECORD",
                        "dist-info-unreadable | PyPI and uv | tiny-1.0.dist-info/RECORD"},
                       [](ZipImage& image) {
                         image.put32(image.local[3] + 18, 9999).put32(image.central[3] + 20, 9999);
                       }));
}

void add_ends(std::vector<FaultyWheel>& all) {
  const auto at_end = [&](const std::string& claim, const std::string& flaw,
                          const std::function<void(ZipImage&)>& edit) {
    all.push_back(faulty(claim, {}, {flaw + " | "}, edit));
  };
  at_end("too small a number of members", "zip-directory-count | PyPI and uv",
         [](ZipImage& image) { image.put16(image.end + 8, 3).put16(image.end + 10, 3); });
  at_end("two numbers of members", "zip-two-counts | PyPI and uv",
         [](ZipImage& image) { image.put16(image.end + 8, 3); });
  at_end("another size of the directory", "zip-directory-size | PyPI and uv",
         [](ZipImage& image) { image.put32(image.end + 12, image.get(image.end + 12, 4) - 1); });
  at_end("another place of the directory", "zip-directory-place | PyPI and uv",
         [](ZipImage& image) { image.put32(image.end + 16, image.get(image.end + 16, 4) + 1); });
  at_end("bytes behind the end", "zip-trailing-data | PyPI and uv",
         [](ZipImage& image) { image.bytes += "junk"; });
  at_end("zeros behind the end", "zip-trailing-data | PyPI",
         [](ZipImage& image) { image.bytes += std::string(4, '\0'); });
  at_end("a comment that the file ends within", "zip-trailing-data | PyPI and uv",
         [](ZipImage& image) { image.put16(image.end + 20, 5); });
  const WheelMaker maker;
  all.push_back(rewritten("an archive comment that is an archive",
                          {.comment = make_zip({{.name = "a", .content = "b"}}).bytes},
                          {"zip-comment | PyPI and uv | "}));
  all.push_back(rewritten("an archive comment with an odd character", {.comment = "\1"},
                          {"zip-comment | uv | "}));
  all.push_back(faulty("a disk number", {}, {"zip-disks | uv | "},
                       [](ZipImage& image) { image.put16(image.end + 4, 1); }));
  all.push_back(rewritten(
      "two places of the directory", {.zip64_end = true}, {"zip64-contradiction | uv | "},
      [](ZipImage& image) { image.put32(image.bytes.size() - 6, image.central[0] + 1); }));
  all.push_back(rewritten("extensible data", {.zip64_end = true},
                          {"zip64-extensible-data | PyPI and uv | "}, [](ZipImage& image) {
                            image.bytes.insert(image.end + 56, "data");
                            image.put(image.end + 4, 48, 8);
                          }));
  all.push_back(rewritten("a zip64 end record without a locator", {.zip64_end = true},
                          {"zip64-locator | PyPI and uv | "},
                          [](ZipImage& image) { image.bytes.erase(image.end + 56, 20); }));
  all.push_back(
      rewritten("a locator that leads elsewhere", {.zip64_end = true}, {"zip64-locator | uv | "},
                [](ZipImage& image) { image.put(image.end + 56 + 8, image.end - 1, 8); }));
  all.push_back(rewritten("two numbers of members in zip64", {.zip64_end = true},
                          {"zip-two-counts | PyPI and uv | "},
                          [](ZipImage& image) { image.put(image.end + 24, 3, 8); }));
}

}  // namespace

std::vector<FaultyWheel> wheels_with_faulty_zips() {
  std::vector<FaultyWheel> all;
  add_proper(all);
  add_headers(all);
  add_extra_fields(all);
  add_names(all);
  add_structure(all);
  add_ends(all);
  return all;
}

}  // namespace support
