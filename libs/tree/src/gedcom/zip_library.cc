#include "gedcom/zip_library.h"

#include <dlfcn.h>

namespace tablinum::tree::gedcom {
namespace {

/// Debian 12's, and the next one with the same functions.
constexpr const char* kNames[] = {"libzip.so.4", "libzip.so.5"};

std::expected<ZipLibrary, std::string> load() {
  void* handle = nullptr;
  for (const auto* const name : kNames) {
    if (handle == nullptr) handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  }
  if (handle == nullptr) return std::unexpected(std::string{"libzip is not installed"});
  ZipLibrary library;
#define TABLINUM_ZIP_FIND(name)                                                        \
  library.name = reinterpret_cast<decltype(library.name)>(dlsym(handle, "zip_" #name)); \
  if (library.name == nullptr) return std::unexpected(std::string{"libzip has no zip_" #name});
  TABLINUM_ZIP_FUNCTIONS(TABLINUM_ZIP_FIND)
#undef TABLINUM_ZIP_FIND
  return library;
}

}  // namespace

Result<const ZipLibrary*> load_zip_library() {
  static const auto library = load();
  if (!library) return fail(Code::unsupported, "zip: " + library.error());
  return &*library;
}

}  // namespace tablinum::tree::gedcom
