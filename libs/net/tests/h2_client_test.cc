/// The implementation of h2_client.h; named as a test so that the build takes it into the test program.
#include "h2_client.h"

#include <algorithm>
#include <cstring>

namespace tablinum::net::test {

struct H2Client::Callbacks {
  static H2Client& of(void* user) { return *static_cast<H2Client*>(user); }
  static int header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                    const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user) {
    H2Answer& answer = of(user).answers[frame->hd.stream_id];
    const std::string key{reinterpret_cast<const char*>(name), name_size},
        text{reinterpret_cast<const char*>(value), value_size};
    if (key == ":status" && text.starts_with('1'))
      answer.interim.push_back(std::atoi(text.c_str()));
    else if (key == ":status")
      answer.status = std::atoi(text.c_str());
    else
      (answer.headed ? answer.trailers : answer.fields)[key] = text;
    return 0;
  }
  static int frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    H2Client& self = of(user);
    if (frame->hd.type == NGHTTP2_GOAWAY) {
      self.goaway = frame->goaway.error_code;
      self.goaway_streams.push_back(frame->goaway.last_stream_id);
    }
    if (frame->hd.type == NGHTTP2_HEADERS && self.answers[frame->hd.stream_id].status != 0)
      self.answers[frame->hd.stream_id].headed = true;
    const bool data = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (data && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
      self.answers[frame->hd.stream_id].ended = true;
      self.ended_order.push_back(frame->hd.stream_id);
    }
    return 0;
  }
  static int data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* bytes, std::size_t size, void* user) {
    of(user).answers[id].body.append(reinterpret_cast<const char*>(bytes), size);
    return 0;
  }
  static int closed(nghttp2_session*, std::int32_t id, std::uint32_t code, void* user) {
    of(user).answers[id].reset = code;
    return 0;
  }
  static ssize_t read(nghttp2_session* session, std::int32_t id, std::uint8_t* into, std::size_t room, std::uint32_t* flags,
                      nghttp2_data_source*, void* user) {
    Upload& upload = of(user).uploads_[id];
    if (upload.data.empty() && !upload.last) return NGHTTP2_ERR_DEFERRED;
    const std::size_t bytes = std::min(room, upload.data.size());
    std::memcpy(into, upload.data.data(), bytes);
    upload.data.erase(0, bytes);
    if (upload.last && upload.data.empty()) {
      *flags |= NGHTTP2_DATA_FLAG_EOF;
      if (!upload.trailers.empty()) {
        *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
        const auto list = fields(upload.trailers);
        nghttp2_submit_trailer(session, id, list.data(), list.size());
      }
    }
    return static_cast<ssize_t>(bytes);
  }
  static std::vector<nghttp2_nv> fields(const H2Fields& all) {
    std::vector<nghttp2_nv> list;
    const auto bytes = [](const std::string& text) { return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data())); };
    for (const auto& [name, value] : all)
      list.push_back({bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
    return list;
  }
};

H2Client::H2Client(std::uint16_t port, bool auto_window) : socket_{port} {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, Callbacks::header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, Callbacks::frame);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, Callbacks::data);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, Callbacks::closed);
  nghttp2_option* options = nullptr;
  nghttp2_option_new(&options);
  nghttp2_option_set_no_auto_window_update(options, auto_window ? 0 : 1);
  nghttp2_option_set_no_http_messaging(options, 1);
  nghttp2_option_set_max_send_header_block_length(options, std::size_t{1} << 20);
  nghttp2_session_client_new2(&session_, callbacks, this, options);
  nghttp2_option_del(options);
  nghttp2_session_callbacks_del(callbacks);
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, nullptr, 0);
}

H2Client::~H2Client() { nghttp2_session_del(session_); }

std::int32_t H2Client::submit(const H2Fields& fields, bool with_data) {
  const auto list = Callbacks::fields(fields);
  nghttp2_data_provider provider{};
  provider.read_callback = Callbacks::read;
  return nghttp2_submit_request(session_, nullptr, list.data(), list.size(), with_data ? &provider : nullptr, nullptr);
}

std::int32_t H2Client::request(std::string_view method, std::string_view path, H2Fields fields, std::optional<std::string> body,
                               H2Fields trailers) {
  H2Fields all{
      {":method", std::string{method}}, {":scheme", "http"}, {":authority", "a.example"}, {":path", std::string{path}}};
  all.insert(all.end(), fields.begin(), fields.end());
  const std::int32_t id = submit(all, body.has_value());
  if (body) uploads_[id] = {std::move(*body), true, std::move(trailers)};
  return id;
}

std::int32_t H2Client::open(H2Fields all_fields) { return submit(all_fields, true); }

void H2Client::write(std::int32_t id, std::string_view data) {
  uploads_[id].data += data;
  nghttp2_session_resume_data(session_, id);
}
void H2Client::finish(std::int32_t id) {
  uploads_[id].last = true;
  nghttp2_session_resume_data(session_, id);
}

void H2Client::flush() {
  const std::uint8_t* bytes = nullptr;
  for (ssize_t size; (size = nghttp2_session_mem_send(session_, &bytes)) > 0;)
    if (!socket_.send({reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)})) return;
}

bool H2Client::send_raw(std::string_view bytes) { return socket_.send(bytes); }

bool H2Client::step() {
  flush();
  const std::string got = socket_.receive();
  if (got.empty()) {
    connection_ended = true;
    return false;
  }
  return nghttp2_session_mem_recv(session_, reinterpret_cast<const std::uint8_t*>(got.data()), got.size()) >= 0;
}

bool H2Client::run_until_end(std::int32_t stream) {
  while (!answers[stream].ended && !answers[stream].reset)
    if (!step()) return false;
  flush();
  return true;
}
bool H2Client::run_until_bytes(std::int32_t stream, std::size_t bytes) {
  while (answers[stream].body.size() < bytes)
    if (!step()) return false;
  return true;
}
bool H2Client::run_until_status(std::int32_t stream) {
  while (answers[stream].status == 0)
    if (!step()) return false;
  return true;
}
bool H2Client::run_until_interim(std::int32_t stream) {
  while (answers[stream].interim.empty())
    if (!step()) return false;
  return true;
}
void H2Client::run_to_the_end() {
  while (step()) {
  }
}

H2Answer H2Client::get(std::string_view path, H2Fields fields) {
  const std::int32_t id = request("GET", path, std::move(fields));
  run_until_end(id);
  return answers[id];
}

}  // namespace tablinum::net::test
