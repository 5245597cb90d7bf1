#include "pango.h"

#include <dlfcn.h>

namespace tablinum::render {
namespace {

/// Depends on all the others, so that their functions are found through it.
constexpr const char* kLibrary = "libpangocairo-1.0.so.0";

struct Loaded {
  Pango functions;
  std::string fault;
};

Loaded load() {
  Loaded loaded;
  // Never closed: glib's types cannot be unloaded.
  void* handle = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    loaded.fault = dlerror();
    return loaded;
  }
#define TABLINUM_LOAD(name)                                                                          \
  loaded.functions.name = reinterpret_cast<decltype(loaded.functions.name)>(dlsym(handle, #name)); \
  if (loaded.functions.name == nullptr) loaded.fault = #name;
  TABLINUM_PANGO_FUNCTIONS(TABLINUM_LOAD)
#undef TABLINUM_LOAD
  return loaded;
}

const Loaded& once() {
  static const Loaded loaded = load();
  return loaded;
}

}  // namespace

Result<void> load_pango() {
  if (once().fault.empty()) return {};
  return fail(Code::unavailable, "PDF needs the libraries pango and cairo (package libpangocairo-1.0-0): " + once().fault);
}

const Pango& library() noexcept { return once().functions; }

}  // namespace tablinum::render
