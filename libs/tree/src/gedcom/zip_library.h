#pragma once
/// libzip, found when the first archive is opened. Most commands open none, and it brings OpenSSL's libcrypto with it, whose 20,000
/// relocations would be a third of what starting the program costs.
#include <zip.h>

#include "tablinum/base/error.h"

namespace tablinum::tree::gedcom {

#define TABLINUM_ZIP_FUNCTIONS(X)                                                                                              \
  X(close) X(discard) X(error_code_system) X(error_code_zip) X(error_fini) X(error_init) X(error_strerror) X(fclose) X(fdopen) \
  X(file_add) X(file_get_external_attributes) X(fopen_index) X(fread) X(get_error) X(get_name) X(get_num_entries) X(open)      \
  X(open_from_source) X(source_buffer) X(source_buffer_create) X(source_file) X(source_free) X(stat_index) X(strerror)

/// libzip's functions under their names without "zip_".
struct ZipLibrary {
#define TABLINUM_ZIP_MEMBER(name) decltype(&::zip_##name) name = nullptr;
  TABLINUM_ZIP_FUNCTIONS(TABLINUM_ZIP_MEMBER)
#undef TABLINUM_ZIP_MEMBER
};

/// Loads the library once; it stays.
/// @error unsupported: it is not installed, or lacks a function.
/// @note  Thread-safe.
Result<const ZipLibrary*> load_zip_library();

}  // namespace tablinum::tree::gedcom
