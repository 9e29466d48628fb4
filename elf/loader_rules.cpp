#include "elf/loader_rules.h"

namespace elf {

const LoaderRules& LoaderRules::of(LoaderKind kind) {
  return kind == LoaderKind::kMusl ? musl_rules() : glibc_rules();
}

}  // namespace elf
