#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "elf/symbol_listing.h"

// Which symbols cross which edge of a set of libraries, and which have nobody to bring them. Pure.
namespace spokeshave {

/// One library of the set.
struct SymbolLibrary {
  std::string path;                             ///< as installed
  const elf::SymbolListing* listing = nullptr;  ///< null: it could not be read
  std::vector<std::size_t> needs = {};          ///< by DT_NEEDED: indices of the set, in order
  std::vector<std::string> needs_outside = {};  ///< DT_NEEDED that the set does not meet
  bool is_program = false;                      ///< brings nothing to those that do not need it
};

/// A library of this machine's system that the set needs and that could be read.
struct SystemLibrary {
  std::string soname;
  elf::SymbolListing listing;
};

/// How DT_NEEDED declares that one library uses another.
enum class Declared {
  kDirectly,    ///< it names it
  kIndirectly,  ///< only something that it needs does: breaks when that one stops needing it
  kNot,  ///< nothing that it needs does: works only where something else has loaded it before
};

/// Symbols that one library takes from another: indices of the importer's imports, ascending.
struct Crossing {
  std::size_t from = 0;
  std::size_t to = 0;
  Declared declared = Declared::kNot;
  std::vector<std::uint32_t> symbols;
};

/// Strong symbols of one library that nobody in the set or on this machine brings.
struct Unprovided {
  std::size_t library = 0;
  std::vector<std::uint32_t> symbols;  ///< indices of its imports, ascending
  /// Libraries that were not looked into (another wheel's, the driver's, unreadable ones) and may
  /// bring the symbols, sorted: the one that the symbols' version names, or all that the library
  /// needs, itself or by what it needs. Empty: the symbols are missing for certain.
  std::vector<std::string> may_come_from;
};

struct SymbolReport {
  std::vector<Crossing> crossings;           ///< ascending by from, then by to
  std::vector<Unprovided> unprovided;        ///< ascending by library, the missing ones first
  std::uint64_t from_system = 0;             ///< symbols that the system brings, of all libraries
  std::uint64_t from_python = 0;             ///< symbols that the Python interpreter brings
  std::vector<std::string> not_looked_into;  ///< names out of may_come_from, sorted
};

/// Whether CPython brings a symbol of this name: its C API is `Py...` and `_Py...` with a capital
/// or an underscore behind, as in PyObject_Call, Py_BuildValue and _Py_NoneStruct. Extension
/// modules do not link libpython (PEP 513, "libpythonX.Y.so.1"); the interpreter itself has them.
/// PyInit_ is no such name: that is what modules bring.
bool is_python_symbol(std::string_view name);

/// Finds for each import who brings it, in this order:
///   1. The C library: every process has it in its global scope, which is searched first.
///   2. What the importer needs, breadth first, as the loader searches it (dl-lookup.c). It begins
///      with the importer here, where the loader begins with what was opened by dlopen.
///   3. Another library of the system: by the listing, or since the import's version says so.
///   4. The interpreter.
///   5. Any other library of the set (no program), the first one: an edge that nothing declares.
///   Weak imports are
///      not looked for there: they do without (libcupti.so.12 names a symbol of any OpenMP
///      library).
/// Weak imports are never missed.
SymbolReport report_symbols(const std::vector<SymbolLibrary>& libraries,
                            const std::vector<SystemLibrary>& system);

}  // namespace spokeshave
