#include "src/system_libraries.h"

#include <algorithm>
#include <array>

namespace spokeshave {

namespace {

constexpr std::array<std::string_view, 36> kSystem = {
    "libBrokenLocale.so.1",
    "libICE.so.6",
    "libSM.so.6",
    "libX11.so.6",
    "libXext.so.6",
    "libXrender.so.1",
    "libanl.so.1",
    "libatomic.so.1",
    "libc.so",
    "libc.so.6",
    "libcrypt.so.1",
    "libdl.so.2",
    "libexpat.so.1",
    "libgcc_s.so.1",
    "libglib-2.0.so.0",
    "libgobject-2.0.so.0",
    "libgthread-2.0.so.0",
    "libm.so.6",
    "libmvec.so.1",
    "libnsl.so.1",
    "libnss_compat.so.2",
    "libnss_dns.so.2",
    "libnss_files.so.2",
    "libnss_hesiod.so.2",
    "libnss_nis.so.2",
    "libnss_nisplus.so.2",
    "libpanelw.so.5",
    "libpthread.so.0",
    "libresolv.so.2",
    "librt.so.1",
    "libstdc++.so.6",
    "libthread_db.so.1",
    "libutil.so.1",
    "libz.so.1",
    "libncursesw.so.5",
    "libGL.so.1",
};

constexpr std::array<std::string_view, 7> kDriver = {
    "libcuda.so.1",
    "libnvidia-ml.so.1",
    "libnvcuvid.so.1",
    "libnvidia-encode.so.1",
    "libnvidia-ptxjitcompiler.so.1",
    "libnvoptix.so.1",
    "libcudadebugger.so.1",
};

}  // namespace

bool is_system_library(std::string_view soname) {
  // ld-linux-x86-64.so.2, ld64.so.2, ld-musl-x86_64.so.1, libc.musl-x86_64.so.1
  if (soname.starts_with("ld-linux") || soname.starts_with("ld64.so") ||
      soname.starts_with("ld-musl-") || soname.starts_with("libc.musl-") ||
      soname.starts_with("linux-vdso.so")) {
    return true;
  }
  return std::find(kSystem.begin(), kSystem.end(), soname) != kSystem.end();
}

bool is_driver_library(std::string_view soname) {
  return std::find(kDriver.begin(), kDriver.end(), soname) != kDriver.end();
}

bool is_of_another_wheel(std::string_view soname) {
  return !is_system_library(soname) && !is_driver_library(soname);
}

}  // namespace spokeshave
