#include "src/patch_request.h"

namespace spokeshave {

const char* option_of(LibraryEdit::Kind kind) {
  switch (kind) {
    case LibraryEdit::Kind::kSetRunpath:
      return "--set-runpath";
    case LibraryEdit::Kind::kSetRpath:
      return "--set-rpath";
    case LibraryEdit::Kind::kRemoveRpath:
      return "--remove-rpath";
    case LibraryEdit::Kind::kSetSoname:
      return "--set-soname";
    case LibraryEdit::Kind::kReplaceNeeded:
      return "--replace-needed";
    case LibraryEdit::Kind::kAddNeeded:
      return "--add-needed";
    case LibraryEdit::Kind::kRemoveNeeded:
      return "--remove-needed";
  }
  return "";
}

bool PatchRequest::empty() const {
  PatchRequest nothing;
  nothing.diffs.strip_count = diffs.strip_count;
  nothing.diffs.patch_prog = diffs.patch_prog;
  return *this == nothing;
}

}  // namespace spokeshave
