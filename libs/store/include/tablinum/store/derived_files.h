#pragma once
/// Files made from blobs (thumbnails): DATA/cache/ab/cdef…/WHAT. They go when the blob goes (Blobs::remove, remove_if_unused), may be
/// missing at any time, and are in no backup.
#include "tablinum/store/blobs.h"

namespace tablinum::store {

/// Where it lies, or would. `what`: a plain file name.
std::string derived_path(const Blobs& blobs, const Digest& blob, std::string_view what);
/// Puts it there: whole or not at all, replacing what was there; not durable, since it can be made again.
/// @error not_found: the blob is not there.  no_space, io.
/// @note  Thread-safe.
Result<void> put_derived(const Blobs& blobs, const Digest& blob, std::string_view what, ByteView bytes);

}  // namespace tablinum::store
