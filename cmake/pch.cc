// The owner of the precompiled header; see Module.cmake.
