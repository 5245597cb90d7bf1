// simdjson when the first document is parsed: Debian has no archive of it, and the shared library would bring in the shared C++ library,
// which costs every start of the program half a millisecond (docs/adr/0014). What its header leaves to the library is defined here.
#include <dlfcn.h>
#include <simdjson.h>

#include <cstdio>
#include <cstdlib>

namespace {

constexpr const char* kLibrary = "libsimdjson.so.14";
constexpr int kExitUnavailable = 8;

/// A function of the library by its linker's name. There is no way to go on without it.
void* find(const char* name) {
  static void* const library = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  void* const found = library == nullptr ? nullptr : dlsym(library, name);
  if (found != nullptr) return found;
  std::fprintf(stderr, "tablinum: %s\n", dlerror());
  std::exit(kExitUnavailable);
}

}  // namespace

namespace simdjson {

internal::atomic_ptr<const implementation>& get_active_implementation() {
  using Function = internal::atomic_ptr<const implementation>& (*)();
  static const auto call = reinterpret_cast<Function>(find("_ZN8simdjson25get_active_implementationEv"));
  return call();
}

namespace internal {

char* to_chars(char* first, const char* last, double value) {
  using Function = char* (*)(char*, const char*, double);
  static const auto call = reinterpret_cast<Function>(find("_ZN8simdjson8internal8to_charsEPcPKcd"));
  return call(first, last, value);
}

// In the order of error_code.
const error_code_info error_codes[] = {
    {SUCCESS, "no error"},
    {CAPACITY, "the document is too large"},
    {MEMALLOC, "there is no memory for the document"},
    {TAPE_ERROR, "not well-formed JSON"},
    {DEPTH_ERROR, "nested too deeply"},
    {STRING_ERROR, "a string is not well-formed"},
    {T_ATOM_ERROR, "a word that begins with t is not true"},
    {F_ATOM_ERROR, "a word that begins with f is not false"},
    {N_ATOM_ERROR, "a word that begins with n is not null"},
    {NUMBER_ERROR, "a number is not well-formed"},
    {UTF8_ERROR, "not UTF-8"},
    {UNINITIALIZED, "nothing was parsed"},
    {EMPTY, "there is no JSON"},
    {UNESCAPED_CHARS, "a string has control characters"},
    {UNCLOSED_STRING, "a string has no end"},
    {UNSUPPORTED_ARCHITECTURE, "this processor is not supported"},
    {INCORRECT_TYPE, "a value has another type"},
    {NUMBER_OUT_OF_RANGE, "a number is out of range"},
    {INDEX_OUT_OF_BOUNDS, "a list has no such element"},
    {NO_SUCH_FIELD, "an object has no such field"},
    {IO_ERROR, "a file cannot be read"},
    {INVALID_JSON_POINTER, "a JSON pointer is not well-formed"},
    {INVALID_URI_FRAGMENT, "a URI fragment is not well-formed"},
    {UNEXPECTED_ERROR, "a fault of the JSON reader"},
    {PARSER_IN_USE, "the JSON reader is in use"},
    {OUT_OF_ORDER_ITERATION, "read out of order"},
    {INSUFFICIENT_PADDING, "the text lacks padding"},
    {INCOMPLETE_ARRAY_OR_OBJECT, "a list or an object has no end"},
    {SCALAR_DOCUMENT_AS_VALUE, "a single value is read as a part"},
    {OUT_OF_BOUNDS, "read beyond the document"},
    {TRAILING_CONTENT, "something follows the document"},
};
static_assert(std::size(error_codes) == NUM_ERROR_CODES);

}  // namespace internal
}  // namespace simdjson
