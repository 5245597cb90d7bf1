#include "tls/buffer_bio.h"

namespace tablinum::net::tls {
namespace {

Buffers& buffers_of(BIO* bio) { return *static_cast<Buffers*>(BIO_get_data(bio)); }

int read_input(BIO* bio, char* out, int bytes) {
  BIO_clear_retry_flags(bio);
  Input& input = buffers_of(bio).input;
  if (input.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  return static_cast<int>(input.take(std::as_writable_bytes(std::span{out, static_cast<std::size_t>(bytes)})));
}

int write_output(BIO* bio, const char* in, int bytes) {
  BIO_clear_retry_flags(bio);
  buffers_of(bio).output.append(in, static_cast<std::size_t>(bytes));
  return bytes;
}

long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

BIO_METHOD* method() {
  static BIO_METHOD* const made = [] {
    BIO_METHOD* fresh = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "tablinum buffers");
    BIO_meth_set_read(fresh, read_input);
    BIO_meth_set_write(fresh, write_output);
    BIO_meth_set_ctrl(fresh, control);
    return fresh;
  }();
  return made;
}

}  // namespace

MutableBytes Input::room() {
  const bool filled = end_ == block_.size() && !block_.empty();
  const std::size_t wanted = filled ? kBusyInputBytes : end_ < kIdleInputBytes ? kIdleInputBytes : block_.size();
  if (block_.size() != wanted) block_ = Bytes(wanted);
  begin_ = end_ = 0;
  return block_;
}

BIO* new_buffer_bio(Buffers& buffers) {
  BIO* bio = BIO_new(method());
  if (bio == nullptr) return nullptr;
  BIO_set_data(bio, &buffers);
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace tablinum::net::tls
